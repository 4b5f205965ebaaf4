import { expect, it } from 'vitest'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { describeChannel } from './contract.ts'
import type { ChannelTraits } from './harness.ts'
import { TEST_SETTINGS, startTikTokHarness } from './tiktok-harness.ts'

const traits: Omit<ChannelTraits, 'start'> = {
  connect: 'oauth',
  freshForS: 300,
  precisionMs: 1,
  namesBusiness: true,
  echoes: true,
  quotes: true,
  receipts: 'deliveries',
  signals: true,
  unnamed: true,
  images: 'upload',
  listedVia: 'api',
  namesPeople: true,
  endedConsent: 'CONSENT_ENDED',
}

describeChannel('TikTok', { start: () => startTikTokHarness(), ...traits })

it.each([undefined, 20, 30, 50])(
  'TikTok is called in any second as often as the app’s level allows, a burst included (TikTok wire reference §10): %s',
  (qps) => {
    const { burst, perSecond } = createTikTok({ ...TEST_SETTINGS, qps }).manifest.rate
    expect(burst + perSecond).toBeLessThanOrEqual(qps ?? 10)
    expect(perSecond).toBeGreaterThan((qps ?? 10) / 2)
  },
)
