import type { Redis } from 'ioredis'
import type { Sql } from '../db/client.ts'
import type { Logger } from '../kit/log.ts'

/** One account whose feed grew up to `lastSeq`. */
export interface Wake {
  accountId: string
  lastSeq: number
}

type Listener = (wake: Wake) => void

/**
 * Numbers committed feed entries and wakes whoever reads them: this process at once, the others through Redis. Every
 * process also stamps each second and at boot, so a crash between commit and stamp makes entries late and not lost.
 */
export class Stamper {
  readonly #system: Sql
  readonly #redis: Redis
  readonly #channel: string
  readonly #log: Logger
  readonly #listeners = new Set<Listener>()
  #running: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined

  constructor(deps: { system: Sql; redis: Redis; channel: string; log: Logger }) {
    this.#system = deps.system
    this.#redis = deps.redis
    this.#channel = deps.channel
    this.#log = deps.log
  }

  /** The Redis channel that carries `accountId:lastSeq`. */
  get channel(): string {
    return this.#channel
  }

  onWake(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(): void {
    this.#timer ??= setInterval(() => this.soon(), 1_000)
    this.soon()
  }

  /** Stamps now, or once more right after the run that is under way. */
  soon(): void {
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // Somebody may have called after the last look and before this line.
      if (this.#again) this.soon()
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false
      try {
        const rows = await this.#system<{ account_id: string; last_seq: string }[]>`
          select account_id, last_seq from feed_stamp()`
        for (const row of rows) this.#wake({ accountId: row.account_id, lastSeq: Number(row.last_seq) })
        if (rows.length) this.#again = true
      } catch (error) {
        this.#log.warn({ err: error }, 'feed entries could not be numbered; the next second tries again')
      }
    }
  }

  #wake(wake: Wake): void {
    for (const listener of this.#listeners) listener(wake)
    this.#redis.publish(this.#channel, `${wake.accountId}:${wake.lastSeq}`).catch(() => {})
  }
}
