import type { Tx } from '../../db/scope.ts'
import { messages } from '../../db/schema/index.ts'
import { newId } from '../../kit/ids.ts'
import type { ConversationRow } from '../conversations/conversations.queries.ts'

/** A quiet line in the thread: who did what. Words are the client's, in its language; this keeps the facts. */
export async function addActivity(
  tx: Tx,
  conversation: ConversationRow,
  details: Record<string, unknown>,
): Promise<void> {
  const id = newId()
  const now = tx.clock.now()
  const actor = tx.actor.kind === 'member' ? { actorId: tx.actor.userId, actorName: tx.actor.name } : {}
  await tx.orm.insert(messages).values({
    accountId: tx.accountId,
    id,
    inboxId: conversation.inboxId,
    threadId: conversation.threadId,
    conversationId: conversation.id,
    type: 'activity',
    source: 'system',
    contentType: 'activity',
    senderId: tx.actor.kind === 'member' ? tx.actor.userId : null,
    details: { ...details, ...actor },
    at: now,
    createdAt: now,
  })
  tx.publish({ type: 'message.created', inboxId: conversation.inboxId, conversationId: conversation.id, messageId: id })
}
