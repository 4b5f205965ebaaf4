import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel } from '../../server/channels/contract.ts'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { failureOf } from './contract-support.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const SENT_AT = new Date(1_700_000_000_000)

const credentials = { accessToken: 'act.x', refreshToken: 'rft.x', businessId: 'biz', scope: 'im.message.read' }
const place = { accountRef: 'biz', threadRef: 'a1+b/c==' }
const text = { ...place, content: { type: 'text' as const, text: 'Hello from our system! + ส่งแล้ว' } }

interface Asked {
  method: string | undefined
  url: string | undefined
  headers: http.IncomingHttpHeaders
  body: string
}

let server: http.Server
let channel: Channel
let asked: Asked[] = []
let answers: { status?: number; body: unknown }[] = []

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      const { status = 200, body } = answers.shift() ?? { body: {} }
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock = { now: () => SENT_AT }
  channel = createTikTok({ ...TEST_SETTINGS, dialect: 'gateway_v2', apiUrl: url, openApiUrl: url, clock })
})
afterAll(() => void server.close())

/** What was asked of the provider while it answered like this. */
async function asking<Answer>(call: () => Promise<Answer> | undefined, ...given: typeof answers) {
  asked = []
  answers = given
  const answer = await call()
  return { answer, asked }
}

const ok = (data: unknown) => ({ body: { data, error: { code: 'ok', message: '' } } })
const tokens = {
  ...{ access_token: 'act.1', refresh_token: 'rft.1', expires_in: 86_400, open_id: 'user_open_id' },
  scope: 'user.info.basic,im.message.read,im.message.write',
}

describe('connecting', () => {
  it('sends people to the consent page with the reference’s scopes', () => {
    expect(channel.oauth?.authorize).toEqual({
      ...{ url: TEST_SETTINGS.authorizeUrl, clientId: TEST_SETTINGS.appId, clientIdParameter: 'client_key' },
      ...{ scopeSeparator: ',', extra: {} },
    })
    const scopes = channel.oauth?.scopes.map(({ scope }) => scope)
    expect(scopes).toEqual(['user.info.basic', 'im.message.read', 'im.message.write'])
    expect(channel.oauth?.redirectError({ error: 'invalid_scope' })).toBe('OAUTH_INVALID_SCOPE')
    expect(channel.oauth?.redirectError({ error: 'access_denied' })).toBe('OAUTH_DENIED')
  })

  it('changes the code for tokens by a form, and takes a year where the flat answer tells no end', async () => {
    const exchange = () => channel.oauth?.exchange('a*1!2', 'https://your-server.com/auth/callback')
    const { answer, asked: calls } = await asking(exchange, { body: tokens })
    expect(calls).toMatchObject([
      {
        ...{ method: 'POST', url: '/v2/oauth/token/' },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'client_key=7000000000000000001&client_secret=sim-app-secret&code=a*1!2&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fyour-server.com%2Fauth%2Fcallback',
      },
    ])
    expect(answer).toMatchObject({
      externalId: 'user_open_id',
      accessExpiresAt: new Date(SENT_AT.getTime() + 86_400_000),
      consentExpiresAt: new Date(SENT_AT.getTime() + 365 * 86_400_000),
      grantedScopes: ['user.info.basic', 'im.message.read', 'im.message.write'],
    })
    const short = await asking(exchange, { body: { ...tokens, expires_in: 7_200, refresh_expires_in: 15_552_000 } })
    expect(short.answer?.consentExpiresAt).toEqual(new Date(SENT_AT.getTime() + 180 * 86_400_000))
  })

  it('renews, revokes and asks who somebody is as Login Kit has it', async () => {
    const known = { ...credentials, businessId: 'user_open_id', consentExpiresAt: '2024-01-01T00:00:00.000Z' }
    const renewed = await asking(() => channel.renew?.(known), { body: tokens })
    expect(renewed.asked[0]).toMatchObject({
      ...{ method: 'POST', url: '/v2/oauth/token/' },
      body: 'client_key=7000000000000000001&client_secret=sim-app-secret&refresh_token=rft.x&grant_type=refresh_token',
    })
    expect(renewed.answer?.credentials.refreshToken).toBe('rft.1')
    expect(renewed.answer?.consentExpiresAt, 'silence does not extend it').toEqual(new Date('2024-01-01'))
    const revoked = await asking(() => channel.revoke?.(credentials), { body: {} })
    expect(revoked.asked[0]).toMatchObject({
      ...{ method: 'POST', url: '/v2/oauth/revoke/' },
      body: 'client_key=7000000000000000001&client_secret=sim-app-secret&token=act.x',
    })
    const user = { open_id: 'biz', display_name: 'Acme', avatar_url: 'https://cdn.test/a.png' }
    const profile = await asking(() => channel.oauth?.profile(credentials, 'biz'), ok({ user }))
    expect(profile.asked[0]).toMatchObject({
      ...{ method: 'GET', url: '/v2/user/info/?fields=open_id%2Cunion_id%2Cavatar_url%2Cdisplay_name' },
      headers: { authorization: 'Bearer act.x' },
    })
    expect(profile.answer).toEqual({ name: 'Acme', avatarUrl: 'https://cdn.test/a.png' })
  })
})

