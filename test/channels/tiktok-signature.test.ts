import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { DOCUMENTED_BODY } from './tiktok-bodies.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const now = new Date(1_700_000_000_000)
const short = Buffer.from('{"event":"im_receive_msg","content":"{}"}')
const S = '6511e9177ec191e2938abe404cc3533125cca014ea4548231e37adec662c30d9'

function check(header: string | undefined, body: Buffer = short, settings = {}, name = 'tiktok-signature') {
  const channel = createTikTok({ ...TEST_SETTINGS, ...settings })
  return channel.webhook?.verify({ headers: { host: 'parley.test', [name]: header }, body }, now)
}

describe('the signature of a delivery (TikTok wire reference §6.2)', () => {
  it('agrees with the documented vectors', () => {
    expect(check(`t=1700000000,s=${S}`)).toEqual({ ok: true })
    expect(DOCUMENTED_BODY).toHaveLength(614)
    const s = '6d7496ac7bf2cbb230679c82d125c81ba50dc8c45617473401abaefc155ef64d'
    expect(check(`t=1700000000,s=${s}`, DOCUMENTED_BODY)).toEqual({ ok: true })
  })

  it.each([
    ['spaces after the comma', `t=1700000000, s=${S}`],
    ['spaces everywhere', ` t = 1700000000 ,\ts = ${S} `],
    ['the other order', `s=${S},t=1700000000`],
    ['an unknown part', `v=2,t=1700000000,s=${S}`],
    ['upper-case hex', `t=1700000000,s=${S.toUpperCase()}`],
  ])('takes %s', (_, header) => {
    expect(check(header)).toEqual({ ok: true })
  })

  it.each(['Tiktok-Signature', 'TIKTOK-SIGNATURE', 'tiktok-signature'])('takes the header as %s', (name) => {
    expect(check(`t=1700000000,s=${S}`, short, {}, name)).toEqual({ ok: true })
  })

  it.each([
    ['an empty part', `t=1700000000,,s=${S}`],
    ['a part without a value', `t,s=${S}`],
    ['no time', `s=${S}`],
    ['no signature', 't=1700000000'],
    ['two signatures', `t=1700000000,s=${S},s=${S}`],
    ['a time that is no number', `t=-1700000000,s=${S}`],
    ['a time with a fraction', `t=1700000000.5,s=${S}`],
    ['a cut signature', `t=1700000000,s=${S.slice(2)}`],
    ['what is not hex', `t=1700000000,s=${'g'.repeat(64)}`],
    ['a huge header', `t=1700000000,s=${S},x=${'y'.repeat(100_000)}`],
    ['noise', '\0=\ud800;'],
  ])('calls %s malformed', (_, header) => {
    expect(check(header)).toEqual({ ok: false, reason: 'malformed' })
  })

  it('calls an absent or empty header missing', () => {
    expect(check(undefined)).toEqual({ ok: false, reason: 'missing' })
    expect(check('')).toEqual({ ok: false, reason: 'missing' })
  })

  it('signs the digits of the time as they were received', () => {
    const s = createHmac('sha256', 'sim-app-secret').update('01700000000.').update(short).digest('hex')
    expect(check(`t=01700000000,s=${s}`)).toEqual({ ok: true })
    expect(check(`t=1700000000,s=${s}`)).toEqual({ ok: false, reason: 'wrong' })
  })

  it('trusts nobody while the app has no secret', () => {
    const s = createHmac('sha256', '').update('1700000000.').update(short).digest('hex')
    expect(check(`t=1700000000,s=${s}`, short, { appSecret: undefined })).toEqual({ ok: false, reason: 'wrong' })
    expect(check(`t=1700000000,s=${s}`, short, { appSecret: '' })).toEqual({ ok: false, reason: 'wrong' })
  })

  it('takes how old and how far ahead a signature may be from the settings', () => {
    const at = (t: number) => {
      const s = createHmac('sha256', 'sim-app-secret').update(`${t}.`).update(short).digest('hex')
      return check(`t=${t},s=${s}`, short, { signaturePastS: 5, signatureFutureS: 2 })
    }
    expect(at(1_699_999_995)).toEqual({ ok: true })
    const signedAt = new Date(1_699_999_994_000)
    expect(at(1_699_999_994)).toEqual({ ok: false, reason: 'stale', signedAt })
    expect(at(1_700_000_002)).toEqual({ ok: true })
    expect(at(1_700_000_003)).toEqual({ ok: false, reason: 'future' })
  })

  it('takes no longer to check over 1 MB than the hash does', () => {
    const body = Buffer.alloc(1024 * 1024, 'x')
    const s = createHmac('sha256', 'sim-app-secret').update('1700000000.').update(body).digest('hex')
    const channel = createTikTok(TEST_SETTINGS)
    const headers = { 'tiktok-signature': `t=1700000000,s=${s}` }
    const verified = () => expect(channel.webhook?.verify({ headers, body }, now)).toEqual({ ok: true })
    const hashed = () => createHmac('sha256', 'sim-app-secret').update('1700000000.').update(body).digest()
    const fastest = (work: () => unknown) =>
      Math.min(
        ...Array.from({ length: 15 }, () => {
          const start = performance.now()
          work()
          return performance.now() - start
        }),
      )
    fastest(hashed)
    // The rest is a header of a hundred characters; the slack is the clock's and the machine's.
    expect(fastest(verified)).toBeLessThan(fastest(hashed) * 1.5 + 0.5)
  })
})
