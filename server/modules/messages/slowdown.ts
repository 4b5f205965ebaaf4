import { eq, and } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import { parseId } from '../../kit/ids.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { requireInboxAdministrator } from '../inboxes/inboxes.policy.ts'
import { lockInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { keptConnection, lockOpenSwap, updateSwap, type Side } from '../inboxes/swap.queries.ts'
import { QUEUE_DEADLINE_MS } from './delivery-results.ts'
import { drainThread } from './messages.jobs.ts'

/**
 * A provider that says no more than "too fast" means hours, not seconds (TikTok wire reference §11): one at first, three
 * when nothing was accepted since.
 */
const PAUSE_MS = { first: 3_600_000, again: 3 * 3_600_000 }

type Pausable = Pick<InboxRow, 'id' | 'sendingPausedUntil'> & { swapId?: string }

/** Until when the provider slows an inbox down, or undefined. */
export const pausedUntil = (inbox: Pick<Pausable, 'sendingPausedUntil'>, now: Date): Date | undefined =>
  inbox.sendingPausedUntil && inbox.sendingPausedUntil > now ? inbox.sendingPausedUntil : undefined

/**
 * Stops for a while what goes out by a side of an inbox, wherever that is by now; a pause that goes on is not made longer.
 * Answers its end.
 */
export async function pauseSending(tx: Tx, { id, channelType }: Pick<Side, 'id' | 'channelType'>): Promise<Date> {
  const now = tx.clock.now()
  const inbox = await lockInbox(tx, id)
  if (inbox.channelType !== channelType) return pauseLeft(tx, { id, channelType }, now)
  const going = pausedUntil(inbox, now)
  if (going) return going
  const until = new Date(now.getTime() + (inbox.sendingPausedUntil ? PAUSE_MS.again : PAUSE_MS.first))
  await setPause(tx, id, until)
  return until
}

async function pauseLeft(tx: Tx, side: Pick<Side, 'id' | 'channelType'>, now: Date): Promise<Date> {
  const swap = await lockOpenSwap(tx, side.id)
  const until = new Date(now.getTime() + PAUSE_MS.first)
  if (swap?.fromChannelType !== side.channelType) return until
  const going = pausedUntil(keptConnection(swap), now)
  if (going) return going
  await updateSwap(tx, swap.id, { fromConnection: { ...swap.fromConnection, sendingPausedUntil: until } })
  return until
}

async function setPause(tx: Tx, inboxId: string, until: Date | null): Promise<void> {
  await tx.orm
    .update(inboxes)
    .set({ sendingPausedUntil: until })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
  tx.publish({ type: 'inbox.updated', inboxId })
}

const deadlineFrom = (time: Date) => new Date(time.getTime() + QUEUE_DEADLINE_MS)

/** Their time begins anew when the pause ends, so that it is not what fails them (I7). */
const postponed = (tx: Tx, until: Date) => tx.sql`
  next_attempt_at = ${until}, queued_at = ${until}, deadline_at = ${deadlineFrom(until)}`

/** All that waits to go out by that side of the inbox waits for the end of the pause. */
export async function postponeQueued(tx: Tx, { id, channelType }: Pick<Side, 'id' | 'channelType'>, until: Date) {
  await tx.sql`update messages m set ${postponed(tx, until)}
    where m.account_id = ${tx.accountId} and m.inbox_id = ${id} and m.status = 'queued'
      and ${channelOf(tx)} = ${channelType}`
}

/** By what the message `m` goes out that is not sent yet. */
const channelOf = ({ sql }: Tx) => sql`
  coalesce(m.channel_type, (select i.channel_type from inboxes i where i.account_id = m.account_id and i.id = m.inbox_id))`

/**
 * Until when an inbox is slowed down, and stays so until commit; undefined when it is not, or when somebody changes that at
 * this moment. Whoever puts a message off holds the pause meanwhile: else it could be ended without releasing that message.
 */
export async function holdPause(tx: Tx, inbox: Pausable): Promise<Date | undefined> {
  const until = pausedUntil(inbox, tx.clock.now())
  // Of what was left in a swap nobody ends it.
  if (!until || inbox.swapId) return until
  const [row] = await tx.sql<Pick<Pausable, 'sendingPausedUntil'>[]>`
    select sending_paused_until as "sendingPausedUntil" from inboxes
    where account_id = ${tx.accountId} and id = ${inbox.id} for share skip locked`
  return row && pausedUntil(row, tx.clock.now())
}

/** The same of one message that came in as the pause began. */
export async function postponeMessage(tx: Tx, messageId: string, until: Date): Promise<void> {
  await tx.sql`update messages set ${postponed(tx, until)}
    where account_id = ${tx.accountId} and id = ${messageId} and status = 'queued'`
}

/** The provider takes messages of the inbox again: the next pause is a short one. One that began meanwhile goes on. */
export async function noteAccepted(scope: Scope, inbox: Side): Promise<void> {
  const over = inbox.sendingPausedUntil
  if (!over || inbox.swapId) return
  await scope.tx(async (tx) => {
    const { sendingPausedUntil } = await lockInbox(tx, inbox.id)
    if (sendingPausedUntil?.getTime() === over.getTime()) await setPause(tx, inbox.id, null)
  })
}

/**
 * An administrator knows better: what waits is sent now, whatever it waits for, as fast as the app's own limit allows: that
 * one is every account's, and nobody ends a pause of it. NOT_FOUND, FORBIDDEN as for any change of an inbox.
 */
export async function resumeSending(scope: Scope, id: string): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const inboxId = parseId(id, 'Inbox')
  return scope.tx(async (tx) => {
    const inbox = await lockInbox(tx, inboxId)
    const threadIds = await releaseQueued(tx, inbox)
    if (!inbox.sendingPausedUntil && !threadIds.length) return inbox
    if (inbox.sendingPausedUntil) await setPause(tx, inboxId, null)
    await recordAudit(tx, 'inbox.sendingResumed', { inboxId })
    for (const threadId of threadIds) tx.enqueue(drainThread, { accountId: tx.accountId, threadId })
    return { ...inbox, sendingPausedUntil: null }
  })
}

/** Answers the threads that have something to send now. */
async function releaseQueued(tx: Tx, { id, channelType }: InboxRow): Promise<string[]> {
  const now = tx.clock.now()
  const rows = await tx.sql<{ thread_id: string }[]>`
    update messages m set next_attempt_at = null, queued_at = ${now}, deadline_at = ${deadlineFrom(now)}
    where m.account_id = ${tx.accountId} and m.inbox_id = ${id} and m.status = 'queued'
      and ${channelOf(tx)} = ${channelType}
    returning m.thread_id`
  return [...new Set(rows.map((row) => row.thread_id))]
}
