import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Redis } from 'ioredis'
import { AppError } from '../kit/errors.ts'
import { hashToken } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Up to `limit` at once; each comes back after `windowMs / limit`. */
export interface RateRule {
  name: string
  limit: number
  windowMs: number
}

/** What a rule counts: one address on the network, one subject (an e-mail address, an account), or the two together. */
type CountedBy = 'ip' | 'subject' | 'subjectAndIp'
/** `unlessKnown`: not for an address from which it went well before, lest strangers lock a subject's owner out. */
type Rule = { by: CountedBy; limit: number | (() => number); windowMs: number; unlessKnown?: true }

/** What one may do over GraphQL in a minute. Mutable for tests and benches, which ask without end. */
export const GRAPHQL_PER_MINUTE = {
  /** Costs as graphql/limits.ts counts them, of a user: 200 conversations opened with 50 messages each. */
  userCost: 300_000,
  /** The same of an address that is not signed in; never below the cost of one document. */
  addressCost: 20_000,
  /** Selections of documents that were not seen before, of an address: each is validated, signed in or not. */
  newSelections: 20_000,
  search: 300,
  startConnection: 30,
  inspectChannel: 20,
  connectChannel: 20,
  checkMessage: 60,
  importHistory: 10,
}

/** What the programs of an account may do in a minute, however many tokens they have. Mutable as the others are. */
export const API_PER_MINUTE = { status: 60, chats: 30, sends: 300 }

const ofUser = (what: keyof typeof GRAPHQL_PER_MINUTE) =>
  [{ by: 'subject', windowMs: MINUTE_MS, limit: () => GRAPHQL_PER_MINUTE[what] }] as const

const ofAccount = (what: keyof typeof API_PER_MINUTE) =>
  [{ by: 'subject', windowMs: MINUTE_MS, limit: () => API_PER_MINUTE[what] }] as const

const RULES = {
  logIn: [
    { by: 'subjectAndIp', limit: 10, windowMs: 10 * MINUTE_MS },
    { by: 'subject', limit: 100, windowMs: HOUR_MS, unlessKnown: true },
    { by: 'ip', limit: 300, windowMs: 10 * MINUTE_MS },
  ],
  signUp: [
    { by: 'subject', limit: 10, windowMs: HOUR_MS },
    { by: 'ip', limit: 60, windowMs: HOUR_MS },
  ],
  passwordReset: [
    { by: 'subject', limit: 5, windowMs: HOUR_MS },
    { by: 'ip', limit: 60, windowMs: HOUR_MS },
  ],
  invitation: [{ by: 'subject', limit: 60, windowMs: HOUR_MS }],
  accept: [
    { by: 'subject', limit: 10, windowMs: 10 * MINUTE_MS },
    { by: 'ip', limit: 60, windowMs: 10 * MINUTE_MS },
  ],
  token: [{ by: 'ip', limit: 60, windowMs: 10 * MINUTE_MS }],
  refresh: [{ by: 'ip', limit: 600, windowMs: 10 * MINUTE_MS }],
  document: ofUser('userCost'),
  newDocument: [{ by: 'ip', limit: () => GRAPHQL_PER_MINUTE.newSelections, windowMs: MINUTE_MS }],
  anonymousDocument: [{ by: 'ip', limit: () => GRAPHQL_PER_MINUTE.addressCost, windowMs: MINUTE_MS }],
  search: ofUser('search'),
  startConnection: ofUser('startConnection'),
  inspectChannel: ofUser('inspectChannel'),
  connectChannel: ofUser('connectChannel'),
  checkMessage: ofUser('checkMessage'),
  importHistory: ofUser('importHistory'),
  apiStatus: ofAccount('status'),
  apiChats: ofAccount('chats'),
  apiSend: ofAccount('sends'),
  upload: [{ by: 'subject', limit: 60, windowMs: MINUTE_MS }],
} as const satisfies Record<string, readonly Rule[]>

export type RateLimited = keyof typeof RULES

/** The generic cell rate algorithm by Redis's own clock: one number per key. Answers the wait in ms, 0 when let through. */
const CONSUME = `
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local due = math.max(tonumber(redis.call('GET', KEYS[1])) or now, now) + interval
if due - now > window then return math.ceil(due - now - window) end
redis.call('SET', KEYS[1], string.format('%.3f', due), 'PX', math.max(math.ceil(due - now), 1))
return 0`

export interface RateLimiter {
  /**
   * Counts a use, as heavy as `weight`. Throws RATE_LIMITED with `retryAfterMs`. Counts in this process alone while Redis
   * is away.
   */
  consume(rule: RateRule, key: string, weight?: number): Promise<void>
  /** Forgets what was counted. */
  reset(rule: RateRule, key: string): Promise<void>
  /** Remembers something for `KNOWN_S`, for all processes; while Redis is away nothing is known. */
  know(name: string): Promise<void>
  isKnown(name: string): Promise<boolean>
}

const KNOWN_S = 90 * 24 * 3_600

