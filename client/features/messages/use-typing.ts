import { SetTypingDocument } from '../../api/generated.ts'
import { request } from '../../api/graphql.ts'
import type { Conversation } from '../../api/types.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useInboxes } from '../../stores/inboxes.ts'

/** The sign stands for five seconds at the customer's. */
const EVERY_MS = 4_000

/** What to call while somebody types a reply: the customer sees it, where the channel can show it and the inbox wants it. */
export function useTyping(conversation: () => Conversation): () => void {
  let told = { id: '', at: 0 }
  return () => {
    const { id, inbox } = conversation()
    const inboxes = useInboxes()
    const shown = inboxes.byId.get(inbox.id)?.sendTyping && inboxes.channelOf(inbox.id)?.signals.includes('TYPING')
    if (!shown || (told.id === id && Date.now() - told.at < EVERY_MS)) return
    told = { id, at: Date.now() }
    // Nothing is lost with it.
    request(SetTypingDocument, { input: { accountId: useAccounts().accountId, conversationId: id } }).catch(
      () => undefined,
    )
  }
}
