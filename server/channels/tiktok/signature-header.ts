import type { RawDelivery } from '../contract.ts'
import type { TikTokSettings } from './settings.ts'

const HEADERS = { business_v13: 'tiktok-signature', gateway_v2: 'x-tt-webhook-signature' } as const

/**
 * The signature in the header of the dialect in use. Beside the other dialect's it is refused: no sender chooses the rule
 * that it is checked by (TikTok wire reference §15.3).
 */
export function readSignature(
  { headers }: RawDelivery,
  dialect: TikTokSettings['dialect'],
): { ok: true; header: string } | { ok: false; reason: 'missing' | 'malformed' } {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const header = given.get(HEADERS[dialect])
  if (!header) return { ok: false, reason: 'missing' }
  const others = Object.values(HEADERS).filter((name) => name !== HEADERS[dialect])
  if (others.some((name) => given.get(name) !== undefined)) return { ok: false, reason: 'malformed' }
  return { ok: true, header }
}
