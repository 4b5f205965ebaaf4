import { mkdirSync, realpathSync } from 'node:fs'
import type { Logger } from '../kit/log.ts'
import { lockFolder } from './lock.ts'
import { createPostgres } from './postgres.ts'
import { createRedis } from './redis.ts'
import type { EmbeddedService } from './service.ts'

export type { EmbeddedService } from './service.ts'

export interface EmbeddedOptions {
  /** Keeps the data between runs; one run at a time may use it. */
  dataDir: string
  log: Logger
  postgres: boolean
  redis: boolean
  /** Default true. false is for tests: Postgres without fsync, Redis without a file. */
  durable?: boolean
}

export interface Embedded {
  databaseUrl?: string
  redisUrl?: string
  postgres?: EmbeddedService
  redis?: EmbeddedService
  /** Ends both and gives the folder back. May be called twice. */
  stop(): Promise<void>
}

/**
 * Starts a private Postgres and a private Redis on free ports of 127.0.0.1, each behind a random password. They end
 * with this process, however it ends.
 * @throws one line that says what is missing, or that another run uses the folder
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const settings = { dataDir: realpathSync(options.dataDir), log: options.log, durable: options.durable ?? true }
  const unlock = await lockFolder(settings.dataDir)
  const services: EmbeddedService[] = []
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()))
    await unlock()
  }
  try {
    const postgres = options.postgres ? await createPostgres(settings) : undefined
    if (postgres) services.push(postgres)
    const redis = options.redis ? await createRedis(settings) : undefined
    if (redis) services.push(redis)
    const results = await Promise.allSettled(services.map((service) => service.start()))
    for (const result of results) if (result.status === 'rejected') throw result.reason
    return { databaseUrl: postgres?.url, redisUrl: redis?.url, postgres, redis, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
