import type { WindowPolicy } from '../../channels/contract.ts'
import type { ReadTx } from '../../db/scope.ts'
import type { System } from '../../deps.ts'
import { usageColumns } from '../conversations/reply-window.ts'

/** More than this is told as this: nobody reads the difference, and counting costs. */
const MOST = 10_000

export interface Backlog {
  waitingEvents: number
  deadEvents: number
  queuedMessages: number
  unnamedMessages: number
}

/** Row-level security shows an account the events of its connected inboxes and no others. */
export async function countBacklog(
  tx: ReadTx,
  inbox: { id: string; channelType: string; externalId: string },
): Promise<Backlog> {
  const { sql, accountId } = tx
  const addressed = sql`channel_type = ${inbox.channelType} and account_ref = ${inbox.externalId}`
  const [row] = await sql<Backlog[]>`
    select
      (select count(*)::int from (select 1 from webhook_events where state = 0 and ${addressed} limit ${MOST}) as e)
        + (select count(*)::int from (select 1 from webhook_events where state = 3 and ${addressed} limit ${MOST}) as e)
        as "waitingEvents",
      (select count(*)::int from (select 1 from webhook_events where state = 2 and ${addressed} limit ${MOST}) as e)
        as "deadEvents",
      (select count(*)::int from (select 1 from messages
        where account_id = ${accountId} and inbox_id = ${inbox.id} and status in ('queued', 'sending', 'unconfirmed')
        limit ${MOST}) as m) as "queuedMessages",
      (select count(*)::int from (select 1 from webhook_events
        where code = 'EU_UNRESOLVED' and ${addressed} limit ${MOST}) as e) as "unnamedMessages"`
  return row ?? { waitingEvents: 0, deadEvents: 0, queuedMessages: 0, unnamedMessages: 0 }
}

/** Threads that still could be answered and have no reply left; counted among the first `MOST`. */
export async function countUsedUp(tx: ReadTx, inboxId: string, policy: WindowPolicy, now: Date): Promise<number> {
  const { sql, accountId } = tx
  const since = new Date(now.getTime() - policy.hours * 3_600_000)
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from (
      select ${usageColumns(tx)} from threads t
      where t.account_id = ${accountId} and t.inbox_id = ${inboxId} and t.last_inbound_at > ${since} limit ${MOST}) as u
    where jsonb_array_length(u."sentAt") + u.queued >=
      case when u.again then ${policy.laterMessages}::int else ${policy.messages}::int end`
  return row?.n ?? 0
}

interface InstallationBacklog {
  connectedInboxes: number
  waitingEvents: number
  queuedMessages: number
}

/** Crosses tenants: what a channel has in hand, of all accounts together. */
export async function unsafeCountInstallation({ sql }: System, channelType: string): Promise<InstallationBacklog> {
  const [row] = await sql<InstallationBacklog[]>`
    select
      (select count(*)::int from inboxes where channel_type = ${channelType} and disconnected_at is null)
        as "connectedInboxes",
      (select count(*)::int from (select 1 from webhook_events
        where state in (0, 3) and channel_type = ${channelType} limit ${MOST}) as e) as "waitingEvents",
      (select count(*)::int from (select 1 from messages m
        join inboxes i on i.account_id = m.account_id and i.id = m.inbox_id
        where m.status in ('queued', 'sending', 'unconfirmed') and i.channel_type = ${channelType}
        limit ${MOST}) as m) as "queuedMessages"`
  return row ?? { connectedInboxes: 0, waitingEvents: 0, queuedMessages: 0 }
}

/** Crosses tenants: messages of a channel that went out since then. The provider's limit bounds how many these can be. */
export async function unsafeCountSent({ sql }: System, channelType: string, since: Date): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from messages m join inboxes i on i.account_id = m.account_id and i.id = m.inbox_id
    where m.claimed_at > ${since} and m.status in ('sent', 'delivered', 'read') and i.channel_type = ${channelType}`
  return row?.n ?? 0
}

/** Of the whole channel: who signs wrongly does not say whose it is. */
export async function unsafeCountRejections({ sql }: System, channelType: string, since: Date): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select least(coalesce(sum(count), 0), 2147483647)::int as n from webhook_rejections
    where channel_type = ${channelType} and hour > ${since}`
  return row?.n ?? 0
}
