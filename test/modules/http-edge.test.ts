import type { FastifyInstance } from 'fastify'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { buildApp, buildWorkerApp } from '../../server/app.ts'
import { createDeps, type Deps } from '../../server/deps.ts'
import { GRAPHQL_PER_MINUTE } from '../../server/http/rate-limit.ts'
import type { Actor } from '../support/actor.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const lifted = { ...GRAPHQL_PER_MINUTE }

let world: World
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  admin = await world.business()
})
afterEach(() => void Object.assign(GRAPHQL_PER_MINUTE, lifted))
afterAll(() => world.close())

/** Another process on the world's services, with some of its settings changed. */
async function withProcess<T>(
  change: Partial<World['config']>,
  work: (app: FastifyInstance, deps: Deps) => Promise<T>,
  build: (deps: Deps) => FastifyInstance | Promise<FastifyInstance> = buildApp,
): Promise<T> {
  const deps = createDeps({ ...world.config, ...change }, { redisPrefix: crypto.randomUUID() })
  const app = await build(deps)
  try {
    return await work(app, deps)
  } finally {
    await app.close()
    await deps.close()
  }
}

describe('the address of a client', () => {
  /** The addresses that a request through these hops seems to come from. */
  const seen = (hops: number, forwarded: string) =>
    withProcess({ trustProxyHops: hops }, async (app) => {
      app.get('/address', async (request) => request.ip)
      const headers = { 'x-forwarded-for': forwarded }
      return (await app.inject({ url: '/address', headers, remoteAddress: '10.0.0.9' })).body
    })

  it.each([
    [0, '1.1.1.1', '10.0.0.9'],
    [0, '1.1.1.1, 2.2.2.2', '10.0.0.9'],
    [1, '2.2.2.2', '2.2.2.2'],
    [1, '1.1.1.1, 2.2.2.2', '2.2.2.2'],
    [2, '1.1.1.1, 2.2.2.2, 3.3.3.3', '2.2.2.2'],
  ])('is what the last of %i proxies says, whatever the client itself claims: %s', async (hops, forwarded, address) => {
    expect(await seen(hops, forwarded)).toBe(address)
  })

  it.each([0, 1])('cannot be changed to escape a limit, behind %i proxies', async (hops) => {
    GRAPHQL_PER_MINUTE.addressCost = 3
    const statuses = await withProcess({ trustProxyHops: hops }, async (app) => {
      const codes = []
      for (let time = 0; time < 8; time++) {
        const forged = `10.1.${time}.1`
        const headers = { 'x-forwarded-for': hops ? `${forged}, 203.0.113.5` : forged }
        const body = { query: '{ version }' }
        codes.push((await app.inject({ method: 'POST', url: '/graphql', headers, body })).statusCode)
      }
      return codes
    })
    expect(statuses).toContain(429)
  })
})

