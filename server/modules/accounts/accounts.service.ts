import { eq } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/scope.ts'
import { accounts } from '../../db/schema/index.ts'
import { parseName } from './accounts.input.ts'
import { requireAdministrator } from './accounts.policy.ts'
import { getAccountRow, insertAccessChanges, insertAudit, type AccountRow } from './accounts.queries.ts'

/** The account that the scope is of. */
export async function getAccount(scope: Scope): Promise<AccountRow> {
  return scope.read(getAccountRow)
}

/** Renames the account; administrators only. */
export async function updateAccount(scope: Scope, input: { name: string }): Promise<AccountRow> {
  requireAdministrator(scope)
  const name = parseName(input.name, 'name')
  return scope.tx(async (tx) => {
    await tx.orm.update(accounts).set({ name }).where(eq(accounts.id, tx.accountId))
    await recordAudit(tx, 'account.updated', { name })
    tx.publish({ type: 'account.updated' })
    return getAccountRow(tx)
  })
}

/** Writes to the account's audit log who did what; `data` holds ids and plain facts. */
export async function recordAudit(tx: Tx, action: string, data: Record<string, unknown>): Promise<void> {
  const userId = tx.actor.kind === 'member' ? tx.actor.userId : null
  await insertAudit(tx.orm, { accountId: tx.accountId, userId, action, data })
}

/**
 * What a member may see has changed: open sockets read it anew within a second (I11), and the member's screens get an
 * event that says so.
 */
export async function announceAccessChange(tx: Tx, userId: string): Promise<void> {
  await insertAccessChanges(tx.orm, [{ kind: 'membership', accountId: tx.accountId, userId }])
  tx.publish({ type: 'access.changed', userId })
}
