import type { FeedLog } from './log.ts'
import type { Item } from './renderer.ts'
import type { Hydrate, LogEntry } from './types.ts'

const PAGE = 100
const PAGE_KEPT_MS = 5_000
const PAGES_KEPT = 32
const RECENT_KEPT_MS = 10_000
const RECENT_KEPT = 100

/** The log could be read, what its entries speak of could not. */
export class HydrateError extends Error {
  readonly after: number

  constructor(after: number, cause: unknown) {
    super('feed entries could not be loaded', { cause })
    this.after = after
  }
}

interface Page {
  at: number
  items: Promise<Item[]>
}

/**
 * Loads one account's events: a batch for everybody who is live, and pages for those who catch up. A page is the same
 * for all of them, so that a thousand sockets that come back together load it once.
 */
export class Loader {
  readonly #accountId: string
  readonly #log: FeedLog
  readonly #hydrate: Hydrate
  readonly #slots: Slots
  readonly #pages = new Map<string, Page>()
  #recent: Item[] = []

  constructor(accountId: string, log: FeedLog, hydrate: Hydrate, slots: Slots) {
    this.#accountId = accountId
    this.#log = log
    this.#hydrate = hydrate
    this.#slots = slots
  }

  /** At most `limit` events after `after`, loaded afresh. */
  async load(after: number, limit: number): Promise<Item[]> {
    const entries = await this.#log.read(this.#accountId, after, limit)
    if (!entries.length) return []
    const hydrated = await this.#hydrateAll(after, entries)
    return entries.map((entry, place) => toItem(entry, hydrated[place]))
  }

  /** Events after `after` up to `upTo`, from memory or from the log; none when they are no longer there. */
  async page(after: number, upTo: number): Promise<Item[]> {
    const recent = this.#recentAfter(after)
    if (recent) return recent
    const start = Math.floor(after / PAGE) * PAGE
    const end = Math.min(start + PAGE, upTo)
    const items = await this.#page(start, end)
    return items.filter(({ entry }) => entry.seq > after && entry.seq <= end)
  }

  /** What memory holds is no longer what the log says. */
  forgetAll(): void {
    this.#recent = []
    this.#pages.clear()
  }

  /** Keeps a delivered event for a moment, for those who are just catching up. */
  remember(item: Item): void {
    const last = this.#recent.at(-1)
    if (last && last.entry.seq + 1 !== item.entry.seq) this.#recent = []
    this.#recent.push(item)
    if (this.#recent.length > RECENT_KEPT) this.#recent.shift()
  }

  forgetOld(now: number): void {
    const firstKept = this.#recent.findIndex((item) => now - item.at < RECENT_KEPT_MS)
    this.#recent = firstKept < 0 ? [] : this.#recent.slice(firstKept)
    for (const [key, page] of this.#pages) if (now - page.at > PAGE_KEPT_MS) this.#pages.delete(key)
  }

  #recentAfter(after: number): Item[] | undefined {
    const afterFailure = this.#recent.findLastIndex((item) => item.failed) + 1
    const first = this.#recent[afterFailure]
    if (!first || first.entry.seq > after + 1) return undefined
    return this.#recent.slice(afterFailure + after + 1 - first.entry.seq)
  }

  async #page(start: number, end: number): Promise<Item[]> {
    const key = `${start}-${end}`
    const known = this.#pages.get(key)
    if (known && !(await known.items).some((item) => item.failed)) return known.items
    const items = this.#slots.run(() => this.load(start, end - start))
    this.#pages.set(key, { at: Date.now(), items })
    items.catch(() => this.#pages.delete(key))
    const [oldest] = this.#pages.keys()
    if (this.#pages.size > PAGES_KEPT && oldest !== undefined) this.#pages.delete(oldest)
    return items
  }

  async #hydrateAll(after: number, entries: readonly LogEntry[]) {
    try {
      const hydrated = await this.#hydrate(this.#accountId, entries)
      if (hydrated.length !== entries.length) throw new Error('hydrate must answer for each entry')
      return hydrated
    } catch (error) {
      throw new HydrateError(after, error)
    }
  }
}

const toItem = (entry: LogEntry, hydrated: Item['hydrated']): Item => ({
  entry,
  hydrated,
  at: Date.now(),
  tails: new Map(),
  failed: false,
})

/** Lets at most `size` of these run at once; the others wait in order. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}
