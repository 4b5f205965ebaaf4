import { createI18n } from 'vue-i18n'
import { remembered } from '../kit/storage.ts'
import { en } from './en.ts'

export type Messages = { [Group in keyof typeof en]: { [Key in keyof (typeof en)[Group]]: string } }
export type MessageKey = {
  [Group in keyof typeof en]: `${Group}.${keyof (typeof en)[Group] & string}`
}[keyof typeof en]
export type Locale = 'en' | 'th'

const chosen = remembered('parley:locale')

export const i18n = createI18n<false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en } as Record<string, Messages>,
})

/** A sentence in the reader's language; `count` chooses between the forms that a bar separates. */
export function t(key: MessageKey, values: Record<string, string | number> = {}, count?: number): string {
  return count === undefined ? i18n.global.t(key, values) : i18n.global.t(key, { count, ...values }, count)
}

/** Whether there is a sentence for a code that the server may have learned after us. */
export function hasText(key: string): key is MessageKey {
  return i18n.global.te(key, 'en')
}

export function currentLocale(): Locale {
  return i18n.global.locale.value as Locale
}

export async function openLocale(wanted = chosen.read() ?? navigator.language): Promise<void> {
  await setLocale(wanted.startsWith('th') ? 'th' : 'en')
}

export async function setLocale(locale: Locale): Promise<void> {
  if (locale === 'th') i18n.global.setLocaleMessage('th', (await import('./th.ts')).th)
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  chosen.write(locale)
}
