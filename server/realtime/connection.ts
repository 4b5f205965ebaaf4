import { AppError } from '../kit/errors.ts'
import { CLOSE, type FeedSession, type FeedSocket } from './types.ts'
import type { Subscriber } from './subscriber.ts'

const OPEN = 1
const CLOSED = 3
const TERMINATE_AFTER_MS = 5_000
const DRAIN_POLL_MS = 50

/** One socket that has said who it is. */
export class Connection {
  readonly session: FeedSession
  /** Ids in use; undefined while the subscription is being prepared. */
  readonly subscribers = new Map<string, Subscriber | undefined>()
  readonly #socket: FeedSocket
  readonly #onClosed: (connection: Connection) => void
  #ended = false
  #terminator: NodeJS.Timeout | undefined
  /** When the other side was last heard, in ms. */
  heardAt = Date.now()

  constructor(socket: FeedSocket, session: FeedSession, onClosed: (connection: Connection) => void) {
    this.#socket = socket
    this.session = session
    this.#onClosed = onClosed
  }

  get open(): boolean {
    return !this.#ended && this.#socket.readyState === OPEN
  }

  /** Bytes that the other side has not taken yet. */
  get waiting(): number {
    return this.#socket.bufferedAmount
  }

  send(frame: string): void {
    if (this.open) this.#socket.send(frame)
  }

  /**
   * Takes an id for a subscription to come.
   * @throws AppError RATE_LIMITED when the socket has too many; an id in use closes the socket
   */
  reserve(id: string, limit: number): void {
    if (this.subscribers.has(id)) {
      this.close(CLOSE.idInUse, 'Subscriber already exists')
      throw new AppError('CONFLICT', 'This id is in use')
    }
    if (this.subscribers.size >= limit) throw new AppError('RATE_LIMITED', 'Too many subscriptions on this socket')
    this.subscribers.set(id, undefined)
  }

  /** Leaves every room at once and says why to the other side, which may take its time to hear it. */
  close(code: number, reason: string): void {
    if (this.#ended) return
    this.#leaveAll()
    this.#socket.close(code, reason)
    this.#terminator = setTimeout(() => this.#socket.terminate(), TERMINATE_AFTER_MS).unref()
  }

  /** The socket has closed. */
  gone(): void {
    clearTimeout(this.#terminator)
    this.#leaveAll()
  }

  /** Whether the other side has still to confirm the end. */
  get lingering(): boolean {
    return this.#socket.readyState !== CLOSED
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #leaveAll() {
    if (this.#ended) return
    this.#ended = true
    for (const subscriber of this.subscribers.values()) subscriber?.leave()
    this.subscribers.clear()
    this.#onClosed(this)
  }

  /** Waits until at most `bytes` wait; closes the socket when that takes longer than `withinMs`. */
  async drained(bytes: number, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs
    while (this.open && this.waiting > bytes) {
      if (Date.now() > deadline) return this.close(CLOSE.tryAgainLater, 'Too slow')
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS))
    }
  }
}
