import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import {
  booleanText,
  encryptionKeys,
  httpUrl,
  originUrl,
  portNumber,
  proxyHops,
  seconds,
  secret,
  text,
  urlOf,
} from './kit/env.ts'
import type { EncryptionKey } from './kit/env.ts'
import { missingStorageNames, storageOf, storageShape, type S3Config } from './config-storage.ts'
import type { TikTokWindow } from './channels/tiktok-window.ts'

export type { S3Config } from './config-storage.ts'

/** Everything the environment decides. Times in seconds where the name ends in S; URLs without a trailing slash. */
export interface Config {
  nodeEnv: 'development' | 'production' | 'test'
  port: number
  /** Where a worker by itself answers /health, /ready and /metrics; nowhere when it is not set. */
  workerPort?: number
  host: string
  /** How many proxies in front of us add to X-Forwarded-For; with 0 the header is ignored. */
  trustProxyHops: number
  /** Scheme and host, no path. */
  publicUrl: string
  /** Absolute. */
  dataDir: string
  databaseUrl?: string
  redisUrl?: string
  role: 'web' | 'worker' | 'all'
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  /** The first one encrypts, all of them decrypt. Empty until ensureDevelopmentSecrets() outside production. */
  encryptionKeys: readonly EncryptionKey[]
  /** Empty until ensureDevelopmentSecrets() outside production. */
  jwtSecret: string
  signupEnabled: boolean
  /** on: webhooks are registered at the provider · watch: only looked after · off: neither */
  webhookRegistration: 'on' | 'watch' | 'off'
  platformAdminEmail?: string
  tiktok: {
    appId?: string
    appSecret?: string
    dialect: 'business_v13' | 'gateway_v2'
    webhookVerifyToken?: string
    authorizeUrl: string
    apiUrl: string
    openApiUrl: string
    signaturePastS: number
    signatureFutureS: number
    windowPolicy: TikTokWindow
    /** Calls a second that TikTok allows the app. */
    qps: number
  }
  respondio: { apiUrl: string; windowPolicy: TikTokWindow }
  smtpUrl?: string
  s3?: S3Config
}

/** The environment is unusable: `faults` has one line per variable, none of which shows a secret. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The environment is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const schema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  PORT: portNumber.default(3000),
  WORKER_PORT: portNumber.optional(),
  HOST: text.optional(),
  TRUST_PROXY_HOPS: proxyHops.default(0),
  PUBLIC_URL: originUrl.optional(),
  DATA_DIR: text.default('.data'),
  DATABASE_URL: urlOf(['postgres:', 'postgresql:']).optional(),
  REDIS_URL: urlOf(['redis:', 'rediss:']).optional(),
  ROLE: z.enum(['web', 'worker', 'all']).default('all'),
  LOG_LEVEL: z.enum(levels).optional(),
  ENCRYPTION_KEYS: encryptionKeys.optional(),
  JWT_SECRET: secret(32).optional(),
  SIGNUP_ENABLED: booleanText.default(true),
  WEBHOOK_REGISTRATION: z.enum(['on', 'watch', 'off']).optional(),
  PLATFORM_ADMIN_EMAIL: z.email('is not an e-mail address').optional(),
  TIKTOK_APP_ID: text.optional(),
  TIKTOK_APP_SECRET: text.optional(),
  TIKTOK_DIALECT: z.enum(['business_v13', 'gateway_v2']).default('business_v13'),
  TIKTOK_WEBHOOK_VERIFY_TOKEN: text.optional(),
  TIKTOK_AUTHORIZE_URL: httpUrl.default('https://www.tiktok.com/v2/auth/authorize/'),
  TIKTOK_API_URL: httpUrl.default('https://business-api.tiktok.com'),
  TIKTOK_OPEN_API_URL: httpUrl.default('https://open.tiktokapis.com'),
  TIKTOK_SIGNATURE_MAX_AGE_S: seconds.default(300),
  TIKTOK_SIGNATURE_MAX_AHEAD_S: seconds.default(60),
  TIKTOK_WINDOW_POLICY: z.enum(['strict10', 'guide10_inf_3']).default('strict10'),
  TIKTOK_QPS: z.enum(['10', '20', '30', '50']).default('10'),
  RESPONDIO_API_URL: httpUrl.default('https://api.respond.io/v2'),
  SMTP_URL: urlOf(['smtp:', 'smtps:']).optional(),
  ...storageShape,
})

type Environment = z.output<typeof schema>
type Name = keyof Environment

/** The gateway's names, taken where ours is not set. */
const aliases: Record<string, Name> = {
  TIKTOK_CLIENT_KEY: 'TIKTOK_APP_ID',
  TIKTOK_CLIENT_SECRET: 'TIKTOK_APP_SECRET',
  WEBHOOK_VERIFY_TOKEN: 'TIKTOK_WEBHOOK_VERIFY_TOKEN',
  THIRDPARTY_API_URL: 'RESPONDIO_API_URL',
}

