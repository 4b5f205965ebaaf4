import { createHmac } from 'node:crypto'
import type { Orm, OrmTransaction } from '../../db/client.ts'
import type { Deps } from '../../deps.ts'
import { deriveKey } from '../../kit/crypto.ts'
import { AppError } from '../../kit/errors.ts'
import { hashToken, isId, newId, newToken } from '../../kit/ids.ts'
import { unsafeEndSession, unsafeFindRotation, unsafeInsertSession, unsafeRotateSession } from './sessions.queries.ts'

const DAY_MS = 24 * 3_600_000
const IDLE_MS = 30 * DAY_MS
const ABSOLUTE_MS = 90 * DAY_MS
/** Tabs that refresh at once, an answer that was lost and is asked for again. */
const GRACE_MS = 60_000
/** How many rotations back a token is still known to have been one: about a day of use. */
const KNOWN_ROTATIONS = 100

/** A session as the edge needs it: for the access token, and for the cookie `<session id>.<256 random bits>`. */
export interface OpenSession {
  sessionId: string
  userId: string
  refreshToken: string
}

/** How long the browser keeps the cookie, in seconds. */
export const REFRESH_COOKIE_MAX_AGE_S = IDLE_MS / 1_000

/** Opens a session, within the caller's transaction when `orm` is one. `userAgent` is kept for the owner's eyes. */
export async function openSession(
  deps: Deps,
  user: { userId: string; userAgent: string | undefined },
  orm: Orm | OrmTransaction = deps.system.orm,
): Promise<OpenSession> {
  const now = deps.clock.now()
  const secret = newToken()
  const sessionId = newId()
  await unsafeInsertSession(orm, {
    id: sessionId,
    userId: user.userId,
    tokenHash: hashToken(secret),
    userAgent: user.userAgent?.slice(0, 300),
    now,
    expiresAt: new Date(now.getTime() + IDLE_MS),
  })
  return { sessionId, userId: user.userId, refreshToken: `${sessionId}.${secret}` }
}

/**
 * Rotates a refresh token. The two before it stay good for a minute after their replacement and then answer the current
 * one, so that tabs, a reload and a lost answer all end up with the same cookie. An older one that once was right is a
 * stolen one, or the owner's after a theft: the session ends for both. What never was a token ends nothing.
 * @throws UNAUTHENTICATED
 */
export async function refreshSession(deps: Deps, presented: string | undefined): Promise<OpenSession> {
  const [sessionId = '', secret = ''] = presented?.split('.') ?? []
  if (!isId(sessionId) || !secret) throw ended()
  const now = deps.clock.now()
  const next = replacementOf(deps, secret)
  const tokens = { sessionId, presentedHash: hashToken(secret), nextHash: hashToken(next) }
  const userId = await unsafeRotateSession(deps.system, { ...tokens, now, idleMs: IDLE_MS, absoluteMs: ABSOLUTE_MS })
  if (userId) return { sessionId, userId, refreshToken: `${sessionId}.${next}` }
  return resumeRotation(deps, sessionId, next, now)
}

/** `next` would have followed a token that is not the current one. */
async function resumeRotation(deps: Deps, sessionId: string, next: string, now: Date): Promise<OpenSession> {
  const found = await unsafeFindRotation(deps.system, sessionId, now)
  if (!found) throw ended()
  const later = rotationsUntil(deps, next, found.tokenHash)
  if (!later) throw ended()
  const { userId } = found
  const replacedAt = [found.rotatedAt, found.previousRotatedAt][later.count]
  if (replacedAt && now.getTime() - replacedAt.getTime() < GRACE_MS) {
    return { sessionId, userId, refreshToken: `${sessionId}.${later.secret}` }
  }
  await unsafeEndSession(deps.system, sessionId, now)
  deps.log.warn({ sessionId, userId }, 'a refresh token was used again; its session has ended')
  throw ended()
}

/** How many rotations after `secret` the token of that hash came, and what it is; undefined when it never did. */
function rotationsUntil(deps: Deps, secret: string, hash: string): { count: number; secret: string } | undefined {
  let current = secret
  for (let count = 0; count < KNOWN_ROTATIONS; count += 1) {
    if (hashToken(current) === hash) return { count, secret: current }
    current = replacementOf(deps, current)
  }
  return undefined
}

/** Ends a session, on open sockets within a second. */
export async function endSession(deps: Deps, sessionId: string): Promise<void> {
  await unsafeEndSession(deps.system, sessionId, deps.clock.now())
}

/**
 * Each token follows from the one before and a key of the server's: whoever presents a replaced one can be given the
 * current one, and be told from somebody who guesses, although only hashes are stored.
 */
const replacementOf = (deps: Pick<Deps, 'config'>, secret: string): string =>
  createHmac('sha256', deriveKey(deps.config.jwtSecret, 'refresh')).update(secret).digest('base64url')

const ended = () => new AppError('UNAUTHENTICATED', 'Your session has ended; log in again')
