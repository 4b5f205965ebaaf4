import { ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { hasText, t } from '../../locales/i18n.ts'

/** Why a connection did not come about: a code, and what was not allowed though it is needed. */
export interface ConnectFailure {
  code: string
  missing: string[]
}

const failureOf = (code: unknown, missing: unknown): ConnectFailure => ({
  code: String(code),
  missing: String(missing ?? '')
    .split(',')
    .filter(Boolean),
})

/** What the way back from the provider said; the address is cleaned, so that a reload does not say it again. */
export function useConnectResult() {
  const route = useRoute()
  const router = useRouter()
  const { error, code, missing, connected, ...rest } = route.query
  const told = error ?? code
  const failure = ref(told ? failureOf(told, missing) : undefined)
  const justConnected = ref(connected === '1')
  if (told || connected) void router.replace({ params: route.params, query: rest })
  return { failure, justConnected }
}

export function connectProblem(code: string): string {
  const key = `connectError.${code}`
  return hasText(key) ? t(key) : t('connectError.INTERNAL')
}

/** What goes without a permission, in a sentence. */
export function scopeText(costs: string, channel: string): string {
  const key = `scopes.${costs}`
  return hasText(key) ? t(key, { channel }) : costs
}
