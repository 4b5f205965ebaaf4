export type Json = Record<string, unknown>

export const asRecord = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

export const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A text that says something. */
export const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

// A provider's ids are opaque, yet they become keys in indexes: no spaces, which separate the parts of
// our keys, no control characters, no halves of surrogate pairs, and three of them fit into an index entry.
const USABLE_ID = /^[^\p{C}\p{Z}]{1,200}$/u

export const asId = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= 400 && USABLE_ID.test(value) ? value : undefined

/**
 * An address that may become a link or a picture; `javascript:` and the like are not. As the standard writes it, which
 * leaves no control character in it.
 */
export function asUrl(value: unknown): string | undefined {
  const text = asText(value)
  const url = text && URL.canParse(text) ? new URL(text) : undefined
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined
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

const MAX_DEPTH = 32

/** Whether it can be written again: JSON of any depth can be parsed, but not stringified. */
export function isShallow(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true
  return left > 0 && Object.values(value).every((inner) => isShallow(inner, left - 1))
}
