import { and, asc, eq, inArray } from 'drizzle-orm'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import { inboxes, inboxMembers, memberships } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { notFound } from '../../kit/errors.ts'
import { visibleInboxIds } from './inboxes.policy.ts'

export type InboxRow = typeof inboxes.$inferSelect
/** What leaves the module for the API: all but what is sealed. */
export type InboxView = Omit<InboxRow, 'credentials' | 'webhookKeys'>

export async function findInboxes(tx: ReadTx, ids: readonly string[]): Promise<InboxRow[]> {
  if (!ids.length) return []
  return tx.orm
    .select()
    .from(inboxes)
    .where(and(eq(inboxes.accountId, tx.accountId), inArray(inboxes.id, [...ids])))
}

export async function findInbox(tx: ReadTx, id: string): Promise<InboxRow | undefined> {
  return (await findInboxes(tx, [id]))[0]
}

export async function getInboxRow(tx: ReadTx, id: string): Promise<InboxRow> {
  const inbox = await findInbox(tx, id)
  if (!inbox) throw notFound('Inbox')
  return inbox
}

/** The inboxes that the actor sees, by name. */
export async function listInboxRows(scope: Scope): Promise<InboxRow[]> {
  const visible = visibleInboxIds(scope.actor)
  return scope.read((tx) =>
    tx.orm
      .select()
      .from(inboxes)
      .where(
        and(eq(inboxes.accountId, scope.accountId), visible === 'all' ? undefined : inArray(inboxes.id, [...visible])),
      )
      .orderBy(asc(inboxes.name), asc(inboxes.id)),
  )
}

/** inbox → the agents on its list, removed members left out. */
export async function findInboxMemberIds(tx: ReadTx, inboxIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await tx.orm
    .select({ inboxId: inboxMembers.inboxId, userId: inboxMembers.userId })
    .from(inboxMembers)
    .where(and(eq(inboxMembers.accountId, tx.accountId), inArray(inboxMembers.inboxId, [...inboxIds])))
  const members = new Map<string, string[]>(inboxIds.map((id) => [id, []]))
  for (const row of rows) members.get(row.inboxId)?.push(row.userId)
  return members
}

/** A member who may be given conversations of the inbox: whoever sees it. */
export async function findAssignable(
  tx: ReadTx,
  inboxId: string,
  userId: string,
): Promise<{ name: string } | undefined> {
  const [row] = await tx.sql<{ name: string }[]>`
    select u.name from memberships m join users u on u.id = m.user_id
    where m.account_id = ${tx.accountId} and m.user_id = ${userId} and m.removed_at is null
      and (m.role = 'administrator' or exists (
        select 1 from inbox_members i
        where i.account_id = m.account_id and i.user_id = m.user_id and i.inbox_id = ${inboxId}))
    for share of m`
  return row
}

export async function lockInbox(tx: Tx, id: string): Promise<InboxRow> {
  const [inbox] = await tx.orm
    .select()
    .from(inboxes)
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, id)))
    .for('no key update')
  if (!inbox) throw notFound('Inbox')
  return inbox
}

export async function listAdministratorIds(tx: ReadTx): Promise<string[]> {
  const rows = await tx.orm
    .select({ userId: memberships.userId, role: memberships.role, removedAt: memberships.removedAt })
    .from(memberships)
    .where(and(eq(memberships.accountId, tx.accountId), eq(memberships.role, 'administrator')))
  return rows.filter((row) => !row.removedAt).map((row) => row.userId)
}

/** Where a delivery for a business goes, and whether it may be worked off now. */
export interface InboxRoute {
  accountId: string
  inboxId: string
  suspended: boolean
  /** Set for a business that the inbox has left in a swap: when. */
  leftAt?: Date
}

/** Crosses tenants: the inbox row and never the payload says whose a delivery is. */
export async function unsafeFindInboxRoute(
  system: System,
  channelType: string,
  externalId: string,
): Promise<InboxRoute | undefined> {
  const [row] = await system.sql<{ account_id: string; id: string; left_at: Date | null; status: string }[]>`
    select o.account_id, o.id, o.left_at, a.status from (
      select account_id, id, null::timestamptz as left_at from inboxes
      where channel_type = ${channelType} and external_id = ${externalId} and disconnected_at is null
      union all
      select account_id, inbox_id, swapped_at from inbox_swaps
      where from_channel_type = ${channelType} and from_external_id = ${externalId} and state = 'open') o
    join accounts a on a.id = o.account_id limit 1`
  if (!row) return undefined
  const { account_id: accountId, id: inboxId, left_at: leftAt, status } = row
  return { accountId, inboxId, suspended: status === 'suspended', ...(leftAt && { leftAt }) }
}

type Addressed = Pick<InboxRow, 'accountId' | 'id' | 'externalId' | 'webhookKeys'> & { swapId?: string }

/** Crosses tenants: whose address it is; also of one that is disconnected, or that has left it in a swap. */
export async function unsafeFindAddressed(
  { sql }: System,
  channelType: string,
  token: string,
): Promise<Addressed | undefined> {
  const [row] = await sql<(Addressed & { swapId: string | null })[]>`
    select account_id as "accountId", id, external_id as "externalId", webhook_keys as "webhookKeys",
      null::uuid as "swapId" from inboxes
    where webhook_token = ${token} and channel_type = ${channelType}
    union all
    select account_id, inbox_id, from_external_id, from_webhook_keys, id from inbox_swaps
    where from_webhook_token = ${token} and from_channel_type = ${channelType} and state = 'open'`
  if (!row) return undefined
  const { swapId, ...inbox } = row
  return { ...inbox, ...(swapId && { swapId }) }
}

/** Crosses tenants: which of these businesses have a connected inbox, somewhere, or one that may take them back. */
export async function unsafeListConnectedIds(
  { sql }: System,
  channelType: string,
  externalIds: readonly string[],
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select external_id as id from inboxes
    where channel_type = ${channelType} and external_id = any(${[...externalIds]}::text[]) and disconnected_at is null
    union all
    select from_external_id from inbox_swaps
    where from_channel_type = ${channelType} and from_external_id = any(${[...externalIds]}::text[]) and state = 'open'`
  return new Set(rows.map(({ id }) => id))
}

export async function unsafeListInboxesToRenew(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; inboxId: string }[]> {
  const rows = await system.sql<{ account_id: string; id: string }[]>`
    select account_id, id from inboxes
    where renew_after <= ${now} and disconnected_at is null and not reauthorization_required
    order by renew_after limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, inboxId: row.id }))
}

/** Crosses tenants: OAuth states that nobody can use any more. */
export async function unsafePruneStates(system: System, now: Date): Promise<void> {
  await system.sql`delete from oauth_states where expires_at < ${new Date(now.getTime() - 3_600_000)}`
}
