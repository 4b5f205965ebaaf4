import { createI18n } from 'vue-i18n'
import { remembered } from '../kit/storage.ts'
import { en } from './en.ts'
import type { settings } from './en/settings.ts'

export type In<Texts> = { [Group in keyof Texts]: { [Key in keyof Texts[Group]]: string } }
export type Messages = In<typeof en>
export type SettingsMessages = In<typeof settings>
type All = typeof en & typeof settings
export type MessageKey = { [Group in keyof All]: `${Group}.${keyof All[Group] & string}` }[keyof All]
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

export async function openLocale(preferred = chosen.read() ?? navigator.language): Promise<void> {
  await setLocale(preferred.startsWith('th') ? 'th' : 'en')
}

let wanted: Locale = 'en'
let settingsOpen = false

export async function setLocale(locale: Locale): Promise<void> {
  wanted = locale
  await load(locale)
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  chosen.write(locale)
}

/** The sentences of pages that change something once in a while: they come with the first of those pages. */
export async function openSettingsTexts(): Promise<void> {
  settingsOpen = true
  await Promise.all([load('en'), load(wanted)])
}

/** Adds and takes nothing away: a locale and the settings may open in any order, or at once. */
async function load(locale: Locale): Promise<void> {
  const add = (texts: object) => i18n.global.mergeLocaleMessage(locale, texts)
  if (locale === 'th') add((await import('./th.ts')).th)
  if (!settingsOpen) return
  add((await (locale === 'th' ? import('./th/settings.ts') : import('./en/settings.ts'))).settings)
}
