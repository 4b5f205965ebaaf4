/**
 * Says which of two copies of a row is newer although rows carry no version: the feed delivers in order, so only an
 * answer that was asked for before the last event on that row can be older than what we have.
 */
export class Arrivals {
  #clock = 0
  #arrived = new Map<string, number>()

  /** To be taken before a request is sent. */
  mark(): number {
    return ++this.#clock
  }

  stamp(id: string): void {
    this.#arrived.set(id, ++this.#clock)
  }

  isStale(id: string, mark: number): boolean {
    return (this.#arrived.get(id) ?? 0) > mark
  }
}
