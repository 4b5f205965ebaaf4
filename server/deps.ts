import { Redis } from 'ioredis'
import { ChannelApps } from './channels/app-credentials.ts'
import type { Channel } from './channels/contract.ts'
import { scopedBucket } from './channels/rates.ts'
import { createChannels, type Channels } from './channels/registry.ts'
import type { Config } from './config.ts'
import { openPool, orm, type Orm, type Sql } from './db/client.ts'
import { DomainEvents } from './db/domain-events.ts'
import { Scopes } from './db/scope.ts'
import { createFiles } from './files/create-files.ts'
import type { Files } from './files/files.ts'
import { systemClock, type Clock } from './kit/clock.ts'
import { Vault } from './kit/crypto.ts'
import { createLogger, type Logger } from './kit/log.ts'
import { createMetrics, type Metrics } from './kit/metrics.ts'
import { declareFlags } from './modules/accounts/feature-flags.ts'
import { AppCredentialsWatcher } from './modules/inboxes/app-credentials.ts'
import { wireDomainEvents } from './modules/wiring.ts'
import { Producer } from './queue/producer.ts'
import { TokenBucket, type BucketOptions } from './queue/token-bucket.ts'
import { Stamper } from './realtime/stamper.ts'

/** The few look-ups that cross tenants; every function that takes it is called unsafe…. */
export interface System {
  sql: Sql
  orm: Orm
}

export interface Deps {
  readonly config: Config
  readonly log: Logger
  readonly clock: Clock
  readonly scopes: Scopes
  readonly system: System
  /** For whose address a delivery came to: no sweeper's work stands before it. */
  readonly addresses: System
  /** May insert webhook events and nothing else. */
  readonly intake: Sql
  readonly redis: Redis
  readonly producer: Producer
  readonly buckets: TokenBucket
  readonly stamper: Stamper
  readonly channels: Channels
  /** The apps that the channels act as. */
  readonly apps: ChannelApps
  readonly appCredentials: AppCredentialsWatcher
  readonly vault: Vault
  readonly metrics: Metrics
  /** The bytes of attachments. */
  readonly files: Files
  close(): Promise<void>
}

interface Overrides {
  clock?: Clock
  log?: Logger
  redisPrefix?: string
  channels?: readonly Channel[]
  buckets?: BucketOptions
}

/** Opens what both processes need. The only place, tests' support apart, that opens a database. */
export function createDeps(config: Config, overrides: Overrides = {}): Deps {
  const { databaseUrl, redisUrl } = config
  if (!databaseUrl || !redisUrl) throw new Error('createDeps needs DATABASE_URL and REDIS_URL')
  const log = overrides.log ?? createLogger(config)
  const clock = overrides.clock ?? systemClock
  const prefix = overrides.redisPrefix ?? 'parley'
  const { app, system, addresses, intake } = openPools(databaseUrl)
  const redis = openRedis(redisUrl, log)
  const producer = new Producer(redis, `${prefix}:jobs`, log)
  const stamper = new Stamper({ system: system.sql, redis, channel: `${prefix}:feed`, log })
  const events = new DomainEvents()
  const scopes = new Scopes({ app, clock, producer, events, onPublished: () => stamper.soon() })
  const vault = new Vault(config.encryptionKeys)
  const buckets = new TokenBucket(redis, `${prefix}:bucket`, overrides.buckets)
  const opened = openChannels(config, { events, system, vault, log, buckets }, overrides.channels)
  return {
    config,
    log,
    clock,
    scopes,
    system,
    addresses,
    intake,
    redis,
    producer,
    buckets,
    stamper,
    ...opened,
    vault,
    metrics: createMetrics(),
    files: createFiles(config),
    close: async () => {
      await Promise.all([stamper.close(), opened.appCredentials.close()])
      await producer.close()
      redis.disconnect()
      await endPools(app, system.sql, addresses.sql, intake)
    },
  }
}

function openChannels(
  config: Config,
  deps: { events: DomainEvents; system: System; vault: Vault; log: Logger; buckets: TokenBucket },
  others: readonly Channel[] = [],
): Pick<Deps, 'channels' | 'apps' | 'appCredentials'> {
  const apps = new ChannelApps()
  const channels = createChannels(config, {
    ...{ apps, others },
    onRateLimit: ({ bucket, scope, ...seen }) => deps.buckets.learn({ ...seen, bucket: scopedBucket(bucket, scope) }),
  })
  declareFlags(channels.all().map(({ manifest }) => manifest))
  wireDomainEvents(deps.events, channels)
  return { channels, apps, appCredentials: new AppCredentialsWatcher({ ...deps, apps }) }
}

/** One pool a role; the tenants' does most of the work. */
function openPools(url: string) {
  const system = (max: number): System => {
    const sql = openPool(url, { role: 'parley_system', max })
    return { sql, orm: orm(sql) }
  }
  return {
    app: openPool(url, { role: 'parley_app', max: 16 }),
    system: system(6),
    addresses: system(2),
    intake: openPool(url, { role: 'parley_intake', max: 4 }),
  }
}

const endPools = (...pools: Sql[]) => Promise.allSettled(pools.map((pool) => pool.end({ timeout: 1 })))

/** Fails at once while Redis is away: whatever is asked of it has a second way through Postgres. */
function openRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1 })
  redis.on('error', (error: Error) => log.debug({ err: error }, 'redis'))
  return redis
}
