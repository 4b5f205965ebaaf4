import { and, eq } from 'drizzle-orm'
import { inboxSwaps } from '../../db/schema/index.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import type { System } from '../../deps.ts'
import { findInbox, type InboxRow } from './inboxes.queries.ts'

export type SwapRow = typeof inboxSwaps.$inferSelect

/** What of an inbox's row belongs to its connection, changes places in a swap and is no secret. */
const CONNECTION = [
  ...(['handle', 'avatarUrl', 'credentialsVersion', 'accessExpiresAt', 'consentExpiresAt'] as const),
  ...(['consentWarnedDays', 'renewAfter', 'reauthorizationRequired', 'reauthorizationReason'] as const),
  ...(['grantedScopes', 'dialect', 'appId', 'rateScope', 'sendingPausedUntil', 'connectedAt'] as const),
]
type ConnectionColumns = Pick<InboxRow, (typeof CONNECTION)[number]>

const TIMES = ['accessExpiresAt', 'consentExpiresAt', 'renewAfter', 'sendingPausedUntil', 'connectedAt'] as const

export const connectionOf = (inbox: InboxRow): Record<string, unknown> =>
  Object.fromEntries(CONNECTION.map((column) => [column, inbox[column]]))

/** The same as it was kept in a swap; times are texts there. */
export function keptConnection({ fromConnection }: Pick<SwapRow, 'fromConnection'>): ConnectionColumns {
  const times = TIMES.map((column) => {
    const value = fromConnection[column]
    return [column, typeof value === 'string' ? new Date(value) : null]
  })
  return { ...fromConnection, ...Object.fromEntries(times) } as unknown as ConnectionColumns
}

/** A connection of an inbox: its own, or the one that it has left in a swap (`swapId`) and that is not over yet. */
export type Side = InboxRow & { swapId?: string }

/** The side that an inbox has left, as if it were the inbox's own. */
export const leftSide = (inbox: InboxRow, swap: SwapRow): Side => ({
  ...inbox,
  ...keptConnection(swap),
  channelType: swap.fromChannelType,
  externalId: swap.fromExternalId,
  credentials: swap.fromCredentials,
  webhookToken: swap.fromWebhookToken,
  webhookKeys: swap.fromWebhookKeys,
  renewalLeaseUntil: null,
  swapId: swap.id,
})

export async function findOpenSwap(tx: ReadTx, inboxId: string): Promise<SwapRow | undefined> {
  const { accountId, state } = inboxSwaps
  const [row] = await tx.orm
    .select()
    .from(inboxSwaps)
    .where(and(eq(accountId, tx.accountId), eq(inboxSwaps.inboxId, inboxId), eq(state, 'open')))
  return row
}

/** Whoever needs both locks the inbox first. */
export async function lockSwap(tx: Tx, id: string): Promise<SwapRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(inboxSwaps)
    .where(and(eq(inboxSwaps.accountId, tx.accountId), eq(inboxSwaps.id, id)))
    .for('no key update')
  return row
}

export async function updateSwap(tx: Tx, id: string, columns: Partial<SwapRow>): Promise<void> {
  await tx.orm
    .update(inboxSwaps)
    .set(columns)
    .where(and(eq(inboxSwaps.accountId, tx.accountId), eq(inboxSwaps.id, id)))
}

/** The side of an inbox that something goes by: null is its own. Undefined: that side is over, or the inbox gone. */
export async function findSide(tx: ReadTx, inboxId: string, channelType: string | null): Promise<Side | undefined> {
  const inbox = await findInbox(tx, inboxId)
  if (!inbox || channelType === null || channelType === inbox.channelType) return inbox
  const swap = await findOpenSwap(tx, inboxId)
  return swap?.fromChannelType === channelType ? leftSide(inbox, swap) : undefined
}

/** Crosses tenants: swaps whose time is over, when there is something to be tried. */
export async function unsafeListSwapsToEnd(
  { sql }: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  return sql<{ accountId: string; id: string }[]>`
    select account_id as "accountId", id from inbox_swaps
    where state = 'open' and ends_at <= ${now} and (next_attempt_at is null or next_attempt_at <= ${now})
    order by ends_at limit ${limit}`
}
