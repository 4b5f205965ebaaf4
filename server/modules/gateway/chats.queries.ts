import type { Fragment } from '../../db/client.ts'
import type { MessageStatus, MessageType } from '../../db/schema/index.ts'
import type { ReadTx } from '../../db/scope.ts'

/** A message as the message-gateway tells of it, in `/api/chats`, in its file and over Socket.IO alike. */
export interface Chat {
  type: 'dm'
  direction: 'incoming' | 'outgoing'
  /** The provider's first name for the thread: it stays when another provider brings a name of its own. */
  conversationId: string
  timestamp: string
  /** The customer, whoever wrote. */
  user: { id: string; username: string; nickname: string; avatar: string }
  message: { type: string; content: string }
}

interface ChatRow {
  id: string
  at: Date
  arrival: string
  type: MessageType
  status: MessageStatus | null
  failureCode: string | null
  queuedAt: Date | null
  history: boolean
  contentType: string
  content: string | null
  threadRef: string | null
  personRef: string | null
  name: string
  username: string | null
  avatarUrl: string | null
}

/** Where a page ends: its last message's place in the account's time. */
export type ChatPlace = Pick<ChatRow, 'at' | 'arrival'>

/** Notes, activity lines and replies that did not go out are no chats. The words of the index messages_chats. */
const CHATS = `m.type <> 'activity' and not m.private and m.status is distinct from 'failed'`

const selectChats = ({ sql }: ReadTx, picked: Fragment) => sql<ChatRow[]>`
  select m.id, m.at, m.arrival, m.type, m.status, m.failure_code as "failureCode", m.queued_at as "queuedAt", m.history,
    m.content_type as "contentType", m.content, p.name, p.username, p.avatar_url as "avatarUrl",
    (select a.external_id from thread_aliases a where a.account_id = t.account_id and a.thread_id = t.id
      order by a.created_at, a.external_id limit 1) as "threadRef",
    (select i.external_id from contact_identities i where i.account_id = t.account_id and i.contact_id = t.contact_id
      and i.inbox_id = t.inbox_id order by i.external_id limit 1) as "personRef"
  from (${picked}) m
  join threads t on t.account_id = m.account_id and t.id = m.thread_id
  join contacts p on p.account_id = t.account_id and p.id = t.contact_id
  order by m.at, m.arrival`

/** The next messages of the whole account, in the order of their time. */
export async function pageChats(
  tx: ReadTx,
  after: ChatPlace | undefined,
  size: number,
): Promise<{ chats: Chat[]; end: ChatPlace | undefined }> {
  const { sql, accountId } = tx
  const from = after ? sql`and (m.at, m.arrival) > (${after.at}::timestamptz(3), ${after.arrival}::bigint)` : sql``
  const rows = await selectChats(
    tx,
    sql`select * from messages m where m.account_id = ${accountId} and ${sql.unsafe(CHATS)} ${from}
      order by m.at, m.arrival limit ${size}`,
  )
  return { chats: rows.map(toChat), end: rows.length < size ? undefined : rows.at(-1) }
}

/** A chat with what its shape does not tell. */
export interface FoundChat {
  chat: Chat
  /** It was past when it came here. */
  history: boolean
  /** Why it did not go out; `attempt` tells it from one before an agent's retry. */
  failure: { code: string; attempt: string } | undefined
}

/** Those of these messages that are chats, or were to become some. */
export async function findChats(tx: ReadTx, ids: readonly string[]): Promise<Map<string, FoundChat>> {
  if (!ids.length) return new Map()
  const rows = await selectChats(
    tx,
    tx.sql`select * from messages m where m.account_id = ${tx.accountId} and m.id = any(${[...ids]}::uuid[])
      and m.type <> 'activity' and not m.private`,
  )
  return new Map(
    rows.map((row) => {
      const attempt = `${row.id} ${row.queuedAt?.getTime()}`
      const failure = row.status === 'failed' ? { code: row.failureCode ?? '', attempt } : undefined
      return [row.id, { chat: toChat(row), history: row.history, failure }]
    }),
  )
}

const toChat = (row: ChatRow): Chat => ({
  type: 'dm',
  direction: row.type === 'incoming' ? 'incoming' : 'outgoing',
  conversationId: row.threadRef ?? '',
  timestamp: row.at.toISOString(),
  user: {
    id: row.personRef ?? '',
    username: row.username ?? row.name,
    nickname: row.name,
    avatar: row.avatarUrl ?? '',
  },
  message: { type: row.contentType, content: row.content ?? placeholder(row.contentType) },
})

/** What stands for a message without text. */
const placeholder = (contentType: string) => `[${contentType.replaceAll('_', ' ')}]`

export interface ConnectedChannels {
  channelTypes: string[]
  /** One of them may send. */
  connected: boolean
}

export async function findConnectedChannels({ sql, accountId }: ReadTx): Promise<ConnectedChannels> {
  const [row] = await sql<ConnectedChannels[]>`
    select coalesce(array_agg(distinct channel_type order by channel_type), '{}') as "channelTypes",
      coalesce(bool_or(not reauthorization_required), false) as connected
    from inboxes where account_id = ${accountId} and disconnected_at is null`
  return row ?? { channelTypes: [], connected: false }
}

export interface Counts {
  contacts: number
  seen: number
  chats: number
}

/** Reads whole indexes of the account: nothing to ask each second. */
export async function countChats({ sql, accountId }: ReadTx): Promise<Counts> {
  const [row] = await sql<Counts[]>`
    select
      (select count(*)::int from contacts where account_id = ${accountId}) as contacts,
      (select count(*)::int from messages where account_id = ${accountId} and external_id is not null) as seen,
      (select count(*)::int from messages m where m.account_id = ${accountId} and ${sql.unsafe(CHATS)}) as chats`
  if (!row) throw new Error('a statement without conditions answered nothing')
  return row
}

/**
 * The conversation behind a name that a program has: the provider's for the thread, whichever of them, or for the
 * customer. Two inboxes may know the same name; the one counts that is connected, and then where the customer wrote last.
 */
export async function findConversationIdByRef({ sql, accountId }: ReadTx, ref: string): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    with named as (
      select a.thread_id, i.disconnected_at from inboxes i
      join thread_aliases a on a.account_id = i.account_id and a.inbox_id = i.id and a.external_id = ${ref}
      where i.account_id = ${accountId}
      union all
      select t.id, i.disconnected_at from inboxes i
      join contact_identities n on n.account_id = i.account_id and n.inbox_id = i.id and n.external_id = ${ref}
      join threads t on t.account_id = n.account_id and t.contact_id = n.contact_id and t.inbox_id = n.inbox_id
      where i.account_id = ${accountId})
    select c.id from named n
    join threads t on t.account_id = ${accountId} and t.id = n.thread_id
    cross join lateral (
      select l.id from conversations l where l.account_id = t.account_id and l.thread_id = t.id
      order by (l.status <> 'resolved') desc, l.last_activity_at desc limit 1) c
    order by n.disconnected_at is null desc, t.last_inbound_at desc nulls last limit 1`
  return row?.id
}