/** Limits that all processes share. */
export function createRateLimiter(redis: Redis, log: Logger, prefix: string): RateLimiter {
  const local = new LocalLimits()
  let awayUntil = 0
  const onRedis = async (work: () => Promise<unknown>): Promise<number | undefined> => {
    if (Date.now() < awayUntil) return undefined
    try {
      return Number(await within(300, work()))
    } catch (error) {
      awayUntil = Date.now() + 1_000
      log.warn({ err: error }, 'redis is away; rate limits count in this process alone')
      return undefined
    }
  }
  const keyOf = (rule: RateRule, key: string) => `${prefix}:${rule.name}:${key}`
  return {
    async consume(rule, key, weight = 1) {
      const name = keyOf(rule, key)
      const interval = (rule.windowMs / rule.limit) * weight
      const shared = await onRedis(() => redis.eval(CONSUME, 1, name, interval, rule.windowMs))
      const retryAfterMs = shared ?? local.consume(name, interval, rule.windowMs)
      if (retryAfterMs > 0) throw tooMany(retryAfterMs)
    },
    async reset(rule, key) {
      const name = keyOf(rule, key)
      local.forget(name)
      await onRedis(() => redis.del(name))
    },
    async know(name) {
      await onRedis(() => redis.set(`${prefix}:known:${name}`, 1, 'EX', KNOWN_S))
    },
    async isKnown(name) {
      return (await onRedis(() => redis.exists(`${prefix}:known:${name}`))) === 1
    },
  }
}

const tooMany = (retryAfterMs: number) =>
  new AppError('RATE_LIMITED', 'Too many attempts; try again later', { retryAfterMs: Math.ceil(retryAfterMs) })

/** Rejects after `ms`; a connection that hangs is as good as none. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The same algorithm in this process. */
class LocalLimits {
  readonly #due = new Map<string, number>()

  consume(key: string, interval: number, window: number): number {
    const now = Date.now()
    if (this.#due.size >= 50_000) this.#prune(now)
    const due = Math.max(this.#due.get(key) ?? now, now) + interval
    if (due - now > window) return due - now - window
    this.#due.set(key, due)
    return 0
  }

  forget(key: string): void {
    this.#due.delete(key)
  }

  #prune(now: number): void {
    for (const [key, due] of this.#due) if (due <= now) this.#due.delete(key)
    if (this.#due.size >= 50_000) this.#due.clear()
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The same as `request.limit()`, for what is counted by its subject and no request asks for. */
    limit(what: RateLimited, subject: string): Promise<void>
  }
  interface FastifyRequest {
    /** Counts a use of something precious; `subject` is what it is about. Throws RATE_LIMITED. */
    limit(what: RateLimited, subject?: string, weight?: number): Promise<void>
    /** It went well: the use does not count, nor does what failed before it with this subject from this address. */
    forgive(what: RateLimited, subject: string): Promise<void>
  }
}

/** Decorates `request.limit()`, `request.forgive()` and `app.limit()`. */
export const limitsPlugin = fp<{ limiter: RateLimiter }>(
  async (app, { limiter }) => {
    const limit = async (what: RateLimited, ip: string, subject: string, weight: number) => {
      for (const rule of rulesOf(what)) {
        if (rule.unlessKnown && (await limiter.isKnown(placeOf(what, ip, subject)))) continue
        await limiter.consume(rule, keyOf(rule, ip, subject), weight)
      }
    }
    app.decorate('limit', (what: RateLimited, subject: string) => limit(what, '', subject, 1))
    app.decorateRequest('limit', async function (this: FastifyRequest, what: RateLimited, subject = '', weight = 1) {
      await limit(what, this.ip, subject, weight)
    })
    app.decorateRequest('forgive', async function (this: FastifyRequest, what: RateLimited, subject: string) {
      const place = placeOf(what, this.ip, subject)
      for (const rule of rulesOf(what)) {
        const key = keyOf(rule, this.ip, subject)
        if (rule.by === 'subjectAndIp') await limiter.reset(rule, key)
        // A known place was not counted, so there is nothing to give back.
        else if (!rule.unlessKnown || !(await limiter.isKnown(place))) await limiter.consume(rule, key, -1)
      }
      await limiter.know(place)
    })
  },
  { name: 'limits' },
)

const rulesOf = (what: RateLimited): (RateRule & Rule)[] =>
  RULES[what].map((rule: Rule) => {
    const limit = typeof rule.limit === 'number' ? rule.limit : rule.limit()
    return { ...rule, limit, name: `${what}-${rule.by}` }
  })

// Subjects are hashed: addresses do not belong into Redis.
const hashOf = (subject: string) => hashToken(subject.trim().toLowerCase())
const placeOf = (what: RateLimited, ip: string, subject: string) => `${what}:${hashOf(subject)}:${ip}`
const keyOf = ({ by }: { by: CountedBy }, ip: string, subject: string): string =>
  ({ ip, subject: hashOf(subject), subjectAndIp: `${hashOf(subject)}:${ip}` })[by]

/**
 * The outer net over all routes of a scope: `max` requests a minute of one address, counted in this process. Generous,
 * since a whole office may share an address.
 */
export async function registerRequestLimit(app: FastifyInstance, options: { max?: number } = {}): Promise<void> {
  await app.register(rateLimit, {
    max: options.max ?? 6_000,
    timeWindow: MINUTE_MS,
    cache: 20_000,
    keyGenerator: (request) => request.ip,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  })
}
