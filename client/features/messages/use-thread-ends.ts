import { ref, watch } from 'vue'
import { useFeed } from '../../stores/feed.ts'
import type { Thread } from '../../stores/messages.ts'
import { loadNewerMessages, loadOlderMessages } from '../../stores/thread-paging.ts'

export type ThreadEnd = 'older' | 'newer'

/** A quote further back than this many pages is not gone after. */
const MOST_PAGES = 25
const loaders = { older: loadOlderMessages, newer: loadNewerMessages }

/** The ends of what is loaded. A page that did not come waits until somebody asks again or the connection is back. */
export function useThreadEnds(conversationId: string, thread: Thread) {
  const failed = ref<ThreadEnd>()
  let running: Promise<void> | undefined

  const has = (end: ThreadEnd) => (end === 'older' ? thread.hasOlder : thread.hasNewer)
  const cursorOf = (end: ThreadEnd) => (end === 'older' ? thread.startCursor : thread.edges.at(-1)?.endCursor)

  async function work(end: ThreadEnd): Promise<void> {
    const before = cursorOf(end)
    failed.value = undefined
    await loaders[end](conversationId)
    // Every page moves the cursor: where it stands still, none came.
    if (has(end) && cursorOf(end) === before) failed.value = end
  }

  async function load(end: ThreadEnd): Promise<void> {
    if (running) return running
    if (!has(end) || thread.busy) return
    running = work(end).finally(() => (running = undefined))
    return running
  }

  function near(end: ThreadEnd): void {
    if (failed.value !== end) void load(end)
  }

  /** Pages back until the message is here; false when it is too far away or does not come. */
  async function reach(messageId: string): Promise<boolean> {
    const here = () => thread.ids.includes(messageId)
    for (let page = 0; page < MOST_PAGES && !here() && thread.hasOlder; page += 1) {
      await load('older')
      if (failed.value) break
    }
    return here()
  }

  watch(
    () => useFeed().state,
    (state) => state === 'live' && failed.value && void load(failed.value),
  )

  return { failed, load, near, reach }
}
