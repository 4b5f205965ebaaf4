import type { ReadTx, Tx } from '../../db/scope.ts'
import type { OutboundParts } from './outbound-content.ts'

export interface Next {
  messageId: string
  contentType: string
  channelType: string
  rateScope: string | null
  /** It waits for a provider that was left and is slowed down, and was never handed to it. */
  isHeldByLeft: boolean
  waitMs: number
}

/** That no attempt of the message `m` may have arrived. */
export const wasNeverTried = ({ sql }: ReadTx) => sql`(m.claimed_at is null and m.unknown_sends = 0)`

/** The oldest queued message, looked at before a token is spent on it. */
export async function findNext(tx: ReadTx, threadId: string, now: Date): Promise<Next | undefined> {
  const [row] = await tx.sql<
    {
      id: string
      content_type: string
      channel_type: string
      rate_scope: string | null
      is_held_by_left: boolean | null
      next_attempt_at: Date | null
    }[]
  >`
    select m.id, m.content_type, coalesce(s.from_channel_type, i.channel_type) as channel_type,
      case when s.id is null then i.rate_scope else s.from_connection->>'rateScope' end as rate_scope, m.next_attempt_at,
      (s.from_connection->>'sendingPausedUntil')::timestamptz > ${now} and ${wasNeverTried(tx)} as is_held_by_left
    from messages m
    join inboxes i on i.account_id = m.account_id and i.id = m.inbox_id
    left join inbox_swaps s on s.account_id = m.account_id and s.inbox_id = m.inbox_id and s.state = 'open'
      and s.from_channel_type = m.channel_type and m.channel_type <> i.channel_type
    where m.account_id = ${tx.accountId} and m.thread_id = ${threadId} and m.status = 'queued'
    order by m.arrival limit 1`
  if (!row) return undefined
  return {
    messageId: row.id,
    contentType: row.content_type,
    channelType: row.channel_type,
    rateScope: row.rate_scope,
    isHeldByLeft: row.is_held_by_left ?? false,
    waitMs: row.next_attempt_at ? row.next_attempt_at.getTime() - now.getTime() : 0,
  }
}

export interface ThreadRow {
  id: string
  inboxId: string
  lastInboundAt: Date | null
  /** What it is called, by channel: two of them after a swap of providers. */
  names: Readonly<Record<string, string>>
  /** The channel of messages that name none. */
  firstChannelType: string
}

/** Whoever sends holds the thread, and by it the places that it has at its providers. */
export async function lockForSending(tx: Tx, threadId: string): Promise<ThreadRow | undefined> {
  const [row] = await tx.sql<ThreadRow[]>`
    select t.id, t.inbox_id as "inboxId", t.last_inbound_at as "lastInboundAt",
      coalesce((select jsonb_object_agg(a.channel_type, a.external_id order by a.created_at) from thread_aliases a
        where a.account_id = t.account_id and a.thread_id = t.id), '{}') as names,
      coalesce((select s.from_channel_type from inbox_swaps s where s.account_id = t.account_id
        and s.inbox_id = t.inbox_id order by s.swapped_at, s.id limit 1), i.channel_type) as "firstChannelType"
    from threads t join inboxes i on i.account_id = t.account_id and i.id = t.inbox_id
    where t.account_id = ${tx.accountId} and t.id = ${threadId}
    for no key update of t`
  return row
}

export interface OutboxRow extends Omit<OutboundParts, 'quotes'> {
  id: string
  /** The provider that it goes out by; null: the inbox's own. */
  channel_type: string | null
  quoted: { channelType: string | null; externalId: string | null; alternate: string | null }
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
  select m.id, m.conversation_id, m.status, m.content_type, m.content, m.details, m.attempts, m.claimed_at, m.next_attempt_at, m.queued_at, m.refused_version, m.unknown_sends, m.channel_type,
    jsonb_build_object('channelType', q.channel_type, 'externalId', q.external_id, 'alternate', q.alternate_external_id) as quoted,
    a.upload_ref, a.upload_ref_expires_at
  from messages m left join messages q on q.account_id = m.account_id and q.id = m.in_reply_to_id
  left join attachments a on a.account_id = m.account_id and a.message_id = m.id and a.position = 0
  where m.account_id = ${tx.accountId} and m.thread_id = ${threadId} and m.status in ('queued', 'sending', 'unconfirmed')
  order by m.arrival limit 50`

/** What the quoted message is called where this one goes; null when it has no name there. */
export function quotesAt({ quoted }: OutboxRow, channelType: string, firstChannelType: string): string | null {
  return (quoted.channelType ?? firstChannelType) === channelType ? quoted.externalId : quoted.alternate
}
