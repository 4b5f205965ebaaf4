import type { System } from '../../deps.ts'
import { hashToken, isId } from '../../kit/ids.ts'

/** Crosses tenants: whose browser this is, from its refresh cookie, without rotating it. Undefined: nobody's. */
export async function unsafeFindSessionOwner(
  system: System,
  cookie: string | undefined,
  now: Date,
): Promise<string | undefined> {
  const [sessionId = '', secret = ''] = cookie?.split('.') ?? []
  if (!isId(sessionId) || !secret) return undefined
  const hash = hashToken(secret)
  const [row] = await system.sql<{ user_id: string }[]>`
    select user_id from sessions
    where id = ${sessionId} and ended_at is null and expires_at > ${now}
      and (token_hash = ${hash} or previous_token_hash = ${hash})`
  return row?.user_id
}
