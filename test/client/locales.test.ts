import { expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { en } from '../../client/locales/en.ts'
import { settings as enSettings } from '../../client/locales/en/settings.ts'
import { th } from '../../client/locales/th.ts'
import { settings as thSettings } from '../../client/locales/th/settings.ts'

const messages = { en: { ...en, ...enSettings }, th: { ...th, ...thSettings } }
const i18n = createI18n<false>({
  ...{ legacy: false, locale: 'en' },
  messages: messages as Record<string, (typeof messages)['en']>,
})

const sentences = (locale: 'en' | 'th') =>
  new Map(
    Object.entries(messages[locale]).flatMap(([group, texts]) =>
      Object.entries(texts).map(([key, text]): [string, string] => [`${group}.${key}`, text]),
    ),
  )
const placesIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
/** What a sentence says to the letter: its places filled, what stands in quotes as it is, a bar between its forms. */
const formsOf = (text: string, values: Record<string, string>) =>
  text.split('|').map((form) =>
    form
      .trim()
      .replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
      .replace(/\{'([^']*)'\}/g, '$1'),
  )

/** Why a sentence would not show as it is written: a bare @, braces that do not match, a bar with nothing beside it … */
function faultOf(locale: 'en' | 'th', key: string, text: string): string | undefined {
  const values = Object.fromEntries(placesIn(sentences('en').get(key) ?? '').map((name) => [name, `<${name}>`]))
  const stranger = placesIn(text).find((name) => !(name in values) && name !== 'count')
  if (stranger) return `{${stranger}} is not given`
  const forms = formsOf(text, { ...values, count: '<count>' })
  for (const count of [0, 1, 2]) {
    try {
      const said = i18n.global.t(key, { ...values, count: '<count>' }, { plural: count, locale })
      if (!forms.includes(said.trim())) return `says ${said}`
    } catch (error) {
      return String(error)
    }
  }
  return undefined
}

it.each(['en', 'th'] as const)('every sentence in %s is said as it is written', (locale) => {
  const faults = [...sentences(locale)].flatMap(([key, text]) => {
    const fault = faultOf(locale, key, text)
    return fault ? [`${key}: ${fault}`] : []
  })
  expect(faults).toEqual([])
})

it('a sentence that is not would be noticed', () => {
  const texts = [
    'write to us@shop.test',
    '@:common.ok',
    'open {name',
    'close }',
    'one |',
    'to {nobody}',
    "it's {",
    '{}',
  ]
  for (const text of texts) {
    i18n.global.setLocaleMessage('th', { common: { ok: text } } as typeof en)
    expect(faultOf('th', 'common.ok', text), text).toBeDefined()
  }
  const fine = "us{'@'}shop.test"
  i18n.global.setLocaleMessage('th', { common: { ok: fine } } as typeof en)
  expect(faultOf('th', 'common.ok', fine)).toBeUndefined()
})
