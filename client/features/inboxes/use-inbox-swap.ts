import { onMounted, ref, watch } from 'vue'
import { InboxSwapDocument } from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import type { Inbox } from '../../api/types.ts'
import { useNow } from '../../kit/use-now.ts'
import { useTask } from '../../kit/use-task.ts'
import { useAccounts } from '../../stores/accounts.ts'
import type { Swap } from './swap-facts.ts'

/** The last swap of an inbox while anything can be done about it, looked after; undefined before it is known. */
export function useInboxSwap(inbox: () => Inbox | undefined) {
  const now = useNow(15_000)
  const swap = ref<Swap | null>()
  const { busy, error, run } = useTask(async () => {
    const asked = inbox()
    if (!asked) return
    const answer = await request(InboxSwapDocument, { accountId: useAccounts().accountId, id: asked.id })
    if (inbox()?.id === asked.id) swap.value = answer.inbox.swap
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
    () => (swap.value = undefined),
  )
  watch([now, inbox], () => load())
  return { swap, error, load }
}
