import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from '../kit/log.ts'
import { QUEUES, type JobDefinition, type QueueName } from './job.ts'

export interface EnqueueOptions {
  delayMs?: number
}

/**
 * A delayed job has an id of its own: under the other one it would swallow those that come before its time. So would one
 * that waits for hours those that wait for seconds: the id goes by the power of two. It is free again a little before the
 * job runs, so that the job can put itself off once more.
 */
const deduplication = (id: string, delayMs?: number, everyMs?: number) =>
  everyMs
    ? { id, ttl: everyMs }
    : delayMs
      ? { id: `${id}-later-${Math.round(Math.log2(delayMs))}`, ttl: Math.max(Math.floor(delayMs * 0.8), 1) }
      : { id, keepLastIfActive: true }

/**
 * Puts jobs into Redis. Every job only repeats what a row in Postgres already says, so a Redis that is away costs time
 * and nothing else: `hint` never throws, the sweepers find the row.
 */
export class Producer {
  readonly #queues: Map<QueueName, Queue>
  readonly #log: Logger
  #lastWarning = 0

  /** Of every key that BullMQ keeps. */
  readonly prefix: string

  constructor(connection: Redis, prefix: string, log: Logger) {
    this.prefix = prefix
    this.#log = log
    this.#queues = new Map(QUEUES.map((name) => [name, new Queue(name, { connection, prefix })]))
    for (const queue of this.#queues.values()) queue.on('error', (error) => this.#warn(error))
  }

  queue(name: QueueName): Queue {
    const queue = this.#queues.get(name)
    if (!queue) throw new Error(`no queue ${name}`)
    return queue
  }

  async enqueue<Payload>(job: JobDefinition<Payload>, payload: Payload, options: EnqueueOptions = {}): Promise<void> {
    const id = job.dedupe?.(payload)
    await this.queue(job.queue).add(job.name, job.payload.parse(payload), {
      ...(options.delayMs ? { delay: options.delayMs } : {}),
      ...(id ? { deduplication: deduplication(`${job.name}-${id}`, options.delayMs, job.everyMs) } : {}),
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: { age: 7 * 24 * 3600, count: 10_000 },
    })
  }

  /** Enqueues without waiting and without throwing. */
  hint<Payload>(job: JobDefinition<Payload>, payload: Payload, options?: EnqueueOptions): void {
    this.enqueue(job, payload, options).catch((error: unknown) => this.#warn(error))
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()))
  }

  #warn(error: unknown) {
    if (Date.now() - this.#lastWarning < 5_000) return
    this.#lastWarning = Date.now()
    this.#log.warn({ err: error }, 'queue is not reachable; sweepers will find the work')
  }
}
