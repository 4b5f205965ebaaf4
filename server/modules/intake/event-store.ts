import type { Routing } from '../../channels/contract.ts'
import type { Sql } from '../../db/client.ts'
import type { Logger } from '../../kit/log.ts'
import type { Producer } from '../../queue/producer.ts'
import { isConnectionError } from './connection-errors.ts'
import { ingestThread } from './intake.jobs.ts'

export interface Delivery extends Routing {
  channelType: string
  raw: Buffer
}

interface Pending {
  readonly delivery: Delivery
  settled: boolean
  /** Answers whoever waits, once: stored, or why not. */
  settle: (error?: unknown) => void
}

const MAX_BATCH = 100
const MAX_BATCH_BYTES = 8 * 1024 * 1024
const MAX_FLUSHES = 2
const MAX_HELD = 5_000
const MAX_HELD_BYTES = 64 * 1024 * 1024
const MAX_WAIT_MS = 4_000

/**
 * Stores raw deliveries before they are acknowledged (I1): nothing but Postgres is on that path. Batches come about by
 * themselves: a delivery is written at once, and what arrives while two writes run goes into the next one. While Postgres
 * is away, refusals are quick and memory is bounded: the provider keeps what we do not. The role behind `intake` may
 * insert and not read.
 */
export class EventStore {
  readonly #intake: Sql
  readonly #producer: Producer
  readonly #log: Logger
  readonly #queue = new Set<Pending>()
  #held = 0
  #heldBytes = 0
  #flushes = 0
  #scheduled = false

  constructor(deps: { intake: Sql; producer: Producer; log: Logger }) {
    this.#intake = deps.intake
    this.#producer = deps.producer
    this.#log = deps.log
  }

  /**
   * Resolves once the delivery is committed, or was there already. Rejects when it could not be stored, when too many
   * wait already, and after `waitMs`; should it be committed after that, the provider's next attempt finds it.
   */
  store(delivery: Delivery, waitMs = MAX_WAIT_MS): Promise<void> {
    const { length } = delivery.raw
    if (this.#held >= MAX_HELD || this.#heldBytes + length > MAX_HELD_BYTES) {
      return Promise.reject(new Error('too many deliveries wait to be stored'))
    }
    this.#held++
    this.#heldBytes += length
    return new Promise((done, fail) => {
      const timer = setTimeout(() => pending.settle(new Error('a delivery was not stored in time')), waitMs)
      const settle = (error?: unknown) => {
        if (pending.settled) return
        pending.settled = true
        clearTimeout(timer)
        this.#queue.delete(pending)
        this.#held--
        this.#heldBytes -= length
        if (error === undefined) done()
        else fail(error)
      }
      const pending: Pending = { delivery, settled: false, settle }
      this.#queue.add(pending)
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.#flushes >= MAX_FLUSHES) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#flushes < MAX_FLUSHES && this.#queue.size) void this.#flush()
    })
  }

  #takeBatch(): Pending[] {
    const batch: Pending[] = []
    let bytes = 0
    for (const pending of this.#queue) {
      bytes += pending.delivery.raw.length
      if (batch.length >= MAX_BATCH || (batch.length && bytes > MAX_BATCH_BYTES)) break
      this.#queue.delete(pending)
      batch.push(pending)
    }
    return batch
  }

  async #flush(): Promise<void> {
    const batch = this.#takeBatch()
    this.#flushes++
    try {
      await this.#store(batch)
    } catch (error) {
      this.#log.warn({ err: error, deliveries: batch.length }, 'a batch of deliveries could not be stored')
      if (isConnectionError(error) && !isDeadlock(error)) refuse(batch, error)
      else await this.#oneByOne(batch)
    } finally {
      this.#flushes--
      if (this.#queue.size) this.#schedule()
    }
  }

  /** One bad row must not refuse ninety-nine good ones. */
  async #oneByOne(batch: Pending[]): Promise<void> {
    for (const pending of batch) {
      if (pending.settled) continue
      try {
        await this.#store([pending])
      } catch (error) {
        if (isConnectionError(error)) return refuse(batch, error)
        pending.settle(error)
      }
    }
  }

  async #store(batch: Pending[]): Promise<void> {
    await this.#insert(batch.map(({ delivery }) => delivery))
    for (const { settle } of batch) settle()
    this.#hint(batch)
  }

  // In the order of arrival, which breaks ties of the provider's time (I3). Bytes go as hex: postgres.js cannot type
  // bytea[] on the first query of a cold connection.
  async #insert(rows: readonly Delivery[]): Promise<void> {
    await this.#intake`
      insert into webhook_events (channel_type, event_key, account_ref, thread_key, code, raw)
      select c, k, a, t, nullif(o, ''), decode(r, 'hex') from unnest(
        ${rows.map((row) => row.channelType)}::text[], ${rows.map((row) => row.eventKey)}::text[],
        ${rows.map((row) => row.accountRef)}::text[], ${rows.map((row) => row.threadKey)}::text[],
        ${rows.map((row) => row.code ?? '')}::text[], ${rows.map((row) => row.raw.toString('hex'))}::text[])
        as u(c, k, a, t, o, r)
      on conflict do nothing`
  }

  /** One wake-up a thread; the sweeper finds what a lost one leaves. */
  #hint(batch: Pending[]): void {
    const threads = new Map(batch.map(({ delivery }) => [delivery.threadKey, delivery]))
    for (const { channelType, accountRef, threadKey } of threads.values()) {
      this.#producer.hint(ingestThread, { channelType, accountRef, threadKey })
    }
  }
}

/** Another batch holds the same deliveries in another order. One by one they cannot wait for each other. */
const isDeadlock = (error: unknown): boolean => (error as { code?: string }).code === '40P01'

/** At once and all of them: what is true of Postgres for one of them is true for the others. */
function refuse(batch: readonly Pending[], error: unknown): void {
  for (const { settle } of batch) settle(error)
}
