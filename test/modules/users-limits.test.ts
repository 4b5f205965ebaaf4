import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRateLimiter, limitsPlugin, registerRequestLimit, type RateRule } from '../../server/http/rate-limit.ts'
import type { AppError } from '../../server/kit/errors.ts'
import { openParley, type Parley } from './people.ts'

let parley: Parley
beforeAll(async () => {
  parley = await openParley()
  const { redis } = parley.deps
  if (redis.status !== 'ready') await once(redis, 'ready')
})
afterAll(() => parley.close())

const three: RateRule = { name: 'three', limit: 3, windowMs: 60_000 }

async function refusedAfter(consume: () => Promise<void>): Promise<{ count: number; retryAfterMs: number }> {
  for (let count = 0; count < 1_000; count++) {
    try {
      await consume()
    } catch (error) {
      expect(error).toMatchObject({ code: 'RATE_LIMITED' })
      return { count, retryAfterMs: (error as AppError).details?.retryAfterMs as number }
    }
  }
  throw new Error('never refused')
}

describe('a limit', () => {
  it('is shared by all processes and says when to come again', async () => {
    const { redis, log } = parley.deps
    const [one, two] = [createRateLimiter(redis, log, 'shared'), createRateLimiter(redis, log, 'shared')]
    await one.consume(three, 'key')
    const { count, retryAfterMs } = await refusedAfter(() => two.consume(three, 'key'))
    expect(count).toBe(2)
    expect(retryAfterMs).toBeGreaterThan(15_000)
    expect(retryAfterMs).toBeLessThanOrEqual(20_000)
    await two.consume(three, 'another key')
    await one.reset(three, 'key')
    await one.consume(three, 'key')
  })

  it('lets one through again after its share of the window', async () => {
    const limiter = createRateLimiter(parley.deps.redis, parley.deps.log, 'again')
    const quick: RateRule = { name: 'quick', limit: 2, windowMs: 300 }
    const { retryAfterMs } = await refusedAfter(() => limiter.consume(quick, 'key'))
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs + 5))
    await limiter.consume(quick, 'key')
  })

  it('still holds in each process while Redis is away', async () => {
    const redis = new Redis('redis://127.0.0.1:1', { enableOfflineQueue: false, maxRetriesPerRequest: 1 })
    redis.on('error', () => {})
    const limiter = createRateLimiter(redis, parley.deps.log, 'away')
    expect((await refusedAfter(() => limiter.consume(three, 'key'))).count).toBe(3)
    redis.disconnect()
  })

  it('still holds, and soon answers, while Redis hangs', async () => {
    const upstream = new URL(parley.deps.config.redisUrl ?? '')
    const pairs: { client: Socket; server: Socket }[] = []
    const proxy = createServer((client) => {
      const server = connect(Number(upstream.port), upstream.hostname)
      client.pipe(server).pipe(client)
      pairs.push({ client, server })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const url = new URL(upstream)
    url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const redis = new Redis(url.href, { enableOfflineQueue: false, maxRetriesPerRequest: 1 })
    await once(redis, 'ready')
    for (const { client, server } of pairs) server.unpipe(client)
    const limiter = createRateLimiter(redis, parley.deps.log, 'hanging')
    const times: number[] = []
    const consume = async () => {
      const from = performance.now()
      await limiter.consume(three, 'key').finally(() => times.push(performance.now() - from))
    }
    expect((await refusedAfter(consume)).count).toBe(3)
    // The first one found out that Redis hangs; the others did not wait for it again.
    const [first = 0, ...others] = times
    expect(others.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(first)
    redis.disconnect()
    for (const { client, server } of pairs) [client, server].forEach((socket) => socket.destroy())
    proxy.close()
  })
})

describe('the limits of requests', () => {
  async function aServer() {
    const server = Fastify()
    server.setErrorHandler((error, _request, reply) => reply.code((error as AppError).httpStatus ?? 500).send())
    await server.register(cookie)
    await server.register(limitsPlugin, {
      limiter: createRateLimiter(parley.deps.redis, parley.deps.log, crypto.randomUUID()),
    })
    server.post<{ Body: { email: string; right: boolean } }>('/log-in', async ({ body, ...request }, reply) => {
      await reply.request.limit('logIn', body.email)
      if (body.right) await reply.request.forgive('logIn', body.email)
      return { id: request.id }
    })
    const logIn = async (email: string, ip: string, right = false) =>
      (await server.inject({ method: 'POST', url: '/log-in', body: { email, right }, remoteAddress: ip })).statusCode
    return { server, logIn }
  }

  it('stop guessing of one login from one place, by any spelling, and leave its owner alone', async () => {
    const { server, logIn } = await aServer()
    for (let attempt = 0; attempt < 10; attempt++) expect(await logIn('a@b.test', '10.0.0.1')).toBe(200)
    expect(await logIn(' A@B.test', '10.0.0.1')).toBe(429)
    expect(await logIn('a@b.test', '10.0.0.2')).toBe(200)
    expect(await logIn('other@b.test', '10.0.0.1')).toBe(200)
    await server.close()
  })

  it('stop guessing of one login from many places', async () => {
    const { server, logIn } = await aServer()
    const codes = []
    for (let attempt = 0; attempt < 102; attempt++) codes.push(await logIn('a@b.test', `10.0.${attempt}.1`))
    expect(codes.indexOf(429)).toBe(100)
    await server.close()
  })

  it('do not count what went well', async () => {
    const { server, logIn } = await aServer()
    for (let attempt = 0; attempt < 30; attempt++) expect(await logIn('a@b.test', '10.0.0.1', true)).toBe(200)
    await server.close()
  })

  it('keep addresses out of Redis', async () => {
    const { server, logIn } = await aServer()
    await logIn('readable@b.test', '10.0.0.1')
    expect((await parley.deps.redis.keys('*')).join()).not.toContain('readable')
    await server.close()
  })

  it('have an outer net over every route', async () => {
    const server = Fastify()
    server.setErrorHandler((error, _request, reply) => {
      const { code, details } = error as AppError
      return reply.code(code === 'RATE_LIMITED' ? 429 : 500).send({ code, details })
    })
    await registerRequestLimit(server, { max: 2 })
    server.get('/', async () => 'ok')
    const codes = []
    for (let attempt = 0; attempt < 3; attempt++) codes.push(await server.inject('/'))
    expect(codes.map((response) => response.statusCode)).toEqual([200, 200, 429])
    expect(codes[2]?.json()).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterMs: expect.any(Number) } })
    await server.close()
  })
})
