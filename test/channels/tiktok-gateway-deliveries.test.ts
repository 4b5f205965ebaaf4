import { describe, expect, it } from 'vitest'
import type { ChannelWebhook } from '../../server/channels/contract.ts'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

/** The body of the gateway's reference, byte for byte; its signatures are openssl's. */
const BODY = Buffer.from(
  String.raw`{"client_key":"7000000000000000001","event":"direct_message.receive","create_time":1700000000,"user_openid":"open_id_of_sender","content":"{\"message_id\":\"abc\",\"conversation_id\":\"conv123\",\"msg_type\":\"text\",\"content\":{\"text\":\"Hello\"},\"create_time\":1700000000}"}`,
)
const SIGNATURE = '46fb252969f25670091fa73b7834d9c5de936f3860c10d497b71e0919d79f3fa'
const SENT_AT = new Date(1_700_000_000_000)

const channel = createTikTok({ ...TEST_SETTINGS, dialect: 'gateway_v2' })

describe('a delivery', () => {
  const webhook = (): ChannelWebhook => channel.webhook as ChannelWebhook
  const verify = (headers: Record<string, string>, body = BODY, now = SENT_AT) =>
    webhook().verify({ headers, body }, now)
  const signed = { 'x-tt-webhook-signature': `sha256=${SIGNATURE}` }

  it('is signed as the reference says', () => {
    expect(verify(signed)).toEqual({ ok: true })
    expect(verify({ 'X-TT-Webhook-Signature': `sha256=${SIGNATURE.toUpperCase()}` })).toEqual({ ok: true })
    const later = (seconds: number) => verify(signed, BODY, new Date(SENT_AT.getTime() + seconds * 1000))
    expect([later(600), later(-60)]).toEqual([{ ok: true }, { ok: true }])
    expect(later(601)).toEqual({ ok: false, reason: 'stale', signedAt: SENT_AT })
    expect(later(-61)).toEqual({ ok: false, reason: 'future' })
    expect(verify(signed, Buffer.concat([BODY, Buffer.from(' ')]))).toEqual({ ok: false, reason: 'wrong' })
    const open = createTikTok({ ...TEST_SETTINGS, dialect: 'gateway_v2', appSecret: '' })
    expect(open.webhook?.verify({ headers: signed, body: BODY }, SENT_AT)).toEqual({ ok: false, reason: 'wrong' })
  })

  it.each([SIGNATURE, `sha256=${SIGNATURE.slice(2)}`, `sha256=${SIGNATURE}0`, `sha1=${SIGNATURE}`, 'sha256=', '\0'])(
    'with %s for a signature is malformed',
    (value) => expect(verify({ 'x-tt-webhook-signature': value })).toEqual({ ok: false, reason: 'malformed' }),
  )

  it('is never taken under the other dialect’s header, nor with both', () => {
    const business = createTikTok(TEST_SETTINGS).webhook
    const theirs = { 'Tiktok-Signature': `t=1700000000,s=${'a'.repeat(64)}` }
    expect(verify(theirs)).toEqual({ ok: false, reason: 'missing' })
    expect(verify({ ...signed, ...theirs })).toEqual({ ok: false, reason: 'malformed' })
    const body = Buffer.from('{"event":"im_receive_msg","content":"{}"}')
    const own = {
      'tiktok-signature': 't=1700000000,s=6511e9177ec191e2938abe404cc3533125cca014ea4548231e37adec662c30d9',
    }
    expect(business?.verify({ headers: own, body }, SENT_AT)).toEqual({ ok: true })
    expect(business?.verify({ headers: { ...own, ...signed }, body }, SENT_AT)).toMatchObject({ reason: 'malformed' })
    expect(business?.verify({ headers: signed, body: BODY }, SENT_AT)).toEqual({ ok: false, reason: 'missing' })
  })

  it('names its sender; the business only if it says so', () => {
    expect(webhook().route(BODY)).toMatchObject({ accountRef: '', threadRef: 'conv123' })
    expect(webhook().parse(BODY)).toEqual([
      {
        ...{ kind: 'message', threadRef: 'conv123', externalId: 'abc', at: SENT_AT },
        ...{ person: { ref: 'open_id_of_sender' }, content: { contentType: 'text', text: 'Hello' } },
      },
    ])
    const naming = Buffer.from(BODY.toString().replace('{\\"message_id', '{\\"business_id\\":\\"biz\\",\\"message_id'))
    expect(webhook().route(naming)).toMatchObject({ accountRef: 'biz', threadRef: 'conv123' })
    expect(webhook().route(naming).threadKey).toBe(webhook().route(BODY).threadKey)
  })

  it('about reading, about a new conversation, about what nobody knows, and without a time', () => {
    const parse = (fields: object) =>
      webhook().parse(Buffer.from(JSON.stringify({ ...JSON.parse(String(BODY)), ...fields })))
    const content = '{"conversation_id":"conv123","create_time":1699999990}'
    expect(parse({ event: 'direct_message.read', content })).toMatchObject([
      { kind: 'read', threadRef: 'conv123', readUpTo: new Date(1_699_999_990_999) },
    ])
    const bare = '{"conversation_id":"conv123"}'
    expect(parse({ event: 'direct_message.read', content: bare })).toMatchObject([
      { readUpTo: new Date(1_700_000_000_999) },
    ])
    const codes = [
      parse({ event: 'conversation.created', content: bare }),
      parse({ event: 'direct_message.edit' }),
      parse({ create_time: undefined }),
      parse({ content: bare }),
    ]
    expect(codes.flat().map((event) => event.kind === 'ignored' && event.code)).toEqual([
      ...['CONVERSATION_OPENED', 'UNKNOWN_EVENT', 'NO_TIME', 'WRONG_SHAPE'],
    ])
  })

  it('of another app is known when it comes in and read all the same; of the other dialect it is left unread', () => {
    const changed = (fields: object) => Buffer.from(JSON.stringify({ ...JSON.parse(String(BODY)), ...fields }))
    const foreign = changed({ client_key: 'somebody' })
    expect(webhook().route(foreign)).toMatchObject({ threadRef: 'conv123', code: 'WRONG_APP' })
    expect(webhook().parse(foreign)).toMatchObject([{ kind: 'message', externalId: 'abc' }])
    const other = changed({ event: 'im_receive_msg' })
    expect(webhook().route(other).code).toBe('OTHER_DIALECT')
    expect(webhook().parse(other)).toEqual([])
  })
})

describe('the handshake', () => {
  const shake = (query: Record<string, unknown>, token: string | undefined = 'your_secret') =>
    createTikTok({ ...TEST_SETTINGS, dialect: 'gateway_v2', webhookVerifyToken: token }).webhook?.handshake?.(query)

  it('gives the challenge back to who knows the token, and to nobody else', () => {
    expect(shake({ verify_token: 'your_secret', challenge: 'abc123' })).toEqual({ status: 200, body: 'abc123' })
    const refused = { status: 403, body: 'Forbidden' }
    expect(shake({ verify_token: 'wrong', challenge: 'abc123' })).toEqual(refused)
    expect(shake({ challenge: 'abc123' })).toEqual(refused)
    expect(shake({ verify_token: ['your_secret'], challenge: 'abc123' })).toEqual(refused)
    expect(shake({ verify_token: 'your_secret', challenge: ['abc'] })).toEqual(refused)
    expect(shake({ verify_token: '', challenge: 'abc123' }, '')).toEqual(refused)
    expect(createTikTok(TEST_SETTINGS).webhook?.handshake).toBeUndefined()
  })
})
