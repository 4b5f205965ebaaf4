import { computed, onBeforeUnmount, watch } from 'vue'
import { unreadOf } from '../../api/types.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useConversations } from '../../stores/conversations.ts'

const NAME = 'Parley'

/** The tab says how many open conversations hold something unread, of those that this page knows. */
export function useDocumentTitle(): void {
  const unread = computed(
    () => [...useConversations().byId.values()].filter((one) => one.status === 'OPEN' && unreadOf(one) > 0).length,
  )
  const title = computed(() => {
    const count = unread.value ? `(${unread.value > 99 ? '99+' : unread.value}) ` : ''
    const account = useAccounts().current?.name
    return count + (account ? `${account} · ${NAME}` : NAME)
  })

  watch(title, (text) => (document.title = text), { immediate: true })
  onBeforeUnmount(() => (document.title = NAME))
}
