import { computed, nextTick, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import type { ThreadMessage } from '../../api/types.ts'
import type { Thread } from '../../stores/messages.ts'
import { useSession } from '../../stores/session.ts'
import { useUi } from '../../stores/ui.ts'
import { jumpToNewest } from '../../stores/thread-paging.ts'
import { errorText } from '../../kit/error-text.ts'
import { restoreAnchor, takeAnchor, type Anchor } from './scroll-anchor.ts'
import { messageKey } from './timeline.ts'
import type { ThreadEnd } from './use-thread-ends.ts'

interface ThreadView {
  conversationId: string
  thread: Thread
  messages: Readonly<Ref<readonly ThreadMessage[]>>
  scroller: Readonly<Ref<HTMLElement | null>>
  content: Readonly<Ref<HTMLElement | null>>
  /** The reader comes near an end of what is loaded. */
  near: (end: ThreadEnd) => void
}

const PINNED_PX = 48
const LOAD_AHEAD_PX = 600
/** Where the reader was in each thread, for as long as the page lives. */
const places = new Map<string, Anchor>()

/** Keeps the reader's place: at the end the thread follows, anywhere else nothing moves. */
export function useThreadScroll(view: ThreadView) {
  const { scroller, messages } = view
  const pinned = ref(true)
  const { newCount, seeAll } = useNewCount(messages, pinned)

  function toEnd() {
    if (scroller.value) scroller.value.scrollTop = scroller.value.scrollHeight
  }

  function onScroll() {
    const element = scroller.value
    if (!element) return
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    pinned.value = below < PINNED_PX && !view.thread.hasNewer
    if (pinned.value) seeAll()
    if (element.scrollTop < LOAD_AHEAD_PX) view.near('older')
    if (below < LOAD_AHEAD_PX) view.near('newer')
  }

  async function toNewest() {
    try {
      await jumpToNewest(view.conversationId)
    } catch (error) {
      return useUi().toast(errorText(error), { tone: 'bad' })
    }
    await nextTick()
    toEnd()
    onScroll()
  }

  function open() {
    toEnd()
    const place = places.get(view.conversationId)
    const line = scroller.value?.querySelector<HTMLElement>('[data-row="unread"]')
    if (line && scroller.value && line.offsetTop < scroller.value.scrollTop)
      restoreAnchor(scroller.value, { key: 'unread', offset: 64 })
    else if (place && !line && scroller.value) restoreAnchor(scroller.value, place)
    // What is here now is told by the line; what comes from here on is counted.
    seeAll()
    onScroll()
  }

  keepPlace(view, pinned, toEnd)
  rememberPlace(view, pinned)
  return { pinned, newCount, onScroll, toNewest, open }
}

/** How many came since the reader was last at the end, or since the thread was opened. */
function useNewCount(messages: ThreadView['messages'], pinned: Readonly<Ref<boolean>>) {
  const lastSeen = ref<string>()
  const newCount = computed(() => (pinned.value ? 0 : countAfter(messages.value, lastSeen.value)))

  function seeAll() {
    const last = messages.value.at(-1)
    lastSeen.value = last && messageKey(last)
  }

  return { newCount, seeAll }
}

function rememberPlace(view: ThreadView, pinned: Readonly<Ref<boolean>>): void {
  onBeforeUnmount(() => {
    const anchor = !pinned.value && view.scroller.value ? takeAnchor(view.scroller.value) : undefined
    if (anchor) places.set(view.conversationId, anchor)
    else places.delete(view.conversationId)
  })
}

function keepPlace(view: ThreadView, pinned: Ref<boolean>, toEnd: () => void): void {
  let anchor: Anchor | undefined
  const own = () => view.messages.value.at(-1)?.local === 'sending'

  watch(view.messages, () => (anchor = view.scroller.value ? takeAnchor(view.scroller.value) : undefined), {
    flush: 'pre',
  })
  watch(
    view.messages,
    (next, before) => {
      const sentByMe = own() && next.length > before.length
      if (pinned.value || sentByMe) toEnd()
      else if (view.scroller.value) restoreAnchor(view.scroller.value, anchor)
    },
    { flush: 'post' },
  )
  // The composer grows, a picture gets its size: at the end the end stays in view.
  const observer = new ResizeObserver(() => pinned.value && toEnd())
  watch([view.scroller, view.content], ([scroller, content]) => {
    observer.disconnect()
    if (scroller) observer.observe(scroller)
    if (content) observer.observe(content)
  })
  onBeforeUnmount(() => observer.disconnect())
}

/** What others wrote after the last message that was seen. */
function countAfter(messages: readonly ThreadMessage[], lastSeen: string | undefined): number {
  const seenAt = messages.findIndex((message) => messageKey(message) === lastSeen)
  if (seenAt < 0) return 0
  const me = useSession().userId
  return messages.slice(seenAt + 1).filter((message) => message.type !== 'ACTIVITY' && message.sender?.id !== me).length
}
