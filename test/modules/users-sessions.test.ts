import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerAuthRoutes } from '../../server/http/auth-routes.ts'
import { authPlugin } from '../../server/http/auth.ts'
import { createRateLimiter, limitsPlugin } from '../../server/http/rate-limit.ts'
import { deriveKey } from '../../server/kit/crypto.ts'
import { AppError } from '../../server/kit/errors.ts'
import { unsafePruneIdentity } from '../../server/modules/users/retention.ts'
import { endSession, openSession, type OpenSession } from '../../server/modules/users/sessions.service.ts'
import { unsafeFindSignedIn } from '../../server/modules/users/users.queries.ts'
import { openParley, type Parley } from './people.ts'

const DAY_MS = 24 * 3_600_000

let parley: Parley
let app: FastifyInstance
let userId: string
beforeAll(async () => {
  parley = await openParley()
  app = await buildAuth(parley)
  userId = (await parley.aBusiness('sessions@shop.test')).userId
})
afterAll(async () => {
  await app.close()
  await parley.close()
})

async function buildAuth({ deps }: Parley, publicUrl = deps.config.publicUrl): Promise<FastifyInstance> {
  const server = Fastify()
  const config = { ...deps.config, publicUrl }
  server.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof AppError ? error.httpStatus : 500).send({ code: (error as AppError).code }),
  )
  await server.register(cookie)
  await server.register(authPlugin, { config, clock: deps.clock })
  await server.register(limitsPlugin, { limiter: createRateLimiter(deps.redis, deps.log, 'test') })
  registerAuthRoutes(server, { ...deps, config })
  await server.ready()
  return server
}

const open = () => openSession(parley.deps, { userId, userAgent: 'test' })

async function refresh(refreshToken: string, headers: Record<string, string> = {}, server = app) {
  const name = server === app ? 'parley_refresh' : '__Host-parley_refresh'
  const response = await server.inject({
    method: 'POST',
    url: '/auth/refresh',
    headers: { cookie: `${name}=${refreshToken}`, ...headers },
  })
  const [set] = response.cookies
  const body = response.json<{ accessToken?: string; expiresAt?: string; code?: string }>()
  return { status: response.statusCode, body, cookie: set, refreshToken: set?.value ?? '', headers: response.headers }
}

const isAlive = async (session: OpenSession) =>
  (await unsafeFindSignedIn(parley.deps.system, session, parley.deps)) !== undefined

const announcedEnds = async ({ sessionId }: OpenSession) =>
  (await parley.deps.system.sql`select 1 from access_changes where kind = 'session' and session_id = ${sessionId}`)
    .length

