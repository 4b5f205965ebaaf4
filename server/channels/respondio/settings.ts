import type { TikTokWindow } from '../tiktok-window.ts'
import type { RateLimit } from './rate-limit.ts'

/** What the channel needs of the installation. */
export interface RespondIoSettings {
  /** With its version, and without a trailing slash: https://api.respond.io/v2. */
  readonly apiUrl: string
  /** TikTok's, as the installation reads it. */
  readonly windowPolicy?: TikTokWindow | undefined
  /** Of one call, connecting included, in ms; below 10 s. */
  readonly timeoutMs?: number | undefined
  /** Hears what each answer says of the limits; must not throw. */
  readonly onRateLimit?: ((seen: RateLimit) => void) | undefined
}

export const DEFAULT_TIMEOUT_MS = 8000
