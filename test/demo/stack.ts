import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { ensureDevelopmentSecrets } from '../../server/config.ts'
import type { Config } from '../../server/config.ts'
import { migrate } from '../../server/db/migrate.ts'
import { startEmbedded } from '../../server/embedded/embedded.ts'
import { freePort } from '../../server/embedded/ports.ts'
import { createService } from '../../server/embedded/service.ts'
import type { EmbeddedService } from '../../server/embedded/service.ts'
import type { Logger } from '../../server/kit/log.ts'
import { packageRoot } from '../../server/kit/paths.ts'
import { lifelikeKnobs as lifelikeRespondIo } from '../standin/respondio/knobs.ts'
import { seedSamples, seedWorkspaces } from '../standin/samples.ts'
import { startStandin } from '../standin/standin.ts'
import type { Standin } from '../standin/standin.ts'
import { lifelikeKnobs } from '../standin/tiktok/knobs.ts'
import { startMailsPage } from './mails.ts'

/** What the server leans on: its services, the stand-in and the mails page. */
export interface Stack {
  standin: Standin
  mailFolder: string
  mailsUrl: string
  /** Where the server itself listens. */
  serverPort: number
  /** The server's environment. */
  environment: NodeJS.ProcessEnv
}

export interface StackOptions {
  config: Config
  log: Logger
  platformAdminEmail: string
  /** What browsers open, when it is not the server itself. */
  publicUrl?: string
  /** Called as things start; what was pushed last is stopped first. */
  closers: (() => Promise<void>)[]
}

/** Starts all of it. When it throws, `closers` hold what had been started. */
export async function startStack({ config: given, log, closers, ...options }: StackOptions): Promise<Stack> {
  mkdirSync(given.dataDir, { recursive: true, mode: 0o700 })
  const config = ensureDevelopmentSecrets(given)
  const services = await startServices(config, log, closers)
  await migrate(services.databaseUrl)
  const serverPort = await freePort(config.port)
  const serverUrl = `http://localhost:${serverPort}`
  const standin = await startStandin({
    port: await freePort(3100),
    host: config.host,
    stateFile: path.join(config.dataDir, 'standin.json'),
    tiktok: { webhookUrl: `${serverUrl}/webhooks/tiktok`, knobs: lifelikeKnobs },
    respondio: { knobs: lifelikeRespondIo },
  })
  closers.push(standin.close)
  seedSamples(standin.tiktok)
  seedWorkspaces(standin.respondio)
  const mailFolder = path.join(config.dataDir, 'mail')
  const mailsPort = await freePort(3200)
  const mails = await startMailsPage({ folder: mailFolder, port: mailsPort, host: config.host })
  closers.push(mails.close)
  const mailsUrl = `http://localhost:${mailsPort}`
  const adminEmail = config.platformAdminEmail ?? options.platformAdminEmail
  const addresses = { PORT: String(serverPort), PUBLIC_URL: options.publicUrl ?? serverUrl }
  const environment = { ...environmentOf(config, services, standin), ...addresses, PLATFORM_ADMIN_EMAIL: adminEmail }
  return { standin, mailFolder, mailsUrl, serverPort, environment }
}

async function startServices(config: Config, log: Logger, closers: StackOptions['closers']) {
  const { dataDir, databaseUrl, redisUrl } = config
  const embedded = await startEmbedded({ dataDir, log, postgres: !databaseUrl, redis: !redisUrl })
  closers.push(embedded.stop)
  return { databaseUrl: databaseUrl ?? embedded.databaseUrl ?? '', redisUrl: redisUrl ?? embedded.redisUrl ?? '' }
}

function environmentOf(config: Config, services: { databaseUrl: string; redisUrl: string }, standin: Standin) {
  return {
    ...process.env,
    NODE_ENV: 'development',
    ROLE: 'all',
    HOST: config.host,
    DATA_DIR: config.dataDir,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    JWT_SECRET: config.jwtSecret,
    ENCRYPTION_KEYS: config.encryptionKeys.map(({ kid, key }) => `${kid}:${key.toString('base64')}`).join(','),
    SMTP_URL: config.smtpUrl ?? '',
    TIKTOK_APP_ID: standin.tiktok.appId,
    TIKTOK_APP_SECRET: standin.tiktok.appSecret,
    TIKTOK_CLIENT_KEY: '',
    TIKTOK_CLIENT_SECRET: '',
    TIKTOK_DIALECT: 'business_v13',
    TIKTOK_AUTHORIZE_URL: `${standin.url}/v2/auth/authorize/`,
    TIKTOK_API_URL: standin.url,
    TIKTOK_OPEN_API_URL: standin.url,
    RESPONDIO_API_URL: standin.respondio.apiUrl,
  }
}

export interface NodeProcess {
  name: string
  args: string[]
  environment: NodeJS.ProcessEnv
  port: number
  /** Ready when this answers with 200. */
  readyPath: string
  log: Logger
  onEnded(): void
}

/** A node process of ours as a service: ended in our order, and with us however we end. */
export function nodeService(options: NodeProcess): EmbeddedService {
  const url = `http://localhost:${options.port}`
  return createService({
    ...options,
    url,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 12_000,
    launch: () =>
      spawn(process.execPath, options.args, {
        cwd: packageRoot,
        env: options.environment,
        stdio: ['ignore', 'inherit', 'inherit'],
        detached: true,
      }),
    isReady: () => isOk(`${url}${options.readyPath}`),
  })
}

const isOk = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.body?.cancel().then(() => response.ok) ?? response.ok,
    () => false,
  )
