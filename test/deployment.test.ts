import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../server/config.ts'
import { packageRoot } from '../server/kit/paths.ts'

const read = (file: string) => readFileSync(path.join(packageRoot, file), 'utf8')
const isThere = (file: string) => existsSync(path.join(packageRoot, file))

interface Service {
  build?: string
  image: string
  command?: string[]
  environment?: Record<string, string | number>
  healthcheck?: { test?: string[]; disable?: boolean }
  depends_on?: Record<string, { condition: string }>
}

const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service & { volumes?: string[] }>
  volumes: Record<string, unknown>
}
const dockerfile = read('Dockerfile')
/** Instructions of the Dockerfile, continued lines joined. */
const instructions = dockerfile
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))

/** The source of a file of the build. */
const sourceOf = (built: string) => built.replace(/^dist\//, '').replace(/\.js$/, '.ts')
const builtFiles = (text: string) => text.match(/dist\/[\w/-]+\.js/g) ?? []

describe('the image', () => {
  it('copies files that are there, the build apart', () => {
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1))
    expect(copied.length).toBeGreaterThan(4)
    expect(copied.filter((file) => !isThere(file))).toEqual([])
  })

  it('starts and documents only what the build makes', () => {
    const { include } = JSON.parse(read('server/tsconfig.build.json')) as { include: string[] }
    expect(include).toEqual(['.', '../jobs'])
    const named = [dockerfile, read('docker-compose.yml'), read('README.md'), read('package.json')].flatMap(builtFiles)
    expect(named).toContain('dist/server/main.js')
    expect(named.filter((file) => !isThere(sourceOf(file)))).toEqual([])
  })

  it('has every command of package.json in a form that needs no sources, and README says which', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const commands = Object.values(scripts).flatMap((script) => /server\/cli\/([\w-]+)\.ts/.exec(script)?.[1] ?? [])
    expect(commands.sort()).toEqual(['db-migrate', 'import-chats', 'import-env', 'keys-rotate', 'user-create'])
    for (const command of commands) expect(read('README.md')).toContain(`node dist/server/cli/${command}.js`)
  })

  it('asks for its health where a process of each role listens', async () => {
    const [line] = instructions.filter((text) => text.startsWith('HEALTHCHECK '))
    const [program = '', ...args] = JSON.parse(/CMD (\[.*\])$/.exec(line ?? '')?.[1] ?? '[]') as string[]
    expect(program).toBe('node')
    const server = createServer((request, response) => response.writeHead(request.url === '/health' ? 200 : 404).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = String((server.address() as AddressInfo).port)
    const healthy = async (env: Record<string, string>) => {
      const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
      return new Promise<boolean>((resolve) => child.on('exit', (code) => resolve(code === 0)))
    }
    expect(await healthy({ PORT: port, WORKER_PORT: '1' })).toBe(true)
    expect(await healthy({ PORT: port, WORKER_PORT: '1', ROLE: 'web' })).toBe(true)
    expect(await healthy({ PORT: '1', WORKER_PORT: port, ROLE: 'worker' })).toBe(true)
    expect(await healthy({ PORT: '1', WORKER_PORT: '1' })).toBe(false)
    server.close()
  })
})

describe('docker-compose.yml', () => {
  const ours = Object.entries(services).filter(([, service]) => service.build)

  it('names only services and volumes that are there', () => {
    for (const [name, service] of Object.entries(services)) {
      const needed = Object.keys(service.depends_on ?? {})
      expect(
        needed.filter((other) => !services[other]),
        name,
      ).toEqual([])
      const mounted = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '')
      expect(
        mounted.filter((volume) => !(volume in volumes)),
        name,
      ).toEqual([])
    }
  })

  it('gives each service a healthcheck, but for the one that runs once', () => {
    const without = Object.entries(services).filter(([, { build, healthcheck }]) =>
      healthcheck ? healthcheck.disable : !build,
    )
    expect(without.map(([name]) => name)).toEqual(['migrate'])
    for (const [name, { depends_on: needed }] of ours)
      expect(needed?.['postgres'], name).toEqual({ condition: 'service_healthy' })
  })

  it('waits for the Postgres that serves the network, not for the one that prepares its data', () => {
    expect(services['postgres']?.healthcheck?.test).toContain('--host=127.0.0.1')
  })

  it('sets an environment that Parley starts with, as .env.example tells to fill it in', () => {
    const filled = {
      PUBLIC_URL: 'https://inbox.example.com',
      JWT_SECRET: 'x'.repeat(48),
      ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    }
    const example = Object.fromEntries(
      read('.env.example')
        .match(/^[A-Z_0-9]+=.*$/gm)
        ?.map(pairOf) ?? [],
    )
    for (const [name, { environment = {} }] of ours) {
      const entries = Object.entries(environment).map(([key, value]) => [key, String(value).replace(/\$\{.*?\}/, 'x')])
      const config = loadConfig({ ...example, ...filled, ...(Object.fromEntries(entries) as Record<string, string>) })
      expect(config, name).toMatchObject({ nodeEnv: 'production', host: '0.0.0.0', port: 3000, workerPort: 3000 })
    }
    expect(services['worker']?.environment?.['ROLE']).toBe('worker')
  })

  it('names in .env.example every variable there is, and no other', () => {
    const named =
      read('.env.example')
        .match(/^#?[A-Z][A-Z_0-9]+(?==)/gm)
        ?.map((name) => name.replace('#', '')) ?? []
    const known =
      (read('server/config.ts') + read('server/config-storage.ts'))
        .match(/^ {2}[A-Z][A-Z_0-9]+(?=: )/gm)
        ?.map((name) => name.trim()) ?? []
    const aliases = ['TIKTOK_CLIENT_KEY', 'TIKTOK_CLIENT_SECRET', 'WEBHOOK_VERIFY_TOKEN', 'THIRDPARTY_API_URL']
    const own = new Set(known.filter((name) => !aliases.includes(name)))
    expect(named.filter((name) => !own.has(name))).toEqual(['POSTGRES_PASSWORD'])
    expect([...own].filter((name) => !named.includes(name))).toEqual(['NODE_ENV'])
  })
})

const pairOf = (line: string): [string, string] => {
  const place = line.indexOf('=')
  return [line.slice(0, place), line.slice(place + 1)]
}
