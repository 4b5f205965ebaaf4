import type { System } from '../../deps.ts'
import { EVENT_STATE } from '../../db/schema/index.ts'
import type { AccountStatus } from '../accounts/accounts.queries.ts'

export interface PlatformAccountRow {
  id: string
  name: string
  status: AccountStatus
  createdAt: Date
  memberCount: number
  inboxCount: number
  inboxLimit: number | null
  flags: Record<string, boolean>
}

const columns = (sql: System['sql']) => sql`
  a.id, a.name, a.status, a.created_at as "createdAt", a.inbox_limit as "inboxLimit",
  (select count(*)::int from memberships m where m.account_id = a.id and m.removed_at is null) as "memberCount",
  (select count(*)::int from inboxes i where i.account_id = a.id and i.disconnected_at is null) as "inboxCount",
  coalesce((select jsonb_object_agg(f.key, f.enabled) from feature_flags f where f.account_id = a.id), '{}') as flags`

export async function unsafeFindPlatformAccount({ sql }: System, id: string): Promise<PlatformAccountRow | undefined> {
  const [row] = await sql<PlatformAccountRow[]>`select ${columns(sql)} from accounts a where a.id = ${id}`
  return row
}

/** By name; `after` is name and id of the last one seen. */
export async function unsafeListPlatformAccounts(
  { sql }: System,
  page: { query: string; after: { name: string; id: string } | undefined; limit: number },
): Promise<PlatformAccountRow[]> {
  const { after, limit } = page
  const pattern = `%${page.query.replace(/[\\%_]/g, '\\$&')}%`
  return sql<PlatformAccountRow[]>`
    select ${columns(sql)} from accounts a
    where ${page.query ? sql`a.name ilike ${pattern}` : sql`true`}
      and ${after ? sql`(a.name, a.id) > (${after.name}, ${after.id})` : sql`true`}
    order by a.name, a.id limit ${limit}`
}

export interface DeadLetterRow {
  id: string
  channelType: string
  code: string
  receivedAt: Date
  attempts: number
}

/** Newest first; `before` is the id of the last one seen. The content stays where it is. */
export async function unsafeListDeadLetters(
  { sql }: System,
  page: { before: string | undefined; limit: number },
): Promise<DeadLetterRow[]> {
  return sql<DeadLetterRow[]>`
    select id::text, channel_type as "channelType", coalesce(code, 'UNKNOWN') as code, received_at as "receivedAt", attempts
    from webhook_events
    where state = ${EVENT_STATE.dead} and ${page.before ? sql`id < ${page.before}` : sql`true`}
    order by webhook_events.id desc limit ${page.limit}`
}

export interface RevivedEvent {
  channelType: string
  accountRef: string
  threadKey: string
}

/** Puts a dead event back to work; answers where it belongs, or undefined when there is no such dead event. */
export async function unsafeReviveDeadLetter({ sql }: System, id: string): Promise<RevivedEvent | undefined> {
  const [row] = await sql<RevivedEvent[]>`
    update webhook_events set state = ${EVENT_STATE.pending}, attempts = 0, next_attempt_at = null, code = null,
      processed_at = null
    where id = ${id} and state = ${EVENT_STATE.dead}
    returning channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"`
  return row
}
