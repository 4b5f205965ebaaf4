const EVERY_MS = 2_000

/**
 * Gathers what may come in any number, by key, and hands it over together every few seconds; in memory, so that what comes
 * costs nothing. What `handOver` answers could not be taken, and is gathered again.
 */
export class Collector<Item> {
  readonly #merge: (known: Item, item: Item) => Item
  readonly #handOver: (items: ReadonlyMap<string, Item>) => Promise<ReadonlyMap<string, Item>>
  readonly #items = new Map<string, Item>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    merge: (known: Item, item: Item) => Item,
    handOver: (items: ReadonlyMap<string, Item>) => Promise<ReadonlyMap<string, Item>>,
  ) {
    this.#merge = merge
    this.#handOver = handOver
  }

  add(key: string, item: Item): void {
    const known = this.#items.get(key)
    this.#items.set(key, known === undefined ? item : this.#merge(known, item))
    this.#timer ??= setTimeout(() => void this.#flush(), EVERY_MS).unref()
  }

  /** Hands over what is left, once. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#flush()
    clearTimeout(this.#timer)
  }

  async #flush(): Promise<void> {
    this.#timer = undefined
    const items = new Map(this.#items)
    this.#items.clear()
    if (!items.size) return
    for (const [key, item] of await this.#handOver(items)) this.add(key, item)
  }
}
