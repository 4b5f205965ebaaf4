import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Echo } from '../echo.ts'
import { breakAnswer, brokenStatus, takeFault } from '../faults.ts'
import type { RespondIoContext } from './context.ts'
import { ApiError, ERROR_TEXT, NO_SUCH_PAGE, REQUEST_BLOCKED, refuse } from './errors.ts'
import type { Fault, Operation } from './knobs.ts'
import { oddityOf } from './oddities.ts'
import type { Json, Space } from './types.ts'

export interface Call {
  space: Space
  params: Record<string, string>
  query: Json
  body: unknown
  /** The address of this call without its query, for cursors. */
  address: string
}

export interface CallResult extends Echo {
  data: Json
}

export interface Endpoint {
  operation: Operation
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below /respondio/v2. */
  path: string
  run: (call: Call) => CallResult
}

export const API_PATH = '/respondio/v2'

interface Verdict {
  status: number
  body: unknown
}

const COMMITTING: ReadonlySet<string> = new Set(['timeout_after_commit', 'truncated_json'])

const commits = ({ kind, commit }: Fault): boolean => commit ?? (COMMITTING.has(kind) || oddityOf(kind) !== undefined)

const envelope = (code: number, message: string): Json => ({ code, message })

const bearerOf = (request: FastifyRequest): string | undefined =>
  /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]

/** Serves one call and writes it down. One instance per request. */
class Serving {
  private readonly ctx: RespondIoContext
  private readonly endpoint: Endpoint
  private readonly request: FastifyRequest
  private readonly reply: FastifyReply
  private readonly started = performance.now()
  private readonly token: string | undefined
  private readonly space: Space | undefined

  constructor(ctx: RespondIoContext, endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply) {
    this.ctx = ctx
    this.endpoint = endpoint
    this.request = request
    this.reply = reply
    this.token = bearerOf(request)
    this.space = this.token === undefined ? undefined : ctx.world.spaceOfToken(this.token)
  }

  async serve(): Promise<FastifyReply> {
    const { ctx } = this
    const { operation } = this.endpoint
    const fault = takeFault<Fault>(ctx.knobs.sendFault, operation, (one) => this.concerns(one))
    const delayMs = (fault?.delayMs ?? 0) + ctx.knobs.latencyMs
    if (delayMs > 0) await ctx.scheduler.sleep(delayMs)
    if (this.token === undefined) return this.block()
    const rationed = this.ration(this.token)
    if (fault && !commits(fault)) return this.spoil(fault, undefined)
    const { verdict, result } = this.run(rationed)
    if (fault && verdict.status === 200) {
      result?.afterReply?.()
      return this.spoil(fault, verdict)
    }
    if (result?.beforeReply) await result.beforeReply
    if (result?.afterReply) this.reply.raw.once('close', result.afterReply)
    return this.answer(verdict, { committed: verdict.status === 200 })
  }

  private concerns({ spaceId, contactId }: Fault): boolean {
    if (spaceId !== undefined && spaceId !== this.space?.id) return false
    return contactId === undefined || contactId === this.contactId()
  }

  private contactId(): number | undefined {
    const { identifier } = this.request.params as Record<string, string | undefined>
    const id = /^id:(\d+)$/.exec(identifier ?? '')?.[1]
    return id === undefined ? undefined : Number(id)
  }

  /** §1: without a bearer a call does not get as far as the API. */
  private block(): FastifyReply {
    this.note({ httpStatus: 403, message: 'Request blocked', committed: false })
    return this.reply.code(403).type('text/html').send(REQUEST_BLOCKED)
  }

  private run(rationed: boolean): { verdict: Verdict; result?: CallResult } {
    try {
      if (!this.space) throw refuse(401)
      if (!rationed) throw this.tooMany()
      const result = this.endpoint.run(this.call(this.space))
      return { verdict: { status: 200, body: result.data }, result }
    } catch (error) {
      if (error instanceof ApiError)
        return { verdict: { status: error.status, body: envelope(error.status, error.message) } }
      throw error
    }
  }

