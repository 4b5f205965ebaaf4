import type { SimClock } from '../clock.ts'
import type { Prng } from '../prng.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Ids } from './ids.ts'
import type { Knobs } from './knobs.ts'
import type { TikTokLedger } from './ledger.ts'
import type { Outbox } from './outbox.ts'
import type { TokenStore } from './tokens.ts'
import type { DailyCap, QpsBucket } from './windows.ts'
import type { World } from './world.ts'

export interface TikTokOptions {
  appId: string
  appSecret: string
  /** Which of the two descriptions of TikTok's API it follows; default: business_v13. */
  dialect?: 'business_v13' | 'gateway_v2'
  /** Where DIRECT_MESSAGE events go from the start; POST /business/webhook/update/ changes it. */
  webhookUrl?: string
  /** When given, the authorize page refuses any other redirect_uri. */
  redirectUris?: string[]
  knobs?: Partial<Knobs>
}

export interface TikTokContext {
  options: TikTokOptions
  clock: SimClock
  /** Draws for ids and for everything else are apart, so that timing does not change ids. */
  ids: Ids
  jitter: Prng
  knobs: Knobs
  scheduler: Scheduler
  world: World
  tokens: TokenStore
  ledger: TikTokLedger
  outbox: Outbox
  qps: QpsBucket
  dailyCap: DailyCap
  /** Callback URL per event category (§5). */
  subscriptions: Map<string, string>
  baseUrl(): string
}
