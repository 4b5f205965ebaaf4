import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createChannels } from '../server/channels/registry.ts'
import { ConfigError, ensureDevelopmentSecrets, loadConfig } from '../server/config.ts'

const key = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`

const production = () => ({
  NODE_ENV: 'production',
  JWT_SECRET: randomBytes(32).toString('hex'),
  ENCRYPTION_KEYS: `${key('new')}, ${key('old')}`,
  DATABASE_URL: 'postgres://parley@db/parley',
  REDIS_URL: 'redis://redis:6379',
  PUBLIC_URL: 'https://inbox.example.com/',
})

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

describe('the environment', () => {
  it('is usable when empty: development on the loopback interface', () => {
    const config = loadConfig({})
    expect(config).toMatchObject({ nodeEnv: 'development', port: 3000, host: '127.0.0.1', role: 'all' })
    expect(config).toMatchObject({ publicUrl: 'http://localhost:3000', signupEnabled: true, logLevel: 'info' })
    expect(config.tiktok).toMatchObject({ dialect: 'business_v13', signaturePastS: 300, signatureFutureS: 60, qps: 10 })
    expect(path.isAbsolute(config.dataDir)).toBe(true)
  })

  it('has one reply window of TikTok, whichever channel its messages come by', () => {
    const windowOf = (environment: NodeJS.ProcessEnv) =>
      createChannels(loadConfig(environment))
        .all()
        .map(({ manifest }) => manifest.window?.laterMessages)
    expect(windowOf({})).toEqual([10, 10])
    expect(windowOf({ TIKTOK_WINDOW_POLICY: 'guide10_inf_3' })).toEqual([null, null])
  })

  it('counts empty values as unset, as compose files write them', () => {
    expect(loadConfig({ PORT: '', ROLE: ' ', TIKTOK_APP_ID: '' })).toMatchObject({ port: 3000, role: 'all' })
  })

  it('is complete for production, with every key in order and the address without its slash', () => {
    const config = loadConfig(production())
    expect(config).toMatchObject({ host: '0.0.0.0', publicUrl: 'https://inbox.example.com' })
    expect(config.encryptionKeys.map((entry) => entry.kid)).toEqual(['new', 'old'])
    expect(config.encryptionKeys.every((entry) => entry.key.length === 32)).toBe(true)
  })

  it('knows itself by one spelling of its address', () => {
    const PUBLIC_URL = 'HTTPS://Inbox.Example.com:443/'
    expect(loadConfig({ ...production(), PUBLIC_URL }).publicUrl).toBe('https://inbox.example.com')
  })

  it('takes the level of the app', () => {
    expect(loadConfig({ TIKTOK_QPS: '30' }).tiktok.qps).toBe(30)
  })

  it('cannot be changed once read', () => {
    const config = loadConfig({})
    expect(Object.isFrozen(config) && Object.isFrozen(config.tiktok)).toBe(true)
  })
})

describe('a faulty environment (I17)', () => {
  it('gets one line for each unknown value, all at once', () => {
    const values = { ROLE: 'foo', PORT: 'abc', LOG_LEVEL: 'loud', TIKTOK_DIALECT: 'x', NODE_ENV: 'prod' }
    const faults = faultsOf({ ...values, SIGNUP_ENABLED: 'maybe', TIKTOK_SIGNATURE_MAX_AGE_S: '5m', TIKTOK_QPS: '40' })
    const names = ['NODE_ENV', 'PORT', 'ROLE', 'LOG_LEVEL', 'SIGNUP_ENABLED', 'TIKTOK_DIALECT']
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([...names, 'TIKTOK_SIGNATURE_MAX_AGE_S', 'TIKTOK_QPS'])
    expect(faults).toContain('ROLE: "foo" is not one of web, worker, all')
  })

  it.each(['0x50', '-1', '65536', '3.5', '3000 4000'])('refuses the port %s', (PORT) => {
    expect(faultsOf({ PORT })).toHaveLength(1)
  })

  it.each([
    ['DATABASE_URL', 'mysql://u:p@h/d'],
    ['DATABASE_URL', 'localhost:5432'],
    ['REDIS_URL', 'http://h'],
    ['PUBLIC_URL', 'inbox.example.com'],
    ['PUBLIC_URL', 'https://inbox.example.com/?a=1'],
    ['PUBLIC_URL', 'https://inbox.example.com/parley'],
    ['PUBLIC_URL', 'https://inbox.example.com//'],
    ['WORKER_PORT', 'x'],
    ['SMTP_URL', 'https://mail'],
    ['TIKTOK_API_URL', 'ftp://x'],
    ['PLATFORM_ADMIN_EMAIL', 'nobody'],
  ])('refuses %s=%s', (name, value) => {
    expect(faultsOf({ [name]: value }).join()).toMatch(new RegExp(`^${name}: `))
  })

  it('keeps cookies off the open road: in production http is for this machine itself', () => {
    const faults = (PUBLIC_URL: string) => faultsOf({ ...production(), PUBLIC_URL })
    for (const url of ['http://inbox.example.com', 'http://10.0.0.5:3000', 'HTTP://inbox.example.com'])
      expect(faults(url), url).toEqual([expect.stringMatching(/^PUBLIC_URL: must be https/)])
    for (const url of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000', 'https://inbox.example.com'])
      expect(faults(url), url).toEqual([])
    expect(faultsOf({ PUBLIC_URL: 'http://inbox.example.com' })).toEqual([])
  })

  it('names everything that production lacks', () => {
    const names = faultsOf({ NODE_ENV: 'production' }).map((fault) => fault.split(':')[0])
    expect(names).toEqual(['JWT_SECRET', 'ENCRYPTION_KEYS', 'DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL'])
  })

  it.each([
    ['nonsense', 'key 1 is not 32 bytes'],
    [`:${Buffer.alloc(32).toString('base64')}`, 'key 1 has no id'],
    [`a:${Buffer.alloc(31).toString('base64')}`, 'key 1 is not 32 bytes'],
    [`a:${'!'.repeat(44)}`, 'key 1 is not 32 bytes'],
    [`${key('a')},${key('a')}`, 'key 2 repeats'],
    [`${key('a')},`, 'key 2 has no id'],
  ])('refuses damaged encryption keys (%#)', (ENCRYPTION_KEYS, message) => {
    expect(faultsOf({ ENCRYPTION_KEYS }).join()).toContain(message)
  })

  it('never shows a secret (I14)', () => {
    const faults = faultsOf({
      ...production(),
      JWT_SECRET: 'sesame-1',
      DATABASE_URL: 'mysql://u:sesame-2@h/d',
      REDIS_URL: 'x://:sesame-3@h',
      SMTP_URL: 'imap://u:sesame-4@h',
      ENCRYPTION_KEYS: 'k:sesame-5',
      TIKTOK_APP_ID: 'id',
      TIKTOK_APP_SECRET: 'sesame-6',
      TIKTOK_CLIENT_SECRET: 'sesame-7',
    })
    expect(faults).toHaveLength(6)
    expect(faults.join()).not.toContain('sesame')
  })

  it('needs S3 and TikTok credentials as a whole', () => {
    expect(faultsOf({ S3_BUCKET: 'files' })).toHaveLength(2)
    expect(faultsOf({ TIKTOK_APP_ID: '1' })).toEqual(['TIKTOK_APP_SECRET: is required with TIKTOK_APP_ID'])
  })
})

describe("the gateway's names", () => {
  it('stand in for ours', () => {
    const config = loadConfig({
      TIKTOK_CLIENT_KEY: 'id',
      TIKTOK_CLIENT_SECRET: 'secret',
      WEBHOOK_VERIFY_TOKEN: 'verify',
      THIRDPARTY_API_URL: 'http://127.0.0.1:9/v2/',
    })
    expect(config.tiktok).toMatchObject({ appId: 'id', appSecret: 'secret', webhookVerifyToken: 'verify' })
    expect(config.respondio.apiUrl).toBe('http://127.0.0.1:9/v2')
  })

  it('must not contradict ours', () => {
    const env = { RESPONDIO_API_URL: 'http://a', THIRDPARTY_API_URL: 'http://b' }
    expect(faultsOf(env).join()).toContain('THIRDPARTY_API_URL: differs from RESPONDIO_API_URL')
  })
})

describe('development secrets', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'parley-config-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  const load = (env = {}) => ensureDevelopmentSecrets(loadConfig({ DATA_DIR: dataDir, ...env }))

  it('are made once and kept for their owner alone', () => {
    const first = load()
    expect(first.jwtSecret.length).toBeGreaterThanOrEqual(32)
    expect(first.encryptionKeys).toHaveLength(1)
    expect(load()).toEqual(first)
    expect(statSync(path.join(dataDir, 'secrets')).mode & 0o777).toBe(0o600)
  })

  it('give way to those of the environment', () => {
    const jwtSecret = 'x'.repeat(32)
    expect(load({ JWT_SECRET: jwtSecret }).jwtSecret).toBe(jwtSecret)
  })

  it('are never made in production', () => {
    const config = loadConfig({ ...production(), DATA_DIR: dataDir })
    expect(ensureDevelopmentSecrets(config)).toBe(config)
  })

  it('stop the boot when their file is damaged, instead of being replaced', () => {
    writeFileSync(path.join(dataDir, 'secrets'), 'JWT_SECRET=short\n')
    chmodSync(path.join(dataDir, 'secrets'), 0o600)
    expect(() => load()).toThrow(/is damaged/)
  })
})
