import { setImmediate } from 'node:timers/promises'
import type { Logger } from '../kit/log.ts'
import type { ResetReason } from './cursor.ts'
import { Follower } from './follower.ts'
import { HydrateError, type Loader } from './loader.ts'
import type { FeedLog } from './log.ts'
import { groupKey, type Group, type Item, type Renderer } from './renderer.ts'
import type { Prepared } from './documents.ts'
import type { FeedStats } from './stats.ts'
import type { Subscriber } from './subscriber.ts'
import type { Tuning } from './types.ts'

const READ_LIMIT = 500
const RENDERED_TOGETHER = 50
/** How long sending may hold the process before others get a turn. */
const TURN_MS = 20
const CHECK_EVERY = 250
/** How often an event may fail to load, while the log itself can be read, before the feed goes on without it. */
const ATTEMPTS = 5

export interface RoomDeps {
  log: Logger
  feedLog: FeedLog
  loader: Loader
  renderer: Renderer
  stats: FeedStats
  tuning: Tuning
}

/** One account's feed in this process: follows the log while somebody listens and hands each event to all of them. */
export class Room {
  readonly accountId: string
  /** Everything up to here has been handed out. */
  position = 0
  emptySince: number | undefined = Date.now()
  readonly subscribers = new Set<Subscriber>()
  readonly follower: Follower
  readonly #deps: RoomDeps
  readonly #groups = new Map<string, Group>()
  #target = 0
  #running: Promise<void> | undefined
  #attempts = 0
  /** How many entries are still to be loaded one by one. */
  #careful = 0
  #opened = false
  #closed = false

  constructor(accountId: string, deps: RoomDeps) {
    this.accountId = accountId
    this.#deps = deps
    this.follower = new Follower(this, deps)
  }

  /** Stands at the newest entry; call once before use. */
  async open(): Promise<void> {
    const { head } = await this.#deps.feedLog.extent(this.accountId)
    this.position = head
    this.#opened = true
    this.wake(head)
  }

  add(subscriber: Subscriber): void {
    this.subscribers.add(subscriber)
    subscriber.group.members += 1
    this.emptySince = undefined
  }

  remove(subscriber: Subscriber): void {
    if (!this.subscribers.delete(subscriber)) return
    subscriber.group.members -= 1
    if (subscriber.group.members === 0) this.#groups.delete(subscriber.group.key)
    if (this.subscribers.size === 0) this.emptySince = Date.now()
  }

  group(prepared: Prepared, variables: Record<string, unknown>): Group {
    const key = groupKey(prepared, variables)
    const known = this.#groups.get(key)
    if (known) return known
    const group = { key, prepared, variables, members: 0 }
    this.#groups.set(key, group)
    return group
  }

  get userIds(): Set<string> {
    return new Set([...this.subscribers].map((subscriber) => subscriber.viewer.userId))
  }

  /** The log has grown up to `seq`, as far as the caller knows: a hint may be old, early or repeated. */
  wake(seq: number): void {
    if (seq > this.#target) this.#target = seq
    if (!this.#opened || this.#running || this.#closed || this.position >= this.#target) return
    this.#running = this.#run().then(
      () => {
        this.#running = undefined
        // Somebody may have called between the last look at the target and now.
        this.wake(0)
      },
      (error: unknown) => {
        this.#running = undefined
        this.#deps.log.warn({ err: error }, 'a feed could not be read; the next poll tries again')
      },
    )
  }

  /** The log ends before what was handed out: the database is an older one than it was. */
  rewind(head: number): void {
    this.#deps.log.warn({ accountId: this.accountId }, 'a feed went backwards; its listeners start anew')
    this.position = this.#target = head
    this.#deps.loader.forgetAll()
    this.#resetAll('ahead')
  }

  /** Ends when nothing is being handed out any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.position < this.#target && !this.#closed) {
      const before = this.position
      const items = await this.#load()
      // A hint from a database that is no more.
      if (!items.length && this.position === before) this.#target = before
      for (let start = 0; start < items.length; start += RENDERED_TOGETHER)
        await this.#handOut(items.slice(start, start + RENDERED_TOGETHER))
    }
  }

  /** An entry that cannot be loaded must not silence the account for ever: it is found by going one by one. */
  async #load(): Promise<Item[]> {
    const { loader, stats } = this.#deps
    try {
      const items = await loader.load(this.position, this.#careful ? 1 : READ_LIMIT)
      stats.reads += 1
      this.#attempts = 0
      this.#careful = Math.max(0, this.#careful - 1)
      return items
    } catch (error) {
      if (!(error instanceof HydrateError)) throw error
      if (this.#careful) this.#attempts += 1
      this.#careful = READ_LIMIT
      if (this.#attempts < ATTEMPTS) throw error
      this.#deps.log.error({ err: error, accountId: this.accountId, seq: error.after + 1 }, 'a feed entry was skipped')
      this.#attempts = 0
      this.#moveTo(error.after + 1)
      return []
    }
  }

  #moveTo(seq: number) {
    this.position = seq
    this.#resetAll('gap')
  }

  async #handOut(items: readonly Item[]): Promise<void> {
    const { renderer, loader } = this.#deps
    await Promise.all(items.flatMap((item) => this.#groupsFor(item).map(async (group) => renderer.tail(item, group))))
    for (const item of items) {
      if (item.entry.seq !== this.position + 1) this.#moveTo(item.entry.seq - 1)
      loader.remember(item)
      this.position = item.entry.seq
      await this.#send(item)
    }
  }

  #groupsFor(item: Item): Group[] {
    const groups = new Set<Group>()
    if (item.hydrated)
      for (const subscriber of this.subscribers)
        if (subscriber.live && !groups.has(subscriber.group) && subscriber.sees(item.entry))
          groups.add(subscriber.group)
    return [...groups]
  }

  // Each subscriber has a position of its own, so others may join, leave or catch up while this pauses.
  async #send(item: Item): Promise<void> {
    let turnStarted = performance.now()
    let count = 0
    for (const subscriber of this.subscribers) {
      if (subscriber.live && subscriber.position < item.entry.seq) this.#offer(subscriber, item)
      count += 1
      if (count % CHECK_EVERY || performance.now() - turnStarted < TURN_MS) continue
      await setImmediate()
      turnStarted = performance.now()
    }
  }

  #offer(subscriber: Subscriber, item: Item) {
    if (item.hydrated && subscriber.sees(item.entry)) {
      const tail = item.tails.get(subscriber.group)
      // Joined, or came to see this, while the event was being executed: it catches up from memory.
      if (typeof tail !== 'string') return this.follower.follow(subscriber)
      if (subscriber.connection.waiting > this.#deps.stats.bufferLimit) return this.follower.fallBehind(subscriber)
      subscriber.send(tail)
      this.#deps.stats.deliveries += 1
    }
    subscriber.position = item.entry.seq
  }

  #resetAll(reason: ResetReason) {
    for (const subscriber of this.subscribers)
      if (subscriber.behindSince === undefined) this.follower.reset(subscriber, reason)
  }
}
