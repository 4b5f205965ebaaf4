import { computed, watch, type Ref } from 'vue'
import { t } from '../../locales/i18n.ts'
import type { ComposerMode } from '../../stores/drafts.ts'
import { MOST_PICTURES, usePictures } from '../../stores/pictures.ts'
import { useUi } from '../../stores/ui.ts'
import type { PictureSituation } from './send-blocker.ts'
import { useImagePermission } from './use-image-permission.ts'
import type { WindowMeter } from './window-meter.ts'

interface ComposerView {
  conversationId: Readonly<Ref<string>>
  mode: Readonly<Ref<ComposerMode>>
  text: Readonly<Ref<string>>
  meter: Readonly<Ref<WindowMeter>>
}

/** The pictures of the composer: what keeps them from being sent, and what sending them costs of the quota. */
export function useComposerPictures({ conversationId, mode, text, meter }: ComposerView) {
  const pictures = usePictures()
  watch([conversationId, mode], () => pictures.open(conversationId.value, mode.value), { immediate: true })
  const refused = useImagePermission(() => conversationId.value)
  /** Notes stay here: the provider has no say in them. */
  const refusal = computed(() => (mode.value === 'reply' && refused.value) || undefined)
  const list = computed(() => pictures.listOf(conversationId.value, mode.value))
  const messages = computed(() => list.value.length + (text.value.trim() ? 1 : 0))
  const left = computed(() => (mode.value === 'reply' ? meter.value.remaining : undefined))

  const situation = computed<PictureSituation>(() => ({
    count: list.value.length,
    uploading: list.value.some(({ uploaded, error }) => !uploaded && error === undefined),
    failed: list.value.some(({ error }) => error !== undefined),
    refused: (list.value.length > 0 && refusal.value) || undefined,
    missing: Math.max(0, list.value.length ? messages.value - (left.value ?? Infinity) : 0),
  }))
  const cost = computed(() => {
    if (messages.value < 2 || left.value === undefined) return ''
    return t('pictures.cost', { n: messages.value, left: left.value })
  })

  function add(files: readonly File[]) {
    if (!files.length) return
    if (refusal.value) return useUi().toast(refusal.value, { tone: 'bad' })
    const over = pictures.add(conversationId.value, mode.value, files)
    if (over) useUi().toast(t('pictures.most', { n: MOST_PICTURES }), { tone: 'bad' })
  }

  return { add, cost, refusal, situation }
}
