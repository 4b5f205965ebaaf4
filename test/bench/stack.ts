import cookie from '@fastify/cookie'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import postgres from 'postgres'
import { loadConfig, type Config } from '../../server/config.ts'
import { migrate } from '../../server/db/migrate.ts'
import { startEmbedded } from '../../server/embedded/embedded.ts'
import { freePort } from '../../server/embedded/ports.ts'
import { createService } from '../../server/embedded/service.ts'
import { authPlugin } from '../../server/http/auth.ts'
import { createLogger, type Logger } from '../../server/kit/log.ts'
import { packageRoot } from '../../server/kit/paths.ts'
import { APP_ID, APP_SECRET } from './deliveries.ts'

export interface NodeProcess {
  readonly pid: number
  readonly url: string
  /** Resident memory in MB, as Linux counts it. */
  memory(): number
  /** Processor time so far, in ms. */
  cpu(): number
  stop(): Promise<void>
}

/** Private, durable services in DATA_DIR/bench, and Parley's processes on a database of the run. */
export interface Stack {
  folder: string
  log: Logger
  redisUrl: string
  /** A superuser's URL of a database of the private cluster. */
  urlOf(database: string): string
  /** Parley's environment on that database. */
  environmentOf(database: string): Record<string, string>
  configOf(database: string): Config
  /** Starts one of Parley's processes. */
  parley(name: string, role: 'web' | 'worker' | 'all', database: string): Promise<NodeProcess>
  /** Starts one of the bench's own scripts with `PORT` and what else it is told. */
  script(name: string, file: string, environment: Record<string, string>): Promise<NodeProcess>
  /** Access tokens for sessions, signed as the server does. */
  sign(sessions: readonly { sessionId: string; userId: string }[]): Promise<string[]>
  close(): Promise<void>
}

/** With BENCH_PROFILE=1 Parley's processes leave CPU profiles in DATA_DIR/bench/profiles when they end. */
const profiling = (folder: string): string[] =>
  process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${path.join(folder, 'profiles')}`] : []

/** How Parley's processes are run: the built files when they are newer than every source, else the sources by tsx. */
export function entryPoint(): { kind: 'built JS' | 'sources by tsx'; args: string[] } {
  const built = path.join(packageRoot, 'dist/server/main.js')
  const sources = ['server', 'jobs', 'migrations'].map((folder) => newestIn(path.join(packageRoot, folder)))
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources)) return { kind: 'built JS', args: [built] }
  return { kind: 'sources by tsx', args: ['--import', 'tsx', path.join(packageRoot, 'server/main.ts')] }
}

function newestIn(file: string): number {
  const stat = statSync(file)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(file).map((name) => newestIn(path.join(file, name))))
}

export async function startStack(dataDir: string): Promise<Stack> {
  const folder = path.join(dataDir, 'bench')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = createLogger({ nodeEnv: 'development', logLevel: 'warn' })
  const embedded = await startEmbedded({ dataDir: folder, log, postgres: true, redis: true, durable: true })
  const { databaseUrl = '', redisUrl = '' } = embedded
  const urlOf = (database: string) => databaseUrl.replace(/[^/]+$/, database)
  await prepareStatistics(urlOf('postgres'), async () => embedded.postgres?.restart())
  const environment = baseEnvironment(folder, redisUrl)
  const environmentOf = (database: string) => ({ ...environment, DATABASE_URL: urlOf(database) })
  const running: NodeProcess[] = []
  const start = async (name: string, args: string[], more: Record<string, string>) => {
    const started = await startNode(folder, log, name, args, more)
    running.push(started)
    return started
  }
  return {
    folder,
    log,
    redisUrl,
    urlOf,
    environmentOf,
    configOf: (database) => loadConfig(environmentOf(database)),
    parley: (name, role, database) =>
      start(name, [...profiling(folder), ...entryPoint().args], { ...environmentOf(database), ROLE: role }),
    script: (name, file, more) => start(name, ['--import', 'tsx', path.join(packageRoot, file)], more),
    sign: (sessions) => sign(loadConfig(environmentOf('none')), sessions),
    close: async () => {
      await Promise.allSettled(running.map((service) => service.stop()))
      await embedded.stop()
    },
  }
}

const baseEnvironment = (folder: string, redisUrl: string) => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  // The list is asked more often than one address may.
  TRUST_PROXY_HOPS: '1',
  DATA_DIR: path.join(folder, 'files'),
  REDIS_URL: redisUrl,
  PUBLIC_URL: 'http://localhost:3000',
  WEBHOOK_REGISTRATION: 'off',
  JWT_SECRET: randomBytes(32).toString('hex'),
  ENCRYPTION_KEYS: `bench:${Buffer.alloc(32, 7).toString('base64')}`,
  TIKTOK_APP_ID: APP_ID,
  TIKTOK_APP_SECRET: APP_SECRET,
  TIKTOK_API_URL: 'http://127.0.0.1:9',
  TIKTOK_OPEN_API_URL: 'http://127.0.0.1:9',
})

async function startNode(
  folder: string,
  log: Logger,
  name: string,
  args: string[],
  environment: Record<string, string>,
): Promise<NodeProcess> {
  const port = await freePort()
  const logFile = path.join(folder, `${name}.log`)
  const url = `http://127.0.0.1:${port}`
  let pid = 0
  const service = createService({
    name,
    url,
    port,
    log,
    logFile,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 12_000,
    launch: () => {
      const output = openSync(logFile, 'w')
      const env = { PATH: process.env.PATH ?? '', ...environment, PORT: String(port) }
      const child = spawn(process.execPath, args, {
        cwd: packageRoot,
        env,
        stdio: ['ignore', output, output],
        detached: true,
      })
      closeSync(output)
      return child
    },
    isReady: async (started) => {
      pid = started
      return readFileSync(logFile, 'utf8').includes('"msg":"ready"')
    },
  })
  await service.start()
  return {
    pid,
    url,
    memory: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    cpu: () => {
      const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
      const fields = after.split(' ')
      // utime and stime, in hundredths of a second.
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    stop: () => service.stop(),
  }
}

/** Statements are counted by Postgres itself; it costs nothing while it is not switched on. */
async function prepareStatistics(url: string, restart: () => Promise<unknown>): Promise<void> {
  const preloaded = await superuser(url, async (sql) => {
    const [row] = await sql<{ libraries: string }[]>`select current_setting('shared_preload_libraries') as libraries`
    await sql`alter system set shared_preload_libraries = 'pg_stat_statements'`
    return row?.libraries.includes('pg_stat_statements')
  })
  if (!preloaded) await restart()
  await superuser(url, async (sql) => {
    await sql`alter system set pg_stat_statements.track = 'none'`
    await sql`alter system set pg_stat_statements.track_utility = off`
    await sql`select pg_reload_conf()`
  })
}

/** A short errand as superuser. */
export async function superuser<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

/** An empty, migrated database; what had its name is gone. */
export async function freshDatabase(stack: Stack, name: string): Promise<void> {
  await superuser(stack.urlOf('postgres'), async (sql) => {
    await sql`drop database if exists ${sql(name)} with (force)`
    await sql`create database ${sql(name)}`
  })
  await migrate(stack.urlOf(name))
}

async function sign(config: Config, sessions: readonly { sessionId: string; userId: string }[]): Promise<string[]> {
  const app = Fastify()
  await app.register(cookie)
  await app.register(authPlugin, { config })
  await app.ready()
  const tokens = sessions.map((session) => app.auth.sign(session).accessToken)
  await app.close()
  return tokens
}
