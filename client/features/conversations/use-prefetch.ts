import { onScopeDispose, watch, type Ref } from 'vue'
import { useMessages } from '../../stores/messages.ts'
import { loadThread } from '../../stores/thread-paging.ts'

const OPEN_REST_MS = 400
/** A pointer that only passes over rows asks for none of them. */
const POINTER_REST_MS = 150

/** The next conversation is there before it is asked for: the neighbours of the open one, and what the pointer rests on. */
export function usePrefetch(ids: Readonly<Ref<readonly string[]>>, openId: Readonly<Ref<string>>) {
  let resting: ReturnType<typeof setTimeout> | undefined

  function load(id: string | undefined) {
    if (id && !useMessages().threads.has(id)) void loadThread(id)
  }

  function prefetch(id: string | undefined) {
    clearTimeout(resting)
    resting = setTimeout(() => load(id), POINTER_REST_MS)
  }

  watch(openId, (id, _before, onCleanup) => {
    const timer = setTimeout(() => {
      const at = ids.value.indexOf(id)
      if (at < 0) return
      load(ids.value[at + 1])
      load(ids.value[at - 1])
    }, OPEN_REST_MS)
    onCleanup(() => clearTimeout(timer))
  })
  onScopeDispose(() => clearTimeout(resting))

  return { prefetch }
}
