import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawDelivery, Verification } from '../contract.ts'

const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/

function isSignedWith(key: string, data: Buffer | string, signature: Buffer): boolean {
  // Anybody can sign with an empty key.
  return key !== '' && timingSafeEqual(createHmac('sha256', key).update(data).digest(), signature)
}

/** Longer than any delivery: of what is more a stranger could have us parse any amount. */
const MOST_REWRITTEN = 256 * 1024

/** The body as it is written anew. Undefined: it is no JSON, too long or too deep, or was written so already. */
function rewritten(body: Buffer): string | undefined {
  if (body.length > MOST_REWRITTEN) return undefined
  const text = body.toString('utf8')
  try {
    const again = JSON.stringify(JSON.parse(text))
    return again === text ? undefined : again
  } catch {
    return undefined
  }
}

/**
 * Checks the signature of a delivery in constant time, with the keys of the inbox: each webhook of respond.io's settings
 * has its own, and its text is the key as it stands (respond.io wire reference §7.1, §7.2). It is over the raw bytes, or,
 * as the vendor's samples differ, over the body parsed and written again, which are other bytes unless it is compact JSON.
 * There is no time in it, so it does not age.
 */
export function verifySignature({ headers, body }: RawDelivery, keys: readonly string[]): Verification {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const header = given.get('x-webhook-signature')
  if (!header) return { ok: false, reason: 'missing' }
  if (!BASE64_OF_32_BYTES.test(header)) return { ok: false, reason: 'malformed' }
  const signature = Buffer.from(header, 'base64')
  const signedBy = (data: Buffer | string) => keys.some((key) => isSignedWith(key, data, signature))
  if (signedBy(body)) return { ok: true }
  const again = keys.length ? rewritten(body) : undefined
  return again !== undefined && signedBy(again) ? { ok: true } : { ok: false, reason: 'wrong' }
}
