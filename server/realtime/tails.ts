import type { Logger } from '../kit/log.ts'
import type { FeedLog } from './log.ts'
import type { Wake } from './stamper.ts'
import type { LogEntry } from './types.ts'

const READ_LIMIT = 100

/** Takes entries in order. When it rejects, the same ones are handed to it again. */
export type Take = (entries: readonly LogEntry[]) => Promise<void>

/** Followers of accounts' logs who want the entries themselves, from when they come on: one an account. */
export class Tails {
  readonly #feedLog: FeedLog
  readonly #log: Logger
  readonly #tails = new Map<string, Tail>()

  constructor(feedLog: FeedLog, log: Logger) {
    this.#feedLog = feedLog
    this.#log = log
  }

  /** Resolves once nothing that is committed from now on is missed; call what it answers to end it. */
  async follow(accountId: string, take: Take): Promise<() => void> {
    const tail = new Tail(accountId, this.#feedLog, this.#log, take)
    const end = () => {
      tail.closed = true
      if (this.#tails.get(accountId) === tail) this.#tails.delete(accountId)
    }
    // Before it is open: whoever follows last is the one, however long the former took to open.
    this.#tails.set(accountId, tail)
    try {
      await tail.open()
    } catch (error) {
      end()
      throw error
    }
    return end
  }

  wake({ accountId, lastSeq }: Wake): void {
    this.#tails.get(accountId)?.wake(lastSeq)
  }

  /** Finds what no hint told of. */
  async poll(): Promise<void> {
    if (!this.#tails.size) return
    const before = [...this.#tails].map(([accountId, tail]) => ({ accountId, tail, position: tail.position }))
    const heads = await this.#feedLog.unsafeHeads([...this.#tails.keys()])
    for (const { accountId, tail, position } of before) {
      const head = heads.get(accountId) ?? 0
      if (head < position) tail.rewind(head)
      else tail.wake(head)
    }
  }

  close(): void {
    for (const tail of this.#tails.values()) tail.closed = true
    this.#tails.clear()
  }
}

class Tail {
  closed = false
  /** Everything up to here was taken. */
  position = 0
  readonly #accountId: string
  readonly #feedLog: FeedLog
  readonly #log: Logger
  readonly #take: Take
  #target = 0
  #opened = false
  #running: Promise<void> | undefined

  constructor(accountId: string, feedLog: FeedLog, log: Logger, take: Take) {
    this.#accountId = accountId
    this.#feedLog = feedLog
    this.#log = log
    this.#take = take
  }

  async open(): Promise<void> {
    const { head } = await this.#feedLog.extent(this.#accountId)
    this.position = head
    this.#opened = true
    this.wake(head)
  }

  /** The log has grown up to `seq`, as far as the caller knows. */
  wake(seq: number): void {
    if (seq > this.#target) this.#target = seq
    if (!this.#opened || this.#running || this.closed || this.position >= this.#target) return
    this.#running = this.#run()
      .then(
        () => true,
        (error: unknown) => {
          this.#log.warn({ err: error }, 'a tail could not be read; the next poll tries again')
          return false
        },
      )
      .then((went) => {
        this.#running = undefined
        // Somebody may have called between the last look at the target and now.
        if (went) this.wake(0)
      })
  }

  /** The log ends before what was handed out: the database is an older one than it was. */
  rewind(head: number): void {
    this.position = this.#target = head
  }

  async #run(): Promise<void> {
    while (this.position < this.#target && !this.closed) {
      const entries = await this.#feedLog.read(this.#accountId, this.position, READ_LIMIT)
      const last = entries.at(-1)
      // A hint from a database that is no more.
      if (!last) return void (this.#target = this.position)
      await this.#take(entries)
      this.position = last.seq
    }
  }
}
