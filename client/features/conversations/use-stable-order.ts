import { onScopeDispose, ref, watch, type Ref } from 'vue'
import type { ConversationList } from '../../stores/conversation-lists.ts'
import { heldOrder } from '../../stores/list-order.ts'

const POINTER_REST_MS = 1_500

/**
 * The order in which rows are shown. Scrolled down, or while the pointer moves over the list, rows keep their place and
 * what would come in above is only counted; at the top and at rest the list is live.
 */
export function useStableOrder(
  list: Ref<ConversationList | undefined>,
  scroller: Readonly<Ref<HTMLElement | null>>,
  rowHeight: number,
) {
  const ids = ref<string[]>([])
  const waiting = ref(0)
  const catchUp = () => follow(list.value?.ids ?? [])
  const pointer = usePointerRest(catchUp)

  const scrolled = () => (scroller.value?.scrollTop ?? 0) > rowHeight / 2
  const held = () => scrolled() || pointer.moves()

  function follow(live: readonly string[]) {
    const next = held() ? heldOrder(ids.value, live) : { ids: [...live], waiting: 0 }
    if (scroller.value) keepPlace(scroller.value, ids.value, next.ids, rowHeight)
    ids.value = next.ids
    // At the top the rows come in by themselves in a moment: nothing to ask for.
    waiting.value = scrolled() ? next.waiting : 0
  }

  function release() {
    if (scroller.value) scroller.value.scrollTop = 0
    pointer.forget()
    catchUp()
  }

  const onScroll = () => waiting.value && !held() && catchUp()

  watch(
    () => [list.value, list.value?.ids.slice()] as const,
    ([current, live], before) => {
      if (current !== before?.[0]) {
        ids.value = []
        if (scroller.value) scroller.value.scrollTop = 0
      }
      follow(live ?? [])
    },
    { immediate: true },
  )

  return { ids, waiting, release, onPointer: pointer.onPointer, onScroll }
}

/** Rows that left above the first visible one would pull the rest up under the pointer. */
function keepPlace(scroller: HTMLElement, before: readonly string[], next: readonly string[], rowHeight: number): void {
  const first = Math.floor(scroller.scrollTop / rowHeight)
  const present = new Set(next)
  const gone = before.slice(0, first).filter((id) => !present.has(id)).length
  if (gone) scroller.scrollTop -= gone * rowHeight
}

function usePointerRest(onRest: () => void) {
  let until = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))

  function onPointer() {
    until = Date.now() + POINTER_REST_MS
    clearTimeout(timer)
    timer = setTimeout(onRest, POINTER_REST_MS + 10)
  }

  return { onPointer, moves: () => Date.now() < until, forget: () => (until = 0) }
}
