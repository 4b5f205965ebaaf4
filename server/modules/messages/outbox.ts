import type { ReadTx, Tx } from '../../db/scope.ts'
import type { OutboundParts } from './outbound-content.ts'

export interface Next {
  messageId: string
  contentType: string
  channelType: string
  rateScope: string | null
  waitMs: number
}

/** The oldest queued message, looked at before a token is spent on it. */
export async function findNext(tx: ReadTx, threadId: string, now: Date): Promise<Next | undefined> {
  const [row] = await tx.sql<
    {
      id: string
      content_type: string
      channel_type: string
      rate_scope: string | null
      next_attempt_at: Date | null
    }[]
  >`
    select m.id, m.content_type, i.channel_type, i.rate_scope, m.next_attempt_at from messages m
    join inboxes i on i.account_id = m.account_id and i.id = m.inbox_id
    where m.account_id = ${tx.accountId} and m.thread_id = ${threadId} and m.status = 'queued'
    order by m.arrival limit 1`
  if (!row) return undefined
  return {
    messageId: row.id,
    contentType: row.content_type,
    channelType: row.channel_type,
    rateScope: row.rate_scope,
    waitMs: row.next_attempt_at ? row.next_attempt_at.getTime() - now.getTime() : 0,
  }
}

export interface ThreadRow {
  id: string
  inboxId: string
  lastInboundAt: Date | null
  threadRef: string
}

/** Whoever sends holds the thread, and by it the place that it has at the provider. */
export async function lockForSending(tx: Tx, threadId: string): Promise<ThreadRow | undefined> {
  const [row] = await tx.sql<ThreadRow[]>`
    select t.id, t.inbox_id as "inboxId", t.last_inbound_at as "lastInboundAt", a.external_id as "threadRef"
    from threads t
    cross join lateral (
      select external_id from thread_aliases a
      where a.account_id = t.account_id and a.thread_id = t.id order by a.created_at desc limit 1) a
    where t.account_id = ${tx.accountId} and t.id = ${threadId}
    for no key update of t`
  return row
}

export interface OutboxRow extends OutboundParts {
  id: string
  conversation_id: string
  status: 'queued' | 'sending' | 'unconfirmed'
  attempts: number
  claimed_at: Date | null
  next_attempt_at: Date | null
  queued_at: Date | null
  refused_version: number | null
  unknown_sends: number
}

/** What is still to be settled, oldest first. */
export const readOutbox = (tx: Tx, threadId: string): Promise<OutboxRow[]> => tx.sql<OutboxRow[]>`
  select m.id, m.conversation_id, m.status, m.content_type, m.content, m.details, m.attempts, m.claimed_at, m.next_attempt_at, m.queued_at, m.refused_version, m.unknown_sends, q.external_id as quotes,
    a.upload_ref, a.upload_ref_expires_at
  from messages m left join messages q on q.account_id = m.account_id and q.id = m.in_reply_to_id
  left join attachments a on a.account_id = m.account_id and a.message_id = m.id and a.position = 0
  where m.account_id = ${tx.accountId} and m.thread_id = ${threadId} and m.status in ('queued', 'sending', 'unconfirmed')
  order by m.arrival limit 50`
