import { describeChannel } from './contract.ts'
import type { ChannelTraits } from './harness.ts'
import { startTikTokHarness } from './tiktok-harness.ts'

const traits: Omit<ChannelTraits, 'start'> = {
  connect: 'oauth',
  freshForS: 600,
  precisionMs: 1_000,
  namesBusiness: false,
  echoes: false,
  quotes: false,
  receipts: 'deliveries',
  signals: false,
  unnamed: false,
  images: false,
  listedVia: 'app',
  namesPeople: false,
  endedConsent: 'REFRESH_REFUSED',
}

describeChannel('TikTok, gateway dialect,', { start: () => startTikTokHarness('gateway_v2'), ...traits })
