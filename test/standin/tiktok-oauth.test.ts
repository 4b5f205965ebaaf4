import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestWorld } from './test-kit.ts'
import { startWorld } from './test-kit.ts'

const REDIRECT = 'https://parley.test/tiktok/callback'
const SCOPES = 'user.info.basic,message.list.read,message.list.send'
const TOKEN = '/tt_user/oauth2/token/'
const REFRESH = '/tt_user/oauth2/refresh_token/'
const app = { client_id: '7000000000000000001', client_secret: 'sim-app-secret' }

let world: TestWorld
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.close())

const authorizeUrl = (extra: Record<string, string> = {}): string =>
  `${world.standin.url}/v2/auth/authorize/?${new URLSearchParams({
    client_key: app.client_id,
    response_type: 'code',
    scope: SCOPES,
    redirect_uri: REDIRECT,
    state: 'a b+c',
    disable_auto_auth: '1',
    ...extra,
  })}`

async function redirectOf(url: string): Promise<URLSearchParams> {
  const response = await fetch(url, { redirect: 'manual' })
  return new URL(response.headers.get('location') ?? 'about:blank').searchParams
}

const approve = async (extra: Record<string, string> = {}): Promise<string> =>
  (await redirectOf(authorizeUrl({ auto: 'approve', business: world.business.openId, ...extra }))).get('code') ?? ''

const exchange = (code: string, extra: Record<string, string> = {}) =>
  world.post(TOKEN, { ...app, grant_type: 'authorization_code', auth_code: code, redirect_uri: REDIRECT, ...extra })
const refresh = (token: string) => world.post(REFRESH, { ...app, grant_type: 'refresh_token', refresh_token: token })

describe('the authorize page', () => {
  it('shows the accounts and scopes, and Approve sends the browser back with code and state', async () => {
    const page = await (await fetch(authorizeUrl())).text()
    expect(page).toContain('@acme.shop')
    expect(page).toContain('message.list.send')
    const form = new URLSearchParams({
      ...Object.fromEntries(new URL(authorizeUrl()).searchParams),
      decision: 'approve',
    })
    form.set('business', world.business.openId)
    form.append('granted', 'user.info.basic')
    form.append('granted', 'message.list.read')
    const posted = await fetch(`${world.standin.url}/v2/auth/authorize/decision`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    })
    const back = new URL(posted.headers.get('location') ?? '').searchParams
    expect(back.get('state')).toBe('a b+c')
    const answer = await exchange(back.get('code') ?? '')
    expect(answer.data).toMatchObject({ scope: 'user.info.basic,message.list.read', open_id: world.business.openId })
  })

  it('sends errors back for Deny and for a scope that the app lacks, and refuses unknown apps itself', async () => {
    expect((await redirectOf(authorizeUrl({ auto: 'deny' }))).get('error')).toBe('access_denied')
    expect((await fetch(authorizeUrl({ auto: 'approve', business: 'nobody' }))).status).toBe(400)
    world.tiktok.setKnobs({ unauthorizedScopes: ['message.list.send'] })
    const back = await redirectOf(authorizeUrl({ auto: 'approve', business: world.business.openId }))
    expect([back.get('error'), back.get('error_type'), back.get('code')]).toEqual(['invalid_scope', 'scope', null])
    const refused = await fetch(authorizeUrl({ client_key: '<b>' }))
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('client_key')
  })

  it('escapes what it shows', async () => {
    world.tiktok.addBusiness({ username: 'x', displayName: '<script>alert(1)</script>' })
    expect(await (await fetch(authorizeUrl({ state: '"><i>' }))).text()).not.toMatch(/<script|<i>/)
  })
})

