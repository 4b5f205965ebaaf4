import type http from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../server/channels/contract.ts'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { failureOf } from './contract-support.ts'
import { SHORT_MS, closeServers, serve } from './servers.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

afterEach(closeServers)

describe('calls of the API', () => {
  const credentials = {
    accessToken: 'act.token',
    refreshToken: 'rft.token',
    businessId: 'B',
    scope: 'message.list.read',
  }
  const message = { accountRef: 'B', threadRef: 'C+/==', content: { type: 'text' as const, text: 'Hi' } }
  const answering = async (status: number, body: unknown, headers = {}) => {
    const seen: { url: string; headers: http.IncomingHttpHeaders; body: string }[] = []
    const apiUrl = await serve((request, response) => {
      let given = ''
      request.on('data', (chunk: Buffer) => (given += chunk.toString()))
      request.on('end', () => {
        seen.push({ url: request.url ?? '', headers: request.headers, body: given })
        response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
      })
    })
    return { seen, channel: createTikTok({ ...TEST_SETTINGS, apiUrl, timeoutMs: 2000 }) }
  }

  it('go out as documented (TikTok wire reference §4.1)', async () => {
    const { channel, seen } = await answering(200, { code: 0, data: { message: { message_id: 'M+/==' } } })
    const content = { ...message.content, quotes: 'Q==' }
    expect(await channel.send(credentials, { ...message, content })).toEqual({ externalId: 'M+/==' })
    expect(seen).toMatchObject([
      { url: '/open_api/v1.3/business/message/send/', headers: { 'access-token': 'act.token' } },
    ])
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'application/json' })
    expect(seen[0]?.headers['transfer-encoding']).toBeUndefined()
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      business_id: 'B',
      recipient_type: 'CONVERSATION',
      recipient: 'C+/==',
      message_type: 'TEXT',
      text: { body: 'Hi' },
      referenced_message_info: { referenced_message_id: 'Q==' },
    })
  })

  it.each([
    ['a post', { type: 'share_post', postRef: '72' }, { message_type: 'SHARE_POST', share_post: { item_id: '72' } }],
    [
      'a card',
      { type: 'card', title: 'Size?', buttons: [{ id: 'option_1', title: 'S' }], asLinks: true },
      {
        message_type: 'TEMPLATE',
        template: { type: 'QA_LINK_CARD', title: 'Size?', buttons: [{ type: 'REPLY', title: 'S', id: 'option_1' }] },
      },
    ],
  ] as const)('send %s as documented', async (_, content, block) => {
    const { channel, seen } = await answering(200, { code: 0, data: { message: { message_id: 'M' } } })
    await channel.send(credentials, { ...message, content })
    const recipient = { business_id: 'B', recipient_type: 'CONVERSATION', recipient: 'C+/==' }
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ...recipient, ...block })
    const refused = await answering(200, { code: 40007 })
    const failure = await failureOf(refused.channel.send(credentials, { ...message, content }))
    expect(failure).toMatchObject({ code: content.type === 'share_post' ? 'POST_REFUSED' : 'THREAD_GONE' })
  })

  it('read the signs on listed messages, whoever put them (TikTok wire reference §4.3)', async () => {
    const sign = (unique_identifier: string | undefined, more: object) => ({
      unique_identifier,
      timestamp: 1719447205701,
      ...more,
    })
    const reactions = [
      sign('U', { type: 'EMOJI', emoji: '👍' }),
      sign('B', { type: 'AI_EMOJI', ai_emoji_url: 'https://cdn.test/a' }),
      sign(undefined, { type: 'EMOJI', emoji: '👎' }),
    ]
    const [from_user, to_user] = [
      { id: 'U', role: 'PERSONAL_ACCOUNT' },
      { id: 'B', role: 'BUSINESS_ACCOUNT' },
    ]
    const listed = { message_id: 'M', timestamp: 1705089513995, message_type: 'EMOJI', from_user, to_user, reactions }
    const { channel } = await answering(200, { code: 0, data: { messages: [listed] } })
    const snapshot = await channel.readThread(credentials, 'C')
    const common = { kind: 'reaction', threadRef: 'C', person: { ref: 'U' }, at: new Date(1719447205701), on: 'M' }
    expect(snapshot.messages).toMatchObject([{ kind: 'message', externalId: 'M' }])
    expect(snapshot.reactions).toEqual([
      { ...common, by: 'contact', operation: 'add', emoji: '👍' },
      { ...common, by: 'business', operation: 'add', url: 'https://cdn.test/a' },
    ])
  })

  it('read where listed customers came from (TikTok wire reference §4.2)', async () => {
    const embed_url = 'https://www.tiktok.com/player/v1/72'
    const ad = { advertiser_id: '7', ad_id: '9', timestamp: 1719389021, ad_name: 'Autumn', embed_url }
    const link = { ref: 'spring', prefilled_message: 'Hi', prefilled_message_audit_status: 'PASS' }
    const given = [{}, { ad: [ad, null], short_link: [link] }, { live: [{}] }, [], { ad: 'none' }]
    const conversations = given.map((referral, place) => ({ conversation_id: `C${place}`, update_time: 1, referral }))
    const { channel } = await answering(200, { code: 0, data: { conversations } })
    const { threads = [] } = (await channel.listThreads?.(credentials)) ?? {}
    const facts = { adName: 'Autumn', adId: '9', advertiserId: '7', url: embed_url }
    expect(threads.map(({ referrals }) => referrals)).toEqual([
      [],
      [
        { referral: { source: 'ad', facts }, at: new Date(1719389021_000) },
        { referral: { source: 'ad', facts: {} } },
        { referral: { source: 'short_link', facts: { ref: 'spring', prefilledText: 'Hi' } } },
      ],
      [{ referral: { source: 'other', facts: { source: 'live' } } }],
      ...[[], []],
    ])
  })

  it('percent-encode ids in queries', async () => {
    const { channel, seen } = await answering(200, { code: 0, data: {} })
    expect(await channel.readThread(credentials, 'C+/==')).toEqual({ participants: [], messages: [], reactions: [] })
    expect(seen[0]?.url).toMatch(/content\/list\/\?business_id=B&conversation_id=C%2B%2F%3D%3D$/)
  })

  it('follow no redirect, which would take the token elsewhere', async () => {
    const { channel, seen } = await answering(307, '', { location: '/elsewhere' })
    expect(await failureOf(channel.send(credentials, message))).toMatchObject({ kind: 'unknown', code: 'BAD_ANSWER' })
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['an accepted send without an id', 200, { code: 0, data: {} }, 'unknown'],
    ['an accepted send with an empty id', 200, { code: 0, data: { message: { message_id: '' } } }, 'unknown'],
    ['an answer without a code', 200, { message: 'OK' }, 'unknown'],
    ['a code that is text', 200, { code: '0' }, 'unknown'],
    ['a list', 200, [], 'unknown'],
    ['a server error that calls itself a success', 500, { code: 0 }, 'unknown'],
    ['a page for a wrong path', 404, '<html>', 'misconfigured'],
    ['a verdict under HTTP 400', 400, { code: 40002 }, 'rejected'],
  ])('take %s for what it is', async (_, status, body, kind) => {
    const { channel } = await answering(status, body)
    expect(await failureOf(channel.send(credentials, message))).toMatchObject({ kind })
  })

  it('never take what is no answer for one, whichever call it is', async () => {
    const broken: Record<string, http.RequestListener> = {
      'truncated JSON': (_, response) => response.end('{"code":0,"message":"OK","da'),
      HTML: (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html>'),
      'a loop of redirects': (request, response) => response.writeHead(302, { location: request.url }).end(),
      'a body that never ends': (_, response) => {
        const more = () => void (response.destroyed || response.write('x'.repeat(65_536)))
        response.on('drain', more).on('error', () => undefined)
        more()
      },
      'a body that never begins': (_, response) => response.writeHead(200).flushHeaders(),
    }
    const place = { accountRef: 'B', threadRef: 'C' }
    const calls: Record<string, (channel: Channel) => Promise<unknown> | undefined> = {
      send: (channel) => channel.send(credentials, message),
      signal: (channel) => channel.signal?.(credentials, place, 'typing'),
      readThread: (channel) => channel.readThread(credentials, 'C'),
      listThreads: (channel) => channel.listThreads?.(credentials),
      renew: (channel) => channel.renew?.(credentials),
      exchange: (channel) => channel.oauth?.exchange('code', 'https://parley.test/tiktok/callback'),
      profile: (channel) => channel.oauth?.profile(credentials, 'B'),
      registration: (channel) => channel.webhook?.registration?.read(),
      register: (channel) => channel.webhook?.registration?.write('https://parley.test/webhooks/tiktok'),
    }
    for (const [what, handler] of Object.entries(broken)) {
      let requests = 0
      const apiUrl = await serve((request, response) => {
        requests += 1
        handler(request, response)
      })
      const channel = createTikTok({ ...TEST_SETTINGS, apiUrl, timeoutMs: SHORT_MS })
      const failures = await Promise.all(
        Object.entries(calls).map(
          async ([call, run]) => [call, await failureOf(run(channel) ?? Promise.resolve())] as const,
        ),
      )
      for (const [call, failure] of failures) {
        // What may have been done is never repeated by itself (I5); everything else may be asked again.
        expect(failure, `${call}: ${what}`).toMatchObject({ kind: call === 'send' ? 'unknown' : 'unavailable' })
      }
      expect(requests, what).toBe(failures.length)
    }
  })

  it('tell a grant without the scope from an app without approval', async () => {
    const { channel } = await answering(200, { code: 40001, message: 'No permission', data: {} })
    const scopes = { kind: 'reauth', code: 'SCOPE_MISSING' }
    expect(await failureOf(channel.send(credentials, message))).toMatchObject(scopes)
    const misconfigured = { kind: 'misconfigured', code: 'NOT_PERMITTED' }
    expect(await failureOf(channel.readThread(credentials, 'C'))).toMatchObject(misconfigured)
  })

  it('refuse a token that is none before anything leaves', async () => {
    const { channel, seen } = await answering(200, { code: 0, data: {} })
    for (const accessToken of ['', 'a\r\nx: y', 'ä']) {
      const call = channel.send({ ...credentials, accessToken }, message)
      expect(await failureOf(call)).toMatchObject({ kind: 'unauthorized', code: 'TOKEN_REFUSED' })
    }
    expect(seen).toEqual([])
  })

  it('keep what a renewal leaves open, and refuse another business’s tokens', async () => {
    const fresh = { code: 0, data: { access_token: 'act.new', expires_in: 60 } }
    const before = { ...credentials, consentExpiresAt: '2030-01-01T00:00:00.000Z' }
    const { channel } = await answering(200, fresh)
    expect(await channel.renew?.(before)).toMatchObject({
      credentials: { ...before, accessToken: 'act.new' },
      externalId: 'B',
      consentExpiresAt: new Date('2030-01-01T00:00:00.000Z'),
      grantedScopes: ['message.list.read'],
    })
    const other = await answering(200, { code: 0, data: { ...fresh.data, open_id: 'another' } })
    expect(await failureOf(other.channel.renew?.(before) ?? Promise.resolve())).toMatchObject({ code: 'BAD_ANSWER' })
  })

  it.each([{}, { access_token: 'a' }, { access_token: 'a', expires_in: {} }, { access_token: 1, expires_in: 1 }])(
    'refuse a token answer of %j',
    async (data) => {
      const { channel } = await answering(200, { code: 0, data })
      const call = channel.oauth?.exchange('code', 'https://parley.test/tiktok/callback') ?? Promise.resolve()
      expect(await failureOf(call)).toMatchObject({ kind: 'unavailable', code: 'BAD_ANSWER' })
    },
  )

  it('say that the app is not set up instead of calling without its name', async () => {
    const channel = createTikTok({ ...TEST_SETTINGS, appId: undefined, appSecret: undefined })
    expect(channel.manifest.configured).toBe(false)
    const call = channel.oauth?.exchange('code', 'https://parley.test/tiktok/callback') ?? Promise.resolve()
    expect(await failureOf(call)).toMatchObject({ kind: 'misconfigured', code: 'APP_MISCONFIGURED' })
  })
})
