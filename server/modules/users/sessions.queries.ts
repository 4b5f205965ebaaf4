import { and, eq, isNull } from 'drizzle-orm'
import type { Orm, OrmTransaction } from '../../db/client.ts'
import { sessions } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { insertAccessChanges } from '../accounts/accounts.queries.ts'

export interface NewSession {
  id: string
  userId: string
  tokenHash: string
  userAgent: string | undefined
  now: Date
  expiresAt: Date
}

export async function unsafeInsertSession(orm: Orm | OrmTransaction, session: NewSession): Promise<void> {
  const { now, ...rest } = session
  await orm.insert(sessions).values({ ...rest, createdAt: now, rotatedAt: now })
}

export interface Rotation {
  sessionId: string
  presentedHash: string
  nextHash: string
  now: Date
  /** Unused for this long, a session ends. */
  idleMs: number
  /** A session ends this long after its log-in. */
  absoluteMs: number
}

/** Compare-and-swap: of two that present the current token at once, one rotates it. Answers the user, or undefined. */
export async function unsafeRotateSession({ sql }: System, rotation: Rotation): Promise<string | undefined> {
  const { sessionId, presentedHash, nextHash, now, idleMs, absoluteMs } = rotation
  const idleEnd = new Date(now.getTime() + idleMs)
  const [row] = await sql<{ user_id: string }[]>`
    update sessions
    set previous_token_hash = token_hash, token_hash = ${nextHash}, generation = generation + 1,
      previous_rotated_at = rotated_at, rotated_at = ${now},
      expires_at = least(created_at + make_interval(secs => ${absoluteMs / 1000}), ${idleEnd})
    where id = ${sessionId} and token_hash = ${presentedHash} and ended_at is null and expires_at > ${now}
    returning user_id`
  return row?.user_id
}

export interface RotationState {
  userId: string
  tokenHash: string
  /** When the current token took the place of the one before, and when that one did. */
  rotatedAt: Date
  previousRotatedAt: Date | null
}

/** Where a session that is alive stands. */
export async function unsafeFindRotation(
  { sql }: System,
  sessionId: string,
  now: Date,
): Promise<RotationState | undefined> {
  const [row] = await sql<RotationState[]>`
    select user_id as "userId", token_hash as "tokenHash", rotated_at as "rotatedAt",
      previous_rotated_at as "previousRotatedAt"
    from sessions where id = ${sessionId} and ended_at is null and expires_at > ${now}`
  return row
}

/** Ends one session; open sockets hear of it in the same statement. Answers whether it was still alive. */
export async function unsafeEndSession({ sql }: System, sessionId: string, now: Date): Promise<boolean> {
  const rows = await sql`
    with ended as (
      update sessions set ended_at = ${now} where id = ${sessionId} and ended_at is null returning id, user_id
    )
    insert into access_changes (kind, session_id, user_id) select 'session', id, user_id from ended returning id`
  return rows.length > 0
}

/** Ends every session of a user in the caller's transaction; open sockets hear of it with its commit. */
export async function unsafeEndSessions(orm: Orm | OrmTransaction, userId: string, now: Date): Promise<void> {
  const ended = await orm
    .update(sessions)
    .set({ endedAt: now })
    .where(and(eq(sessions.userId, userId), isNull(sessions.endedAt)))
    .returning({ sessionId: sessions.id })
  await insertAccessChanges(
    orm,
    ended.map(({ sessionId }) => ({ kind: 'session', sessionId, userId })),
  )
}
