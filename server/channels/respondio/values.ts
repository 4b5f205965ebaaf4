/**
 * An id as text. On the wire it is a number, or the same as text (respond.io wire reference §1, §3); what a double cannot
 * hold exactly is none.
 */
export function asNumericId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined
  return typeof value === 'string' && /^[1-9]\d{0,18}$/.test(value) ? value : undefined
}

const SECONDS_BELOW = 1e11
const MILLISECONDS_BELOW = 1e14
const MICROSECONDS_BELOW = 1e17

/** Units are nowhere stated; the magnitude tells seconds, milliseconds and microseconds (respond.io wire reference §7.4). */
export function asTime(value: unknown): Date | undefined {
  const number = typeof value === 'string' && /^\d{1,17}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number > 0) || number >= MICROSECONDS_BELOW) return undefined
  const ms = number < SECONDS_BELOW ? number * 1000 : number < MILLISECONDS_BELOW ? number : number / 1000
  return new Date(Math.floor(ms))
}

/** A message's id is its time in microseconds, the only time that a list tells (respond.io wire reference §5.1). */
export const timeOf = (messageId: string): Date | undefined =>
  messageId.length === 16 ? asTime(Number(messageId)) : undefined

/** Message ids are unique within their contact only (respond.io wire reference §8.1). */
export const externalIdOf = (contactId: string, messageId: string): string => `${contactId}:${messageId}`

/** The contact and the message that such a name is of. */
export function messageOf(externalId: string): { contact: string; message: string } | undefined {
  const [contact, message] = externalId.split(':').map(asNumericId)
  return contact && message ? { contact, message } : undefined
}

/** What is of one contact in one channel has one key. */
export const threadKeyOf = (channelId: string, contactId: string): string => `respondio:${channelId}:${contactId}`
