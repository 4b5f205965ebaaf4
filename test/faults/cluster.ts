import { Redis } from 'ioredis'
import { QUEUES } from '../../server/queue/job.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { migrate } from '../../server/db/migrate.ts'
import { startEmbedded, type EmbeddedService } from '../../server/embedded/embedded.ts'
import { createLogger } from '../../server/kit/log.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import type { Knobs } from '../standin/tiktok/knobs.ts'
import { Actor, type ActorWorld } from '../support/actor.ts'
import { reservePort } from '../support/ports.ts'
import { ServerNode } from './node.ts'

const APP_ID = '7000000000000000001'
const APP_SECRET = 'sim-app-secret'
/** Short waits between redeliveries: the provider's own are minutes. */
const RETRIES = [100, 200, 300, 400, 500, ...Array.from({ length: 120 }, () => 500)]

export type Dialect = 'business_v13' | 'gateway_v2'

export interface ClusterOptions {
  webs?: number
  workers?: number
  knobs?: Partial<Knobs>
  dialect?: Dialect
  environment?: Record<string, string>
}

type Sql = postgres.Sql

/** A Parley of real processes on a Postgres and a Redis of its own; the stand-in lives in the test's process. */
export class Cluster {
  readonly webs: ServerNode[]
  readonly workers: ServerNode[]
  readonly standin: Standin
  readonly postgres: EmbeddedService
  readonly redis: EmbeddedService
  readonly #dataDir: string
  readonly #stopServices: () => Promise<void>
  #admin: Sql

  private constructor(parts: Pick<Cluster, 'webs' | 'workers' | 'standin' | 'postgres' | 'redis'> & Own) {
    this.webs = parts.webs
    this.workers = parts.workers
    this.standin = parts.standin
    this.postgres = parts.postgres
    this.redis = parts.redis
    this.#dataDir = parts.dataDir
    this.#stopServices = parts.stopServices
    this.#admin = openAdmin(this.postgres.url)
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'parley-faults-'))
    const log = createLogger({ nodeEnv: 'development', logLevel: 'error' })
    const services = await startEmbedded({ dataDir, log, postgres: true, redis: true, durable: false })
    if (!services.postgres || !services.redis) throw new Error('no services')
    await migrate(services.postgres.url)
    const knobs = { qps: Infinity, echoDelayMs: 20, retryScheduleMs: RETRIES, ...options.knobs }
    const standin = await startStandin({
      tiktok: { appId: APP_ID, appSecret: APP_SECRET, dialect: options.dialect ?? 'business_v13', knobs },
    })
    const environment = {
      ...environmentOf(services.postgres.url, services.redis.url, dataDir, standin.url),
      TIKTOK_DIALECT: options.dialect ?? 'business_v13',
      ...options.environment,
    }
    const nodes = async (role: 'web' | 'worker', count: number) =>
      Promise.all(Array.from({ length: count }, async () => new ServerNode(role, await reservePort(), environment)))
    const webs = await nodes('web', options.webs ?? 1)
    const workers = await nodes('worker', options.workers ?? 1)
    const { postgres: database, redis } = services
    const stopServices = () => services.stop()
    const cluster = new Cluster({ webs, workers, standin, postgres: database, redis, dataDir, stopServices })
    await Promise.all(cluster.nodes.map((node) => node.start()))
    standin.tiktok.setWebhookUrl(`${cluster.web.url}/webhooks/tiktok`)
    return cluster
  }

  get nodes(): ServerNode[] {
    return [...this.webs, ...this.workers]
  }

  get web(): ServerNode {
    return first(this.webs)
  }

  get worker(): ServerNode {
    return first(this.workers)
  }

  /** As a superuser: what tests look at and what they disturb. */
  get sql(): Sql {
    return this.#admin
  }

  /** What an actor needs of its world; it talks to one web process. */
  actorWorld(web = this.web): ActorWorld {
    const deps = { config: { dataDir: this.#dataDir } } as ActorWorld['deps']
    return { url: web.url, standin: this.standin, app: undefined as never, deps }
  }

  business(name?: string): Promise<Actor> {
    return Actor.signUp(this.actorWorld(), name)
  }

  /** Starts whatever does not run. */
  async revive(): Promise<void> {
    await Promise.all(this.nodes.filter((node) => !node.running).map((node) => node.start()))
  }

  /** Ends every session of Parley in Postgres, in whatever it is. */
  async terminateBackends(): Promise<number> {
    const rows = await this.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'parley_%'`
    return rows.length
  }

  async restartPostgres(): Promise<void> {
    await this.postgres.restart()
    await this.#admin.end({ timeout: 1 })
    this.#admin = openAdmin(this.postgres.url)
  }

  async flushRedis(): Promise<void> {
    const redis = new Redis(this.redis.url)
    await redis.flushall()
    redis.disconnect()
  }

  /** What workers have in hand, by what Redis knows. */
  async activeJobs(): Promise<string[]> {
    const redis = new Redis(this.redis.url)
    try {
      const lists = QUEUES.map((queue) => `parley:jobs:${queue}:active`)
      const ids = await Promise.all(
        lists.map(async (list) => (await redis.lrange(list, 0, -1)).map((id) => [list, id])),
      )
      const entries = ids.flat().map(([list = '', id = '']) => redis.hmget(list.replace(/active$/, id), 'name', 'data'))
      return (await Promise.all(entries)).map(String)
    } finally {
      redis.disconnect()
    }
  }

  async close(): Promise<void> {
    this.standin.tiktok.pauseWebhooks()
    await Promise.all(this.nodes.map((node) => node.kill()))
    await this.#admin.end({ timeout: 1 })
    await this.standin.close()
    await this.#stopServices()
    await rm(this.#dataDir, { recursive: true, force: true })
  }
}

interface Own {
  dataDir: string
  stopServices: () => Promise<void>
}

const openAdmin = (url: string): Sql => postgres(url, { max: 3, onnotice: () => {} })

function first(nodes: readonly ServerNode[]): ServerNode {
  const [node] = nodes
  if (!node) throw new Error('no such process')
  return node
}

const environmentOf = (databaseUrl: string, redisUrl: string, dataDir: string, standinUrl: string) => ({
  NODE_ENV: 'test',
  LOG_LEVEL: 'info',
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  DATA_DIR: dataDir,
  PUBLIC_URL: 'http://localhost:3000',
  JWT_SECRET: 'a secret of the tests, long enough to be one',
  ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
  TIKTOK_APP_ID: APP_ID,
  TIKTOK_APP_SECRET: APP_SECRET,
  TIKTOK_AUTHORIZE_URL: `${standinUrl}/v2/auth/authorize/`,
  TIKTOK_API_URL: standinUrl,
  TIKTOK_OPEN_API_URL: standinUrl,
  RESPONDIO_API_URL: `${standinUrl}/respondio/v2`,
  PLATFORM_ADMIN_EMAIL: 'operator@example.com',
})
