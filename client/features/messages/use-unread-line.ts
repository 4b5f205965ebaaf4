import { computed, ref, watch, type Ref } from 'vue'
import { unreadOf, type Conversation, type ThreadMessage } from '../../api/types.ts'
import { findUnreadLine, type UnreadLine } from './timeline.ts'

/** The line between what was read and what was not, fixed until the thread is left. */
export function useUnreadLine(conversation: () => Conversation, messages: Readonly<Ref<readonly ThreadMessage[]>>) {
  const line = ref<UnreadLine | undefined>(findUnreadLine(messages.value, unreadOf(conversation())))

  // What comes while nobody looks gets its line too; it grows until somebody does.
  watch(
    () => conversation().inboundCount,
    (count, before) => {
      if (document.visibilityState === 'visible' && document.hasFocus()) return
      const first = messages.value.findLast((message) => message.type === 'INCOMING')
      if (line.value) line.value = { ...line.value, count: line.value.count + count - before }
      else if (first) line.value = { messageId: first.id, count: count - before }
    },
    { flush: 'post' },
  )
  return computed(() => line.value)
}
