import { and, desc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm'
import type { OrmTransaction } from '../../db/client.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import { invitations, memberships, type Role } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import type { AccountStatus } from './accounts.queries.ts'

export type InvitationRow = typeof invitations.$inferSelect

const isOpen = () => and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt))

/** Open ones that have not expired, newest first. */
export async function listInvitationRows(tx: ReadTx, now: Date): Promise<InvitationRow[]> {
  return tx.orm
    .select()
    .from(invitations)
    .where(and(eq(invitations.accountId, tx.accountId), isOpen(), gt(invitations.expiresAt, now)))
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
}

/** Writes the invitation in the place of an open one to the same address, whose link ends with its id. */
export async function putInvitation(tx: Tx, invitation: typeof invitations.$inferInsert): Promise<InvitationRow> {
  const { accountId: _accountId, email: _email, ...replaced } = invitation
  const [row] = await tx.orm
    .insert(invitations)
    .values(invitation)
    .onConflictDoUpdate({
      target: [invitations.accountId, invitations.email],
      targetWhere: sql`accepted_at is null and revoked_at is null`,
      set: { ...replaced, tokenHash: null },
    })
    .returning()
  if (!row) throw new Error('the invitation was not written')
  return row
}

/** Answers whether there was such an open one. */
export async function revokeInvitationRow(tx: Tx, id: string): Promise<boolean> {
  const revoked = await tx.orm
    .update(invitations)
    .set({ revokedAt: tx.clock.now() })
    .where(and(eq(invitations.accountId, tx.accountId), eq(invitations.id, id), isOpen()))
    .returning({ id: invitations.id })
  return revoked.length > 0
}

/** The open invitations of a member end; answers their ids. */
export async function revokeInvitationRowsOf(tx: Tx, invitedBy: string): Promise<string[]> {
  const revoked = await tx.orm
    .update(invitations)
    .set({ revokedAt: tx.clock.now() })
    .where(and(eq(invitations.accountId, tx.accountId), eq(invitations.invitedBy, invitedBy), isOpen()))
    .returning({ id: invitations.id })
  return revoked.map(({ id }) => id)
}

export async function isMemberAddress(tx: ReadTx, email: string): Promise<boolean> {
  const rows = await tx.sql`
    select 1 from memberships m join users u on u.id = m.user_id
    where m.account_id = ${tx.accountId} and m.removed_at is null and u.email = ${email}`
  return rows.length > 0
}

export interface OpenInvitation {
  accountId: string
  id: string
  email: string
  role: Role
  inboxIds: string[]
  accountName: string
  accountStatus: AccountStatus
  inviterName: string
  inviterLocale: string
  userExists: boolean
}

/** By the token of its link, across tenants; undefined when unknown, used, revoked, replaced or expired. */
export async function unsafeFindOpenInvitation(
  system: System,
  tokenHash: string,
  now: Date,
): Promise<OpenInvitation | undefined> {
  const [row] = await system.sql<Record<string, unknown>[]>`
    select i.account_id as "accountId", i.id, i.email, i.role, i.inbox_ids as "inboxIds", a.name as "accountName",
      a.status as "accountStatus", u.name as "inviterName", u.locale as "inviterLocale",
      exists (select 1 from users invited where invited.email = i.email) as "userExists"
    from invitations i join accounts a on a.id = i.account_id join users u on u.id = i.invited_by
    where i.token_hash = ${tokenHash} and i.accepted_at is null and i.revoked_at is null
      and i.expires_at > ${now}`
  return row as OpenInvitation | undefined
}

/** Uses the invitation up and makes the user a member; false when somebody was faster. */
export async function unsafeAcceptInvitation(
  orm: OrmTransaction,
  invitation: OpenInvitation,
  userId: string,
  now: Date,
): Promise<boolean> {
  const { accountId, id, role, inboxIds } = invitation
  const accepted = await orm
    .update(invitations)
    .set({ acceptedAt: now })
    .where(and(eq(invitations.accountId, accountId), eq(invitations.id, id), isOpen(), gt(invitations.expiresAt, now)))
    .returning({ id: invitations.id })
  if (!accepted.length) return false
  await orm
    .insert(memberships)
    .values({ accountId, userId, role, createdAt: now, lastActiveAt: now })
    .onConflictDoUpdate({
      target: [memberships.accountId, memberships.userId],
      set: { role, removedAt: null, lastActiveAt: now },
      setWhere: isNotNull(memberships.removedAt),
    })
  if (inboxIds.length) {
    await orm.execute(sql`
      insert into inbox_members (account_id, inbox_id, user_id)
      select account_id, id, ${userId} from inboxes where account_id = ${accountId} and id in ${inboxIds}
      on conflict do nothing`)
  }
  return true
}
