/** Counts per key within fixed windows; memory of one window's keys at most. */
export class RateWindow {
  readonly #limit: number
  readonly #perMs: number
  readonly #counts = new Map<string, number>()
  #windowEnds = 0

  constructor({ limit, perMs }: { limit: number; perMs: number }) {
    this.#limit = limit
    this.#perMs = perMs
  }

  /** Whether one more is within the limit. */
  take(key = ''): boolean {
    const now = Date.now()
    if (now >= this.#windowEnds) {
      this.#counts.clear()
      this.#windowEnds = now + this.#perMs
    }
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return count <= this.#limit
  }
}
