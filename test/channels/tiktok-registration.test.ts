import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../server/channels/contract.ts'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { describeError } from '../../server/kit/redact.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import { failureOf } from './contract-support.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const OURS = 'https://inbox.example.com/webhooks/tiktok'

let standin: Standin
beforeEach(async () => {
  standin = await startStandin()
})
afterEach(() => standin.close())

const registrationOf = (change: Partial<typeof TEST_SETTINGS> = {}) => {
  const channel: Channel = createTikTok({ ...TEST_SETTINGS, apiUrl: standin.url, ...change })
  const registration = channel.webhook?.registration
  if (!registration) throw new Error('no registration')
  return registration
}

describe('the webhook of a TikTok app (TikTok wire reference §5)', () => {
  it('is read and set for direct messages', async () => {
    const registration = registrationOf()
    expect(await registration.read()).toBeUndefined()
    await registration.write(OURS)
    expect(standin.tiktok.webhookUrl()).toBe(OURS)
    expect(await registration.read()).toBe(OURS)
    await registration.remove()
    expect(await registration.read()).toBeUndefined()
  })

  it('is refused to the wrong secret and to no app, and no error tells the secret', async () => {
    const secret = 'a-secret-of-another-app'
    for (const registration of [registrationOf({ appSecret: secret }), registrationOf({ appSecret: undefined })]) {
      for (const attempt of [registration.read(), registration.write(OURS)]) {
        const failure = await failureOf(attempt)
        expect(failure).toMatchObject({ kind: 'misconfigured', code: 'APP_MISCONFIGURED' })
        expect(JSON.stringify(describeError(failure))).not.toContain(secret)
      }
    }
    const broken = await failureOf(registrationOf({ appSecret: secret, apiUrl: 'http://127.0.0.1:1' }).read())
    expect(broken).toMatchObject({ kind: 'unavailable', code: 'NO_CONNECTION' })
    expect(JSON.stringify(describeError(broken))).not.toContain(secret)
  })

  it('is within the reach of TikTok by https on a public host, and of a stand-in wherever it is', () => {
    const reaches = (apiUrl: string, url: string) => registrationOf({ apiUrl }).reaches(url)
    const real = 'https://business-api.tiktok.com'
    expect(reaches(real, OURS)).toBe(true)
    for (const url of ['http://inbox.example.com/x', 'https://localhost/x', 'https://127.0.0.1/x', 'https://[::1]/x']) {
      expect(reaches(real, url), url).toBe(false)
      expect(reaches(standin.url, url), url).toBe(true)
    }
  })
})
