import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ServerNode } from '../faults/node.ts'
import { Actor, type ActorWorld } from '../support/actor.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { reservePort } from '../support/ports.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let dataDir: string
let sql: postgres.Sql
let web: ServerNode
let worker: ServerNode

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(path.join(tmpdir(), 'parley-stop-'))
  sql = openSql({ config: { databaseUrl: database.url } as never })
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    DATABASE_URL: database.url,
    REDIS_URL: database.redisUrl,
    DATA_DIR: dataDir,
    PUBLIC_URL: 'http://localhost:3000',
    JWT_SECRET: 'a secret of the tests, long enough to be one',
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  }
  web = new ServerNode('web', await reservePort(), environment)
  worker = new ServerNode('worker', await reservePort(), environment)
})

afterAll(async () => {
  await Promise.all([web.kill(), worker.kill()])
  await sql.end()
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

/** Holds conversations and messages until `work` is over; somebody asks the web process for them and hangs in Postgres. */
async function whileHanging(work: () => Promise<number>): Promise<number> {
  const actor = await Actor.signUp({ url: web.url } as ActorWorld)
  return sql.begin(async (tx) => {
    await tx`lock table conversations, messages in access exclusive mode`
    const asked = actor.conversations().catch(() => undefined)
    await until(async () => (await hanging('parley_app')).length, 'the request hangs')
    const took = await work()
    await asked
    return took
  })
}

const hanging = (role: string) => sql`
  select 1 from pg_stat_activity
  where datname = current_database() and application_name = ${role} and wait_event_type = 'Lock'`

const lastLine = (said: string) => web.log.lastIndexOf(`"msg":"${said}"`)

describe('SIGTERM (I18)', () => {
  it('ends web and worker within 10 s while a request and a schedule hang in Postgres, and at once when it comes again', async () => {
    await Promise.all([web.start(), worker.start()])
    const patient = await whileHanging(async () => {
      await until(async () => (await hanging('parley_system')).length, 'a schedule hangs')
      return Math.max(...(await Promise.all([web.stop(), worker.stop()])))
    })
    expect(patient).toBeLessThan(10_000)
    await web.start()
    const hasty = await whileHanging(async () => {
      const first = web.stop()
      await until(() => lastLine('stopping') > lastLine('ready'), 'the process stops')
      const since = performance.now()
      // What comes within the same moment is the same Ctrl-C.
      await until(async () => performance.now() - since > 350, 'a moment passes')
      const took = await web.stop()
      await first
      return took
    })
    expect(hasty).toBeLessThan(patient / 2)
  }, 90_000)
})
