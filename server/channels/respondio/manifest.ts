import type { ChannelManifest, Rate } from '../contract.ts'
import { standInOrigins } from '../../kit/stand-in-origins.ts'
import { TIKTOK_WINDOWS } from '../tiktok-window.ts'
import { bucketOf } from './rate-limit.ts'
import type { RespondIoSettings } from './settings.ts'
import { TEXT_LENGTH } from './variables.ts'

/** What is sure to be allowed, of one token and on one route (§2.2); answers may say that it is more. */
const rateOfRoute = (route: string): Rate => ({ bucket: bucketOf(route), perSecond: 4, burst: 1 })

/**
 * Data of the respond.io channel. Limits and window are TikTok's (respond.io wire reference §5.4). respond.io
 * takes a picture by a public address alone, and a reply cannot quote (§5.2).
 */
export function createManifest(settings: RespondIoSettings): ChannelManifest {
  return {
    id: 'respondio',
    label: 'respond.io',
    featureFlag: 'channel_respondio',
    connect: 'form',
    form: {
      fields: [{ name: 'apiToken', code: 'API_TOKEN', secret: true, required: true, maxLength: 4096 }],
      choice: 'channelId',
      guide: 'RESPONDIO_TOKEN',
    },
    webhookPaths: [],
    gateway: {
      provider: 'respondio',
      address: { name: 'THIRDPARTY_API_URL', url: settings.apiUrl },
      fields: { THIRDPARTY_API_KEY: 'apiToken' },
    },
    // One for what comes in and one for what goes out (§7.1), and those that are to follow them.
    inboxWebhook: { keys: 4, guide: 'RESPONDIO_WEBHOOKS' },
    configured: true,
    limits: { textLength: TEXT_LENGTH },
    sends: ['text', 'image'],
    quotable: [],
    images: { by: 'address', types: ['image/jpeg', 'image/png'], maxBytes: 3_000_000 },
    playerHosts: ['www.tiktok.com'],
    trustedOrigins: standInOrigins(settings.apiUrl, 'respond.io'),
    window: TIKTOK_WINDOWS[settings.windowPolicy ?? 'strict10'],
    signals: [],
    rate: rateOfRoute('POST /contact/{contact}/message'),
    rates: {
      read: rateOfRoute('GET /contact/{contact}/message/list'),
      check: rateOfRoute('GET /contact/{contact}/channels'),
      list: rateOfRoute('POST /contact/list'),
    },
  }
}
