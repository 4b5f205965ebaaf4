export type Json = Record<string, unknown>

export const asRecord = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

export const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A text that says something. */
export const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

// Ids are opaque (TikTok wire reference §4.1), yet they become keys in indexes: no spaces, which separate the parts of
// our keys, no control characters, no halves of surrogate pairs, and three of them fit into an index entry.
const USABLE_ID = /^[^\p{C}\p{Z}]{1,200}$/u

export const asId = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= 400 && USABLE_ID.test(value) ? value : undefined

/** An address that may become a link or a picture; `javascript:` and the like are not. */
export function asUrl(value: unknown): string | undefined {
  const text = asText(value)
  return text && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined
}

const SECONDS_BELOW = 1e11
const LAST_DATE_MS = 8.64e15

/** TikTok's times are seconds in some places and milliseconds in others (TikTok wire reference §15.2, §20). */
export function asDate(value: unknown): Date | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number > 0)) return undefined
  const ms = Math.round(number < SECONDS_BELOW ? number * 1000 : number)
  return ms <= LAST_DATE_MS ? new Date(ms) : undefined
}

/** The JSON object that a text holds. */
export function parseObject(text: string): { ok: true; value: Json } | { ok: false; code: 'NOT_JSON' | 'WRONG_SHAPE' } {
  try {
    const value = asRecord(JSON.parse(text))
    return value ? { ok: true, value } : { ok: false, code: 'WRONG_SHAPE' }
  } catch {
    return { ok: false, code: 'NOT_JSON' }
  }
}

/** The `content` of a delivery: JSON text on the wire, and an object for some integrators (TikTok wire reference §6.1). */
export function contentOf(value: unknown): Json | undefined {
  if (typeof value !== 'string') return asRecord(value)
  const parsed = parseObject(value)
  return parsed.ok ? parsed.value : undefined
}
