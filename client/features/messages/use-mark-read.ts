import { onBeforeUnmount, onMounted, watch } from 'vue'
import { unreadOf, type Conversation } from '../../api/types.ts'
import { useConversations } from '../../stores/conversations.ts'

const SEEN_MS = 300

/** Read means: the thread is on screen in a window that has the focus, for a moment. */
export function useMarkRead(conversation: () => Conversation): void {
  let timer: ReturnType<typeof setTimeout> | undefined

  function markSoon() {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (document.visibilityState !== 'visible' || !document.hasFocus() || !unreadOf(conversation())) return
      // Not marking is harmless: the next look marks again.
      useConversations()
        .markRead(conversation().id)
        .catch(() => undefined)
    }, SEEN_MS)
  }

  watch(() => conversation().inboundCount, markSoon)
  onMounted(() => {
    markSoon()
    addEventListener('focus', markSoon)
    document.addEventListener('visibilitychange', markSoon)
  })
  onBeforeUnmount(() => {
    clearTimeout(timer)
    removeEventListener('focus', markSoon)
    document.removeEventListener('visibilitychange', markSoon)
  })
}
