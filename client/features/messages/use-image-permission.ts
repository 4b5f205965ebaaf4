import { ref, watch } from 'vue'
import { ImagePermissionDocument } from '../../api/generated.ts'
import { request } from '../../api/graphql.ts'
import { hasText, t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'

const KNOWN_MS = 10 * 60_000
const known = new Map<string, { at: number; reason: string }>()

/** Why a conversation takes no pictures, in words; empty when it takes them or nobody knows: then the sending tells. */
export function useImagePermission(conversationId: () => string) {
  const why = ref('')

  async function ask(id: string) {
    const before = known.get(id)
    why.value = before ? wordsOf(before.reason) : ''
    if (before && Date.now() - before.at < KNOWN_MS) return
    try {
      const { accountId } = useAccounts()
      const { imagePermission } = await request(ImagePermissionDocument, { accountId, conversationId: id })
      if (imagePermission.allowed !== null) known.set(id, { at: Date.now(), reason: imagePermission.reason ?? '' })
      if (id === conversationId()) why.value = wordsOf(imagePermission.reason ?? '')
    } catch {
      // Not known: the button stays.
    }
  }

  watch(conversationId, ask, { immediate: true })
  return why
}

function wordsOf(reason: string): string {
  const key = `pictures.${reason}`
  return reason && hasText(key) ? t(key) : ''
}
