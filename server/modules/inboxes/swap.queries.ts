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
  'gapSince' as const,
]
type ConnectionColumns = Pick<InboxRow, (typeof CONNECTION)[number]>

const TIMES = new Set<string>([
  ...['accessExpiresAt', 'consentExpiresAt', 'renewAfter', 'sendingPausedUntil', 'connectedAt', 'gapSince'],
])

export const connectionOf = (inbox: InboxRow): Record<string, unknown> =>
  Object.fromEntries(CONNECTION.map((column) => [column, inbox[column]]))

/** The same as it was kept in a swap; times are texts there. */
export function keptConnection({ fromConnection }: Pick<SwapRow, 'fromConnection'>): ConnectionColumns {
  const columns = CONNECTION.map((column) => {
    const value = fromConnection[column] ?? null
    return [column, TIMES.has(column) && value !== null ? new Date(String(value)) : value]
  })
  return Object.fromEntries(columns) as ConnectionColumns
}

/** Whether the past of the provider that was left is still to be read, apart from its gap. */
export const isPastUnread = ({ fromConnection }: Pick<SwapRow, 'fromConnection'>): boolean =>
  fromConnection['pastUnread'] === true

/** Notes what an inbox had not read yet of the provider that it leaves: from a time on, or all of its past too. */
export async function noteUnread(tx: Tx, swap: SwapRow, { since, all }: { since: Date; all: boolean }): Promise<void> {
  const { gapSince } = keptConnection(swap)
  const unread = { gapSince: gapSince && gapSince < since ? gapSince : since, pastUnread: all }
  await updateSwap(tx, swap.id, { fromConnection: { ...swap.fromConnection, ...unread } })
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

/** The open one of a locked inbox, locked: what is written of its connection is all that was known when it was read. */
export async function lockOpenSwap(tx: Tx, inboxId: string): Promise<SwapRow | undefined> {
  const swap = await findOpenSwap(tx, inboxId)
  return swap && lockSwap(tx, swap.id)
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

/** What taking in messages needs to know of an inbox's last swap, whatever has become of it. */
export interface SwapFacts {
  id: string
  swappedAt: Date
  isOpen: boolean
  /** The channel of messages that name none: they were here before the inbox's first swap. */
  firstChannelType: string
}

type StoredFacts = Omit<SwapFacts, 'swappedAt'> & { swappedAt: string }

/** The same as a column beside an inbox `i`; null when it never had one. */
export const swapFactsOf = `(
  select jsonb_build_object('id', s.id, 'swappedAt', s.swapped_at, 'isOpen', s.state = 'open', 'firstChannelType', (
    select f.from_channel_type from inbox_swaps f
    where f.account_id = i.account_id and f.inbox_id = i.id order by f.swapped_at, f.id limit 1))
  from inbox_swaps s where s.account_id = i.account_id and s.inbox_id = i.id
  order by s.swapped_at desc, s.id desc limit 1)`

export const readSwapFacts = (stored: StoredFacts | null): SwapFacts | null =>
  stored && { ...stored, swappedAt: new Date(stored.swappedAt) }

export async function findSwapFacts(tx: ReadTx, inboxId: string): Promise<SwapFacts | null> {
  const [row] = await tx.sql<{ swap: StoredFacts | null }[]>`
    select ${tx.sql.unsafe(swapFactsOf)} as swap from inboxes i where i.account_id = ${tx.accountId} and i.id = ${inboxId}`
  return readSwapFacts(row?.swap ?? null)
}

/** Notes that another program answers customers after a swap; says so once a minute. */
export async function noteForeignReply(
  tx: Tx,
  inboxId: string,
  swap: SwapFacts,
  reply: { at: Date; via: 'automation' | 'api' },
): Promise<void> {
  const earlier = new Date(reply.at.getTime() - 60_000)
  const { count } = await tx.sql`
    update inbox_swaps set foreign_reply_at = ${reply.at}, foreign_reply_via = ${reply.via}
    where account_id = ${tx.accountId} and id = ${swap.id} and state = 'open' and swapped_at < ${reply.at}
      and (foreign_reply_at is null or foreign_reply_at < ${earlier})`
  if (count) tx.publish({ type: 'inbox.updated', inboxId })
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
