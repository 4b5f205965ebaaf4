import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawDelivery, Verification } from '../contract.ts'

const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/

function isSignedWith(key: string, body: Buffer, signature: Buffer): boolean {
  // Anybody can sign with an empty key.
  return key !== '' && timingSafeEqual(createHmac('sha256', key).update(body).digest(), signature)
}

/**
 * Checks the signature of a delivery over its raw bytes, in constant time, with the keys of the inbox: each webhook of
 * respond.io's settings has its own, and its text is the key as it stands (respond.io wire reference §7.1, §7.2). What
 * some clients check instead, the body parsed and written again, are the same bytes as long as respond.io writes compact
 * JSON. There is no time in it, so it does not age.
 */
export function verifySignature({ headers, body }: RawDelivery, keys: readonly string[]): Verification {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const header = given.get('x-webhook-signature')
  if (!header) return { ok: false, reason: 'missing' }
  if (!BASE64_OF_32_BYTES.test(header)) return { ok: false, reason: 'malformed' }
  const signature = Buffer.from(header, 'base64')
  return keys.some((key) => isSignedWith(key, body, signature)) ? { ok: true } : { ok: false, reason: 'wrong' }
}
