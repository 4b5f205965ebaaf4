import { createHash } from 'node:crypto'
import type { HttpAnswer } from '../../kit/http-call.ts'
import type { RateSeen } from '../contract.ts'

/** What an answer says of the limits, which count per token, method and route (respond.io wire reference §2.2). */
export interface RateLimit extends RateSeen {
  /** Method and route, `{contact}` standing for any: GET /contact/{contact}/message/list. */
  route: string
  remaining?: number
}

/** The name of what counts the calls of one route. */
export const bucketOf = (route: string): string => `respondio ${route}`

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
    ...{ bucket: bucketOf(route), scope: tokenKeyOf(token) },
    ...{ route, exceeded },
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}
