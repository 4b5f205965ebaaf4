import { and, eq, inArray } from 'drizzle-orm'
import type { Fragment } from '../../db/client.ts'
import type { ReadTx } from '../../db/scope.ts'
import { messages } from '../../db/schema/index.ts'
import { selectColumns } from '../../db/select-columns.ts'
import { AppError } from '../../kit/errors.ts'
import { CURSOR_NUMBER, CURSOR_TIME, decodeCursor, encodeCursor, pageSize } from '../../kit/pagination.ts'
import { reactionsOf, type ReactionView } from '../conversations/reactions.queries.ts'

export type MessageRow = typeof messages.$inferSelect

export async function findMessages(tx: ReadTx, ids: readonly string[]): Promise<MessageRow[]> {
  if (!ids.length) return []
  return tx.orm
    .select()
    .from(messages)
    .where(and(eq(messages.accountId, tx.accountId), inArray(messages.id, [...ids])))
}

/** A message with the name of who wrote it, and the signs on it. */
export interface WrittenMessage extends MessageRow {
  reactions: ReactionView[]
  senderName: string | null
  senderEmail: string | null
}

const COLUMNS = `${selectColumns(messages, 'm')}, ${reactionsOf('m')} as reactions`

/** Messages by any condition on `m`, with their senders, in one statement. */
async function selectMessages(tx: ReadTx, rest: Fragment): Promise<WrittenMessage[]> {
  const rows = await tx.sql<WrittenMessage[]>`
    select ${tx.sql.unsafe(COLUMNS)}, u.name as "senderName", u.email as "senderEmail"
    from messages m left join users u on u.id = m.sender_id
    where m.account_id = ${tx.accountId} and ${rest}`
  return rows.map((row) => ({ ...row, arrival: Number(row.arrival) }))
}

export async function findWrittenMessages(tx: ReadTx, ids: readonly string[]): Promise<WrittenMessage[]> {
  return ids.length ? selectMessages(tx, tx.sql`m.id = any(${[...ids]}::uuid[])`) : []
}

export const messageCursor = (row: Pick<MessageRow, 'at' | 'arrival'>): string =>
  encodeCursor([row.at.getTime(), row.arrival])

export interface MessagePageInput {
  last?: number | null
  before?: string | null
  first?: number | null
  after?: string | null
}

export interface MessagePage {
  rows: WrittenMessage[]
  hasPreviousPage: boolean
  hasNextPage: boolean
}

/** A page of a conversation in the thread's order, oldest first: the last ones before a cursor, or the first after one. */
export async function pageMessages(tx: ReadTx, conversationId: string, input: MessagePageInput): Promise<MessagePage> {
  const forward = input.first != null || input.after != null
  if (forward && input.before != null)
    throw new AppError('INVALID', 'Page before or after, not both', { field: 'before' })
  const size = pageSize(forward ? input.first : input.last, 20)
  const cursor = (forward ? input.after : input.before) ?? undefined
  const [at, arrival] = cursor === undefined ? [] : decodeCursor(cursor, [CURSOR_TIME, CURSOR_NUMBER])
  const { sql } = tx
  const from = at === undefined ? undefined : sql`(${new Date(Number(at))}::timestamptz(3), ${Number(arrival)}::bigint)`
  const rest = from ? (forward ? sql`and (m.at, m.arrival) > ${from}` : sql`and (m.at, m.arrival) < ${from}`) : sql``
  const order = forward ? sql`m.at, m.arrival` : sql`m.at desc, m.arrival desc`
  const rows = await selectMessages(
    tx,
    sql`m.conversation_id = ${conversationId} ${rest} order by ${order} limit ${size + 1}`,
  )
  const more = rows.length > size
  const found = rows.slice(0, size)
  if (!forward) found.reverse()
  return {
    rows: found,
    hasPreviousPage: forward ? cursor !== undefined : more,
    hasNextPage: forward ? more : cursor !== undefined,
  }
}
