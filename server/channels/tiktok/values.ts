import { asRecord, parseObject } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'

const SECONDS_BELOW = 1e11
const LAST_DATE_MS = 8.64e15

/** TikTok's times are seconds in some places and milliseconds in others (TikTok wire reference §15.2, §20). */
export function asDate(value: unknown): Date | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number > 0)) return undefined
  const ms = Math.round(number < SECONDS_BELOW ? number * 1000 : number)
  return ms <= LAST_DATE_MS ? new Date(ms) : undefined
}

/** The `content` of a delivery: JSON text on the wire, and an object for some integrators (TikTok wire reference §6.1). */
export function contentOf(value: unknown): Json | undefined {
  if (typeof value !== 'string') return asRecord(value)
  const parsed = parseObject(value)
  return parsed.ok ? parsed.value : undefined
}