describe('messages', () => {
  it('go out with the reference’s body', async () => {
    const { answer, asked: calls } = await asking(() => channel.send(credentials, text), ok({ message_id: 'm1' }))
    expect(calls).toMatchObject([
      {
        ...{ method: 'POST', url: '/v2/im/message/send/' },
        headers: { authorization: 'Bearer act.x', 'content-type': 'application/json' },
        body: '{"conversation_id":"a1+b/c==","message":{"type":"text","content":"Hello from our system! + ส่งแล้ว"}}',
      },
    ])
    expect(calls[0]?.headers).not.toHaveProperty('access-token')
    expect(answer).toEqual({ externalId: 'm1' })
    expect(channel.manifest.sends).toEqual(['text'])
    const image = { ...place, content: { type: 'image' as const, ref: 'x' } }
    const refused = await asking(() => failureOf(channel.send(credentials, image)))
    expect(refused).toMatchObject({ answer: { kind: 'rejected', code: 'INVALID_MESSAGE' }, asked: [] })
  })

  it('are found by conversations and pages, seconds made milliseconds', async () => {
    const conversation = {
      ...{ conversation_id: 'conv', user_open_id: 'person', unread_count: 0, update_time: 1_700_000_000 },
      last_message: { msg_type: 'text', content: '...', create_time: 1_700_000_000 },
    }
    const page = { code: 0, data: { conversations: [conversation], has_more: true, cursor: 'next_cursor' } }
    const listed = await asking(() => channel.listThreads?.(credentials), { body: page })
    expect(listed.asked[0]).toMatchObject({
      method: 'GET',
      url: '/open_api/v1.3/customer_service/conversation/list/?business_id=biz&page_size=20&sort_field=update_time&sort_order=DESC',
      headers: { 'access-token': 'act.x' },
    })
    expect(listed.asked[0]?.headers).not.toHaveProperty('authorization')
    const thread = { threadRef: 'conv', threadKey: expect.stringContaining('conv') as string, updatedAt: SENT_AT }
    expect(listed.answer).toEqual({ threads: [thread], next: 'next_cursor' })
    const still = await asking(() => channel.listThreads?.(credentials, 'next_cursor'), { body: page })
    expect(still.asked[0]?.url).toContain('&page_size=20&cursor=next_cursor&sort_field=')
    expect(still.answer?.next, 'a cursor that stands still ends the list').toBeUndefined()
  })

  it('of a thread come page by page, newest last, both sides', async () => {
    const message = (id: string, at: number, direction: string, more = {}) => ({
      ...{ message_id: id, conversation_id: 'conv', create_time: at, direction, msg_type: 'text' },
      ...{ from_open_id: direction === 'inbound' ? 'person' : 'biz', content: { text: id }, ...more },
    })
    const latest = [
      message('4', 1_700_000_009, 'outbound'),
      message('3', 1_700_000_009, 'inbound', { msg_type: 'image', content: { url: 'x' } }),
      { direction: 'inbound' },
    ]
    const older = [message('2', 1_700_000_001, 'outbound'), message('1', 1_700_000_000, 'inbound')]
    const { answer, asked: calls } = await asking(
      () => channel.readThread(credentials, 'a1+b/c=='),
      { body: { code: 0, data: { messages: latest, has_more: true, cursor: 'c' } } },
      { body: { code: 0, data: { messages: older, has_more: false } } },
    )
    const url = '/open_api/v1.3/customer_service/message/list/?business_id=biz&conversation_id=a1%2Bb%2Fc%3D%3D'
    expect(calls.map((call) => call.url)).toEqual([
      `${url}&page_size=20&sort_order=DESC`,
      `${url}&page_size=20&cursor=c&sort_order=DESC`,
    ])
    expect(answer?.messages.map(({ kind, externalId, at }) => [kind, externalId, at.getTime()])).toEqual([
      ['message', '1', 1_700_000_000_000],
      ['echo', '2', 1_700_000_001_000],
      ['message', '3', 1_700_000_009_000],
      ['echo', '4', 1_700_000_009_000],
    ])
    expect(answer?.messages[2]?.content).toMatchObject({ contentType: 'unsupported', details: { kind: 'image' } })
    expect(answer?.participants).toEqual([{ ref: 'person' }])
    const nobody = { body: { code: 0, data: { messages: [message('5', 1_700_000_010, 'outbound')] } } }
    const unnamed = await asking(() => channel.readThread(credentials, 'conv'), nobody)
    expect(unnamed.answer).toEqual({ participants: [], messages: [] })
  })
})

