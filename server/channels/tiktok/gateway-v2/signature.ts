import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RawDelivery, Verification } from '../../contract.ts'
import type { TikTokSettings } from '../settings.ts'
import { readSignature } from '../signature-header.ts'
import { parseObject } from '../../../kit/json.ts'
import { asDate } from '../values.ts'

const FORM = /^sha256=([0-9a-f]{64})$/i
const FRESH_MS = 10 * 60_000

/**
 * Checks `sha256=` over the raw bytes, in constant time. The signature carries no time, so that the signed body's own one
 * must be fresh, and the same event counts once (TikTok wire reference §15.1); a body that tells no time is acted upon by
 * nobody and may come in.
 */
export function verifySignature(settings: TikTokSettings, delivery: RawDelivery, now: Date): Verification {
  const given = readSignature(delivery, 'gateway_v2')
  if (!given.ok) return given
  const signature = FORM.exec(given.header)?.[1]
  if (!signature) return { ok: false, reason: 'malformed' }
  // Anybody can sign with an empty secret.
  if (!settings.appSecret) return { ok: false, reason: 'wrong' }
  const expected = createHmac('sha256', settings.appSecret).update(delivery.body).digest()
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) return { ok: false, reason: 'wrong' }
  const body = parseObject(delivery.body.toString('utf8'))
  const createdAt = body.ok ? asDate(body.value.create_time) : undefined
  const ageMs = createdAt ? now.getTime() - createdAt.getTime() : 0
  if (createdAt && ageMs > FRESH_MS) return { ok: false, reason: 'stale', signedAt: createdAt }
  if (-ageMs > settings.signatureFutureS * 1000) return { ok: false, reason: 'future' }
  return { ok: true }
}