describe('tokens', () => {
  it('come for a code once', async () => {
    const code = await approve()
    const first = await exchange(code)
    expect(first).toMatchObject({
      code: 0,
      message: 'OK',
      data: { token_type: 'Bearer', expires_in: 86_400, refresh_token_expires_in: 31_536_000, scope: SCOPES },
    })
    expect(await exchange(code)).toMatchObject({
      code: 40110,
      message: 'The auth_code is canceled. Please re-authorize and try again with a new auth_code.',
      data: {},
    })
  })

  it('do not come for a code older than ten minutes, a wrong secret or a wrong grant type', async () => {
    const code = await approve()
    expect((await exchange(code, { client_secret: 'nope' })).code).toBe(40101)
    expect((await exchange(code, { grant_type: 'refresh_token' })).code).toBe(40108)
    world.tiktok.clock.advance(600_000)
    expect((await exchange(code)).code).toBe(40110)
  })

  it('rotate, and the year counts down from the first consent', async () => {
    const { data: first } = await exchange(await approve())
    world.tiktok.clock.advance(30 * 86_400_000)
    const second = await refresh(first.refresh_token)
    expect(second.data.refresh_token).not.toBe(first.refresh_token)
    const left = 31_536_000 - 30 * 86_400
    expect(second.data.refresh_token_expires_in).toBeLessThanOrEqual(left)
    expect(second.data.refresh_token_expires_in).toBeGreaterThan(left - 60)
    expect((await refresh(first.refresh_token)).code).toBe(40107)
    world.tiktok.clock.advance(336 * 86_400_000)
    expect((await refresh(second.data.refresh_token)).code).toBe(40103)
  })

  it('stay the same when rotation is off', async () => {
    world.tiktok.setKnobs({ refreshRotates: false })
    const again = await refresh(world.token.refresh_token)
    expect(again.data.refresh_token).toBe(world.token.refresh_token)
    expect((await refresh(world.token.refresh_token)).code).toBe(0)
  })

  it('expire after a day with 40105 or, by knob, 40102; none at all is 40104', async () => {
    const query = { business_id: world.business.openId }
    expect((await world.get('/business/get/', query)).data).toMatchObject({ display_name: 'Acme' })
    expect(await world.get('/business/get/', query, '')).toMatchObject({
      code: 40104,
      message: 'Access token is null, you should set it in http header with key Access-Token.',
    })
    world.tiktok.clock.advance(86_400_000)
    expect((await world.get('/business/get/', query)).code).toBe(40105)
    world.tiktok.setKnobs({ expiredTokenCode: 40102 })
    expect((await world.get('/business/get/', query)).code).toBe(40102)
  })

  it('tell who they are for, and die with revocation', async () => {
    const info = { app_id: app.client_id, access_token: world.token.access_token }
    const inspected = await world.post('/tt_user/token_info/get/', info)
    expect(inspected.data).toMatchObject({ creator_id: world.business.openId })
    const revoked = await world.post('/tt_user/oauth2/revoke/', { ...app, access_token: world.token.access_token })
    expect(revoked).toMatchObject({ code: 0, data: {} })
    expect((await world.get('/business/get/', { business_id: world.business.openId })).code).toBe(40105)
  })

  it('give only the fields that were asked for and granted', async () => {
    const { access_token: narrow } = world.tiktok.grant(world.business, ['user.info.basic'])
    const query = { business_id: world.business.openId, fields: '["username","display_name"]' }
    expect((await world.get('/business/get/', query, narrow)).data).toEqual({ display_name: 'Acme' })
    expect((await world.get('/business/get/', query)).data).toEqual({ display_name: 'Acme', username: 'acme.shop' })
    expect((await world.get('/business/get/', { ...query, fields: 'username' })).code).toBe(40002)
  })
})

describe('paths', () => {
  it('need their trailing slash, and bodies must be readable', async () => {
    const bare = await fetch(`${world.standin.url}/open_api/v1.3/business/get`)
    expect([bare.status, bare.headers.get('content-type')]).toEqual([404, 'text/html'])
    const broken = await fetch(`${world.standin.url}/open_api/v1.3/business/message/send/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect(broken.status).toBe(400)
  })

  it('configure the webhook with app id and secret', async () => {
    const app = { app_id: '7000000000000000001', secret: 'sim-app-secret', event_type: 'DIRECT_MESSAGE' }
    expect((await world.get('/business/webhook/list/', app)).data.callback_url).toBe(world.receiver.url)
    expect((await world.post('/business/webhook/delete/', app)).data).not.toHaveProperty('callback_url')
    expect((await world.get('/business/webhook/list/', app)).data).not.toHaveProperty('callback_url')
    const update = { ...app, callback_url: 'https://parley.test/hook' }
    expect((await world.post('/business/webhook/update/', update)).data.callback_url).toBe(update.callback_url)
    expect((await world.post('/business/webhook/update/', { ...update, event_type: 'im_receive_msg' })).code).toBe(
      40002,
    )
  })
})
