import type { FastifyReply, FastifyRequest } from 'fastify'
import { limit, ms } from './knob-kinds.ts'
import { z } from 'zod'

/** What spoils a call; a provider adds its own kinds, and whom it concerns. */
export interface FaultOf<Kind extends string, Operation extends string> {
  kind: Kind
  /** Default: send. */
  operations?: readonly Operation[] | 'any'
  /** How many calls it hits; Infinity is a standing fault. Default 1. */
  count?: number
  /** Whether the call takes effect although its answer is spoilt. Default: only where the kind says so. */
  commit?: boolean
  /** Keeps the answer back for so long. */
  delayMs?: number
  /** For timeouts: how long the connection hangs before it is closed. Default: knob timeoutHoldMs. */
  holdMs?: number
}

/** Everything of a fault's schema but its kind. */
export const faultShape = <const T extends readonly [string, ...string[]]>(operations: T) => ({
  operations: z.union([z.array(z.enum(operations)), z.literal('any')]).optional(),
  count: limit.optional(),
  commit: z.boolean().optional(),
  holdMs: ms.optional(),
  delayMs: ms.optional(),
})

/** Finds the first fault that fits this call and uses one of its shots up. */
export function takeFault<F extends FaultOf<string, string>>(
  list: (F | F['kind'])[],
  operation: string,
  concerns: (fault: F) => boolean,
): F | undefined {
  for (const [index, entry] of list.entries()) {
    const fault = (typeof entry === 'string' ? { kind: entry } : entry) as F
    const operations = fault.operations ?? ['send']
    if (operations !== 'any' && !operations.includes(operation)) continue
    if (!concerns(fault)) continue
    const left = (fault.count ?? 1) - 1
    if (left > 0) list[index] = { ...fault, count: left }
    else list.splice(index, 1)
    return fault
  }
  return undefined
}

const BAD_GATEWAY =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n'
const HTML_PAGE = '<!DOCTYPE html><html><head><title>One moment</title></head><body>Please wait…</body></html>'

/** What the caller sees of the kinds that both providers know; null: no answer at all. */
export const brokenStatus = (kind: string): number | null =>
  kind === '502' ? 502 : /^(timeout|reset)/.test(kind) ? null : 200

/** Gives one of the answers that are none: a gateway's page, half a body, a connection that hangs or is reset. */
export function breakAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { kind, holdMs }: { kind: string; holdMs: number },
  whole: string,
): FastifyReply {
  if (kind === '502') return reply.code(502).type('text/html').send(BAD_GATEWAY)
  if (kind === 'html') return reply.code(200).type('text/html').send(HTML_PAGE)
  if (kind === 'truncated_json')
    return reply
      .code(200)
      .type('application/json')
      .send(whole.slice(0, Math.floor(whole.length * 0.6)))
  reply.hijack()
  const { socket } = request.raw
  if (kind === 'reset') {
    socket.resetAndDestroy()
    return reply
  }
  const timer = setTimeout(() => socket.destroy(), holdMs)
  socket.once('close', () => clearTimeout(timer))
  return reply
}
