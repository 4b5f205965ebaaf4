import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Rate, RateSeen } from '../channels/contract.ts'
import { LEARN, PAUSE, TAKE } from './token-scripts.ts'

/** Where the provider does not say how long: 1 s, and twice as long each time that it refuses the first call after it. */
const PAUSE_MS = { first: 1_000, longest: 300_000 }

const PATIENCE_MS = 2_000

/** Of what a provider says is allowed: what is left is for others who use the same access, and for calls that hurry. */
const SHARE = { rate: 0.8, burst: 0.2 }
/** How long a rate stays at its half after the provider said that it is too much. */
const SLOW_MS = 60_000
/** A provider that says it is too much and not for how long: at least so long, and up to half as long again. */
const UNTOLD_MS = 2_000
/** What is known is told again so often, should Redis have forgotten it. */
const TELL_AGAIN_MS = 60_000

/** Whose token it is: fair between accounts; `waiter` tells those of one account apart, and who has none does not wait. */
export interface Taker {
  accountId: string
  waiter?: string
}

/** How many tokens there were, and in how many ms to ask again when there was none. */
export interface Taken {
  granted: number
  waitMs: number
}

export interface BucketOptions {
  /** Tests' own time, in ms; Redis's by default. */
  now?: () => number
  random?: () => number
}

/** A provider's limit, shared by all processes and fairly by all accounts (I9), and led by what the provider says of it. */
export class TokenBucket {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #now: (() => number) | undefined
  readonly #random: () => number
  readonly #told = new Map<string, { limit: number; at: number }>()

  constructor(redis: Redis, prefix: string, { now, random = Math.random }: BucketOptions = {}) {
    this.#redis = redis
    this.#prefix = prefix
    this.#now = now
    this.#random = random
  }

  /**
   * Takes a token: 0, or in how many ms to ask again. Never waits. Throws while Redis is away. The more wait for one
   * account, the later each is told to come, so that a burst does not poll.
   */
  async take(rate: Rate, taker: Taker): Promise<number> {
    return (await this.#take(rate, taker, 1, false)).waitMs
  }

  /** As `take`, and leaves half of the bucket to the sends: for whatever can wait. */
  async takeSpare(rate: Rate, taker: Taker): Promise<number> {
    return (await this.takeSpares(rate, taker, 1)).waitMs
  }

  /** As many as there are, up to `most`. */
  takeSpares(rate: Rate, taker: Taker, most: number): Promise<Taken> {
    return this.#take(rate, taker, most, true)
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

  async #take(rate: Rate, { accountId, waiter = '' }: Taker, most: number, spare: boolean): Promise<Taken> {
    const own = [accountId, waiter, most, spare ? '1' : '0'] as const
    const answer = await this.#redis.eval(TAKE, 1, this.#key(rate), ...this.#limits(rate), ...own)
    const [granted, missing, needed] = answer as [number, number, number]
    return { granted, waitMs: granted ? 0 : Math.max(missing, needed * (0.7 + this.#random() * 0.3), 1) }
  }

  /**
   * The provider said that we are too fast: nobody gets a token for `ms`, or, when it did not say for how long, for a
   * second, and for twice as long each time that it says so again without having accepted anything. Answers for how long.
   */
  async pause(rate: Rate, ms = 0): Promise<number> {
    const { first, longest } = PAUSE_MS
    return Number(await this.#redis.eval(PAUSE, 1, this.#key(rate), ...this.#limits(rate), ms, first, longest))
  }

  /** The provider takes calls again: the next pause is a short one. */
  async accepted(rate: Rate): Promise<void> {
    await this.#redis.del(`${this.#key(rate)}:paused`)
  }

  /**
   * Goes by what the provider says of a limit: most of what it allows, half of it for a minute after it was too much, and
   * nothing while it is to be left alone. Neither waits nor throws: what could not be noted is said again.
   */
  learn(seen: Omit<RateSeen, 'scope'>): void {
    const { bucket, exceeded, limit = 0 } = seen
    const told = this.#told.get(bucket)
    const isNews = limit > 0 && (told?.limit !== limit || told.at < Date.now() - TELL_AGAIN_MS)
    if (!isNews && !exceeded) return
    this.#tell(seen, isNews ? limit : undefined).then(
      () => isNews && this.#told.set(bucket, { limit, at: Date.now() }),
      () => this.#told.delete(bucket),
    )
  }

  #tell({ bucket, exceeded, retryAfterMs }: Omit<RateSeen, 'scope'>, limit?: number): Promise<unknown> {
    const allowed = limit === undefined ? ['', ''] : [SHARE.rate * limit, Math.max(1, SHARE.burst * limit)]
    const slow = exceeded ? [SLOW_MS, retryAfterMs ?? UNTOLD_MS * (1 + this.#random() / 2)] : [0, 0]
    return this.#redis.eval(LEARN, 1, this.#key({ bucket }), this.#time(), ...allowed, ...slow)
  }

  #time(): number | '' {
    return this.#now?.() ?? ''
  }

  #limits({ perSecond, burst }: Rate): [number | '', number, number] {
    return [this.#time(), perSecond, burst]
  }

  #key(rate: Pick<Rate, 'bucket'>): string {
    return `${this.#prefix}:${rate.bucket}`
  }
}
