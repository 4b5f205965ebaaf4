import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawDelivery, Verification } from '../../contract.ts'
import type { TikTokSettings } from '../settings.ts'
import { readSignature } from '../signature-header.ts'

const MAX_HEADER_LENGTH = 1024

/** `part *( "," part )`, `part = key "=" value`, optional spaces, any order; each key once. */
function readHeader(header: string): { t: string; s: string } | undefined {
  if (header.length > MAX_HEADER_LENGTH) return undefined
  const parts = new Map<string, string>()
  for (const part of header.split(',')) {
    const [key = '', value] = part.split(/=(.*)/s).map((piece) => piece.trim())
    if (!key || value === undefined || parts.has(key)) return undefined
    parts.set(key, value)
  }
  const t = parts.get('t') ?? ''
  const s = parts.get('s') ?? ''
  return /^\d{1,12}$/.test(t) && /^[0-9a-f]{64}$/i.test(s) ? { t, s } : undefined
}

/**
 * Checks the signature of a delivery over its raw bytes, in constant time, and its time only once the signature is
 * right: `stale` and `future` are said of nothing that others made (TikTok wire reference §6.2).
 */
export function verifySignature(settings: TikTokSettings, delivery: RawDelivery, now: Date): Verification {
  const given = readSignature(delivery, 'business_v13')
  if (!given.ok) return given
  const signature = readHeader(given.header)
  if (!signature) return { ok: false, reason: 'malformed' }
  // Anybody can sign with an empty secret.
  if (!settings.appSecret) return { ok: false, reason: 'wrong' }
  const { t, s } = signature
  const expected = createHmac('sha256', settings.appSecret).update(`${t}.`).update(delivery.body).digest()
  if (!timingSafeEqual(expected, Buffer.from(s, 'hex'))) return { ok: false, reason: 'wrong' }
  const ageS = now.getTime() / 1000 - Number(t)
  if (ageS > settings.signaturePastS) return { ok: false, reason: 'stale', signedAt: new Date(Number(t) * 1000) }
  if (-ageS > settings.signatureFutureS) return { ok: false, reason: 'future' }
  return { ok: true }
}