const requiredInProduction: Name[] = ['JWT_SECRET', 'ENCRYPTION_KEYS', 'DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL']

/**
 * Reads and checks the environment. Empty values count as unset.
 * @throws ConfigError with every fault at once; secrets are never part of a message
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { given, faults } = collect(env)
  const parsed = schema.safeParse(given)
  if (!parsed.success) for (const issue of parsed.error.issues) faults.push(faultOf(issue, given))
  for (const [name, why] of [...missingNames(given), ...unsafeValues(given)]) faults.push(`${name}: ${why}`)
  if (!parsed.success || faults.length) throw new ConfigError(faults)
  return deepFreeze(toConfig(parsed.data))
}

function collect(env: NodeJS.ProcessEnv) {
  const given: Record<string, string> = {}
  const faults: string[] = []
  for (const name of Object.keys(schema.shape)) if (env[name]?.trim()) given[name] = env[name].trim()
  for (const [alias, name] of Object.entries(aliases)) {
    const value = env[alias]?.trim()
    if (!value) continue
    if (given[name] === undefined) given[name] = value
    else if (given[name] !== value) faults.push(`${alias}: differs from ${name}, which means the same; set one of them`)
  }
  return { given, faults }
}

/** What the environment says under these names, which are the message-gateway's and no settings of ours. */
export const gatewayValues = (names: readonly string[], env: NodeJS.ProcessEnv = process.env): [string, string][] =>
  names.flatMap((name) => (env[name]?.trim() ? [[name, env[name].trim()] as [string, string]] : []))

function missingNames(given: Record<string, string>): [Name, string][] {
  const missing: [Name, string][] = []
  if (given.NODE_ENV === 'production')
    for (const name of requiredInProduction) if (!given[name]) missing.push([name, 'is required in production'])
  missing.push(...missingStorageNames(given))
  if (given.TIKTOK_APP_ID && !given.TIKTOK_APP_SECRET)
    missing.push(['TIKTOK_APP_SECRET', 'is required with TIKTOK_APP_ID'])
  if (given.TIKTOK_APP_SECRET && !given.TIKTOK_APP_ID)
    missing.push(['TIKTOK_APP_ID', 'is required with TIKTOK_APP_SECRET'])
  return missing
}

const OWN_MACHINE = ['localhost', '127.0.0.1', '[::1]']

/** Over http the cookies go without Secure, for everybody on the way to read. */
function unsafeValues(given: Record<string, string>): [Name, string][] {
  const url = URL.canParse(given.PUBLIC_URL ?? '') ? new URL(given.PUBLIC_URL ?? '') : undefined
  if (given.NODE_ENV !== 'production' || url?.protocol !== 'http:' || OWN_MACHINE.includes(url.hostname)) return []
  return [['PUBLIC_URL', 'must be https in production, this machine itself apart']]
}

function faultOf(issue: z.core.$ZodIssue, given: Record<string, string>): string {
  const name = String(issue.path[0])
  // Enumerations hold no secrets, so what was given may be shown; every other message is fixed text.
  if (issue.code === 'invalid_value')
    return `${name}: ${JSON.stringify(given[name]?.slice(0, 40))} is not one of ${issue.values.join(', ')}`
  return `${name}: ${issue.message}`
}

