import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq'
import { Redis } from 'ioredis'
import type { Deps } from '../server/deps.ts'
import { AppError, ERRORS } from '../server/kit/errors.ts'
import { describeError } from '../server/kit/redact.ts'
import { settled } from '../server/kit/settled.ts'
import { QUEUES, type QueueName } from '../server/queue/job.ts'
import { handlers } from './handlers/index.ts'

/**
 * Slots of each queue. Delivery waits for providers, so it has many; none of them waits for a rate limit (the job is
 * delayed instead). What reads from providers has slots of its own: a slow one must not hold up renewals and mails.
 */
const CONCURRENCY: Record<QueueName, number> = {
  intake: 10,
  delivery: 24,
  reads: 4,
  polls: 16,
  media: 4,
  upkeep: 4,
}

/** A handler's answer: come again after that many milliseconds, or undefined: done. */
export type HandlerResult = number | undefined

/** The same of one that goes on where it stopped: what it comes again with instead of its payload. */
export interface Later<Payload = unknown> {
  waitMs: number
  payload?: Payload
}

/** Delays up to here keep the job; a longer time stands on the row, and another job comes for it. */
const MAX_DELAY_MS = 1_000

/** Starts one BullMQ worker a queue; answers how to stop them within `graceMs`. */
export function startWorkers(deps: Deps, redisPrefix: string): { close: (graceMs: number) => Promise<void> } {
  const { redisUrl } = deps.config
  if (!redisUrl) throw new Error('workers need REDIS_URL')
  const connections: Redis[] = []
  let stopping = false
  const workers = QUEUES.map((name) => {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null })
    connection.on('error', (error: Error) => deps.log.debug({ err: error }, 'redis'))
    connections.push(connection)
    const worker = new Worker(name, (job, token) => run(deps, job, token, () => stopping), {
      connection,
      prefix: redisPrefix,
      concurrency: CONCURRENCY[name],
      // After a SIGKILL a job stands still for this long, and no longer.
      lockDuration: 5_000,
      stalledInterval: 2_500,
      maxStalledCount: 10,
    })
    worker.on('error', (error) => deps.log.debug({ err: error, queue: name }, 'worker'))
    worker.on('failed', (job, error) => {
      if (!logged.has(error)) deps.log.error({ err: error, job: job?.name }, 'job failed')
    })
    return worker
  })
  return {
    close: async (graceMs) => {
      stopping = true
      const closing = Promise.allSettled(workers.map((worker) => worker.close()))
      await settled(closing, graceMs)
      for (const connection of connections) connection.disconnect()
    },
  }
}

/** What `run` has told the log already, and better than its stand-in could. */
const logged = new WeakSet<Error>()

async function run(deps: Deps, job: Job, token: string | undefined, isClosing: () => boolean): Promise<void> {
  const entry = handlers.find((handler) => handler.job.name === job.name)
  if (!entry) throw new UnrecoverableError(`no handler for ${job.name}`)
  const started = process.hrtime.bigint()
  let outcome = 'done'
  try {
    const later = await entry.run(deps, job.data, isClosing)
    if (later) {
      outcome = 'later'
      await comeAgain(deps, job, token, later, entry)
    }
  } catch (error) {
    if (error instanceof DelayedError) throw error
    outcome = 'failed'
    deps.log.error({ err: error, job: job.name }, 'job failed')
    throw standInFor(error)
  } finally {
    deps.metrics.jobs.inc({ name: job.name, outcome })
    deps.metrics.jobSeconds.observe({ name: job.name }, Number(process.hrtime.bigint() - started) / 1e9)
  }
}

/** BullMQ keeps message and stack of what is thrown in Redis, where the values of a failed statement have no place. */
function standInFor(error: unknown): Error {
  const message = String(describeError(error)['message'])
  const final = error instanceof AppError && ERRORS[error.code].job === 'fail'
  const standIn = final ? new UnrecoverableError(message) : new Error(message)
  standIn.stack = `${standIn.name}: ${message}`
  logged.add(standIn)
  return standIn
}

async function comeAgain(
  deps: Deps,
  job: Job,
  token: string | undefined,
  { waitMs, payload }: Later,
  entry: (typeof handlers)[number],
): Promise<void> {
  if (waitMs <= MAX_DELAY_MS) {
    if (payload !== undefined) await job.updateData(payload)
    await job.moveToDelayed(Date.now() + Math.max(waitMs, 1), token)
    throw new DelayedError()
  }
  entry.again(deps, payload ?? job.data, waitMs)
}
