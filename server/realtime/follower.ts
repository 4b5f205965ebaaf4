import { setTimeout } from 'node:timers/promises'
import type { Logger } from '../kit/log.ts'
import type { ResetReason } from './cursor.ts'
import { HydrateError, type Loader } from './loader.ts'
import type { FeedLog } from './log.ts'
import type { Item, Renderer } from './renderer.ts'
import type { FeedStats } from './stats.ts'
import type { Subscriber } from './subscriber.ts'
import { CLOSE, type Tuning } from './types.ts'

const HYDRATE_ATTEMPTS = 4
const HYDRATE_PAUSE_MS = 300

interface Place {
  readonly position: number
}

interface Deps {
  log: Logger
  feedLog: FeedLog
  loader: Loader
  renderer: Renderer
  stats: FeedStats
  tuning: Tuning
}

/** Something said to one subscriber outside the log. */
interface Notice {
  type: 'feed.heartbeat' | 'feed.reset' | 'access.changed'
  data?: Record<string, unknown>
}

/**
 * Brings single subscribers to where their room stands. It pulls from the log and from memory at the subscriber's own
 * pace, so that nothing has to be held back for it meanwhile: at the moment at which both stand at the same place, the
 * subscriber is live, and the next event reaches it with all others. No hole, no double, no other order.
 */
export class Follower {
  readonly #room: Place
  readonly #deps: Deps

  constructor(room: Place, deps: Deps) {
    this.#room = room
    this.#deps = deps
  }

  /** Replays what is missing; `before` is said first, a heartbeat at the end if `announceEnd`. */
  follow(subscriber: Subscriber, before?: Notice, announceEnd = false): void {
    subscriber.live = false
    subscriber.turn += 1
    this.#follow(subscriber, subscriber.turn, before, announceEnd).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'a feed could not be resumed')
      subscriber.connection.close(CLOSE.tryAgainLater, 'Try again later')
    })
  }

  /** From now on; what was missed is to be asked for again. */
  reset(subscriber: Subscriber, reason: ResetReason): void {
    this.#deps.stats.resets += 1
    subscriber.behindSince = undefined
    subscriber.position = this.#room.position
    this.follow(subscriber, { type: 'feed.reset', data: { reason } })
  }

  /** Nothing more is sent until the socket has drained. */
  fallBehind(subscriber: Subscriber): void {
    this.#deps.stats.fallenBehind += 1
    this.stop(subscriber)
    subscriber.behindSince = Date.now()
  }

  /** No event reaches it any more, neither live nor replayed. */
  stop(subscriber: Subscriber): void {
    subscriber.live = false
    subscriber.turn += 1
    subscriber.behindSince = undefined
  }

  /** Once in a while: heartbeats for the quiet, a reset for who has drained, an end for who never does. */
  check(subscriber: Subscriber, now: number): void {
    const { tuning, stats } = this.#deps
    if (subscriber.behindSince !== undefined) {
      if (subscriber.connection.waiting <= stats.bufferLimit / 16) this.reset(subscriber, 'slow')
      else if (now - subscriber.behindSince > tuning.stallMs)
        subscriber.connection.close(CLOSE.tryAgainLater, 'Too slow')
    } else if (now - subscriber.lastSentAt >= tuning.heartbeatMs) {
      subscriber.lastSentAt = now
      this.notify(subscriber, { type: 'feed.heartbeat' })
    }
  }

  /** Says something without waiting. */
  notify(subscriber: Subscriber, notice: Notice): void {
    this.say(subscriber, notice).catch((error: unknown) => this.#deps.log.warn({ err: error }, 'a notice was lost'))
  }

  /** A frame whose cursor is where the subscriber stands when it goes out: it neither skips events nor goes back. */
  async say(subscriber: Subscriber, { type, data }: Notice): Promise<void> {
    while (subscriber.active) {
      const { position } = subscriber
      const cursor = this.#deps.feedLog.cursor(position)
      const tail = await this.#deps.renderer.synthetic(subscriber.group, { type, cursor, data })
      if (!subscriber.active || subscriber.position !== position) continue
      return subscriber.send(tail)
    }
  }

  async #follow(subscriber: Subscriber, turn: number, before: Notice | undefined, announceEnd: boolean) {
    const current = () => subscriber.active && subscriber.turn === turn
    if (before) await this.say(subscriber, before)
    let said = !announceEnd
    while (current() && (subscriber.position < this.#room.position || !said)) {
      if (subscriber.position < this.#room.position) await this.#replayPage(subscriber, current)
      else {
        said = true
        await this.say(subscriber, { type: 'feed.heartbeat' })
      }
    }
    // Nothing was awaited since the last comparison, so both stand at the same place.
    if (current()) subscriber.live = true
  }

  async #replayPage(subscriber: Subscriber, current: () => boolean): Promise<void> {
    const { renderer, tuning, stats } = this.#deps
    const items = await this.#page(subscriber.position)
    if (current() && items[0]?.entry.seq !== subscriber.position + 1) return this.reset(subscriber, 'expired')
    const wanted = items.filter((item) => this.#wanted(subscriber, item))
    await Promise.all(wanted.map(async (item) => renderer.tail(item, subscriber.group)))
    for (const item of items) {
      if (!current()) return
      if (item.entry.seq !== subscriber.position + 1) return this.reset(subscriber, 'gap')
      if (this.#wanted(subscriber, item)) {
        const tail = await renderer.tail(item, subscriber.group)
        if (!current()) return
        // Asked again: what a member may see can change while an event is being executed.
        if (subscriber.sees(item.entry)) subscriber.send(tail)
        stats.deliveries += 1
      }
      subscriber.position = item.entry.seq
    }
    await subscriber.connection.drained(stats.bufferLimit / 4, tuning.stallMs)
  }

  /** None when they are gone, or cannot be loaded however often one tries. */
  async #page(after: number): Promise<Item[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#deps.loader.page(after, this.#room.position)
      } catch (error) {
        if (!(error instanceof HydrateError)) throw error
        if (attempt === HYDRATE_ATTEMPTS) return []
        await setTimeout(HYDRATE_PAUSE_MS)
      }
    }
  }

  #wanted(subscriber: Subscriber, item: Item): boolean {
    return item.hydrated !== undefined && subscriber.sees(item.entry)
  }
}
