import { createTikTok } from '../../server/channels/tiktok/index.ts'
import type { TikTokSettings } from '../../server/channels/tiktok/index.ts'
import { startStandin } from '../standin/standin.ts'
import type { Operation } from '../standin/tiktok/knobs.ts'
import type { ChannelHarness, Fault, Told } from './harness.ts'

export const TEST_SETTINGS: TikTokSettings = {
  appId: '7000000000000000001',
  appSecret: 'sim-app-secret',
  dialect: 'business_v13',
  authorizeUrl: 'https://www.tiktok.com/v2/auth/authorize/',
  apiUrl: 'http://127.0.0.1:1',
  openApiUrl: 'http://127.0.0.1:1',
  signaturePastS: 300,
  signatureFutureS: 60,
}

const REDIRECT_URI = 'https://parley.test/tiktok/callback'
/** Every character of base64 that is special somewhere (TikTok wire reference §4.1). */
const CONVERSATION_ID = 'a1+bcBdeC/ghDijk++2b3+l/Gn=='

const faults = {
  rejected: '40064',
  rate_limited: '40100',
  server_error: '502',
  timeout_after_commit: 'timeout_after_commit',
  truncated_answer: 'truncated_json',
  not_json: 'html',
  reset: 'reset',
} as const satisfies Record<Fault, string>

/** Where the dialects' wires differ for a test. */
const wires = {
  business_v13: { refresh: 'refresh', received: 'im_receive_msg', read: 'im_mark_read_msg' },
  gateway_v2: { refresh: 'token', received: 'direct_message.receive', read: 'direct_message.read' },
} as const

type Dialect = keyof typeof wires

const strangeBodies = (envelope: (fields: Record<string, unknown>) => Buffer) => ({
  empty: Buffer.alloc(0),
  'not JSON': Buffer.from('event=im_receive_msg'),
  'not UTF-8': Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
  'another shape': Buffer.from('[null]'),
  'unknown event': envelope({ event: 'im_something_new', content: '{"conversation_id":"C"}' }),
  'no content': envelope({}),
  'content that is a number': envelope({ content: 7 }),
  'content that is not JSON': envelope({ content: '{"text":' }),
  'a message without ids': envelope({ content: '{"type":"text","text":{"body":"Hi"}}' }),
  'ids of another type': envelope({ user_openid: { id: 1 }, content: { conversation_id: [], message_id: 5 } }),
  'a huge id': envelope({ user_openid: 'x'.repeat(100_000), content: { conversation_id: 'y'.repeat(100_000) } }),
  'a NUL and half a pair in ids': envelope({ user_openid: 'a\0b', content: { conversation_id: '\ud800' } }),
  'another app': envelope({ client_key: 'somebody', content: '{}' }),
  'a prototype': Buffer.from('{"__proto__":{"event":"im_receive_msg"},"content":"{\\"__proto__\\":{}}"}'),
  'a deep one': Buffer.from('['.repeat(50_000) + ']'.repeat(50_000)),
})

/** The same delivery as if it had been made at another time. */
function madeAt(body: Buffer, at: Date): Buffer {
  const seconds = Math.floor(at.getTime() / 1000)
  return Buffer.from(body.toString().replace(/"create_time":\d+/, `"create_time":${seconds}`))
}

