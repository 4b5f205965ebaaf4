import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Rate } from '../channels/contract.ts'

/**
 * Takes a token for one account. Two limits hold at once: the provider's, and the account's share of it, which is the
 * rate divided by the accounts that asked lately; so one account's burst leaves every other token to the others. Time is
 * Redis's own, so that every process counts by one clock. Whoever waits keeps its place. What leaves a reserve, the reads,
 * shares among its like: it costs nobody the share of the sends. Answers { granted, ms until a token
 * is there, ms until it is this waiter's turn }.
 */
const TAKE = `
local rate, burst, reserve = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local account, waiter = ARGV[4], ARGV[5]
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function filled(key, speed, most)
  local state = redis.call('HMGET', key, 'tokens', 'at')
  return math.min(most, (tonumber(state[1]) or most) + (now - (tonumber(state[2]) or now)) * speed / 1000)
end
local function keep(key, tokens, speed)
  redis.call('HSET', key, 'tokens', tokens, 'at', now)
  redis.call('PEXPIRE', key, math.ceil((burst + 1 - tokens) * 1000 / speed) + 5000)
end
local shared = reserve > 0 and KEYS[1] .. ':reads' or KEYS[1]
local active, waiting, share = shared .. ':active', shared .. ':waiting:' .. account, shared .. ':of:' .. account
local sharers = math.max(1, redis.call('ZCOUNT', active, now - 3000, '+inf'))
redis.call('ZREMRANGEBYSCORE', active, '-inf', now - math.max(3000, 4000 * sharers / rate))
redis.call('ZADD', active, now, account)
redis.call('PEXPIRE', active, 60000)
local accounts = redis.call('ZCARD', active)
local tokens = filled(KEYS[1], rate, burst)
local own = filled(share, rate / accounts, math.max(1, burst / accounts))
if tokens >= 1 + reserve and own >= 1 then
  keep(KEYS[1], tokens - 1, rate)
  keep(share, own - 1, rate / accounts)
  redis.call('ZREM', waiting, waiter)
  return {1, 0, 0}
end
local missing = math.max((1 + reserve - tokens) * 1000 / rate, (1 - own) * accounts * 1000 / rate)
if waiter == '' then return {0, math.ceil(missing), 0} end
redis.call('ZREMRANGEBYSCORE', waiting, '-inf', now - 30000)
local interval = accounts * 1000 / rate
local place = redis.call('ZRANK', waiting, waiter)
if not place then
  local last = redis.call('ZREVRANGE', waiting, 0, 0, 'WITHSCORES')
  redis.call('ZADD', waiting, math.max(now, tonumber(last[2]) or now) + interval, waiter)
  place = redis.call('ZCARD', waiting) - 1
end
local needed = (place + 1) * interval
redis.call('PEXPIRE', waiting, math.ceil(needed) + 60000)
return {0, math.ceil(missing), math.ceil(needed)}`

/** Where the provider does not say how long: 1 s, and twice as long each time that it refuses the first call after it. */
const PAUSE_MS = { first: 1_000, longest: 300_000 }

/**
 * Only ever makes the wait longer. Who was refused in a pause had called before it: that says nothing new. Answers how
 * long the pause goes on, in ms.
 */
const PAUSE = `
local rate, told, first, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local key = KEYS[1] .. ':paused'
local paused = redis.call('HMGET', key, 'ms', 'until')
local last, till = tonumber(paused[1]) or 0, tonumber(paused[2]) or 0
local ms = told
if told == 0 and now < till then return math.ceil(till - now) end
if told == 0 then
  ms = math.min(math.max(last * 2, first), longest)
  redis.call('HSET', key, 'ms', ms, 'until', now + ms)
  redis.call('PEXPIRE', key, ms + longest)
end
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = (tonumber(state[1]) or 1) + (now - (tonumber(state[2]) or now)) * rate / 1000
redis.call('HSET', KEYS[1], 'tokens', math.min(tokens, 1 - ms * rate / 1000), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(ms) + 60000)
return math.ceil(ms)`

const PATIENCE_MS = 2_000

/** Whose token it is: fair between accounts; `waiter` tells those of one account apart, and who has none does not wait. */
export interface Taker {
  accountId: string
  waiter?: string
}

/** A provider's limit, shared by all processes and fairly by all accounts (I9). */
export class TokenBucket {
  readonly #redis: Redis
  readonly #prefix: string

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /**
   * Takes a token: 0, or in how many ms to ask again. Never waits. Throws while Redis is away. The more wait for one
   * account, the later each is told to come, so that a burst does not poll.
   */
  take(rate: Rate, taker: Taker): Promise<number> {
    return this.#take(rate, taker, 0)
  }

  /** As `take`, and leaves half of the bucket to the sends: for whatever can wait. */
  takeSpare(rate: Rate, taker: Taker): Promise<number> {
    return this.#take(rate, taker, rate.burst / 2)
  }

  /** For somebody who waits for the answer: a token that comes within moments is waited for. */
  async takeSoon(rate: Rate, taker: Taker): Promise<number> {
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      const wait = await this.take(rate, taker).catch(() => 0)
      if (wait === 0 || Date.now() + wait > until) return wait
      await pause(wait)
    }
  }

  async #take(rate: Rate, { accountId, waiter = '' }: Taker, reserve: number): Promise<number> {
    const answer = await this.#redis.eval(
      TAKE,
      1,
      this.#key(rate),
      rate.perSecond,
      rate.burst,
      reserve,
      accountId,
      waiter,
    )
    const [granted, missing, needed] = answer as [number, number, number]
    return granted ? 0 : Math.max(missing, needed * (0.7 + Math.random() * 0.3), 1)
  }

  /**
   * The provider said that we are too fast: nobody gets a token for `ms`, or, when it did not say for how long, for a
   * second, and for twice as long each time that it says so again without having accepted anything. Answers for how long.
   */
  async pause(rate: Rate, ms = 0): Promise<number> {
    const { first, longest } = PAUSE_MS
    return Number(await this.#redis.eval(PAUSE, 1, this.#key(rate), rate.perSecond, ms, first, longest))
  }

  /** The provider takes calls again: the next pause is a short one. */
  async accepted(rate: Rate): Promise<void> {
    await this.#redis.del(`${this.#key(rate)}:paused`)
  }

  #key(rate: Rate): string {
    return `${this.#prefix}:${rate.bucket}`
  }
}
