import { createHash } from 'node:crypto'
import type { HttpAnswer } from '../../kit/http-call.ts'

/** What an answer says of the limits, which count per token, method and route (respond.io wire reference §2.2). */
export interface RateLimit {
  /** Tells tokens apart, and is none. */
  tokenKey: string
  /** Method and route, `{contact}` standing for any: GET /contact/{contact}/message/list. */
  route: string
  /** The answer was that it is too much. */
  exceeded: boolean
  /** Calls in a window of about a second. */
  limit?: number
  remaining?: number
  retryAfterMs?: number
}

/** Limits count per token. It tells tokens apart, and is none. */
export const tokenKeyOf = (token: string): string => createHash('sha256').update(token).digest('base64url').slice(0, 22)

const LONGEST_WAIT_S = 3600

const count = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined

/** `Retry-After`, which respond.io gives in whole seconds (respond.io wire reference §2.2); at most an hour. */
export function retryAfterOf({ headers }: Pick<HttpAnswer, 'headers'>): number | undefined {
  const seconds = count(headers['retry-after'])
  return seconds === undefined ? undefined : Math.min(seconds, LONGEST_WAIT_S) * 1000
}

/** Undefined: the answer says nothing of limits. */
export function readRateLimit(answer: HttpAnswer, route: string, token: string): RateLimit | undefined {
  const limit = count(answer.headers['x-ratelimit-limit'])
  const remaining = count(answer.headers['x-ratelimit-remaining'])
  const retryAfterMs = retryAfterOf(answer)
  const exceeded = answer.status === 429
  if (!exceeded && limit === undefined && remaining === undefined) return undefined
  return {
    tokenKey: tokenKeyOf(token),
    ...{ route, exceeded },
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}
