import type { Connection } from './connection.ts'
import type { Group } from './renderer.ts'
import { isVisible } from './visibility.ts'
import type { LogEntry, Viewer } from './types.ts'

/** One `accountEvents` of one socket. */
export class Subscriber {
  readonly id: string
  readonly connection: Connection
  readonly group: Group
  /** Everything up to here was sent, or was not for this member. */
  position = 0
  /** Gets events as they come; otherwise it is being caught up. */
  live = false
  /** Since when it has not been keeping up, in ms. */
  behindSince: number | undefined
  lastSentAt = Date.now()
  /** Counts the attempts to catch up, so that a newer one ends an older one. */
  turn = 0
  active = true
  viewer: Viewer
  readonly #head: string
  readonly #onLeave: (subscriber: Subscriber) => void
  #finish: () => void = () => {}

  constructor(
    connection: Connection,
    id: string,
    group: Group,
    viewer: Viewer,
    onLeave: (subscriber: Subscriber) => void,
  ) {
    this.connection = connection
    this.id = id
    this.group = group
    this.viewer = viewer
    this.#head = `{"id":${JSON.stringify(id)},"type":"next","payload":`
    this.#onLeave = onLeave
  }

  sees(entry: LogEntry): boolean {
    return isVisible(this.viewer, entry)
  }

  send(tail: string): void {
    this.lastSentAt = Date.now()
    this.connection.send(this.#head + tail)
  }

  /** Out of the room at once; what is under way for it is dropped. */
  leave(): void {
    if (!this.active) return
    this.active = false
    this.live = false
    this.#onLeave(this)
    this.#finish()
  }

  /** Tells the client that nothing more comes, and leaves. */
  complete(): void {
    if (!this.active) return
    this.connection.send(`{"id":${JSON.stringify(this.id)},"type":"complete"}`)
    this.leave()
  }

  /** What graphql-ws holds: yields nothing, since frames go straight to the socket, and ends when the subscriber leaves. */
  stream(): AsyncGenerator<never, undefined> {
    const done = { done: true, value: undefined } as const
    const finished = new Promise<typeof done>((resolve) => (this.#finish = () => resolve(done)))
    if (!this.active) this.#finish()
    const end = async () => {
      this.leave()
      return done
    }
    const stream = { next: () => finished, return: end, throw: end, [Symbol.asyncIterator]: () => stream }
    return stream as unknown as AsyncGenerator<never, undefined>
  }
}
