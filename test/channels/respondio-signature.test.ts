import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRespondIo } from '../../server/channels/respondio/index.ts'
import { startRespondIoHarness } from './respondio-harness.ts'

const { webhook } = createRespondIo({ apiUrl: 'https://api.respond.io/v2' })
if (!webhook) throw new Error('no webhook')
const { verify } = webhook

describe('the signature (respond.io wire reference §7.2)', () => {
  const KEY = 'c2ltdWxhdG9yLXNpZ25pbmcta2V5LTAwMDAwMDAwMDE='
  const BODY = '{"event_type":"message.received","event_id":"6b0b0e3c-0000-4000-8000-000000000001"}'
  const check = (body: string, signature: string | undefined, ...keys: string[]) =>
    verify({ headers: { 'X-Webhook-Signature': signature }, body: Buffer.from(body) }, new Date(), keys)

  it('is right by every vector, whichever of the keys made it', () => {
    const some = 'Bq1g+eoWPzyDxcVsyqSfJaTHxwAIVJPuJ/kAf+Ef0QA='
    expect(check('{"some":"payload"}', some, 'secret-key')).toEqual({ ok: true })
    expect(check('{"some":"payload"}', some, 'another', 'secret-key')).toEqual({ ok: true })
    const text = '{"event":"message","data":"test"}'
    expect(check(text, 'UtAE5LaeNjrL33PUEQfh69YKw7UhrrkOL9tQN0+xIrI=', 'secret')).toEqual({ ok: true })
    expect(check(BODY, 'sQ1/WkHy3tcD8+VLyyO2A7hpuYlvl+LP6nKd009nxm0=', KEY)).toEqual({ ok: true })
  })

  it('is right over the body as a parser writes it again, with each of the keys', () => {
    const written = '{"text":"\\u0e2a", "n": 1.0}'
    const again = JSON.stringify(JSON.parse(written))
    expect(again).toBe('{"text":"\u0e2a","n":1}')
    const signature = createHmac('sha256', KEY).update(again).digest('base64')
    expect(check(written, signature, 'another', KEY)).toEqual({ ok: true })
    expect(check(written, signature, 'another')).toEqual({ ok: false, reason: 'wrong' })
    expect(check(written.replace('1.0', '2.0'), signature, KEY)).toEqual({ ok: false, reason: 'wrong' })
    expect(check('['.repeat(100_000), signature, KEY)).toEqual({ ok: false, reason: 'wrong' })
  })

  it('is wrong with a key that was decoded, with none, an empty one, and over another body', () => {
    const wrong = { ok: false, reason: 'wrong' }
    expect(check(BODY, 'HHHuyiZo6PF1iB+bEU8vxSCJs5UDlmMSmh88EQEV2o4=', KEY)).toEqual(wrong)
    const right = 'sQ1/WkHy3tcD8+VLyyO2A7hpuYlvl+LP6nKd009nxm0='
    expect(check(BODY, right)).toEqual(wrong)
    expect(check(BODY, right, '')).toEqual(wrong)
    expect(check(BODY.replace('received', 'sent'), right, KEY)).toEqual(wrong)
    expect(check(BODY.slice(1), right, KEY)).toEqual(wrong)
    expect(check(BODY, Buffer.from(right, 'base64').toString('hex'), KEY)).toEqual({ ok: false, reason: 'malformed' })
    expect(check(BODY, undefined, KEY)).toEqual({ ok: false, reason: 'missing' })
  })

  it('is right in both ways that the stand-in has', async () => {
    const harness = await startRespondIoHarness()
    const { respondio } = harness
    try {
      for (const signatureOver of ['bytes', 'restringified'] as const) {
        respondio.setKnobs({ signatureOver, escapeUnicode: true })
        const { body } = harness.customerWrites('สวัสดี')
        expect(body.toString()).toContain('\\u0e2a')
        expect(verify(harness.sign(body), harness.now(), harness.keys), signatureOver).toEqual({ ok: true })
      }
    } finally {
      await harness.close()
    }
  })
})
