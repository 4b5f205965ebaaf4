import { createHash } from 'node:crypto'
import type { Prng } from '../prng.ts'

export interface Ids {
  openId(): string
  personId(): string
  /** Conversation and message ids: base64 of 19 bytes, 28 characters, may hold + and / (§4.1). */
  short(): string
  accessToken(): string
  refreshToken(): string
  authCode(): string
  requestId(now: number): string
  videoId(): string
}

export const SHORT_ID = /^[A-Za-z0-9+/]{26}==$/

const digits = (random: Prng, length: number): string =>
  Array.from({ length }, (_, index) => random.int(index === 0 ? 1 : 0, 9)).join('')

export function createIds(random: Prng): Ids {
  return {
    openId: () => `_000${random.bytes(24).toString('base64url')}`,
    personId: () => random.bytes(48).toString('base64'),
    short: () => random.bytes(19).toString('base64'),
    accessToken: () => `act.${random.bytes(33).toString('base64url')}`,
    refreshToken: () => `rft.${random.bytes(33).toString('base64url')}`,
    // Characters that must be percent-encoded in the redirect: the code has to be decoded before use (§2.2).
    authCode: () => `${random.bytes(30).toString('base64url')}*${random.int(0, 9)}!${digits(random, 4)}.va`,
    requestId: (now) =>
      new Date(now).toISOString().replace(/\D/g, '').slice(0, 14) + random.bytes(9).toString('hex').toUpperCase(),
    videoId: () => digits(random, 19),
  }
}

/** A name for files and links made from an id that may hold slashes. */
export const slug = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 24)
