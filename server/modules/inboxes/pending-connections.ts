import { and, eq, gt, lte } from 'drizzle-orm'
import type { Connection } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { pendingConnections } from '../../db/schema/index.ts'
import type { Deps, System } from '../../deps.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { newId, parseId } from '../../kit/ids.ts'
import { connectInbox, type ConnectInput } from './connect-inbox.ts'
import { changeSince, openConnection, requireUnchanged, sealConnection } from './credentials.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'
import { getInboxRow, unsafeFindInboxRoute, type InboxRow } from './inboxes.queries.ts'

/** How long somebody may think about it. */
const PENDING_MS = 600_000
/** By every process's clock. */
const OVER = new Date(0)

type PendingRow = typeof pendingConnections.$inferSelect
/** What leaves the module for the API: all but the sealed connection. */
export type PendingView = Omit<PendingRow, 'connection'>

function userIdOf({ actor }: Pick<Scope, 'actor'>): string {
  if (actor.kind !== 'member') throw new Error('only a member connects an inbox again')
  return actor.userId
}

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
  if (!inboxId) throw new Error('nothing is parked of a new inbox')
  if (await unsafeFindInboxRoute(deps.system, channelType, connection.externalId))
    throw new AppError('CONFLICT', 'This business is connected already', { reason: 'ALREADY_CONNECTED' })
  const id = newId()
  await scope.tx((tx) =>
    tx.orm.insert(pendingConnections).values({
      ...{ accountId: tx.accountId, id, inboxId, userId, profile, externalId: connection.externalId },
      // The inbox may go over to another channel meanwhile.
      connection: sealConnection(deps, tx.accountId, id, { ...connection, channelType }),
      expiresAt: new Date(tx.clock.now().getTime() + PENDING_MS),
    }),
  )
  return id
}

/** One that waits; administrators only. NOT_FOUND also once its time is over. */
export async function getPendingConnection(scope: Scope, id: string): Promise<PendingView> {
  requireInboxAdministrator(scope)
  const pendingId = parseId(id, 'Connection')
  const { accountId, expiresAt } = pendingConnections
  const [row] = await scope.read((tx) =>
    tx.orm
      .select()
      .from(pendingConnections)
      .where(and(eq(accountId, tx.accountId), eq(pendingConnections.id, pendingId), gt(expiresAt, scope.clock.now()))),
  )
  if (!row) throw notFound('Connection')
  return row
}

/** One that waits for the word of whoever asks: nobody else's, and only while its time lasts. */
const own = (tx: Tx, id: string) =>
  and(
    eq(pendingConnections.accountId, tx.accountId),
    eq(pendingConnections.id, id),
    eq(pendingConnections.userId, userIdOf(tx)),
    gt(pendingConnections.expiresAt, tx.clock.now()),
  )

/**
 * Connects what waits as an inbox of its own; only whoever began it. Errors: NOT_FOUND, those of `connectInbox`, and
 * CONFLICT with details.reason DIALECT_CHANGED or APP_CHANGED where the channel cannot use any more what was granted.
 */
export async function confirmConnection(deps: Deps, scope: Scope, id: string): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const pendingId = parseId(id, 'Connection')
  return connectInbox(deps, scope, async (tx) => {
    const [taken] = await tx.orm.delete(pendingConnections).where(own(tx, pendingId)).returning()
    if (!taken) throw notFound('Connection')
    const inbox = await getInboxRow(tx, taken.inboxId)
    const connection = openConnection(deps, tx.accountId, pendingId, taken.connection)
    const { channelType = inbox.channelType } = connection
    const reason = changeSince(deps.channels, channelType, connection)
    if (reason) throw new AppError('CONFLICT', 'The channel has changed since then; connect again', { reason })
    return { channelType, profile: taken.profile, connection }
  })
}

/** Ends the time of what waits, and takes back at the provider what was granted; only whoever began it. */
export async function cancelConnection(deps: Deps, scope: Scope, id: string): Promise<boolean> {
  requireInboxAdministrator(scope)
  const pendingId = parseId(id, 'Connection')
  await scope.tx(async (tx) => {
    const set = { expiresAt: OVER }
    const ended = await tx.orm.update(pendingConnections).set(set).where(own(tx, pendingId)).returning()
    if (!ended.length) throw notFound('Connection')
  })
  await dropExpiredConnection(deps, scope, pendingId)
  return true
}

/** Crosses tenants: those whose time is over, when there is something to be tried. */
export async function unsafeListExpiredConnections(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  return system.sql<{ accountId: string; id: string }[]>`
    select account_id as "accountId", id from pending_connections
    where expires_at <= ${now} and (next_attempt_at is null or next_attempt_at <= ${now}) limit ${limit}`
}

/** When it is tried again to take back what was granted; after that it is forgotten, as its tokens run out. */
const BACKOFF_MS = [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000]

/** Takes back what was granted to one whose time is over, and forgets it then: not before, or nobody could try again. */
export async function dropExpiredConnection(deps: Deps, scope: Scope, id: string): Promise<void> {
  const { accountId, expiresAt } = pendingConnections
  const key = and(eq(accountId, scope.accountId), eq(pendingConnections.id, id))
  // From here on nobody may confirm it, and whoever is just confirming it goes first.
  const found = await scope.tx(async (tx) => {
    const over = and(key, lte(expiresAt, tx.clock.now()))
    const [row] = await tx.orm.update(pendingConnections).set({ expiresAt: OVER }).where(over).returning()
    return row && { row, channelType: (await getInboxRow(tx, row.inboxId)).channelType }
  })
  if (!found) return
  const { row, channelType } = found
  try {
    const connection = openConnection(deps, row.accountId, id, row.connection)
    await takeBack(deps, connection.channelType ?? channelType, connection)
  } catch (error) {
    const wait = BACKOFF_MS[row.attempts]
    deps.log.warn({ err: error, channelType, again: wait !== undefined }, 'a parked grant could not be taken back')
    if (wait !== undefined) {
      const set = { attempts: row.attempts + 1, nextAttemptAt: new Date(scope.clock.now().getTime() + wait) }
      return scope.tx(async (tx) => void (await tx.orm.update(pendingConnections).set(set).where(key)))
    }
  }
  await scope.tx((tx) => tx.orm.delete(pendingConnections).where(key))
}

/** Crosses tenants: whether the same business waits for somebody's word elsewhere. */
async function unsafeIsPending({ sql }: System, externalId: string, now: Date): Promise<boolean> {
  const rows = await sql`select 1 from pending_connections where external_id = ${externalId} and expires_at > ${now}`
  return rows.length > 0
}

/** Takes back a grant that nobody is going to use; a failure is logged. */
export async function revokeUnused(deps: Deps, channelType: string, connection: Connection): Promise<void> {
  await takeBack(deps, channelType, connection).catch((error: unknown) => {
    deps.log.warn({ err: error, channelType }, 'a grant that nobody uses could not be taken back')
  })
}

/**
 * Not while an inbox of this installation lives on the same business, or may come to: the provider would end that one's
 * too. Throws ChannelError.
 */
async function takeBack(deps: Deps, channelType: string, connection: Connection): Promise<void> {
  const { credentials, externalId } = connection
  if (await unsafeFindInboxRoute(deps.system, channelType, externalId)) return
  if (await unsafeIsPending(deps.system, externalId, deps.clock.now())) return
  requireUnchanged(deps.channels, channelType, connection)
  await deps.channels.get(channelType).revoke?.(credentials)
}
