import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Echo } from '../echo.ts'
import { breakAnswer, brokenStatus } from '../faults.ts'
import type { TikTokContext } from './context.ts'
import { ApiError, TOO_FAST, invalidParam } from './errors.ts'
import type { Fault, Operation } from './knobs.ts'
import { commits, takeFault } from './knobs.ts'
import type { Grant } from './tokens.ts'

type Json = Record<string, unknown>

export interface Call {
  /** Body of a POST, query of a GET. */
  params: Json
  grant: Grant
}

export interface CallResult extends Echo {
  data: Json
}

export interface Endpoint {
  operation: Operation
  method: 'GET' | 'POST'
  /** Below /open_api/v1.3, with its trailing slash. */
  path: string
  /** Scope that the token must carry; null: any token; 'none': no token is read at all. */
  scope: string | null | 'none'
  run: (call: Call) => CallResult
}

const NO_GRANT: Grant = { businessId: '', scopes: [], refreshExpiresAt: 0, refreshToken: '', revoked: true }
const BASE = '/open_api/v1.3'

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** GET parameters are text, arrays among them as JSON text (§4); a repeated one counts once. */
function paramsOf(request: FastifyRequest): Json {
  const source = request.method === 'GET' ? request.query : request.body
  return typeof source === 'object' && source !== null && !Array.isArray(source) ? (source as Json) : {}
}

/** Arrays in a query are JSON text (§4). */
export function jsonArray(value: unknown, name: string): string[] {
  try {
    const list: unknown = JSON.parse(String(value))
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  } catch {
    // Falls through to the same answer as any other wrong shape.
  }
  throw invalidParam(`Param ${name} is invalid.`)
}

function authorize(ctx: TikTokContext, endpoint: Endpoint, request: FastifyRequest, params: Json): Grant {
  if (endpoint.scope === 'none') return NO_GRANT
  const grant = ctx.tokens.authenticate(text(request.headers['access-token']))
  if (endpoint.scope !== null && !grant.scopes.includes(endpoint.scope)) throw new ApiError(40001)
  const businessId = text(params['business_id'])
  if (!businessId) throw invalidParam('Param business_id is required.')
  if (businessId !== grant.businessId) throw new ApiError(40001)
  return grant
}

interface Verdict {
  code: number
  message: string
  data: Json
}

const verdictOf = (error: ApiError): Verdict => ({ code: error.code, message: error.message, data: {} })

function faultVerdict(fault: Fault): Verdict | undefined {
  if (fault.kind === '40064_too_fast') return verdictOf(new ApiError(40064, TOO_FAST))
  return /^\d{5}$/.test(fault.kind) ? verdictOf(new ApiError(Number(fault.kind))) : undefined
}

/** Serves one call and writes it down. One instance per request. */
class Serving {
  private readonly ctx: TikTokContext
  private readonly endpoint: Endpoint
  private readonly request: FastifyRequest
  private readonly reply: FastifyReply
  private readonly params: Json
  private readonly requestId: string
  private readonly operation: Operation
  private readonly started = performance.now()

  constructor(ctx: TikTokContext, endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply) {
    this.ctx = ctx
    this.endpoint = endpoint
    this.request = request
    this.reply = reply
    this.params = paramsOf(request)
    const isAction = endpoint.operation === 'send' && this.params['message_type'] === 'SENDER_ACTION'
    this.operation = isAction ? 'sender_action' : endpoint.operation
    this.requestId = ctx.ids.requestId(ctx.clock.now())
  }

  async serve(): Promise<FastifyReply> {
    const fault = takeFault(this.ctx.knobs, {
      operation: this.operation,
      businessId: text(this.params['business_id']),
      conversationId: text(this.params['recipient']) ?? text(this.params['conversation_id']),
    })
    if (fault?.delayMs) await this.ctx.scheduler.sleep(fault.delayMs)
    if (fault && !commits(fault)) return this.spoil(fault, undefined)
    const { verdict, result } = this.run()
    const spoilt = fault !== undefined && verdict.code === 0
    if (spoilt) {
      result?.afterReply?.()
      return this.spoil(fault, verdict)
    }
    if (result?.beforeReply) await result.beforeReply
    if (result?.afterReply) this.reply.raw.once('close', result.afterReply)
    this.note({ httpStatus: 200, code: verdict.code, message: verdict.message, committed: verdict.code === 0 })
    return this.answer(verdict)
  }

  private run(): { verdict: Verdict; result?: CallResult } {
    const { ctx, endpoint, params } = this
    try {
      ctx.qps.take(ctx.knobs.qps, ctx.knobs.qpsPenaltyS)
      const grant = authorize(ctx, endpoint, this.request, params)
      const result = endpoint.run({ params, grant })
      return { verdict: { code: 0, message: 'OK', data: result.data }, result }
    } catch (error) {
      if (error instanceof ApiError) return { verdict: verdictOf(error) }
      throw error
    }
  }

  private envelope({ code, message, data }: Verdict): string {
    return JSON.stringify({ code, message, request_id: this.requestId, data })
  }

  private answer(verdict: Verdict): FastifyReply {
    // The gateway's reference has a status for this one (§14).
    const tooMany = verdict.code === 40100 && this.ctx.options.dialect === 'gateway_v2'
    return this.reply
      .code(tooMany ? 429 : 200)
      .type('application/json; charset=utf-8')
      .send(this.envelope(verdict))
  }

  private spoil(fault: Fault, done: Verdict | undefined): FastifyReply {
    const committed = done !== undefined
    const coded = faultVerdict(fault)
    const httpStatus = coded ? 200 : brokenStatus(fault.kind)
    this.note({
      httpStatus,
      code: coded?.code ?? null,
      message: coded?.message ?? '',
      committed,
      fault: fault.kind,
    })
    if (coded) return this.answer(coded)
    const whole = this.envelope(done ?? { code: 0, message: 'OK', data: {} })
    const { kind, holdMs = this.ctx.knobs.timeoutHoldMs } = fault
    return breakAnswer(this.request, this.reply, { kind, holdMs }, whole)
  }

  private note(outcome: {
    httpStatus: number | null
    code: number | null
    message: string
    committed: boolean
    fault?: string
  }): void {
    const businessId = text(this.params['business_id'])
    const conversationId = text(this.params['recipient']) ?? text(this.params['conversation_id'])
    this.ctx.ledger.append({
      kind: 'call',
      operation: this.operation,
      requestId: this.requestId,
      ...outcome,
      ...(businessId !== undefined && { businessId }),
      ...(conversationId !== undefined && { conversationId }),
      durationMs: Math.round(performance.now() - this.started),
    })
  }
}

/** Without its trailing slash a path is unknown, which the server answers with 404 and HTML (§16.1). */
export function mountEndpoint(app: FastifyInstance, ctx: TikTokContext, endpoint: Endpoint): void {
  app.route({
    method: endpoint.method,
    url: `${BASE}${endpoint.path}`,
    handler: (request, reply) => new Serving(ctx, endpoint, request, reply).serve(),
  })
}
