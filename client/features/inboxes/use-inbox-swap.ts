import { onMounted, ref, watch } from 'vue'
import type { InboxSwapQuery } from '../../api/generated.ts'
import { InboxSwapDocument } from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import type { Inbox } from '../../api/types.ts'
import { useNow } from '../../kit/use-now.ts'
import { useTask } from '../../kit/use-task.ts'
import { useAccounts } from '../../stores/accounts.ts'
import type { Swap } from './swap-facts.ts'

/** The last swap of an inbox while anything can be done about it, and why it may not swap, looked after; undefined before it is known. */
export function useInboxSwap(inbox: () => Inbox | undefined) {
  const now = useNow(15_000)
  const swap = ref<Swap | null>()
  const obstacle = ref<InboxSwapQuery['inbox']['swapObstacle']>()
  const { busy, error, run } = useTask(async () => {
    const asked = inbox()
    if (!asked) return
    const answer = await request(InboxSwapDocument, { accountId: useAccounts().accountId, id: asked.id })
    if (inbox()?.id !== asked.id) return
    swap.value = answer.inbox.swap
    obstacle.value = answer.inbox.swapObstacle
  })
  // What happens while it is being asked is not in the answer.
  let wanted = false
  async function load(): Promise<void> {
    wanted = true
    if (busy.value) return
    while (wanted) {
      wanted = false
      await run()
    }
  }

  onMounted(() => load())
  watch(
    () => inbox()?.id,
    () => (swap.value = obstacle.value = undefined),
  )
  watch([now, inbox], () => load())
  return { swap, obstacle, error, load }
}
