import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TokenBucket } from '../../server/queue/token-bucket.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let redis: Redis
let now = 1_700_000_000_000
let buckets: TokenBucket
let names = 0
let rate = { bucket: '', perSecond: 4, burst: 1 }

beforeAll(async () => {
  database = await createTestDatabase()
  redis = new Redis(database.redisUrl)
})
afterAll(async () => {
  redis.disconnect()
  await database.drop()
})
beforeEach(() => {
  buckets = new TokenBucket(redis, 'test', { now: () => now, random: () => 0 })
  rate = { bucket: `bucket ${++names}`, perSecond: 4, burst: 1 }
})

const taker = { accountId: 'a' }

/** How many are granted in so many ms, asked for all the time. */
async function count(ms: number, most = 8): Promise<number> {
  let granted = 0
  for (const end = now + ms; now < end; now += 25) granted += (await buckets.takeSpares(rate, taker, most)).granted
  return granted
}

const learnt = async () => Object.keys(await redis.hgetall(`test:${rate.bucket}:learned`)).sort()

describe('a bucket of one token', () => {
  it('gives it to what can wait, too, and no more than the rate', async () => {
    expect(await buckets.takeSpare(rate, taker)).toBe(0)
    expect(await buckets.takeSpare(rate, taker)).toBe(250)
    now += 250
    expect(await count(5_000)).toBe(20)
  })
})

describe('a bucket that is led by what the provider says', () => {
  it('uses four fifths of what is allowed, some of it at once', async () => {
    buckets.learn({ bucket: rate.bucket, exceeded: false, limit: 20 })
    await until(async () => (await learnt()).length === 2, 'it is noted')
    expect((await buckets.takeSpares(rate, taker, 8)).granted, 'and leaves as many to the sends').toBe(2)
    now += 10_000
    const many = await count(5_000)
    expect(many).toBeGreaterThan(78)
    expect(many).toBeLessThanOrEqual(84)
    buckets.learn({ bucket: rate.bucket, exceeded: false, limit: 5 })
    await until(async () => (await redis.hget(`test:${rate.bucket}:learned`, 'rate')) === '4', 'it is less again')
    now += 10_000
    expect(await count(5_000)).toBeLessThanOrEqual(21)
  })

  it('never lets through more than is allowed within a second', async () => {
    buckets.learn({ bucket: rate.bucket, exceeded: false, limit: 20 })
    await until(async () => (await learnt()).length === 2, 'it is noted')
    const times: number[] = []
    for (const end = now + 4_000; now < end; now += 5) {
      if ((await buckets.take(rate, taker)) === 0) times.push(now)
    }
    const most = Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + 1_000).length))
    expect(most).toBeLessThanOrEqual(20)
    expect(most).toBeGreaterThan(15)
  })

  it.each([
    ['for as long as the provider says', 5_000, 5_000],
    ['for two seconds where it does not say', undefined, 2_000],
  ])('is still %s, and half as fast for a minute', async (_, retryAfterMs, pausedMs) => {
    buckets.learn({ bucket: rate.bucket, exceeded: true, ...(retryAfterMs !== undefined && { retryAfterMs }) })
    await until(async () => (await learnt()).includes('slow'), 'it is noted')
    const other = { ...rate, bucket: `${rate.bucket} of another route` }
    expect(await buckets.takeSpare(other, taker), 'other routes go on').toBe(0)
    expect(await buckets.takeSpare(rate, taker)).toBe(pausedMs)
    expect(await count(pausedMs)).toBe(0)
    const half = await count(10_000)
    expect(half).toBeGreaterThanOrEqual(19)
    expect(half).toBeLessThanOrEqual(21)
    now += 60_000
    expect(await count(10_000)).toBeGreaterThanOrEqual(39)
  })

  it('tells Redis when something changes and no more', async () => {
    for (let answer = 0; answer < 3; answer++) {
      buckets.learn({ bucket: rate.bucket, exceeded: false, limit: 5 })
      await until(async () => (await learnt()).length === 2, 'it is noted')
    }
    await redis.del(`test:${rate.bucket}:learned`)
    buckets.learn({ bucket: rate.bucket, exceeded: false, limit: 5 })
    buckets.learn({ bucket: rate.bucket, exceeded: false })
    await redis.ping()
    expect(await learnt()).toEqual([])
  })
})
