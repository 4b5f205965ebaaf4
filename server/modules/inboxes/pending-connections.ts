import { and, eq, gt, lte } from 'drizzle-orm'
import type { Connection } from '../../channels/contract.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import { pendingConnections } from '../../db/schema/index.ts'
import type { Deps, System } from '../../deps.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { newId, parseId } from '../../kit/ids.ts'
import { connectInbox, type ConnectInput } from './connect-inbox.ts'
import { openConnection, sealConnection } from './credentials.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'
import { getInboxRow, unsafeFindInboxRoute, type InboxRow } from './inboxes.queries.ts'

/** How long somebody may think about it. */
const PENDING_MS = 600_000

type PendingRow = typeof pendingConnections.$inferSelect
/** What leaves the module for the API: all but the sealed connection. */
export type PendingView = Omit<PendingRow, 'connection'>

const userIdOf = ({ actor }: Pick<Scope, 'actor'>) => (actor.kind === 'member' ? actor.userId : undefined)

const isOtherBusiness = (error: unknown): boolean =>
  error instanceof AppError && error.details?.['reason'] === 'OTHER_BUSINESS'

/**
 * Connects; or, when an inbox was to be connected again and this is another business than its own, keeps the connection
 * for ten minutes until whoever began it has decided. To give the inbox to the new business is not offered: one inbox
 * would hold two histories, and customers of the one would be answered in the name of the other. Errors: of
 * `connectInbox`, OTHER_BUSINESS apart.
 */
export async function connectOrPark(
  deps: Deps,
  scope: Scope,
  input: ConnectInput,
): Promise<{ inboxId: string } | { pendingId: string }> {
  try {
    return { inboxId: (await connectInbox(deps, scope, () => Promise.resolve(input))).id }
  } catch (error) {
    if (!isOtherBusiness(error)) throw error
    return { pendingId: await park(deps, scope, input) }
  }
}

async function park(deps: Deps, scope: Scope, { channelType, connection, profile, inboxId }: ConnectInput) {
  const userId = userIdOf(scope)
  if (!inboxId || !userId) throw new Error('only a member connects an inbox again')
  if (await unsafeFindInboxRoute(deps.system, channelType, connection.externalId))
    throw new AppError('CONFLICT', 'This business is connected already', { reason: 'ALREADY_CONNECTED' })
  const id = newId()
  await scope.tx((tx) =>
    tx.orm.insert(pendingConnections).values({
      ...{ accountId: tx.accountId, id, inboxId, userId, profile, externalId: connection.externalId },
      connection: sealConnection(deps, tx.accountId, id, connection),
      expiresAt: new Date(tx.clock.now().getTime() + PENDING_MS),
    }),
  )
  return id
}

async function findPending(tx: ReadTx, id: string, now: Date): Promise<PendingRow> {
  const { accountId, expiresAt } = pendingConnections
  const [row] = await tx.orm
    .select()
    .from(pendingConnections)
    .where(and(eq(accountId, tx.accountId), eq(pendingConnections.id, id), gt(expiresAt, now)))
  if (!row) throw notFound('Connection')
  return row
}

/** One that waits; administrators only. NOT_FOUND also once its time is over. */
export async function getPendingConnection(scope: Scope, id: string): Promise<PendingView> {
  requireInboxAdministrator(scope)
  const pendingId = parseId(id, 'Connection')
  return scope.read((tx) => findPending(tx, pendingId, scope.clock.now()))
}

/** Takes one away for whoever began it: works once. */
async function take(tx: Tx, id: string): Promise<PendingRow & { channelType: string }> {
  const pending = await findPending(tx, id, tx.clock.now())
  if (pending.userId !== userIdOf(tx)) throw notFound('Connection')
  const { accountId } = pendingConnections
  const [taken] = await tx.orm
    .delete(pendingConnections)
    .where(and(eq(accountId, tx.accountId), eq(pendingConnections.id, id)))
    .returning()
  if (!taken) throw notFound('Connection')
  return { ...taken, channelType: (await getInboxRow(tx, taken.inboxId)).channelType }
}

/** Connects what waits as an inbox of its own; only whoever began it. Errors: NOT_FOUND, and those of `connectInbox`. */
export async function confirmConnection(deps: Deps, scope: Scope, id: string): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const pendingId = parseId(id, 'Connection')
  return connectInbox(deps, scope, async (tx) => {
    const { connection, profile, channelType } = await take(tx, pendingId)
    return { channelType, profile, connection: openConnection(deps, tx.accountId, pendingId, connection) }
  })
}

/** Forgets what waits, and takes back at the provider what was granted; only whoever began it. */
export async function cancelConnection(deps: Deps, scope: Scope, id: string): Promise<boolean> {
  requireInboxAdministrator(scope)
  const pendingId = parseId(id, 'Connection')
  const taken = await scope.tx((tx) => take(tx, pendingId))
  await revokePending(deps, taken)
  return true
}

/** Crosses tenants: those that nobody has decided about in time. */
export async function unsafeListExpiredConnections(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  return system.sql<{ accountId: string; id: string }[]>`
    select account_id as "accountId", id from pending_connections where expires_at <= ${now} limit ${limit}`
}

/** Forgets one whose time is over, and takes back what was granted. */
export async function dropExpiredConnection(deps: Deps, scope: Scope, id: string): Promise<void> {
  const dropped = await scope.tx(async (tx) => {
    const { accountId, expiresAt } = pendingConnections
    const [row] = await tx.orm
      .delete(pendingConnections)
      .where(and(eq(accountId, tx.accountId), eq(pendingConnections.id, id), lte(expiresAt, tx.clock.now())))
      .returning()
    return row && { ...row, channelType: (await getInboxRow(tx, row.inboxId)).channelType }
  })
  if (dropped) await revokePending(deps, dropped)
}

async function revokePending(deps: Deps, row: PendingRow & { channelType: string }): Promise<void> {
  await revokeUnused(deps, row.channelType, () => openConnection(deps, row.accountId, row.id, row.connection))
}

/** Crosses tenants: whether the same business waits for somebody's word elsewhere. */
async function unsafeIsPending({ sql }: System, externalId: string, now: Date): Promise<boolean> {
  const rows = await sql`select 1 from pending_connections where external_id = ${externalId} and expires_at > ${now}`
  return rows.length > 0
}

/**
 * Takes back a grant that nobody is going to use. Not while an inbox of this installation lives on the same business, or
 * may come to: the provider would end that one's too. A failure is logged.
 */
export async function revokeUnused(deps: Deps, channelType: string, open: () => Connection): Promise<void> {
  try {
    const { credentials, externalId } = open()
    if (await unsafeFindInboxRoute(deps.system, channelType, externalId)) return
    if (await unsafeIsPending(deps.system, externalId, deps.clock.now())) return
    await deps.channels.get(channelType).revoke?.(credentials)
  } catch (error) {
    deps.log.warn({ err: error, channelType }, 'a grant that nobody uses could not be taken back')
  }
}