  private call(space: Space): Call {
    const { params, query, body, url } = this.request
    const address = new URL(url, this.ctx.baseUrl())
    address.search = ''
    return { space, params: params as Record<string, string>, query: query as Json, body, address: address.href }
  }

  /** §2.2: per endpoint, with headers on every answer, whatever it says. */
  private ration(token: string): boolean {
    const { rateLimit, rateWindowMs, rateLimitHeaders } = this.ctx.knobs
    if (rateLimit === Infinity) return true
    const { method, path } = this.endpoint
    const { allowed, remaining } = this.ctx.limiter.take(`${token} ${method} ${path}`, rateLimit, rateWindowMs)
    if (rateLimitHeaders) this.reply.headers({ 'X-RateLimit-Limit': rateLimit, 'X-RateLimit-Remaining': remaining })
    return allowed
  }

  private tooMany(): ApiError {
    const { retryAfterS } = this.ctx.knobs
    if (retryAfterS !== null) this.reply.header('Retry-After', retryAfterS)
    return refuse(429)
  }

  private answer(
    { status, body }: Verdict,
    { committed, fault }: { committed: boolean; fault?: string },
  ): FastifyReply {
    const message = status === 200 ? '' : String((body as Json)['message'])
    this.note({ httpStatus: status, message, committed, ...(fault !== undefined && { fault }) })
    return this.reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
  }

  private spoil(fault: Fault, done: Verdict | undefined): FastifyReply {
    const committed = done !== undefined
    const { kind, holdMs = this.ctx.knobs.timeoutHoldMs } = fault
    const odd = oddityOf(kind)
    if (odd && done) {
      const { url, query } = this.request
      const cursorId = (query as Record<string, string | undefined>)['cursorId']
      const body = odd(done.body, { cursorId, url: new URL(url, this.ctx.baseUrl()).href })
      return this.answer({ status: 200, body }, { committed, fault: kind })
    }
    if (kind === '403_html' || kind === '404_html') {
      const httpStatus = parseInt(kind)
      this.note({ httpStatus, message: '', committed, fault: kind })
      return this.reply
        .code(httpStatus)
        .type('text/html')
        .send(httpStatus === 403 ? REQUEST_BLOCKED : NO_SUCH_PAGE)
    }
    if (kind === '200_error')
      return this.answer({ status: 200, body: envelope(500, 'Internal server error') }, { committed, fault: kind })
    if (kind !== '502' && /^\d{3}$/.test(kind)) return this.refuseWith(Number(kind), committed)
    this.note({ httpStatus: brokenStatus(kind), message: '', committed, fault: kind })
    return breakAnswer(this.request, this.reply, { kind, holdMs }, JSON.stringify(done?.body ?? {}))
  }

  private refuseWith(status: number, committed: boolean): FastifyReply {
    const { retryAfterS } = this.ctx.knobs
    if (status === 429 && retryAfterS !== null) this.reply.header('Retry-After', retryAfterS)
    return this.answer(
      { status, body: envelope(status, ERROR_TEXT[status] ?? 'Error') },
      { committed, fault: String(status) },
    )
  }

  private note(outcome: { httpStatus: number | null; message: string; committed: boolean; fault?: string }): void {
    const contactId = this.contactId()
    this.ctx.ledger.append({
      kind: 'call',
      operation: this.endpoint.operation,
      ...(this.space && { spaceId: this.space.id }),
      ...(contactId !== undefined && { contactId }),
      ...outcome,
      durationMs: Math.round(performance.now() - this.started),
    })
  }
}

export function mountEndpoint(app: FastifyInstance, ctx: RespondIoContext, endpoint: Endpoint): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: (request, reply) => new Serving(ctx, endpoint, request, reply).serve(),
  })
}
