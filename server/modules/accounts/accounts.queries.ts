import type { Orm, OrmTransaction } from '../../db/client.ts'
import type { Actor, ReadTx } from '../../db/scope.ts'
import { accessChanges, auditLog, type Role } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { notFound } from '../../kit/errors.ts'
import { isId, newId } from '../../kit/ids.ts'

export type AccountStatus = 'active' | 'suspended'

/** `flags` holds only what differs from the defaults of feature-flags.ts. */
export interface AccountRow {
  id: string
  name: string
  status: AccountStatus
  flags: Record<string, boolean>
}

export interface MemberRow {
  userId: string
  name: string
  email: string
  role: Role
  /** The inboxes an agent was given; administrators see all of them. */
  inboxIds: string[]
}

export interface MembershipRow {
  role: Role
  account: AccountRow
}

type Reader = ReadTx['sql'] | System['sql']
type Writer = Orm | OrmTransaction

const accountColumns = (sql: Reader) => sql`
  a.id, a.name, a.status,
  coalesce((select jsonb_object_agg(f.key, f.enabled) from feature_flags f where f.account_id = a.id), '{}') as flags`

export async function getAccountRow(tx: ReadTx): Promise<AccountRow> {
  const [row] = await tx.sql<
    AccountRow[]
  >`select ${accountColumns(tx.sql)} from accounts a where a.id = ${tx.accountId}`
  if (!row) throw notFound('Account')
  return row
}

/** The same row, locked: changes of an account happen one after the other. */
export async function lockAccountRow(tx: ReadTx): Promise<AccountRow> {
  const [locked] = await tx.sql`select id from accounts where id = ${tx.accountId} for no key update`
  if (!locked) throw notFound('Account')
  return getAccountRow(tx)
}

/** Everybody in the account, by name; with `userId` only that one. Removed members are none. */
export async function listMemberRows(tx: ReadTx, userId?: string): Promise<MemberRow[]> {
  const { sql, accountId } = tx
  const rows = await sql<{ user_id: string; name: string; email: string; role: Role; inbox_ids: string[] }[]>`
    select m.user_id, u.name, u.email, m.role, array(
      select i.inbox_id from inbox_members i where i.account_id = m.account_id and i.user_id = m.user_id
      order by i.inbox_id) as inbox_ids
    from memberships m join users u on u.id = m.user_id
    where m.account_id = ${accountId} and m.removed_at is null ${userId ? sql`and m.user_id = ${userId}` : sql``}
    order by lower(u.name), u.id`
  return rows.map(({ user_id, inbox_ids, ...row }) => ({ ...row, userId: user_id, inboxIds: inbox_ids }))
}

export async function getMemberRow(tx: ReadTx, userId: string): Promise<MemberRow> {
  const [row] = await listMemberRows(tx, userId)
  if (!row) throw notFound('Member')
  return row
}

/** A member as an actor with the account's status, read in one statement; undefined for anybody else. */
export async function unsafeFindMember(
  system: System,
  accountId: string,
  userId: string,
): Promise<{ actor: Extract<Actor, { kind: 'member' }>; accountStatus: AccountStatus } | undefined> {
  const [row] = await system.sql<{ name: string; role: Role; status: AccountStatus; inbox_ids: string[] }[]>`
    select u.name, m.role, a.status, array(
      select i.inbox_id from inbox_members i
      where i.account_id = m.account_id and i.user_id = m.user_id and m.role = 'agent') as inbox_ids
    from memberships m join users u on u.id = m.user_id join accounts a on a.id = m.account_id
    where m.account_id = ${accountId} and m.user_id = ${userId} and m.removed_at is null`
  if (!row) return undefined
  const actor = { kind: 'member', userId, name: row.name, role: row.role, inboxIds: row.inbox_ids } as const
  return { actor, accountStatus: row.status }
}

/** The active account with this id, or those that are called so. */
export async function unsafeFindAccountIds({ sql }: System, idOrName: string): Promise<string[]> {
  const which = isId(idOrName) ? sql`id = ${idOrName}` : sql`name = ${idOrName.trim()}`
  const rows = await sql<{ id: string }[]>`select id from accounts where status = 'active' and ${which} limit 2`
  return rows.map(({ id }) => id)
}

/** A user's accounts across tenants: what may be opened first, then what was used last. */
export async function unsafeListMemberships(system: System, userId: string): Promise<MembershipRow[]> {
  const { sql } = system
  const rows = await sql<(AccountRow & { role: Role })[]>`
    select m.role, ${accountColumns(sql)}
    from memberships m join accounts a on a.id = m.account_id
    where m.user_id = ${userId} and m.removed_at is null
    order by a.status = 'active' desc, m.last_active_at desc nulls last, m.created_at, a.id`
  return rows.map(({ role, ...account }) => ({ role, account }))
}

/** Remembers which account a user opened last, to the minute. */
export async function unsafeTouchMembership(system: System, accountId: string, userId: string, now: Date) {
  await system.sql`
    update memberships set last_active_at = ${now}
    where account_id = ${accountId} and user_id = ${userId} and removed_at is null
      and (last_active_at is null or last_active_at < ${new Date(now.getTime() - 60_000)})`
}

/** For open sockets: what must be closed or reloaded (I11). Every process reads it within a second. */
export type AccessChange =
  | { kind: 'membership'; accountId: string; userId: string }
  | { kind: 'account'; accountId: string }
  | { kind: 'session'; sessionId: string; userId: string }

export async function insertAccessChanges(orm: Writer, changes: readonly AccessChange[]): Promise<void> {
  if (changes.length) await orm.insert(accessChanges).values([...changes])
}

export interface AuditEntry {
  accountId: string
  /** Null: Parley itself. */
  userId: string | null
  action: string
  data: Record<string, unknown>
}

export async function insertAudit(orm: Writer, entry: AuditEntry): Promise<void> {
  await orm.insert(auditLog).values({ id: newId(), ...entry })
}
