import { eq } from 'drizzle-orm'
import { accounts } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { invalid, notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { requirePlatformAdministrator } from '../accounts/accounts.policy.ts'
import { insertAudit } from '../accounts/accounts.queries.ts'
import { unsafeFindPlatformAccount, type PlatformAccountRow } from './platform.queries.ts'

const MOST = 10_000

/**
 * How many connected inboxes an account may have; null: as many as it likes. What is connected stays, only nothing more
 * is connected beyond it. Platform administrators only. Audited. Errors: NOT_FOUND, INVALID.
 */
export async function setInboxLimit(
  deps: Deps,
  admin: SignedIn,
  input: { accountId: string; limit?: number | null },
): Promise<PlatformAccountRow> {
  requirePlatformAdministrator(admin)
  const accountId = parseId(input.accountId, 'Account')
  const limit = input.limit ?? null
  if (limit !== null && (limit < 0 || limit > MOST)) throw invalid('limit', `A limit is 0 to ${MOST}`)
  await deps.system.orm.transaction(async (tx) => {
    const changed = await tx.update(accounts).set({ inboxLimit: limit }).where(eq(accounts.id, accountId)).returning()
    if (!changed.length) throw notFound('Account')
    await insertAudit(tx, { accountId, userId: admin.userId, action: 'account.inboxLimitSet', data: { limit } })
  })
  const account = await unsafeFindPlatformAccount(deps.system, accountId)
  if (!account) throw notFound('Account')
  return account
}
