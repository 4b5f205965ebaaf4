import type { ChannelManifest } from '../contract.ts'
import { standInOrigins } from '../../kit/stand-in-origins.ts'
import { TIKTOK_WINDOWS } from '../tiktok-window.ts'
import type { TikTokSettings } from './settings.ts'

/** Data of the TikTok channel. Limits: TikTok wire reference §4.1, window §7, rate §10. */
export function createManifest(settings: TikTokSettings): ChannelManifest {
  return {
    id: 'tiktok',
    label: 'TikTok',
    featureFlag: 'channel_tiktok',
    connect: 'oauth',
    webhookPaths: ['/webhooks/tiktok', '/webhook/tiktok'],
    gateway: {
      provider: 'official',
      app: { id: 'TIKTOK_CLIENT_KEY', secret: 'TIKTOK_CLIENT_SECRET' },
      credentials: { TIKTOK_ACCESS_TOKEN: 'accessToken', TIKTOK_REFRESH_TOKEN: 'refreshToken' },
    },
    get configured() {
      return Boolean(settings.appId && settings.appSecret)
    },
    get appId() {
      return settings.appId
    },
    limits: { textLength: 6000 },
    sends: ['text', 'image', 'share_post', 'card'],
    quotable: ['text', 'image', 'share_post'],
    images: { by: 'upload', types: ['image/jpeg', 'image/png'], maxBytes: 3_000_000 },
    card: { title: 40, buttons: 3, button: 20, link: 40 },
    playerHosts: ['www.tiktok.com'],
    trustedOrigins: standInOrigins(settings.apiUrl, 'tiktok.com'),
    dialect: settings.dialect,
    window: TIKTOK_WINDOWS[settings.windowPolicy ?? 'strict10'],
    signals: settings.dialect === 'business_v13' ? ['typing', 'read'] : [],
    // A burst and what comes in the second after it are within what TikTok allows.
    get rate() {
      const qps = settings.qps ?? 10
      return { bucket: `tiktok:${settings.appId ?? ''}`, perSecond: qps * 0.8, burst: qps * 0.2 }
    },
  }
}
