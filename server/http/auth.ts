import type {} from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyInstance, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { systemClock, type Clock } from '../kit/clock.ts'
import { deriveKey } from '../kit/crypto.ts'
import { isId } from '../kit/ids.ts'
import { REFRESH_COOKIE_MAX_AGE_S, type OpenSession } from '../modules/users/sessions.service.ts'

const AUDIENCE = 'parley:access'
const LIFETIME_S = 15 * 60

/** Access tokens: a signature over user, session and end. Whether the session still lives is the database's to say. */
export interface Auth {
  sign(session: { sessionId: string; userId: string }): { accessToken: string; expiresAt: Date }
  /** Checks signature, audience and end; undefined for anything else, such as the state of an OAuth round trip. */
  verify(token: string): { sessionId: string; userId: string; expiresAt: Date } | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth
  }
  interface FastifyReply {
    /** Sets the refresh cookie and signs an access token. */
    startSession(session: OpenSession): { accessToken: string; expiresAt: Date }
    /** Forgets the refresh cookie. */
    endSession(): void
  }
}

type AuthConfig = Pick<Config, 'jwtSecret' | 'publicUrl'>

/**
 * Registers the access tokens and decorates `app.auth`, `reply.startSession()` and `reply.endSession()`.
 * @fastify/cookie comes before it.
 */
export const authPlugin = fp<{ config: AuthConfig; clock?: Clock }>(
  async (app, { config, clock }) => {
    await app.register(jwt, {
      namespace: 'access',
      secret: deriveKey(config.jwtSecret, 'access'),
      sign: { algorithm: 'HS256', aud: AUDIENCE },
      // The end is compared with our own clock below.
      verify: { algorithms: ['HS256'], allowedAud: AUDIENCE, ignoreExpiration: true },
    })
    const auth = createAuth(app, clock)
    app.decorate('auth', auth)
    app.decorateReply('startSession', function (this: FastifyReply, session: OpenSession) {
      setRefreshCookie(this, config, session.refreshToken)
      void this.header('cache-control', 'no-store')
      return auth.sign(session)
    })
    app.decorateReply('endSession', function (this: FastifyReply) {
      void this.clearCookie(refreshCookieName(config), cookieOptions(config))
    })
  },
  { name: 'auth', dependencies: ['@fastify/cookie'] },
)

function createAuth(app: FastifyInstance, clock: Clock = systemClock): Auth {
  const { access } = app.jwt as unknown as { access: jwt.JWT }
  return {
    sign({ sessionId, userId }) {
      const iat = Math.floor(clock.now().getTime() / 1_000)
      const exp = iat + LIFETIME_S
      return { accessToken: access.sign({ sub: userId, sid: sessionId, iat, exp }), expiresAt: new Date(exp * 1_000) }
    },
    verify(token) {
      const { sub, sid, exp } = decode(access, token)
      if (typeof sub !== 'string' || typeof sid !== 'string' || typeof exp !== 'number') return undefined
      const expiresAt = new Date(exp * 1_000)
      if (!isId(sub) || !isId(sid) || !(expiresAt > clock.now())) return undefined
      return { sessionId: sid, userId: sub, expiresAt }
    },
  }
}

function decode(access: jwt.JWT, token: string): Record<string, unknown> {
  try {
    return access.verify<Record<string, unknown>>(token)
  } catch {
    return {}
  }
}

const isSecure = (config: AuthConfig): boolean => config.publicUrl.startsWith('https:')

/** With the prefix the browser itself refuses the cookie from a sibling domain or over http. */
export const refreshCookieName = (config: AuthConfig): string =>
  isSecure(config) ? '__Host-parley_refresh' : 'parley_refresh'

const cookieOptions = (config: AuthConfig) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(config) }) as const

function setRefreshCookie(reply: FastifyReply, config: AuthConfig, refreshToken: string): void {
  const options = { ...cookieOptions(config), maxAge: REFRESH_COOKIE_MAX_AGE_S }
  void reply.setCookie(refreshCookieName(config), refreshToken, options)
}
