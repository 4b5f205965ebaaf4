import type { WindowPolicy } from '../../channels/contract.ts'
import type { ReadTx } from '../../db/scope.ts'

/** What the window of a thread depends on, besides the channel's policy and the time. */
export interface WindowFacts extends Omit<WindowUsage, 'namedAt'> {
  /** Whether the provider that is to be written by knows the thread: after a swap it may not yet. */
  named: boolean
  lastInboundAt: Date | null
  /** Why the inbox as a whole cannot send. */
  blocked?: 'CHANNEL_REAUTH' | 'CHANNEL_DISABLED'
}

export interface WindowUsage {
  /** When what counts was sent, or perhaps sent, since the customer's last message: a time in ms for each slot. */
  sentAt: readonly number[]
  /** On their way: queued behind them. */
  queued: number
  /** Whether the customer's last message is not their first one. */
  again: boolean
  /** The channels whose providers have told of the thread. */
  namedAt: readonly string[]
}

export interface ReplyWindow {
  open: boolean
  /** When the hours are over; null when time does not close it: there is no window, or they are over and more may follow. */
  closesAt: Date | null
  /** Null: as many as one likes. */
  remaining: number | null
  limit: number | null
  reason: 'NO_INBOUND' | 'EXPIRED' | 'QUOTA_USED' | 'NOT_AT_PROVIDER' | 'CHANNEL_REAUTH' | 'CHANNEL_DISABLED' | null
}

/** Why an inbox cannot send at all; one that is gone, disconnected or switched off is disabled. */
export function blockOf(
  inbox: { disconnectedAt: Date | null; reauthorizationRequired: boolean } | undefined,
  enabled: boolean,
): WindowFacts['blocked'] {
  if (!inbox || inbox.disconnectedAt || !enabled) return 'CHANNEL_DISABLED'
  return inbox.reauthorizationRequired ? 'CHANNEL_REAUTH' : undefined
}

/** Whether a reply could go out now, and how many. The one rule for composer, sendMessage and claim (I8). */
export function replyWindow(policy: WindowPolicy | undefined, facts: WindowFacts, now: Date): ReplyWindow {
  const blocked = facts.blocked ?? (facts.named ? undefined : 'NOT_AT_PROVIDER')
  if (!policy) return { open: !blocked, closesAt: null, remaining: null, limit: null, reason: blocked ?? null }
  const { closesAt, limit, used, late } = phaseOf(policy, facts, now)
  const remaining = limit === null ? null : closesAt ? Math.max(limit - used - facts.queued, 0) : 0
  const closed = late ? 'EXPIRED' : 'QUOTA_USED'
  const none = remaining === 0 || (late && !policy.afterwards)
  const reason = blocked ?? (!closesAt ? 'NO_INBOUND' : none ? closed : null)
  return { open: reason === null, closesAt: late && reason === null ? null : closesAt, remaining, limit, reason }
}

/** Which limit holds now: of the customer's first message, of a later one, or once the hours are over. */
function phaseOf(policy: WindowPolicy, { lastInboundAt, sentAt, again }: WindowFacts, now: Date) {
  const within = again ? policy.laterMessages : policy.messages
  const closesAt = lastInboundAt && new Date(lastInboundAt.getTime() + policy.hours * 3_600_000)
  if (!closesAt || closesAt > now) return { closesAt, limit: within, used: sentAt.length, late: false }
  if (!policy.afterwards) return { closesAt, limit: within, used: sentAt.length, late: true }
  const used = sentAt.filter((at) => at >= closesAt.getTime()).length
  return { closesAt, limit: policy.afterwards, used, late: true }
}

/** sentAt, queued, again and namedAt of the thread `t`. */
export const usageColumns = (tx: ReadTx) => tx.sql`
  (select coalesce(jsonb_agg(sent.ms), '[]') from (
    select (extract(epoch from m.at) * 1000)::bigint as ms
    from messages m cross join generate_series(0, m.unknown_sends)
    where m.account_id = t.account_id and m.thread_id = t.id and m.type in ('outgoing', 'template') and not m.private
      and m.at > t.last_inbound_at and m.status <> 'queued'
      and (m.status <> 'failed' or m.failure_code = 'DELIVERY_UNKNOWN')
    order by m.at desc limit 100) sent) as "sentAt",
  (select coalesce(sum(1 + m.unknown_sends), 0)::int from messages m
    where m.account_id = t.account_id and m.thread_id = t.id and m.status = 'queued') as queued,
  (t.inbound_count > 1 or exists (
    select 1 from conversations c2 join messages m on m.account_id = c2.account_id and m.conversation_id = c2.id
    where c2.account_id = t.account_id and c2.thread_id = t.id and m.type = 'incoming'
      and m.content_type <> 'reaction' and m.at < t.last_inbound_at)) as again,
  array(select distinct a.channel_type from thread_aliases a
    where a.account_id = t.account_id and a.thread_id = t.id) as "namedAt"`

/**
 * thread → what counts against its quota: ours or written in the app after the last inbound's time; a definite refusal
 * gave its slot back, one that may have arrived did not. `queued`: still to go out.
 */
export async function findWindowUsage(tx: ReadTx, threadIds: readonly string[]): Promise<Map<string, WindowUsage>> {
  const rows = await tx.sql<(WindowUsage & { id: string })[]>`
    select t.id, ${usageColumns(tx)} from threads t
    where t.account_id = ${tx.accountId} and t.id = any(${[...threadIds]}::uuid[])`
  return new Map(rows.map(({ id, ...usage }) => [id, usage]))
}