describe('POST /auth/refresh', () => {
  it('answers an access token and rotates the cookie', async () => {
    const session = await open()
    const first = await refresh(session.refreshToken)
    expect(first.status).toBe(200)
    expect(first.headers['cache-control']).toBe('no-store')
    expect(first.cookie).toMatchObject({ path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 30 * 24 * 3600 })
    expect(first.cookie?.secure).toBeUndefined()
    expect(first.refreshToken).not.toBe(session.refreshToken)
    const token = app.auth.verify(first.body.accessToken ?? '')
    expect(token).toMatchObject({ sessionId: session.sessionId, userId })
    expect(token?.expiresAt.toISOString()).toBe(first.body.expiresAt)
    const second = await refresh(first.refreshToken)
    expect(second.refreshToken).not.toBe(first.refreshToken)
  })

  it('gives both of two tabs that refresh at once a token, and both the same cookie', async () => {
    const session = await open()
    const tabs = await Promise.all([1, 2, 3, 4].map(() => refresh(session.refreshToken)))
    expect(tabs.map((tab) => tab.status)).toEqual([200, 200, 200, 200])
    expect(new Set(tabs.map((tab) => tab.refreshToken)).size).toBe(1)
    const [row] = await parley.deps.system.sql`select generation from sessions where id = ${session.sessionId}`
    expect(row?.generation).toBe(1)
    expect((await refresh(tabs[0]?.refreshToken ?? '')).status).toBe(200)
  })

  it('ends the session when a replaced token comes back later, for the thief and the owner alike (I11)', async () => {
    const session = await open()
    const { refreshToken } = await refresh(session.refreshToken)
    parley.pass(61_000)
    expect(await refresh(session.refreshToken)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(await isAlive(session)).toBe(false)
    expect(await announcedEnds(session)).toBe(1)
    expect((await refresh(refreshToken)).status).toBe(401)
  })

  it('gives whoever lost the answer the same cookie again, half a minute later', async () => {
    const session = await open()
    const lost = await refresh(session.refreshToken)
    parley.pass(30_000)
    const again = await refresh(session.refreshToken)
    expect(again).toMatchObject({ status: 200, refreshToken: lost.refreshToken })
    expect((await refresh(again.refreshToken)).status).toBe(200)
  })

  it('gives a request that two others overtook their cookie, and none that was late', async () => {
    const session = await open()
    const second = await refresh((await refresh(session.refreshToken)).refreshToken)
    expect(await refresh(session.refreshToken)).toMatchObject({ status: 200, refreshToken: second.refreshToken })
    const late = await open()
    const { refreshToken } = await refresh(late.refreshToken)
    parley.pass(61_000)
    // It was replaced a minute ago, however fresh the rotation after that one is.
    expect((await refresh(refreshToken)).status).toBe(200)
    expect((await refresh(late.refreshToken)).status).toBe(401)
    expect(await isAlive(late)).toBe(false)
  })

  it('ends it too when the token is many rotations old', async () => {
    const session = await open()
    let { refreshToken } = session
    for (let rotation = 0; rotation < 20; rotation++) refreshToken = (await refresh(refreshToken)).refreshToken
    expect((await refresh(session.refreshToken)).status).toBe(401)
    expect((await refresh(refreshToken)).status).toBe(401)
    expect(await announcedEnds(session)).toBe(1)
  })

  it('ends nothing for a token that never was one: the id of a session is no secret', async () => {
    const session = await open()
    const { refreshToken } = await refresh(session.refreshToken)
    parley.pass(61_000)
    for (const guess of ['anything', 'A'.repeat(43), `${session.refreshToken.split('.')[1]}x`])
      expect((await refresh(`${session.sessionId}.${guess}`)).status).toBe(401)
    expect(await isAlive(session)).toBe(true)
    expect((await refresh(refreshToken)).status).toBe(200)
  })

  it('ends a session after 30 days without use and after 90 days in any case', async () => {
    const idle = await open()
    let { refreshToken } = await open()
    parley.pass(29 * DAY_MS)
    refreshToken = (await refresh(refreshToken)).refreshToken
    parley.pass(2 * DAY_MS)
    expect((await refresh(idle.refreshToken)).status).toBe(401)
    for (let days = 31; days < 88; days += 19) {
      refreshToken = (await refresh(refreshToken)).refreshToken
      parley.pass(19 * DAY_MS)
    }
    parley.pass(3 * DAY_MS)
    expect((await refresh(refreshToken)).status).toBe(401)
  })

  it('takes no requests of other sites, and no GET', async () => {
    const { refreshToken } = await open()
    expect((await refresh(refreshToken, { origin: 'https://evil.test' })).status).toBe(403)
    expect((await refresh(refreshToken, { origin: 'null' })).status).toBe(403)
    expect((await refresh(refreshToken, { origin: 'http://parley.test' })).status).toBe(200)
    expect((await app.inject({ method: 'GET', url: '/auth/refresh' })).statusCode).toBe(404)
  })

  it.each(['', 'x', 'x.y', '018f0000-0000-7000-8000-000000000000.x', '018f0000-0000-7000-8000-000000000000'])(
    'answers UNAUTHENTICATED to the cookie %j',
    async (value) => {
      expect(await refresh(value)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    },
  )

  it('binds the cookie to its host and to https where there is https', async () => {
    const secure = await buildAuth(parley, 'https://parley.test')
    const { refreshToken } = await open()
    const { cookie: set } = await refresh(refreshToken, {}, secure)
    expect(set).toMatchObject({ name: '__Host-parley_refresh', secure: true, path: '/' })
    expect(set?.domain).toBeUndefined()
    await secure.close()
  })
})

describe('logging out', () => {
  it('ends the session once and tells the sockets', async () => {
    const session = await open()
    await endSession(parley.deps, session.sessionId)
    await endSession(parley.deps, session.sessionId)
    expect(await isAlive(session)).toBe(false)
    expect(await announcedEnds(session)).toBe(1)
    expect((await refresh(session.refreshToken)).status).toBe(401)
  })
})

describe('access tokens', () => {
  it('end after fifteen minutes', async () => {
    const { accessToken } = app.auth.sign(await open())
    parley.pass(14 * 60_000)
    expect(app.auth.verify(accessToken)).toBeDefined()
    parley.pass(61_000)
    expect(app.auth.verify(accessToken)).toBeUndefined()
  })

  it('are none when signed for another use, by another key or by nobody (I16)', async () => {
    const session = await open()
    const { jwtSecret } = parley.deps.config
    const claims = { sub: userId, sid: session.sessionId, exp: Math.floor(Date.now() / 1000) + 10 * 365 * 86_400 }
    const sign = async (use: string, aud: string) => {
      const server = Fastify()
      await server.register(jwt, { secret: deriveKey(jwtSecret, use), sign: { algorithm: 'HS256', aud } })
      return server.jwt.sign(claims)
    }
    const none = [
      await sign('oauth-state', 'parley:oauth-state'),
      await sign('oauth-state', 'parley:access'),
      await sign('access', 'parley:oauth-state'),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ ...claims, aud: 'parley:access' })).toString('base64url')}.`,
      'x.y.z',
      '',
    ]
    for (const token of none) expect(app.auth.verify(token)).toBeUndefined()
    expect(app.auth.verify(await sign('access', 'parley:access'))).toMatchObject({ userId })
  })
})

describe('what has ended', () => {
  it('is forgotten after a while, and what lives is kept', async () => {
    const [ended, alive] = [await open(), await open()]
    await endSession(parley.deps, ended.sessionId)
    parley.pass(29 * DAY_MS)
    const { refreshToken } = await refresh(alive.refreshToken)
    parley.pass(2 * DAY_MS)
    await unsafePruneIdentity(parley.deps.system, parley.deps.clock.now(), 1_000)
    const kept = await parley.deps.system.sql`select id from sessions where id in ${parley.deps.system.sql([
      ended.sessionId,
      alive.sessionId,
    ])}`
    expect(kept).toEqual([{ id: alive.sessionId }])
    expect(await parley.deps.system.sql`select 1 from access_changes`).toEqual([])
    expect((await refresh(refreshToken)).status).toBe(200)
  })
})
