import { and, eq } from 'drizzle-orm'
import type { Channels } from '../../channels/registry.ts'
import type { Tx } from '../../db/scope.ts'
import { polledThreads, polls } from '../../db/schema/index.ts'
import { lockInbox } from '../inboxes/inboxes.queries.ts'
import { wakeLane } from './activity.ts'
import { POLL_LANES } from './polling.jobs.ts'
import { DISTRUST_MS } from './tiers.ts'

/**
 * An inbox was connected whose provider has to be asked: everybody is listed, and looked at. What is known of an inbox that
 * was here before stays, so that it goes on where it stopped. One whose provider delivers is asked no more.
 */
export async function startPolling(tx: Tx, channels: Channels, { inboxId }: { inboxId: string }): Promise<void> {
  const { accountId } = tx
  const inbox = await lockInbox(tx, inboxId)
  const isOurs = and(eq(polls.accountId, accountId), eq(polls.inboxId, inboxId))
  if (!channels.get(inbox.channelType).polling) {
    await tx.orm.delete(polls).where(isOurs)
    return
  }
  const now = tx.clock.now()
  const anew = {
    ...{ listDueAt: now, listPage: null, listClaimedUntil: null, listedAt: null, sweptAt: null },
    ...{ narrows: null, probedAt: null, missedAt: null, failureCode: null, attempts: 0, nextAttemptAt: null },
    // Whoever has just connected an inbox watches it.
    activeAt: now,
  }
  await tx.orm
    .insert(polls)
    .values({ accountId, inboxId, since: now, ...anew })
    .onConflictDoUpdate({ target: [polls.accountId, polls.inboxId], set: anew })
  await tx.orm
    .update(polledThreads)
    .set({ checkDueAt: now, attempts: 0 })
    .where(and(eq(polledThreads.accountId, accountId), eq(polledThreads.inboxId, inboxId)))
  for (const lane of POLL_LANES) wakeLane(tx, inboxId, lane)
}

/** Nobody has seen what was written from then on: whoever reads it first does not take it for past. */
export async function pollSince(tx: Tx, inboxId: string, since: Date): Promise<void> {
  await tx.sql`
    update polls set since = least(since, ${since}) where account_id = ${tx.accountId} and inbox_id = ${inboxId}`
}

/**
 * Something is about to happen on a thread: somebody here sent, or opened the conversation. It is looked at as one that is
 * going on. Nothing where threads are not polled.
 */
export async function bumpThread(tx: Tx, threadId: string): Promise<void> {
  const now = tx.clock.now()
  const rows = await tx.sql<{ inbox_id: string }[]>`
    with bumped as (
      update polled_threads p set bumped_at = ${now}, read_due_at = least(p.read_due_at, ${now})
      from thread_aliases a
      where a.account_id = ${tx.accountId} and a.thread_id = ${threadId} and p.account_id = a.account_id
        and p.inbox_id = a.inbox_id and p.thread_ref = a.external_id and p.present
      returning p.inbox_id)
    update polls l set active_at = ${now} from bumped where l.account_id = ${tx.accountId} and l.inbox_id = bumped.inbox_id
    returning l.inbox_id`
  for (const { inbox_id: inboxId } of rows) wakeLane(tx, inboxId, 'read')
}

/** How long a thread of which a delivery told may wait until it is made sure that it told everything. */
const RECONCILE_MS = [5 * 60_000, 15 * 60_000] as const

/** A delivery told of these threads. Whether it told everything is looked at later; at once while deliveries are missed. */
export async function noteDelivered(
  tx: Tx,
  channels: Channels,
  { inboxId, channelType, threadRefs }: { inboxId: string; channelType: string; threadRefs: readonly string[] },
): Promise<void> {
  if (!channels.get(channelType).polling) return
  const now = tx.clock.now()
  const [soonest, latest] = RECONCILE_MS
  const reconcileAt = new Date(now.getTime() + soonest + Math.random() * (latest - soonest))
  await tx.sql`
    update polled_threads p set active_at = greatest(p.active_at, ${now}),
      check_due_at = least(p.check_due_at, ${reconcileAt}),
      read_due_at = case when l.missed_at > ${new Date(now.getTime() - DISTRUST_MS)} then least(p.read_due_at, ${now})
        else p.read_due_at end
    from polls l
    where p.account_id = ${tx.accountId} and p.inbox_id = ${inboxId} and p.thread_ref = any(${[...threadRefs]}::text[])
      and l.account_id = p.account_id and l.inbox_id = p.inbox_id`
}

/** A delivery did not tell what was written: it is read at once, and whoever is not known yet is looked for. */
export async function noteHints(
  tx: Tx,
  { inboxId, threadRefs }: { inboxId: string; threadRefs: readonly string[] },
): Promise<void> {
  const now = tx.clock.now()
  const rows = await tx.sql<{ thread_ref: string }[]>`
    update polled_threads set bumped_at = ${now}, check_due_at = least(check_due_at, ${now}),
      read_due_at = case when present then least(read_due_at, ${now}) else read_due_at end
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and thread_ref = any(${[...threadRefs]}::text[])
    returning thread_ref`
  for (const lane of ['check', 'read'] as const) wakeLane(tx, inboxId, lane)
  const known = new Set(rows.map((row) => row.thread_ref))
  if (threadRefs.some((ref) => !known.has(ref))) await listSoon(tx, inboxId)
}

/** Somebody waits for a list of everybody. Nothing where nobody is polled. */
export async function listSoon(tx: Tx, inboxId: string): Promise<void> {
  const { count } = await tx.sql`
    update polls set list_due_at = least(list_due_at, ${tx.clock.now()}), listed_at = null
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and list_page is null`
  if (count) wakeLane(tx, inboxId, 'list')
}
