import { Redis } from 'ioredis'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRedis } from '../../server/embedded/redis.ts'
import type { EmbeddedService } from '../../server/embedded/service.ts'
import { createLogger } from '../../server/kit/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import type { FeedClient } from './feed-client.ts'
import { Seeds, startNode, type Account, type FeedNode } from './feed-node.ts'

let database: TestDatabase
let dataDir: string
let redis: EmbeddedService
let seeds: Seeds
let [here, elsewhere] = [] as unknown as [FeedNode, FeedNode]
let account: Account
let client: FeedClient

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(path.join(tmpdir(), 'parley-feed-'))
  redis = await createRedis({ dataDir, log: createLogger({ nodeEnv: 'test', logLevel: 'silent' }), durable: false })
  await redis.start()
  seeds = new Seeds(database.url)
  const options = { databaseUrl: database.url, redisUrl: redis.url }
  here = await startNode(options)
  elsewhere = await startNode(options)
})

afterEach(() => client.close())

afterAll(async () => {
  await Promise.all([here.close(), elsewhere.close()])
  await seeds.admin.end()
  await redis.stop()
  await rm(dataDir, { recursive: true, force: true })
  await database.drop()
})

/** As the client does: who is told to come again, because the database is not back yet, comes again. */
async function listen() {
  account = await seeds.account()
  const token = await seeds.member(account, 'administrator')
  do {
    client = await here.connect(token)
    void client.subscribe(account.id).catch(() => {})
    await client.until(() => client.closed || client.ofType('feed.heartbeat').length)
  } while (client.closed?.code === 1013)
}

const published: string[] = []

/** How long an event of one process takes to arrive from here, in ms; the median of some. */
async function delay(from: FeedNode = elsewhere, times = 5): Promise<number> {
  const delays = []
  for (let count = 0; count < times; count += 1) {
    const start = performance.now()
    const id = await from.publish(account)
    await client.until(() => client.messages().includes(id))
    delays.push(performance.now() - start)
    published.push(id)
    // Out of step with the polls.
    await pause(130)
  }
  return delays.sort((a, b) => a - b)[Math.floor(times / 2)] ?? Infinity
}

/** Both processes hear Redis again. */
const subscribed = () =>
  until(async () => {
    const admin = new Redis(redis.url, { lazyConnect: true, maxRetriesPerRequest: 1 })
    try {
      await admin.connect()
      return ((await admin.pubsub('NUMSUB', 'test:feed')) as [string, number])[1] === 2
    } finally {
      admin.disconnect()
    }
  }, 'both listen to Redis')

async function withRedis(work: (admin: Redis) => Promise<unknown>) {
  const admin = new Redis(redis.url)
  await work(admin)
  admin.disconnect()
}

describe('Redis is a hint (I13)', () => {
  it('brings what another process wrote at once, and is not needed: without it the next poll does, and own events come at once', async () => {
    published.length = 0
    await listen()
    await subscribed()
    const hinted = [await delay()]
    await withRedis(async (admin) => {
      await admin.flushall()
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    })
    await subscribed()
    hinted.push(await delay())
    await redis.kill()
    const polled = await delay()
    const own = await delay(here)
    await redis.start()
    await subscribed()
    hinted.push(await delay())
    expect(Math.max(own, ...hinted)).toBeLessThan(polled / 2)
    expect(polled).toBeLessThan(10_000)
    expect(client.messages()).toEqual(published)
    expect(client.closed).toBeUndefined()
  }, 60_000)

  it('ignores what is not a hint of ours', async () => {
    await listen()
    await withRedis(async (admin) => {
      for (const text of ['', ':', `${account.id}:NaN`, `${account.id}:999999`, 'x:-1', `${account.id}`])
        await admin.publish('test:feed', text)
    })
    const id = await elsewhere.publish(account)
    await client.until(() => client.messages().includes(id))
    expect(client.ofType('feed.reset')).toEqual([])
  })
})

describe('Postgres that drops its connections', () => {
  it('costs time and no event', { timeout: 60_000 }, async () => {
    await listen()
    const written: string[] = []
    let done = false
    const writers = [here, elsewhere, elsewhere].map(async (node) => {
      while (!done)
        await node.publish(account).then(
          (id) => written.push(id),
          () => pause(20),
        )
    })
    for (let round = 1; round <= 6; round += 1) {
      await until(() => written.length >= round * 10, 'events are written')
      await seeds.admin`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name in ('parley_app', 'parley_system')`
    }
    done = true
    await Promise.all(writers)
    await client.until(() => written.every((id) => client.messages().includes(id)), 10_000)
    const messages = client.messages()
    expect(new Set(messages).size).toBe(messages.length)
    expect(client.ofType('feed.reset')).toEqual([])
    expect(client.closed).toBeUndefined()
  })

  it('is no reason to refuse: who subscribes meanwhile is told to come again', { timeout: 20_000 }, async () => {
    await listen()
    await seeds.admin`alter table memberships rename to memberships_away`
    void client.subscribe(account.id, undefined, 'more').catch(() => {})
    expect(await client.untilClosed()).toBe(1013)
    await seeds.admin`alter table memberships_away rename to memberships`
  })
})
