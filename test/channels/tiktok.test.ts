import { expect, it } from 'vitest'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { describeChannel } from './contract.ts'
import type { ChannelTraits } from './harness.ts'
import { TEST_SETTINGS, startTikTokHarness } from './tiktok-harness.ts'

const traits: Omit<ChannelTraits, 'start'> = {
  freshForS: 300,
  precisionMs: 1,
  namesBusiness: true,
  echoes: true,
  quotes: true,
  signals: true,
  unnamed: true,
  images: true,
  listedVia: 'api',
  namesPeople: true,
  endedConsent: 'CONSENT_ENDED',
}

describeChannel('TikTok', { start: () => startTikTokHarness(), ...traits })

it('TikTok is called ten times in any second at the most, a burst included (TikTok wire reference §10)', () => {
  const { burst, perSecond } = createTikTok(TEST_SETTINGS).manifest.rate
  expect(burst + perSecond).toBeLessThanOrEqual(10)
})
