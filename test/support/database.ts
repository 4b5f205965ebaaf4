import { Redis } from 'ioredis'
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'
import { TEMPLATE } from './services.ts'

export interface TestDatabase {
  /** A superuser's URL of a freshly migrated, empty database. */
  url: string
  /** An empty Redis database that no other test uses. Publish and subscribe are shared by all of them, as in Redis. */
  redisUrl: string
  drop(): Promise<void>
}

const REDIS_DATABASES = 64

/** A database and a Redis of one's own, for one test file. Takes about 50 ms. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await asAdmin((sql) => sql`create database ${sql(name)} template ${sql(TEMPLATE)}`)
  return {
    url: inject('postgresUrl').replace(/[^/]+$/, name),
    redisUrl: await emptyRedisDatabase(),
    drop: () => asAdmin((sql) => sql`drop database if exists ${sql(name)} with (force)`),
  }
}

async function asAdmin(statement: (sql: postgres.Sql) => Promise<unknown>) {
  const sql = postgres(inject('postgresUrl'), { max: 1, onnotice: () => {} })
  try {
    await statement(sql)
  } finally {
    await sql.end()
  }
}

/** Database 0 counts what has been given out, across all workers of the run. */
async function emptyRedisDatabase() {
  const redis = new Redis(inject('redisUrl'))
  try {
    const index = (await redis.incr('databases')) % (REDIS_DATABASES - 1)
    await redis.select(index + 1)
    await redis.flushdb()
    return `${inject('redisUrl')}/${index + 1}`
  } finally {
    redis.disconnect()
  }
}
