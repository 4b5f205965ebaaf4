import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { breakAnswer } from '../../faults.ts'
import type { TikTokContext } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Operation } from '../knobs.ts'
import { commits, takeFault } from '../knobs.ts'
import type { Grant } from '../tokens.ts'

type Json = Record<string, unknown>

/** An endpoint of open.tiktokapis.com (§3): HTTP status and a word say what is wrong. */
export interface OpenEndpoint {
  operation: Operation
  method: 'GET' | 'POST'
  path: string
  run: (request: FastifyRequest) => Json
  /** Token calls answer flat, all others with `data` and `error`. */
  flat?: true
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export function bearer(ctx: TikTokContext, request: FastifyRequest): Grant {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  return ctx.tokens.authenticate(token)
}

interface Wording {
  status: number
  code: string
}

const invalid: Wording = { status: 400, code: 'invalid_params' }
const tokenInvalid: Wording = { status: 401, code: 'access_token_invalid' }
const tooMany: Wording = { status: 429, code: 'rate_limit_exceeded' }
const ofErrors = new Map<number, Wording>([
  [40001, { status: 401, code: 'scope_not_authorized' }],
  [40064, { status: 403, code: 'message_not_allowed' }],
  [40100, tooMany],
  [40102, tokenInvalid],
  [40104, tokenInvalid],
  [40105, tokenInvalid],
  [50000, { status: 500, code: 'internal_error' }],
])
const ofTokenErrors = new Map<number, Wording>([
  [40002, { status: 400, code: 'invalid_request' }],
  [40100, tooMany],
  [40101, { status: 401, code: 'invalid_client' }],
  [40108, { status: 400, code: 'unsupported_grant_type' }],
  [50000, { status: 500, code: 'internal_error' }],
])
const invalidGrant: Wording = { status: 400, code: 'invalid_grant' }

const wordingOf = (code: number, flat: boolean): Wording =>
  flat ? (ofTokenErrors.get(code) ?? invalidGrant) : (ofErrors.get(code) ?? invalid)

interface Answer {
  status: number
  /** 0: it was done. */
  code: number
  message: string
  body: Json
}

function refusal(error: ApiError, flat: boolean, logId: string): Answer {
  const { status, code } = wordingOf(error.code, flat)
  const { message } = error
  const body = flat
    ? { error: code, error_description: message, log_id: logId }
    : { data: {}, error: { code, message, log_id: logId } }
  return { status, code: error.code, message, body }
}

function answerOf(ctx: TikTokContext, endpoint: OpenEndpoint, request: FastifyRequest, logId: string): Answer {
  try {
    ctx.qps.take(ctx.knobs.qps, ctx.knobs.qpsPenaltyS)
    const data = endpoint.run(request)
    const body = endpoint.flat ? data : { data, error: { code: 'ok', message: '' } }
    return { status: 200, code: 0, message: '', body }
  } catch (error) {
    if (error instanceof ApiError) return refusal(error, Boolean(endpoint.flat), logId)
    throw error
  }
}

/** The same faults as for the Business API: a number is the same refusal in this API's words. */
export function mountOpen(app: FastifyInstance, ctx: TikTokContext, endpoint: OpenEndpoint): void {
  const { operation, method, path: url } = endpoint
  const serve = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const started = performance.now()
    const requestId = ctx.ids.requestId(ctx.clock.now())
    const conversationId = text((request.body as Json | undefined)?.['conversation_id'])
    const fault = takeFault(ctx.knobs, { operation, conversationId })
    const note = (outcome: { httpStatus: number | null; code: number | null; committed: boolean; fault?: string }) => {
      const durationMs = Math.round(performance.now() - started)
      const place = conversationId === undefined ? {} : { conversationId }
      ctx.ledger.append({ kind: 'call', operation, requestId, message: '', ...outcome, ...place, durationMs })
    }
    const coded = fault && /^\d{5}$/.test(fault.kind)
    const answer = coded
      ? refusal(new ApiError(Number(fault.kind)), Boolean(endpoint.flat), requestId)
      : fault && !commits(fault)
        ? undefined
        : answerOf(ctx, endpoint, request, requestId)
    const spoilt = fault && !coded && (!answer || answer.code === 0)
    if (spoilt) {
      note({ httpStatus: null, code: null, committed: answer !== undefined, fault: fault.kind })
      const whole = JSON.stringify(answer?.body ?? { data: {}, error: { code: 'ok', message: '' } })
      const { kind, holdMs = ctx.knobs.timeoutHoldMs } = fault
      return breakAnswer(request, reply, { kind, holdMs }, whole)
    }
    if (!answer) throw new Error('a fault without an answer')
    note({ httpStatus: answer.status, code: answer.code, committed: answer.code === 0 })
    return reply.code(answer.status).type('application/json; charset=utf-8').send(JSON.stringify(answer.body))
  }
  app.route({ method, url, handler: (request, reply) => serve(request, reply) })
}