function toConfig(env: Environment): Config {
  const production = env.NODE_ENV === 'production'
  return {
    nodeEnv: env.NODE_ENV,
    port: env.PORT,
    workerPort: env.WORKER_PORT,
    host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    trustProxyHops: env.TRUST_PROXY_HOPS,
    publicUrl: env.PUBLIC_URL ?? `http://localhost:${env.PORT}`,
    dataDir: path.resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    role: env.ROLE,
    logLevel: env.LOG_LEVEL ?? (env.NODE_ENV === 'test' ? 'warn' : 'info'),
    encryptionKeys: env.ENCRYPTION_KEYS ?? [],
    jwtSecret: env.JWT_SECRET ?? '',
    signupEnabled: env.SIGNUP_ENABLED,
    webhookRegistration: env.WEBHOOK_REGISTRATION ?? (env.NODE_ENV === 'test' ? 'off' : 'on'),
    platformAdminEmail: env.PLATFORM_ADMIN_EMAIL?.toLowerCase(),
    tiktok: tiktokOf(env),
    respondio: { apiUrl: withoutSlash(env.RESPONDIO_API_URL), windowPolicy: env.TIKTOK_WINDOW_POLICY },
    smtpUrl: env.SMTP_URL,
    s3: storageOf(env),
  }
}

function tiktokOf(env: Environment): Config['tiktok'] {
  return {
    appId: env.TIKTOK_APP_ID,
    appSecret: env.TIKTOK_APP_SECRET,
    dialect: env.TIKTOK_DIALECT,
    webhookVerifyToken: env.TIKTOK_WEBHOOK_VERIFY_TOKEN,
    // TikTok's own address ends in a slash and is used as it stands.
    authorizeUrl: env.TIKTOK_AUTHORIZE_URL,
    apiUrl: withoutSlash(env.TIKTOK_API_URL),
    openApiUrl: withoutSlash(env.TIKTOK_OPEN_API_URL),
    signaturePastS: env.TIKTOK_SIGNATURE_MAX_AGE_S,
    signatureFutureS: env.TIKTOK_SIGNATURE_MAX_AHEAD_S,
    windowPolicy: env.TIKTOK_WINDOW_POLICY,
    qps: Number(env.TIKTOK_QPS),
  }
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '')

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}

type Secrets = Pick<Config, 'jwtSecret' | 'encryptionKeys'>

/**
 * Outside production: the config with JWT secret and encryption key filled in, made once and kept in
 * `DATA_DIR/secrets` with mode 0600. In production, and where both are given, the config as it is.
 * @throws ConfigError when the kept file is damaged
 */
export function ensureDevelopmentSecrets(config: Config): Config {
  if (config.nodeEnv === 'production' || (config.jwtSecret && config.encryptionKeys.length)) return config
  const file = path.join(config.dataDir, 'secrets')
  const kept = readSecrets(file) ?? createSecrets(file)
  return deepFreeze({
    ...config,
    jwtSecret: config.jwtSecret || kept.jwtSecret,
    encryptionKeys: config.encryptionKeys.length ? config.encryptionKeys : kept.encryptionKeys,
  })
}

function readSecrets(file: string): Secrets | undefined {
  const content = unlessErrno('ENOENT', () => readFileSync(file, 'utf8'))
  if (content === undefined) return undefined
  const lines = new Map(content.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]))
  const jwtSecret = secret(32).safeParse(lines.get('JWT_SECRET'))
  const keys = encryptionKeys.safeParse(lines.get('ENCRYPTION_KEYS'))
  if (jwtSecret.success && keys.success) return { jwtSecret: jwtSecret.data, encryptionKeys: keys.data }
  throw new ConfigError([`${file}: is damaged; put it back, or delete it together with the data it protects`])
}

function createSecrets(file: string): Secrets {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const own = `${file}.${randomBytes(6).toString('hex')}`
  const jwtLine = `JWT_SECRET=${randomBytes(48).toString('base64url')}\n`
  const keysLine = `ENCRYPTION_KEYS=development:${randomBytes(32).toString('base64')}\n`
  writeFileSync(own, jwtLine + keysLine, { mode: 0o600, flag: 'wx' })
  try {
    // link() fails where the file exists, so two processes that start together end up with the same secrets.
    unlessErrno('EEXIST', () => linkSync(own, file))
  } finally {
    rmSync(own)
  }
  return readSecrets(file) ?? createSecrets(file)
}

function unlessErrno<T>(code: string, action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined
    throw error
  }
}
