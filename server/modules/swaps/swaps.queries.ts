import { and, desc, eq } from 'drizzle-orm'
import { inboxSwaps, type SwapCandidate } from '../../db/schema/index.ts'
import type { ReadTx } from '../../db/scope.ts'
import type { SwapRow } from '../inboxes/swap.queries.ts'

/** More than this is told as this. */
const MOST = 1_000

/** The last swap of an inbox, whatever has become of it. */
export async function findLastSwap(tx: ReadTx, inboxId: string): Promise<SwapRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(inboxSwaps)
    .where(and(eq(inboxSwaps.accountId, tx.accountId), eq(inboxSwaps.inboxId, inboxId)))
    .orderBy(desc(inboxSwaps.swappedAt), desc(inboxSwaps.id))
    .limit(1)
  return row
}

/** What is still on its way out at the provider that was left, and what is to be decided. */
export async function countOpen(tx: ReadTx, swap: SwapRow): Promise<{ draining: number; openDecisions: number }> {
  const { sql, accountId } = tx
  const [row] = await sql<{ draining: number; openDecisions: number }[]>`
    select
      (select count(*)::int from (select 1 from messages
        where account_id = ${accountId} and inbox_id = ${swap.inboxId} and channel_type = ${swap.fromChannelType}
          and status in ('queued', 'sending', 'unconfirmed') limit ${MOST}) m) as draining,
      (select count(*)::int from (select 1 from swap_matches
        where account_id = ${accountId} and inbox_id = ${swap.inboxId} and state = 'open' limit ${MOST}) d)
        as "openDecisions"`
  return row ?? { draining: 0, openDecisions: 0 }
}

export interface OpenMatch {
  id: string
  threadId: string
  candidates: SwapCandidate[]
}

/** What is to be decided of an inbox, the oldest first; ids are in the order of time. */
export const listOpenMatches = (
  { sql, accountId }: ReadTx,
  inboxId: string,
  page: { after: string | undefined; limit: number },
): Promise<OpenMatch[]> => sql<OpenMatch[]>`
  select id, thread_id as "threadId", candidates from swap_matches
  where account_id = ${accountId} and inbox_id = ${inboxId} and state = 'open'
    and (${page.after ?? null}::uuid is null or id > ${page.after ?? null})
  order by id limit ${page.limit}`

/** A thread as whoever decides sees it. */
export interface SwapThreadView {
  accountId: string
  threadId: string
  contactId: string
  channelTypes: string[]
  conversationId: string | null
  texts: SwapTextView[]
}

export interface SwapTextView {
  incoming: boolean
  text: string
  at: string
}

export async function findSwapThreads(tx: ReadTx, ids: readonly string[]): Promise<Map<string, SwapThreadView>> {
  const rows = await tx.sql<SwapThreadView[]>`
    select t.account_id as "accountId", t.id as "threadId", t.contact_id as "contactId",
      array(select distinct channel_type from thread_aliases a
        where a.account_id = t.account_id and a.thread_id = t.id order by 1) as "channelTypes",
      (select c.id from conversations c where c.account_id = t.account_id and c.thread_id = t.id
        order by (c.status <> 'resolved') desc, c.last_activity_at desc limit 1) as "conversationId",
      (select coalesce(jsonb_agg(jsonb_build_object('incoming', m.type = 'incoming', 'text', left(m.content, 500),
          'at', m.at) order by m.at, m.arrival), '[]')
        from (
          select m.type, m.content, m.at, m.arrival
          from conversations c join messages m on m.account_id = c.account_id and m.conversation_id = c.id
          where c.account_id = t.account_id and c.thread_id = t.id and m.content <> '' and m.type <> 'activity'
            and not m.private
          order by m.at desc, m.arrival desc limit 5) m) as texts
    from threads t where t.account_id = ${tx.accountId} and t.id = any(${[...ids]}::uuid[])`
  return new Map(rows.map((row) => [row.threadId, row]))
}