describe('health and metrics', () => {
  const ready = async (app: FastifyInstance) => {
    const response = await app.inject('/ready')
    return { status: response.statusCode, body: response.json<unknown>() }
  }

  it.each([
    ['the web process', buildApp],
    ['a worker', buildWorkerApp],
  ])('are there in %s', async (_name, build) => {
    const read = async (app: FastifyInstance, deps: Deps) => {
      await until(async () => (await ready(app)).status === 200 && deps.redis.status === 'ready', 'it is ready')
      expect((await app.inject('/health')).json()).toEqual({ status: 'ok' })
      expect((await ready(app)).body).toEqual({ status: 'ok', dependencies: { postgres: 'ok', redis: 'ok' } })
      const metrics = await app.inject('/metrics')
      expect(metrics.headers['content-type']).toContain('text/plain')
      expect(metrics.body).toMatch(/^# TYPE parley_jobs_total counter$/m)
      const missing = await app.inject('/nothing')
      expect(missing).toMatchObject({ statusCode: 404 })
      expect(missing.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
    }
    await withProcess({}, read, build)
  })

  it('keep sending requests here while Redis is away, since webhooks are taken in without it (I1)', async () => {
    await withProcess({ redisUrl: 'redis://127.0.0.1:1' }, async (app) => {
      expect(await ready(app)).toEqual({
        status: 200,
        body: { status: 'degraded', dependencies: { postgres: 'ok', redis: 'unavailable' } },
      })
    })
  })

  it('send them elsewhere while Postgres is away', async () => {
    await withProcess({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none' }, async (app) => {
      const { status, body } = await ready(app)
      expect(status).toBe(503)
      expect(body).toMatchObject({ status: 'unavailable', dependencies: { postgres: 'unavailable' } })
      expect((await app.inject('/health')).statusCode).toBe(200)
    })
  })

  it('count the open sockets', async () => {
    const open = async () => {
      const text = await (await fetch(`${world.url}/metrics`)).text()
      return Number(/^parley_sockets (\d+)$/m.exec(text)?.[1])
    }
    expect(await open()).toBe(0)
    const feeds = [await admin.subscribe(), await admin.subscribe()]
    expect(await open()).toBe(2)
    for (const feed of feeds) feed.close()
    await until(async () => (await open()) === 0, 'both are counted as gone')
  })
})

describe('what is no request gets an error with a code (I17)', () => {
  it.each([
    ['/%zz', 400],
    ['/webhooks/%', 400],
    [`/tiktok/${'x'.repeat(20_000)}`, 431],
  ])('%s', async (path, status) => {
    const { text, code } = await spoken(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(code).toBe('INVALID')
  })

  it('a parameter that is too long', async () => {
    await withProcess({}, async (app) => {
      app.get('/thing/:id', async () => 'ok')
      const response = await app.inject(`/thing/${'x'.repeat(500)}`)
      expect(response.statusCode).toBe(414)
      expect(response.json()).toMatchObject({ error: { code: 'INVALID' } })
    })
  })

  it.each([
    ['headers beyond all measure', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['another protocol', 'EHLO mail.example.com\r\n\r\n', 400],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
  ])('%s', async (_name, request, status) => {
    const { text, code } = await spoken(request)
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(text).toMatch(/content-type: application\/json/i)
    expect(code).toBe('INVALID')
    expect((await fetch(`${world.url}/health`)).status).toBe(200)
  })

  /** Says something over a plain connection; answers what came back. */
  function spoken(request: string): Promise<{ text: string; code?: string }> {
    const { hostname, port } = new URL(world.url)
    return new Promise((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), hostname, () => socket.write(request))
      socket.on('data', (chunk) => (text += String(chunk)))
      socket.on('error', reject)
      socket.on('close', () => {
        const body = /\{.*\}/s.exec(text)?.[0] ?? '{}'
        resolve({ text, code: (JSON.parse(body) as { error?: { code?: string } }).error?.code })
      })
    })
  }
})

describe('a page of ours', () => {
  it('frames the players of the channels, and nothing else', async () => {
    const response = await fetch(`${world.url}/auth/refresh`, { method: 'POST' })
    const policy = response.headers.get('content-security-policy')?.split(';')
    expect(policy).toContain('frame-src https://www.tiktok.com')
  })

  /** How the socket and the renewal of the session answer a page of this origin. */
  async function answersTo(origin: string) {
    const socket = new WebSocket(`${world.url.replace(/^http/, 'ws')}/graphql/ws`, 'graphql-transport-ws', { origin })
    const opened = await new Promise<boolean>((resolve) => {
      socket.on('open', () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    socket.terminate()
    const headers = { ...admin.headers(), origin }
    const refresh = await fetch(`${world.url}/auth/refresh`, { method: 'POST', headers })
    return { socket: opened, refresh: refresh.status !== 403 }
  }

  it('is one at PUBLIC_URL or at the very address that was asked, for sockets and renewals alike', async () => {
    expect(world.config.publicUrl).toBe('http://localhost:3000')
    const yes = { socket: true, refresh: true }
    expect(await answersTo('http://localhost:3000')).toEqual(yes)
    expect(await answersTo(world.url)).toEqual(yes)
    for (const origin of ['https://evil.test', 'http://127.0.0.1:1', 'null', 'http://localhost:3001'])
      expect(await answersTo(origin), origin).toEqual({ socket: false, refresh: false })
  })
})
