import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import type { ListedReferral, ListedThread } from '../../channels/contract.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import { historyRuns, historyThreads } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { storableJson } from '../../kit/text.ts'
import type { InboxRow } from '../inboxes/inboxes.queries.ts'

export type HistoryRunRow = typeof historyRuns.$inferSelect
export type HistoryThreadRow = typeof historyThreads.$inferSelect

export const isOpen = (run: HistoryRunRow | undefined): run is HistoryRunRow =>
  run?.state === 'listing' || run?.state === 'reading'

/** inbox → its run. */
export async function findHistoryRuns(
  tx: ReadTx,
  inboxIds: readonly string[],
): Promise<Map<string, HistoryRunRow | undefined>> {
  const rows = await tx.orm
    .select()
    .from(historyRuns)
    .where(and(eq(historyRuns.accountId, tx.accountId), inArray(historyRuns.inboxId, [...inboxIds])))
  return new Map(rows.map((row) => [row.inboxId, row]))
}

export async function findHistoryRun(tx: ReadTx, inboxId: string): Promise<HistoryRunRow | undefined> {
  return (await findHistoryRuns(tx, [inboxId])).get(inboxId)
}

/** The run as it was read, locked; undefined when it was begun anew or another worker has got further meanwhile. */
export async function lockRun(tx: Tx, run: HistoryRunRow): Promise<HistoryRunRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(historyRuns)
    .where(and(eq(historyRuns.accountId, tx.accountId), eq(historyRuns.inboxId, run.inboxId)))
    .for('update')
  const same = row?.startedAt.getTime() === run.startedAt.getTime() && row.state === run.state && row.page === run.page
  return same ? row : undefined
}

export async function updateRun(tx: Tx, inboxId: string, columns: Partial<HistoryRunRow>): Promise<void> {
  await tx.orm
    .update(historyRuns)
    .set(columns)
    .where(and(eq(historyRuns.accountId, tx.accountId), eq(historyRuns.inboxId, inboxId)))
}

/** Whether deliveries of a thread are stored and not worked off yet: 0 pending, 3 waiting, as their partial indexes say. */
export async function hasDeliveriesWaiting(tx: Tx, inbox: InboxRow, threadKey: string): Promise<boolean> {
  const [row] = await tx.sql<{ waits: boolean }[]>`
    select exists (select 1 from webhook_events
        where state = 0 and account_ref = ${inbox.externalId} and thread_key = ${threadKey})
      or exists (select 1 from webhook_events where state = 3 and channel_type = ${inbox.channelType}
        and account_ref = ${inbox.externalId} and thread_key = ${threadKey}) as waits`
  return row?.waits ?? false
}

/** The newest first; what failed before comes last. */
export async function findNextThread(tx: ReadTx, inboxId: string): Promise<HistoryThreadRow | undefined> {
  const { accountId, attempts, updatedAt } = historyThreads
  const [row] = await tx.orm
    .select()
    .from(historyThreads)
    .where(and(eq(accountId, tx.accountId), eq(historyThreads.inboxId, inboxId)))
    .orderBy(attempts, desc(updatedAt))
    .limit(1)
  return row
}

const asStored = ({ at, referral }: ListedReferral) => ({ referral, ...(at && { at: at.toISOString() }) })

/** Answers how many of them are new to the list. */
export async function addThreads(tx: Tx, inboxId: string, threads: readonly ListedThread[]): Promise<number> {
  if (!threads.length) return 0
  const rows = await tx.orm
    .insert(historyThreads)
    .values(
      threads.map(({ referrals = [], ...thread }) => ({
        ...{ accountId: tx.accountId, inboxId, ...thread },
        // Drizzle hands JSON over unclean, and one NUL would keep a whole page out.
        referrals: sql`${storableJson(referrals.map(asStored))}::text::jsonb`,
      })),
    )
    .onConflictDoNothing()
    .returning({ threadRef: historyThreads.threadRef })
  return rows.length
}

/** Whether it was still to be read. */
export async function removeThread(tx: Tx, thread: HistoryThreadRow): Promise<boolean> {
  const { count } = await tx.sql`
    delete from history_threads
    where account_id = ${tx.accountId} and inbox_id = ${thread.inboxId} and thread_ref = ${thread.threadRef}`
  return count > 0
}

export async function countThreadFailure(tx: Tx, thread: HistoryThreadRow): Promise<void> {
  await tx.sql`
    update history_threads set attempts = attempts + 1
    where account_id = ${tx.accountId} and inbox_id = ${thread.inboxId} and thread_ref = ${thread.threadRef}`
}

interface InboxKey {
  accountId: string
  inboxId: string
}

/** Crosses tenants: runs that somebody should be at by now. */
export async function unsafeListDueRuns(system: System, now: Date, limit: number): Promise<InboxKey[]> {
  return system.sql<InboxKey[]>`
    select account_id as "accountId", inbox_id as "inboxId" from history_runs
    where state in ('listing', 'reading') and next_attempt_at <= ${now} order by next_attempt_at limit ${limit}`
}

const QUIET_MS = 30_000
const AFTER_FAILURE_MS = 3_600_000

/** Crosses tenants: connected inboxes that lack something. Not at once after their last run, much later if it failed. */
export async function unsafeListGaps(system: System, now: Date, limit: number): Promise<InboxKey[]> {
  const [quiet, failed] = [QUIET_MS, AFTER_FAILURE_MS].map((ms) => new Date(now.getTime() - ms))
  return system.sql<InboxKey[]>`
    select i.account_id as "accountId", i.id as "inboxId" from inboxes i
    left join history_runs r on r.account_id = i.account_id and r.inbox_id = i.id
    where i.gap_since is not null and i.disconnected_at is null and not i.reauthorization_required
      and (r.state is null or (r.state = 'done' and r.finished_at <= ${quiet ?? now})
        or (r.state = 'failed' and r.finished_at <= ${failed ?? now}))
    order by i.gap_since limit ${limit}`
}
