import { useAccounts } from './accounts.ts'
import { useConversationLists } from './conversation-lists.ts'
import { useConversations } from './conversations.ts'
import { useInboxes } from './inboxes.ts'
import { useMessages } from './messages.ts'
import { usePictures } from './pictures.ts'
import { useQuoting } from './quoting.ts'

/** Between two accounts, and after a session: nothing of the one may show in the other. */
export function forgetAccountData(): void {
  const lists = [useConversationLists(), useConversations(), useMessages()]
  for (const store of [useAccounts(), useInboxes(), ...lists, usePictures(), useQuoting()]) store.$reset()
}