/** TikTok's stand-in over HTTP with one business, one person and a thread whose id holds `+`, `/` and `=`. */
export async function startTikTokHarness(dialect: Dialect = 'business_v13'): Promise<ChannelHarness> {
  const wire = wires[dialect]
  const standin = await startStandin({ tiktok: { dialect } })
  const { tiktok } = standin
  tiktok.setKnobs({ qps: Infinity })
  const business = tiktok.addBusiness({ username: 'acme.shop', displayName: 'Acme' })
  const person = tiktok.addPerson({ username: 'alice.demo', displayName: 'Alice' })
  const pair = { business, person }
  const clock = { now: () => new Date(tiktok.clock.now()) }
  const urls = { apiUrl: standin.url, openApiUrl: standin.url }
  const settings: TikTokSettings = { ...TEST_SETTINGS, ...urls, dialect, timeoutMs: 3_000, clock }
  const channel = createTikTok(settings)

  const operations = {
    connect: 'token',
    send: 'send',
    signal: 'sender_action',
    read: 'content_list',
    list: 'conversation_list',
    upload: 'media_upload',
    renew: wire.refresh,
  } as const satisfies Record<string, Operation>
  const envelope = (fields: Record<string, unknown>) => {
    const create_time = Math.floor(tiktok.clock.now() / 1000)
    const common = { client_key: TEST_SETTINGS.appId, event: wire.received, create_time, user_openid: 'B' }
    return Buffer.from(JSON.stringify({ ...common, ...fields }))
  }

  const lastBody = (filter: { event?: string; messageId?: string }): Buffer => {
    const found = tiktok.ledger.webhooks(filter).at(-1)
    if (!found) throw new Error('no such delivery')
    return Buffer.from(found.rawBody)
  }
  const told = ({ messageId, conversationId }: { messageId: string; conversationId: string }): Told => ({
    body: lastBody({ messageId }),
    threadRef: conversationId,
    externalId: messageId,
  })
  const newCode: ChannelHarness['newCode'] = (scopes) => {
    const asked = channel.oauth?.scopes.map(({ scope }) => scope) ?? []
    const query = new URLSearchParams({
      client_key: tiktok.appId,
      response_type: 'code',
      scope: asked.join(','),
      redirect_uri: REDIRECT_URI,
      state: 'state',
    })
    const decision = { decision: 'approve' as const, business, ...(scopes && { scopes: [...scopes] }) }
    const back = tiktok.authorize(`${standin.url}/v2/auth/authorize/?${query}`, decision)
    return { code: new URL(back).searchParams.get('code') ?? '', redirectUri: REDIRECT_URI }
  }
  const connect = () => {
    const { code, redirectUri } = newCode()
    if (!channel.oauth) throw new Error('no OAuth')
    return channel.oauth.exchange(code, redirectUri)
  }

  return {
    channel,
    unreachable: createTikTok({ ...settings, apiUrl: TEST_SETTINGS.apiUrl, openApiUrl: TEST_SETTINGS.openApiUrl }),
    impatient: createTikTok({ ...settings, timeoutMs: 500 }),
    accountRef: business.openId,
    person: { ref: person.id, username: person.username, name: person.displayName },
    now: clock.now,
    advance: tiktok.clock.advance,
    newCode,
    connect,
    customerWrites: (text, { quotes } = {}) =>
      told(tiktok.customerWrites({ ...pair, text, quoteOf: quotes, conversationId: CONVERSATION_ID })),
    strangersWrite: (count) =>
      Array.from({ length: count }, (_, place) => {
        const stranger = tiktok.addPerson({ username: `stranger.${place}`, displayName: `Stranger ${place}` })
        return tiktok.customerWrites({ business, person: stranger, text: 'Hello' }).conversationId
      }),
    businessWritesInApp: (text) => told(tiktok.businessWritesInApp({ ...pair, text })),
    automationWrites: (text) =>
      told(tiktok.businessWritesInApp({ ...pair, text, source: 'OTHERS', autoType: 'WELCOME_MESSAGE' })),
    customerSendsUnknownKind: () => ({
      ...told(tiktok.unknownKind({ ...pair, kind: 'voice', payload: { seconds: 3 } })),
      kind: 'voice',
    }),
    unnamedWrites: (text) => {
      const european = tiktok.addPerson({ username: `eu.${text}`, displayName: 'Élodie', region: 'FR' })
      tiktok.customerWrites({ business, person: european, text })
      return lastBody({ event: 'im_receive_msg_eu' })
    },
    customerReads: (upTo) => {
      tiktok.customerReads({ ...pair, upTo: upTo.getTime() })
      return lastBody({ event: wire.read })
    },
    echoOf: async (messageId) => {
      await tiktok.settled()
      return lastBody({ event: 'im_send_msg', messageId })
    },
    strange: strangeBodies(envelope),
    sign: (body, { at, secret } = {}) => {
      const t = at && Math.floor(at.getTime() / 1000)
      const made = at && dialect === 'gateway_v2' ? madeAt(body, at) : body
      const { headers } = tiktok.signWebhook(made, { ...(t && { t }), ...(secret && { secret }) })
      return { headers: { 'content-type': 'application/json', ...headers }, body: made }
    },
    sent: (threadRef) =>
      tiktok
        .messages(threadRef)
        .filter(({ source }) => source === 'API')
        .map(({ id, content, quoteOf }) => ({
          externalId: id,
          text: content.type === 'text' ? content.body : '',
          ...(quoteOf !== undefined && { quotes: quoteOf }),
          ...(content.type === 'image' && { image: content.mediaId }),
        })),
    shown: (threadRef) => {
      const { typingUntil, businessReadUpTo } = tiktok.world.conversation(threadRef)
      return { typing: typingUntil > tiktok.clock.now(), read: businessReadUpTo > 0 }
    },
    fault: (fault, operation) =>
      tiktok.fault({ kind: faults[fault], operations: [operations[operation]], holdMs: 10_000 }),
    expireAccess: () => tiktok.expireAccessTokens(business),
    expireConsent: () => tiktok.expireRefreshTokens(business),
    revokeConsent: () => tiktok.revoke(business),
    close: standin.close,
  }
}
