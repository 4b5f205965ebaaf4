import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../server/embedded/ports.ts'
import { ServerNode } from '../faults/node.ts'
import { Actor, type ActorWorld } from '../support/actor.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let dataDir: string
let web: ServerNode
let worker: ServerNode

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(path.join(tmpdir(), 'parley-worker-'))
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    DATABASE_URL: database.url,
    REDIS_URL: database.redisUrl,
    DATA_DIR: dataDir,
    JWT_SECRET: 'a secret of the tests, long enough to be one',
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  }
  // Both are told the same PORT, as processes on one machine usually are.
  const port = await freePort()
  web = new ServerNode('web', port, environment)
  worker = new ServerNode('worker', port, { ...environment, WORKER_PORT: String(await freePort()) })
})

afterAll(async () => {
  await Promise.all([web.kill(), worker.kill()])
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

describe('a worker by itself', () => {
  it('answers for its health and its jobs on a port of its own, beside a web process', async () => {
    await worker.start()
    await web.start()
    const port = /"port":(\d+)/.exec(worker.log)?.[1]
    const read = async (address: string) => (await fetch(`http://127.0.0.1:${port}${address}`)).text()
    expect(JSON.parse(await read('/health'))).toEqual({ status: 'ok' })
    expect(JSON.parse(await read('/ready'))).toMatchObject({ status: 'ok' })
    expect(JSON.parse(await read('/graphql'))).toMatchObject({ error: { code: 'NOT_FOUND' } })
    await Actor.signUp({ url: web.url } as ActorWorld)
    const done = async () => /^parley_jobs_total\{.*name="send-mail".*\} \d/m.test(await read('/metrics'))
    await until(done, 'its job is counted')
    expect(await worker.stop()).toBeLessThan(10_000)
  }, 90_000)
})
