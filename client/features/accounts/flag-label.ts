import { hasText, t } from '../../locales/i18n.ts'

/** A feature in the reader's language; one that we have no words for yet is called as the server calls it. */
export function flagLabel({ key, label }: { key: string; label: string }): string {
  const text = `flags.${key}`
  return hasText(text) ? t(text) : label
}
