import { computed, ref, watch, type Ref } from 'vue'
import type { ConversationList } from '../../stores/conversation-lists.ts'
import { loadMoreConversations } from '../../stores/conversation-paging.ts'
import { useFeed } from '../../stores/feed.ts'

const AHEAD_ROWS = 4

/**
 * Loads on as the end of the list comes near: because somebody scrolls, or because rows left. A page that did not come
 * waits until somebody asks again or the connection is back.
 */
export function useListPaging(
  list: Readonly<Ref<ConversationList | undefined>>,
  count: Readonly<Ref<number>>,
  lastRow: Readonly<Ref<number>>,
) {
  const failedAt = ref<string | null>()
  const failed = computed(() => Boolean(list.value?.hasNextPage) && failedAt.value === list.value?.endCursor)

  async function loadMore() {
    const asked = list.value
    if (!asked?.hasNextPage || asked.loadingMore || asked.phase !== 'ready') return
    const { endCursor } = asked
    failedAt.value = undefined
    await loadMoreConversations()
    // Every page moves the cursor: where it stands still, none came.
    if (asked.endCursor === endCursor) failedAt.value = endCursor
  }

  watch([count, lastRow, () => list.value?.endCursor, () => list.value?.phase], () => {
    if (!failed.value && lastRow.value >= count.value - 1 - AHEAD_ROWS) void loadMore()
  })
  watch(
    () => useFeed().state,
    (state) => state === 'live' && failed.value && void loadMore(),
  )

  return { failed, loadMore }
}
