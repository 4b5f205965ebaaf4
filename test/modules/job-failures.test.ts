import { DrizzleQueryError } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { handlers } from '../../jobs/handlers/index.ts'
import { startWorkers } from '../../jobs/worker.ts'
import { defineJob, type QueueName } from '../../server/queue/job.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let workers: ReturnType<typeof startWorkers>

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  workers = startWorkers(world.deps, world.deps.producer.prefix)
})
const own = handlers.length
afterEach(() => void handlers.splice(own))
afterAll(async () => {
  await workers.close(1_000)
  await world.close()
})

/** A job of this test alone. */
function addHandler(name: string, queue: QueueName, work: () => Promise<undefined>) {
  const job = defineJob({ name, queue, payload: z.object({}) })
  handlers.push({ job, run: work, again: () => {} } as unknown as (typeof handlers)[number])
  return job
}

describe('a failed job', () => {
  it('leaves no values of its statement in Redis; the log has the whole of it', async () => {
    const logged = vi.spyOn(world.deps.log, 'error')
    const cause = new Error('duplicate key value violates unique constraint')
    const error = new DrizzleQueryError('insert into contacts values ($1)', ['Ploy the customer'], cause)
    const job = addHandler('fails', 'upkeep', () => Promise.reject(error))
    await world.deps.producer.enqueue(job, {})
    const queue = world.deps.producer.queue('upkeep')
    const failed = await until(async () => (await queue.getFailed())[0], 'the job fails')
    expect(failed.failedReason).toContain('insert into contacts')
    expect(JSON.stringify(failed)).not.toContain('Ploy')
    expect(error.message).toContain('Ploy')
    expect(logged.mock.calls.filter(([entry]) => (entry as { err?: unknown }).err === error)).toHaveLength(1)
  })
})

describe('reads from providers', () => {
  it('hold up neither renewals nor mails, however long they take', async () => {
    let release = () => {}
    const held = new Promise<undefined>((done) => (release = () => done(undefined)))
    let waiting = 0
    const read = addHandler(
      'reads',
      handlers.find(({ job }) => job.name === 'sync-contact')?.job.queue ?? 'upkeep',
      () => {
        waiting += 1
        return held
      },
    )
    let mailed = false
    const mail = addHandler(
      'mails',
      handlers.find(({ job }) => job.name === 'send-mail')?.job.queue ?? 'reads',
      async () => {
        mailed = true
        return undefined
      },
    )
    try {
      for (let place = 0; place < 8; place++) await world.deps.producer.enqueue(read, {})
      await until(() => waiting >= 4, 'slow reads take all slots of theirs')
      await world.deps.producer.enqueue(mail, {})
      await until(() => mailed, 'the mail is sent', 5_000)
      expect(waiting).toBe(4)
    } finally {
      release()
    }
  })
})
