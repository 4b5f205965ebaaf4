import { computed, ref } from 'vue'
import { InvitationsDocument } from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { openConversationList } from '../../stores/conversation-paging.ts'
import { useConversationLists } from '../../stores/conversation-lists.ts'
import { useInboxes } from '../../stores/inboxes.ts'
import { startMemory } from './offers-start.ts'

/** The first steps of an account, read from what is there: nothing is ticked by hand, so leaving loses nothing. */
export function useStart() {
  const accounts = useAccounts()
  const invitationsOut = ref(0)
  const connected = computed(() => useInboxes().connected.length > 0)
  const firstConversationId = computed(() => useConversationLists().current?.ids[0])
  const invited = computed(() => accounts.members.length > 1 || invitationsOut.value > 0)
  const done = computed(() => [connected.value, firstConversationId.value, invited.value].filter(Boolean).length)
  const left = startMemory(accounts.accountId)

  async function load(): Promise<void> {
    const invitations = request(InvitationsDocument, { id: accounts.accountId })
      .then(({ account }) => (invitationsOut.value = account.invitations.length))
      .catch(() => undefined)
    await Promise.all([openConversationList({}), invitations])
  }

  return { connected, firstConversationId, invited, done, total: 3, load, leave: () => left.write('left') }
}
