import { Redis } from 'ioredis'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startEmbedded } from '../server/embedded/embedded.ts'
import type { Embedded } from '../server/embedded/embedded.ts'
import { freePort } from '../server/embedded/ports.ts'
import { packageRoot } from '../server/kit/paths.ts'
import { createLogger } from '../server/kit/log.ts'
import { reservePort } from './support/ports.ts'
import { until } from './support/until.ts'

// Clusters are made, and recover from SIGKILL.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const log = createLogger({ nodeEnv: 'test', logLevel: 'silent' })

/** A folder of its own for one describe, and how to start on it. */
function aFolder() {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'parley-embedded-'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))
  return { dataDir, start: () => startEmbedded({ dataDir, log, postgres: true, redis: true }) }
}

async function query(url: string | undefined, statement: string) {
  const sql = postgres(url ?? '', { max: 1, onnotice: () => {} })
  try {
    return (await sql.unsafe(statement)) as unknown as Record<string, unknown>[]
  } finally {
    await sql.end()
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

describe('the private services', () => {
  const { start } = aFolder()
  let embedded: Embedded
  beforeAll(async () => {
    embedded = await start()
  })
  afterAll(() => embedded.stop())

  it('speak UTF-8 and sort the same everywhere', async () => {
    const [row] = await query(embedded.databaseUrl, "select 'ไทย 🎉' as text, current_setting('server_encoding') as e")
    expect(row).toEqual({ text: 'ไทย 🎉', e: 'UTF8' })
  })

  it('let nobody in without the password', async () => {
    const anonymous = embedded.databaseUrl?.replace(/:[^:@]+@/, ':wrong@')
    await expect(query(anonymous, 'select 1')).rejects.toThrow(/password authentication failed/)
    const socket = connect(embedded.redis?.port ?? 0, '127.0.0.1', () => socket.write('PING\r\n'))
    expect(String(await once(socket, 'data'))).toContain('NOAUTH')
    socket.destroy()
  })

  it('keep job data: Redis evicts nothing', async () => {
    const redis = new Redis(embedded.redisUrl ?? '')
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    redis.disconnect()
  })

  it('come back on the same port after a restart and after SIGKILL, with what was written', async () => {
    await query(embedded.databaseUrl, 'create table kept as select 1 as n')
    const redis = new Redis(embedded.redisUrl ?? '', { maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    await redis.set('kept', '1')
    await Promise.all([embedded.postgres?.restart(), embedded.redis?.restart()])
    expect(await redis.get('kept')).toBe('1')
    await Promise.all([embedded.postgres?.kill(), embedded.redis?.kill()])
    expect(await answers(embedded.redis?.port ?? 0)).toBe(false)
    await Promise.all([embedded.postgres?.start(), embedded.redis?.start()])
    expect(await query(embedded.databaseUrl, 'select n from kept')).toEqual([{ n: 1 }])
    expect(await redis.ping()).toBe('PONG')
    redis.disconnect()
  })

  it('refuse a second run on the same folder with one line', async () => {
    await expect(start()).rejects.toThrow(/^\S+ is in use by another run of Parley: .*DATA_DIR$/)
  })

  it('keep their data for the next run', async () => {
    await embedded.stop()
    embedded = await start()
    expect(await query(embedded.databaseUrl, 'select n from kept')).toEqual([{ n: 1 }])
  })
})

const child = `
  import { startEmbedded } from './server/embedded/embedded.ts'
  import { createLogger } from './server/kit/log.ts'
  const log = createLogger({ nodeEnv: 'test', logLevel: 'silent' })
  const [dataDir] = process.argv.slice(-1)
  const { postgres, redis } = await startEmbedded({ dataDir, log, postgres: true, redis: true })
  console.log(JSON.stringify([postgres.port, redis.port]))
  setInterval(() => undefined, 1000)`

describe('a run that is killed', () => {
  const { dataDir, start } = aFolder()

  it('leaves neither service behind, and the next run starts on its folder', async () => {
    const options = { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'] }
    const node = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', child, dataDir], options)
    const [line] = (await once(node.stdout, 'data')) as [Buffer]
    const ports = JSON.parse(line.toString()) as number[]
    node.kill('SIGKILL')
    await until(async () => !(await Promise.all(ports.map(answers))).includes(true), 'both are gone', 30_000)
    const next = await start()
    await next.stop()
  })

  it('does not stop the next one by a pid file that names another program by now', async () => {
    // What the first run on this folder makes is needed.
    await (await start()).stop()
    writeFileSync(path.join(dataDir, 'postgres', 'postmaster.pid'), `${process.ppid}\n`)
    writeFileSync(path.join(dataDir, 'redis', 'redis.pid'), `${process.ppid}\n`)
    await (await start()).stop()
  })
})

describe('a free port', () => {
  it('is the wanted one unless something listens there', async () => {
    const wanted = await reservePort()
    expect(await freePort(wanted)).toBe(wanted)
    const listener = createServer()
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const taken = (listener.address() as AddressInfo).port
    expect(await freePort(taken)).not.toBe(taken)
    listener.close()
  })

  it('is none of those that the kernel gives to others meanwhile', async () => {
    for (let count = 0; count < 20; count++) expect(await freePort()).toBeLessThan(32_768)
  })
})
