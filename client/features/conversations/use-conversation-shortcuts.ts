import { onBeforeUnmount, onMounted } from 'vue'
import { useConversationLists } from '../../stores/conversation-lists.ts'
import { useConversations } from '../../stores/conversations.ts'
import { useSession } from '../../stores/session.ts'
import { useUi } from '../../stores/ui.ts'
import { isTyping, shortcutKey } from './shortcut-key.ts'
import { useConversationActions } from './use-conversation-actions.ts'
import { useConversationRoute } from './use-conversation-route.ts'

/** Walking through the list: the open conversation's neighbours, also when it has just left the list. */
function useConversationSteps() {
  const { conversationId, show } = useConversationRoute()
  const { resolve } = useConversationActions()
  let lastAt = 0

  function neighbour(step: 1 | -1): string | undefined {
    const ids = useConversationLists().current?.ids ?? []
    const at = ids.indexOf(conversationId.value)
    if (at >= 0) lastAt = at
    // What was resolved has left the list: the next one stands where it stood.
    return at >= 0 ? ids[at + step] : ids[Math.min(step > 0 ? lastAt : lastAt - 1, ids.length - 1)]
  }

  function move(step: 1 | -1) {
    const id = neighbour(step)
    if (id) void show(id)
  }

  /** Resolving with the key goes on to the next one: that is what an agent with her hands on the keyboard wants. */
  function resolveAndNext() {
    const conversation = useConversations().byId.get(conversationId.value)
    if (!conversation || conversation.status === 'RESOLVED') return
    const next = neighbour(1) ?? neighbour(-1)
    void resolve(conversation.id)
    if (next) void show(next)
  }

  return { move, resolveAndNext }
}

/** A key that is held walks on; anything else is done once for each press. */
const repeating = new Set(['j', 'k'])

/** The keys of the conversation screen; they rest while somebody types and can be switched off. */
export function useConversationShortcuts(): void {
  const ui = useUi()
  const { conversationId, show } = useConversationRoute()
  const { assign } = useConversationActions()
  const { move, resolveAndNext } = useConversationSteps()

  const actions: Record<string, () => void> = {
    j: () => move(1),
    k: () => move(-1),
    e: resolveAndNext,
    a: () => conversationId.value && void assign(conversationId.value, useSession().userId),
    r: () => ui.askComposer('reply'),
    n: () => ui.askComposer('note'),
    '/': () => (ui.searchAsked += 1),
    '?': () => (ui.shortcutsShown = true),
    Escape: () => void (conversationId.value && show(undefined)),
  }

  function onKey(event: KeyboardEvent) {
    if (!ui.shortcutsEnabled || ui.shortcutsShown || isTyping(event)) return
    const key = shortcutKey(event)
    const action = actions[key]
    if (!action) return
    event.preventDefault()
    if (!event.repeat || repeating.has(key)) action()
  }

  onMounted(() => addEventListener('keydown', onKey))
  onBeforeUnmount(() => removeEventListener('keydown', onKey))
}
