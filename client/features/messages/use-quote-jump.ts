import { nextTick, ref, type Ref } from 'vue'
import type { ThreadMessage } from '../../api/types.ts'
import { t } from '../../locales/i18n.ts'
import { useUi } from '../../stores/ui.ts'
import { messageKey } from './timeline.ts'

interface QuoteJump {
  messages: Readonly<Ref<readonly ThreadMessage[]>>
  scroller: Readonly<Ref<HTMLElement | null>>
  reach: (messageId: string) => Promise<boolean>
  onScroll: () => void
}

/** From a quote to what it quotes, which is marked and has the focus until the reader goes on. */
export function useQuoteJump({ messages, scroller, reach, onScroll }: QuoteJump) {
  const soughtKey = ref('')

  async function seek(messageId: string): Promise<void> {
    const reached = await reach(messageId)
    const message = reached && messages.value.find((one) => one.id === messageId)
    if (!message) return useUi().toast(t('thread.quoteFar'))
    soughtKey.value = messageKey(message)
    await nextTick()
    const row = scroller.value?.querySelector<HTMLElement>(`[data-row="${CSS.escape(soughtKey.value)}"]`)
    row?.scrollIntoView({ block: 'center' })
    row?.focus({ preventScroll: true })
    // Before anything else can think that the reader is still at the end.
    onScroll()
  }

  return { soughtKey, seek, leave: () => (soughtKey.value = '') }
}
