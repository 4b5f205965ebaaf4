import type { Tx } from '../../db/scope.ts'
import { AppError } from '../../kit/errors.ts'

/**
 * That the account may connect one inbox more. The account is locked, so that two that connect at once are counted one
 * after the other. Throws CONFLICT with details.reason INBOX_LIMIT.
 */
export async function requireRoom({ sql, accountId }: Tx): Promise<void> {
  const [account] = await sql<{ limit: number | null }[]>`
    select inbox_limit as "limit" from accounts where id = ${accountId} for no key update`
  const limit = account?.limit ?? null
  if (limit === null) return
  const [row] = await sql<{ connected: number }[]>`
    select count(*)::int as connected from inboxes where account_id = ${accountId} and disconnected_at is null`
  if ((row?.connected ?? 0) < limit) return
  throw new AppError('CONFLICT', `This account may have ${limit} inboxes`, { reason: 'INBOX_LIMIT', limit })
}
