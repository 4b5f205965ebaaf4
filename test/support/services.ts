import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../server/db/migrate.ts'
import { startEmbedded } from '../../server/embedded/embedded.ts'
import { createLogger } from '../../server/kit/log.ts'
import { ensureFaultProcessBuilt } from './builds.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's URL of the run's Postgres, database `parley`. */
    postgresUrl: string
    /** The run's Redis, database 0. */
    redisUrl: string
  }
}

/** The migrated database that createTestDatabase() copies. */
export const TEMPLATE = 'parley_template'

/** vitest's globalSetup: one throw-away Postgres and Redis for the whole run, with the migrations applied once. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  ensureFaultProcessBuilt()
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-test-'))
  const log = createLogger({ nodeEnv: 'development', logLevel: 'warn' })
  const embedded = await startEmbedded({ dataDir, log, postgres: true, redis: true, durable: false })
  const teardown = async () => {
    await embedded.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  const { databaseUrl = '', redisUrl = '' } = embedded
  try {
    const admin = postgres(databaseUrl, { max: 1 })
    await admin`create database ${admin(TEMPLATE)}`
    await admin.end()
    await migrate(databaseUrl.replace(/[^/]+$/, TEMPLATE))
  } catch (error) {
    await teardown()
    throw error
  }
  project.provide('postgresUrl', databaseUrl)
  project.provide('redisUrl', redisUrl)
  return teardown
}
