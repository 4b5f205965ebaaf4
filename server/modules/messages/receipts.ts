import type { Tx } from '../../db/scope.ts'
import type { ThreadInbound } from './ingest.ts'
import type { ThreadState } from './thread-state.ts'

/** Everything that went out up to the newest receipt is read; the receipt never moves back. */
export async function applyReads(
  tx: Tx,
  inboxId: string,
  thread: ThreadState,
  events: readonly ThreadInbound[],
): Promise<void> {
  const receipts = events.flatMap((event) => (event.kind === 'read' ? [event.readUpTo.getTime()] : []))
  if (!receipts.length) return
  const readUpTo = new Date(Math.max(...receipts))
  const { sql, accountId } = tx
  await sql`update threads set customer_read_at = greatest(customer_read_at, ${readUpTo})
    where account_id = ${accountId} and id = ${thread.id}`
  const rows = await sql<{ id: string; conversation_id: string }[]>`
    update messages set status = 'read'
    where account_id = ${accountId} and thread_id = ${thread.id} and type in ('outgoing', 'template') and not private
      and status in ('sent', 'delivered') and at <= ${readUpTo}
    returning id, conversation_id`
  for (const row of rows) {
    tx.publish({ type: 'message.updated', inboxId, conversationId: row.conversation_id, messageId: row.id })
  }
}
