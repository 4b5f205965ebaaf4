import type { Channel } from '../contract.ts'
import { createBusinessV13 } from './business-v13/index.ts'
import { createGatewayV2 } from './gateway-v2/index.ts'
import type { TikTokSettings } from './settings.ts'

export type { TikTokSettings } from './settings.ts'

/** TikTok direct messages in the dialect that the settings name; one folder per dialect (TikTok wire reference §15.1). */
export function createTikTok(settings: TikTokSettings): Channel {
  return settings.dialect === 'gateway_v2' ? createGatewayV2(settings) : createBusinessV13(settings)
}
