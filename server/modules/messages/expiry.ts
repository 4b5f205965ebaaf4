import type { Scope } from '../../db/scope.ts'
import type { System } from '../../deps.ts'
import { recordFailure } from './delivery-results.ts'
import { settleThread } from './messages.jobs.ts'
import { holdPause, pausedUntil, postponeMessage } from './slowdown.ts'

/** Crosses tenants: messages whose deadline has passed. */
export async function unsafeListOverdueMessages(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  const rows = await system.sql<{ account_id: string; id: string }[]>`
    select account_id, id from messages
    where status in ('queued', 'sending', 'unconfirmed') and deadline_at <= ${now} order by deadline_at limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, id: row.id }))
}

/** Crosses tenants: threads with something to send that nobody has looked at for a while. */
export async function unsafeListStaleThreads(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; threadId: string }[]> {
  const rows = await system.sql<{ account_id: string; thread_id: string }[]>`
    select account_id, thread_id from messages
    where status = 'queued' and created_at < ${new Date(now.getTime() - 3_000)}
      and (next_attempt_at is null or next_attempt_at <= ${now})
    group by account_id, thread_id order by min(arrival) limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, threadId: row.thread_id }))
}

/** Crosses tenants: threads with an unconfirmed message, whose outcome the provider's list may tell by now. */
export async function unsafeListUnconfirmedThreads(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; threadId: string }[]> {
  const rows = await system.sql<{ account_id: string; thread_id: string }[]>`
    select account_id, thread_id from messages
    where status = 'unconfirmed' and deadline_at > ${now} and claimed_at < ${new Date(now.getTime() - 3_000)}
    group by account_id, thread_id limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, threadId: row.thread_id }))
}

interface OverdueRow {
  status: string
  inbox_id: string
  conversation_id: string
  thread_id: string
  swap_id: string | null
  paused_until: Date | null
}

/**
 * What a passed deadline means (I7): SENDING was interrupted and becomes UNCONFIRMED; UNCONFIRMED fails as unknown;
 * QUEUED fails as not sent. Changes nothing when the message moved on meanwhile.
 */
export async function expireMessage(scope: Scope, id: string): Promise<void> {
  await scope.tx(async (tx) => {
    const now = tx.clock.now()
    const [row] = await tx.sql<OverdueRow[]>`
      select m.status, m.inbox_id, m.conversation_id, m.thread_id, s.id as swap_id,
        case when s.id is null then i.sending_paused_until
          else (s.from_connection->>'sendingPausedUntil')::timestamptz end as paused_until
      from messages m join inboxes i on i.account_id = m.account_id and i.id = m.inbox_id
      left join inbox_swaps s on s.account_id = m.account_id and s.inbox_id = m.inbox_id and s.state = 'open'
        and s.from_channel_type = m.channel_type and m.channel_type <> i.channel_type
      where m.account_id = ${tx.accountId} and m.id = ${id} and m.deadline_at <= ${now} for update of m`
    if (!row) return
    const place = { messageId: id, conversationId: row.conversation_id, inboxId: row.inbox_id }
    const { swap_id: swapId, paused_until: sendingPausedUntil } = row
    const inbox = { id: row.inbox_id, sendingPausedUntil, ...(swapId && { swapId }) }
    // It came in as the pause began. Where that is just being ended, the next round looks again.
    if (row.status === 'queued' && pausedUntil(inbox, now)) {
      const until = await holdPause(tx, inbox)
      return until && postponeMessage(tx, id, until)
    }
    if (row.status === 'queued') return recordFailure(tx, place, 'NOT_SENT_IN_TIME')
    if (row.status === 'unconfirmed') return recordFailure(tx, place, 'DELIVERY_UNKNOWN')
    await tx.sql`
      update messages set status = 'unconfirmed', deadline_at = claimed_at + interval '120 seconds'
      where account_id = ${tx.accountId} and id = ${id} and status = 'sending'`
    tx.publish({ type: 'message.updated', inboxId: row.inbox_id, conversationId: row.conversation_id, messageId: id })
    tx.enqueue(settleThread, { accountId: tx.accountId, threadId: row.thread_id })
  })
}
