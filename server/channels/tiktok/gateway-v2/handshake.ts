import { createHash, timingSafeEqual } from 'node:crypto'
import type { ChannelWebhook } from '../../contract.ts'
import type { TikTokSettings } from '../settings.ts'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Gives the challenge back to whoever knows the token, and to nobody else (TikTok wire reference §15.4). */
export function createHandshake(settings: TikTokSettings): NonNullable<ChannelWebhook['handshake']> {
  return ({ verify_token: token, challenge }) => {
    const wanted = settings.webhookVerifyToken
    const isOurs = Boolean(wanted) && typeof token === 'string' && timingSafeEqual(digest(token), digest(wanted ?? ''))
    return isOurs && typeof challenge === 'string'
      ? { status: 200, body: challenge }
      : { status: 403, body: 'Forbidden' }
  }
}
