import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { startJobs } from '../../jobs/main.ts'
import { buildApp } from '../../server/app.ts'
import { loadConfig, type Config } from '../../server/config.ts'
import { createDeps, type Deps } from '../../server/deps.ts'
import type { Clock } from '../../server/kit/clock.ts'
import type { Logger } from '../../server/kit/log.ts'
import type { BucketOptions } from '../../server/queue/token-bucket.ts'
import { createLoopback } from '../channels/loopback/index.ts'
import { startLoopback, type Loopback } from '../standin/loopback.ts'
import { startStandin, type Standin, type StandinOptions } from '../standin/standin.ts'
import type { Knobs } from '../standin/tiktok/knobs.ts'
import { Actor } from './actor.ts'
import { createTestDatabase } from './database.ts'
import { reservePort } from './ports.ts'
import './unlimited.ts'

/** A whole Parley on throw-away services, with the stand-in for TikTok beside it. */
export interface World {
  url: string
  config: Config
  deps: Deps
  app: FastifyInstance
  standin: Standin
  /** The provider of the loop-back channel, in worlds that have it. */
  loopback: Loopback
  /** Signs a business up; the actor is its administrator. */
  business(name?: string): Promise<Actor>
  close(): Promise<void>
}

export interface WorldOptions {
  clock?: Clock
  log?: Logger
  buckets?: BucketOptions
  /** Of the stand-in, beside what TikTok's side needs. */
  standin?: Pick<StandinOptions, 'clock' | 'respondio'>
  knobs?: Partial<Knobs>
  environment?: Record<string, string>
  /** Off for tests that drive the work by hand. */
  jobs?: boolean
  /** Leads the world to its database another way than straight. */
  through?: (databaseUrl: string) => Promise<string>
  /** Registers the loop-back channel, with its provider beside the stand-in. */
  loopback?: boolean
  /** PUBLIC_URL is its own address, as redirects and the socket's check of the page's origin need it in a browser. */
  browsable?: boolean
}

const APP_ID = '7000000000000000001'
const APP_SECRET = 'sim-app-secret'

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-world-'))
  const standin = await startStandin({
    ...options.standin,
    tiktok: {
      ...dialectOf(options.environment),
      appId: APP_ID,
      appSecret: APP_SECRET,
      knobs: { qps: Infinity, echoDelayMs: 5, ...options.knobs },
    },
  })
  const loopback = options.loopback ? await startLoopback() : undefined
  const port = options.browsable ? await reservePort() : 0
  const databaseUrl = (await options.through?.(database.url)) ?? database.url
  const config = testConfig(databaseUrl, database.redisUrl, dataDir, standin.url, {
    ...(options.browsable ? { PUBLIC_URL: `http://127.0.0.1:${port}` } : {}),
    ...options.environment,
  })
  const deps = createDeps(config, {
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.log ? { log: options.log } : {}),
    ...(options.buckets ? { buckets: options.buckets } : {}),
    redisPrefix: path.basename(dataDir),
    channels: loopback ? [createLoopback({ apiUrl: loopback.url })] : [],
  })
  await deps.appCredentials.start()
  deps.stamper.start()
  const app = await buildApp(deps)
  const url = await app.listen({ port, host: '127.0.0.1' })
  const jobs = options.jobs === false ? undefined : startJobs(deps)
  if (config.webhookRegistration !== 'on') standin.tiktok.setWebhookUrl(`${url}/webhooks/tiktok`)
  const world = { url, config, deps, app, standin, loopback: loopback as Loopback, works: jobs !== undefined }
  return {
    ...world,
    business: (name) => Actor.signUp(world, name),
    close: async () => {
      standin.tiktok.pauseWebhooks()
      // Node takes a connection on which nothing was asked yet for a busy one, and waits a minute for it.
      const cut = setTimeout(() => app.server.closeAllConnections(), 2_000)
      await Promise.all([app.close(), jobs?.close(2_000)])
      clearTimeout(cut)
      await deps.close()
      await Promise.all([standin.close(), loopback?.close()])
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const dialectOf = (environment: Record<string, string> = {}) =>
  environment.TIKTOK_DIALECT === 'gateway_v2' ? { dialect: 'gateway_v2' as const } : {}

function testConfig(
  databaseUrl: string,
  redisUrl: string,
  dataDir: string,
  standinUrl: string,
  environment: Record<string, string> = {},
): Config {
  return loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    PUBLIC_URL: 'http://localhost:3000',
    JWT_SECRET: 'a secret of the tests, long enough to be one',
    ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    PLATFORM_ADMIN_EMAIL: 'operator@example.com',
    TIKTOK_APP_ID: APP_ID,
    TIKTOK_APP_SECRET: APP_SECRET,
    TIKTOK_AUTHORIZE_URL: `${standinUrl}/v2/auth/authorize/`,
    TIKTOK_API_URL: standinUrl,
    TIKTOK_OPEN_API_URL: standinUrl,
    RESPONDIO_API_URL: `${standinUrl}/respondio/v2`,
    ...environment,
  })
}