describe('a refusal', () => {
  const open = (code: string) => ({ data: {}, error: { code, message: 'words of a secret text', log_id: '1' } })
  const cases: ['send' | 'read' | 'exchange' | 'renew', number, unknown, string, string][] = [
    ['send', 401, open('access_token_invalid'), 'unauthorized', 'TOKEN_REFUSED'],
    ['send', 401, open('scope_not_authorized'), 'reauth', 'SCOPE_MISSING'],
    ['send', 403, open('scope_permission_missed'), 'misconfigured', 'NOT_PERMITTED'],
    ['send', 403, open('spam_risk'), 'rejected', 'BLOCKED_BY_PROVIDER'],
    ['send', 403, 'Forbidden', 'rejected', 'BLOCKED_BY_PROVIDER'],
    ['send', 401, '', 'unauthorized', 'TOKEN_REFUSED'],
    ['send', 400, open('invalid_params'), 'rejected', 'INVALID_MESSAGE'],
    ['send', 400, open('something_new'), 'rejected', 'INVALID_MESSAGE'],
    ['send', 404, '<html>', 'misconfigured', 'APP_MISCONFIGURED'],
    ['send', 429, open('rate_limit_exceeded'), 'rate_limited', 'RATE_LIMITED'],
    ['send', 429, '', 'rate_limited', 'RATE_LIMITED'],
    ['send', 200, open('rate_limit_exceeded'), 'rate_limited', 'RATE_LIMITED'],
    ['send', 200, open('something_new'), 'unknown', 'BAD_ANSWER'],
    ['send', 200, { data: { message_id: 'm' } }, 'unknown', 'BAD_ANSWER'],
    ['send', 200, { data: {}, error: { code: 'ok' } }, 'unknown', 'BAD_ANSWER'],
    ['send', 302, '', 'unknown', 'BAD_ANSWER'],
    ['send', 500, open('internal_error'), 'unknown', 'PROVIDER_UNAVAILABLE'],
    ['send', 503, open('invalid_params'), 'unknown', 'PROVIDER_UNAVAILABLE'],
    ['read', 429, { code: 40100, message: '' }, 'rate_limited', 'RATE_LIMITED'],
    ['read', 200, { code: 40100, message: '' }, 'rate_limited', 'RATE_LIMITED'],
    ['read', 200, { code: 40105, message: '' }, 'unauthorized', 'TOKEN_REFUSED'],
    ['read', 401, { code: 40105, message: '' }, 'unauthorized', 'TOKEN_REFUSED'],
    ['read', 401, '', 'unauthorized', 'TOKEN_REFUSED'],
    ['read', 403, '', 'misconfigured', 'NOT_PERMITTED'],
    ['read', 200, { code: 40007, message: '' }, 'rejected', 'THREAD_GONE'],
    ['read', 200, { data: {} }, 'unavailable', 'BAD_ANSWER'],
    ['read', 502, { code: 0, data: {} }, 'unavailable', 'PROVIDER_UNAVAILABLE'],
    ['exchange', 400, { error: 'invalid_grant', error_description: 'x' }, 'rejected', 'CODE_REJECTED'],
    ['exchange', 200, { error: 'invalid_grant', error_description: 'x' }, 'rejected', 'CODE_REJECTED'],
    ['exchange', 401, { error: 'invalid_client' }, 'misconfigured', 'APP_MISCONFIGURED'],
    ['exchange', 200, { access_token: 'act.1' }, 'unavailable', 'BAD_ANSWER'],
    ['renew', 400, { error: 'invalid_grant' }, 'reauth', 'REFRESH_REFUSED'],
    ['renew', 400, { error: 'invalid_request' }, 'misconfigured', 'APP_MISCONFIGURED'],
    ['renew', 500, '', 'unavailable', 'PROVIDER_UNAVAILABLE'],
  ]
  const calls = {
    send: () => channel.send(credentials, text),
    read: () => channel.readThread(credentials, 'conv'),
    exchange: () => channel.oauth?.exchange('code', 'https://x.test/'),
    renew: () => channel.renew?.(credentials),
  }

  it.each(cases)('of %s by %i %j is %s %s', async (call, status, body, kind, code) => {
    const { answer } = await asking(() => failureOf(Promise.resolve(calls[call]())), { status, body })
    expect(answer).toMatchObject({ kind, code })
    expect(String((answer?.cause as Error | undefined)?.message)).not.toContain('secret')
  })

  it('after the consent’s own end says so, and a token that no header takes is not sent', async () => {
    const over = { ...credentials, consentExpiresAt: '2023-01-01T00:00:00.000Z' }
    const ended = await asking(() => failureOf(Promise.resolve(channel.renew?.(over))), {
      ...{ status: 400, body: { error: 'invalid_grant' } },
    })
    expect(ended.answer).toMatchObject({ kind: 'reauth', code: 'CONSENT_ENDED' })
    const odd = await asking(() => failureOf(channel.send({ ...credentials, accessToken: 'a\nb' }, text)))
    expect(odd).toMatchObject({ answer: { kind: 'unauthorized' }, asked: [] })
  })
})
