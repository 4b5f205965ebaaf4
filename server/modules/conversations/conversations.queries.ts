import type { ConversationStatus } from '../../db/schema/index.ts'
import type { ReadTx } from '../../db/scope.ts'

/** A conversation with what its thread says; every reader of conversations starts from this shape. */
export interface ConversationRow {
  accountId: string
  id: string
  displayId: number
  inboxId: string
  threadId: string
  contactId: string
  status: ConversationStatus
  snoozedUntil: Date | null
  assigneeId: string | null
  lastActivityAt: Date
  lastMessageId: string | null
  createdAt: Date
  inboundCount: number
  lastInboundAt: Date | null
}

export const conversationColumns = (tx: ReadTx) => tx.sql`
  c.account_id as "accountId", c.id, c.display_id as "displayId", c.inbox_id as "inboxId", c.thread_id as "threadId",
  c.contact_id as "contactId", c.status, c.snoozed_until as "snoozedUntil", c.assignee_id as "assigneeId",
  c.last_activity_at as "lastActivityAt", c.last_message_id as "lastMessageId", c.created_at as "createdAt",
  t.inbound_count as "inboundCount", t.last_inbound_at as "lastInboundAt"`

export async function findConversations(tx: ReadTx, ids: readonly string[]): Promise<ConversationRow[]> {
  if (!ids.length) return []
  return tx.sql<ConversationRow[]>`
    select ${conversationColumns(tx)} from conversations c
    join threads t on t.account_id = c.account_id and t.id = c.thread_id
    where c.account_id = ${tx.accountId} and c.id = any(${[...ids]}::uuid[])`
}

/** thread → how many of the customer's messages the member has read. */
export async function findReadCounts(
  tx: ReadTx,
  userId: string,
  threadIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx.sql<{ thread_id: string; read_count: number }[]>`
    select thread_id, read_count from thread_reads
    where account_id = ${tx.accountId} and user_id = ${userId} and thread_id = any(${[...threadIds]}::uuid[])`
  return new Map(rows.map((row) => [row.thread_id, row.read_count]))
}
