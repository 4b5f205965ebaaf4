import type { z } from 'zod'

/** Queues by temper, not by feature: what is fast, what waits for a provider, what comes round by the clock. */
export const QUEUES = ['intake', 'delivery', 'reads', 'polls', 'media', 'upkeep'] as const
export type QueueName = (typeof QUEUES)[number]

export interface JobDefinition<Payload> {
  readonly name: string
  readonly queue: QueueName
  readonly payload: z.ZodType<Payload>
  /**
   * Jobs with one id: while one waits the next is dropped, while one runs the next runs after it. A help and not a
   * promise: after a Redis restart two of one id run side by side, so what must be single is claimed in Postgres.
   */
  readonly dedupe?: (payload: Payload) => string
  /** Of one id at most one in that time; the others are dropped. */
  readonly everyMs?: number
}

/** Declares a job: its handler lives in jobs/handlers under the same name. Payloads carry ids, never texts or secrets. */
export const defineJob = <Payload>(definition: JobDefinition<Payload>): JobDefinition<Payload> => definition
