import type { TikTokWindow } from '../tiktok-window.ts'
import type { Clock } from '../../kit/clock.ts'

/** What the channel needs of the installation. URLs without a trailing slash, except the authorize page's. */
export interface TikTokSettings {
  /**
   * The app's id: `client_key`, `client_id` or `app_id` on the wire (TikTok wire reference §2.6). It and the secret may
   * change while the process runs: read them each time, and spread nothing of this.
   */
  readonly appId?: string | undefined
  readonly appSecret?: string | undefined
  readonly dialect: 'business_v13' | 'gateway_v2'
  readonly authorizeUrl: string
  readonly apiUrl: string
  readonly openApiUrl: string
  /** How old and how far ahead a signature's time may be, in seconds. */
  readonly signaturePastS: number
  readonly signatureFutureS: number
  /** Which of TikTok's two readings of the reply window holds (TikTok wire reference §7); the strict one by default. */
  readonly windowPolicy?: TikTokWindow | undefined
  /** Calls a second that the app's level allows over all businesses (TikTok wire reference §10); 10 by default. */
  readonly qps?: number | undefined
  readonly webhookVerifyToken?: string | undefined
  /** Of one call, connecting included, in ms; below 10 s. */
  readonly timeoutMs?: number | undefined
  /** Turns the provider's remaining seconds into times; the system's by default. */
  readonly clock?: Clock | undefined
}

export const DEFAULT_TIMEOUT_MS = 8000
