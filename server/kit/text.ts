/** What Postgres can hold: no NUL, no lone surrogate. Each becomes U+FFFD, so that nothing vanishes without a trace. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

/** The same for every text and key inside of a JSON value, as JSON text. */
export const storableJson = (value: unknown): string => JSON.stringify(clean(value)) ?? 'null'

function clean(value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [storable(key), clean(entry)]))
}
