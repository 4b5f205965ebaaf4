import { createHmac, randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { SetFeatureFlagDocument, StartConnectionDocument, UpdateMemberDocument } from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { fingerprint, openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let passed = 0

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + passed) }
  world = await startWorld({ clock, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const addBusiness = (): Business => {
  const username = `shop.${randomUUID().slice(0, 8)}`
  return world.standin.tiktok.addBusiness({ username, displayName: username })
}

const start = async (actor: Actor, inboxId?: string): Promise<string> => {
  const input = { accountId: actor.accountId, channelType: 'tiktok', ...(inboxId ? { inboxId } : {}) }
  return (await actor.gql(StartConnectionDocument, { input })).startConnection.url
}

const approve = (url: string, business = addBusiness(), scopes?: string[]): string =>
  world.standin.tiktok.authorize(url, { decision: 'approve', business, ...(scopes ? { scopes } : {}) })

const settings = (code: string, actor = admin) => `/a/${actor.accountId}/settings/inboxes?error=${code}`
const page = (code: string) => `/connect-error?code=${code}`

const withState = (address: string, state: string): string => {
  const url = new URL(address)
  url.searchParams.set('state', state)
  return url.href
}

const stateOf = (address: string) => new URL(address).searchParams.get('state') ?? ''
const claimsOf = (state: string) =>
  JSON.parse(Buffer.from(state.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

/** That whatever `work` does leaves no inbox and no secret behind. */
async function leavesNothing(work: () => Promise<void>) {
  const tables = [
    'access_changes',
    'account_events',
    'feed_heads',
    'webhook_events',
    'oauth_states',
    'sessions',
    'mails',
  ]
  const reading = () => sql`select 1 from history_runs where state in ('listing', 'reading')`
  await until(async () => (await reading()).length === 0, 'the pasts of inboxes are read')
  const before = await fingerprint(sql, tables)
  await work()
  expect(await fingerprint(sql, tables)).toEqual(before)
}

describe('the authorize address (I16)', () => {
  it('carries a state in the style of the integration helper: account, times, one use, audience, user', async () => {
    const url = new URL(await start(admin))
    expect(url.searchParams.get('client_key')).toBe(world.standin.tiktok.appId)
    expect(url.searchParams.get('disable_auto_auth')).toBe('1')
    expect(url.searchParams.get('response_type')).toBe('code')
    const claims = claimsOf(url.searchParams.get('state') ?? '')
    expect(claims).toMatchObject({ sub: admin.accountId, uid: admin.userId, aud: 'parley:oauth-state' })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(600)
    expect(url.href).not.toContain(world.standin.tiktok.appSecret)
  })

  it('is refused to agents, for unknown channels and while the flag is off', async () => {
    const agent = await admin.invite('AGENT')
    await expect(start(agent)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const input = { accountId: admin.accountId, channelType: 'carrier_pigeon' }
    await expect(admin.gql(StartConnectionDocument, { input })).rejects.toMatchObject({ code: 'INVALID' })
    const platform = await operator(world)
    const flag = { accountId: admin.accountId, key: 'channel_tiktok' }
    const url = await start(admin)
    await platform.gql(SetFeatureFlagDocument, { input: { ...flag, enabled: false } })
    await expect(start(admin)).rejects.toMatchObject({ code: 'FEATURE_DISABLED' })
    await leavesNothing(async () => expect(await admin.visit(approve(url))).toBe(settings('FEATURE_DISABLED')))
    await platform.gql(SetFeatureFlagDocument, { input: { ...flag, enabled: true } })
  })
})

describe('a callback that is not what was started ends on a page that says what to do (I16)', () => {
  const refused = (work: () => Promise<string>, expected: () => string) =>
    leavesNothing(async () => expect(await work()).toBe(expected()))

  it('denied by the business', () =>
    refused(
      async () => {
        const url = await start(admin)
        return admin.visit(world.standin.tiktok.authorize(url, { decision: 'deny' }))
      },
      () => settings('OAUTH_DENIED'),
    ))

  it('a scope that the app was not approved for', () =>
    refused(
      async () => {
        const url = await start(admin)
        return admin.visit(world.standin.tiktok.authorize(url, { decision: 'invalid_scope' }))
      },
      () => settings('OAUTH_INVALID_SCOPE'),
    ))

  it.each([
    ['message.list.send', 'SENDING'],
    ['message.list.read', 'RECEIVING'],
  ])('%s unticked on the consent page', (missing, costs) =>
    refused(
      async () => {
        const scopes = [
          'user.info.basic',
          'user.info.username',
          'message.list.read',
          'message.list.send',
          'message.list.manage',
        ]
        return admin.visit(
          approve(
            await start(admin),
            addBusiness(),
            scopes.filter((scope) => scope !== missing),
          ),
        )
      },
      () => settings(`SCOPE_MISSING&missing=${costs}`),
    ),
  )

  it('a code that was used before, made up, or is missing', () =>
    leavesNothing(async () => {
      const other = approve(await start(admin))
      const { tiktok } = world.standin
      const used = new URL(other).searchParams.get('code') ?? ''
      await fetch(`${world.standin.url}/open_api/v1.3/tt_user/oauth2/token/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ client_id: tiktok.appId, client_secret: tiktok.appSecret, grant_type: 'authorization_code' },
          ...{ auth_code: used, redirect_uri: 'http://localhost:3000/tiktok/callback' },
        }),
      })
      expect(await admin.visit(other)).toBe(settings('CODE_REJECTED'))
      for (const code of ['made-up', '', 'a'.repeat(3_000), '\'"<script>']) {
        const address = new URL(approve(await start(admin)))
        address.searchParams.set('code', code)
        expect(await admin.visit(address.href)).toBe(settings('CODE_REJECTED'))
      }
    }))

  it('a state that is forged, signed by nobody, changed, an access token, or not there', () =>
    leavesNothing(async () => {
      const address = approve(await start(admin))
      const [head = '', body = '', tail = ''] = stateOf(address).split('.')
      const claims = { ...claimsOf(stateOf(address)), sub: randomUUID() }
      const changed = Buffer.from(JSON.stringify(claims)).toString('base64url')
      const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
      const foreign = createHmac('sha256', 'another secret').update(`${head}.${changed}`).digest('base64url')
      const raw = createHmac('sha256', 'a secret of the tests, long enough to be one').update(`${head}.${body}`)
      const states = [
        ...['', 'x', 'a.b.c', `${head}.${changed}.${tail}`, `${unsigned}.${body}.`, `${head}.${changed}.${foreign}`],
        ...[
          `${head}.${body}.${raw.digest('base64url')}`,
          `${head}.${body}.${tail.slice(0, -2)}`,
          admin.token,
          'a'.repeat(9_000),
        ],
      ]
      for (const state of states) {
        expect(await admin.visit(withState(address, state)), state.slice(0, 40)).toBe(page('STATE_INVALID'))
      }
      expect(await admin.visit(`${world.url}/tiktok/callback`)).toBe(page('STATE_INVALID'))
      expect(await admin.visit(`${world.url}/tiktok/callback?state=a&state=b&code[]=x`)).toBe(page('STATE_INVALID'))
    }))

  it('a state as an access token opens nothing', async () => {
    const intruder = admin.as(admin.accountId)
    intruder.token = stateOf(approve(await start(admin)))
    await expect(intruder.conversations()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('a state that has expired', () =>
    leavesNothing(async () => {
      const address = approve(await start(admin))
      passed = 601_000
      try {
        expect(await admin.visit(address)).toBe(page('STATE_EXPIRED'))
      } finally {
        passed = 0
      }
    }))

  it('a state that was used, also by two tabs at once', async () => {
    const address = approve(await start(admin))
    const answers = await Promise.all([admin.visit(address), admin.visit(address), admin.visit(address)])
    expect(answers.filter((answer) => answer.endsWith('?connected=1'))).toHaveLength(1)
    expect(answers.filter((answer) => answer === settings('STATE_USED'))).toHaveLength(2)
    expect(await admin.visit(address)).toBe(settings('STATE_USED'))
  })

  it('a state of a browser or a user that did not start it', () =>
    leavesNothing(async () => {
      const address = approve(await start(admin))
      const otherBrowser = admin.as(admin.accountId)
      otherBrowser.cookies.delete('parley_oauth')
      expect(await otherBrowser.visit(address)).toBe(page('OTHER_BROWSER'))
      await start(admin)
      expect(await admin.visit(address), 'a newer start in this browser').toBe(page('OTHER_BROWSER'))
    }))

  it('a state of a user who is not signed in here any more', async () => {
    const victim = await world.business()
    const attacker = await world.business()
    const address = approve(await start(attacker))
    await leavesNothing(async () => {
      victim.cookies.set('parley_oauth', attacker.cookies.get('parley_oauth') ?? '')
      expect(await victim.visit(address)).toBe(page('OTHER_USER'))
      attacker.cookies.delete('parley_refresh')
      expect(await attacker.visit(address)).toBe(page('OTHER_USER'))
    })
  })

  it('an administrator who became an agent meanwhile', async () => {
    const second = await admin.invite('ADMINISTRATOR')
    const address = approve(await start(second))
    await admin.gql(UpdateMemberDocument, {
      input: { accountId: admin.accountId, userId: second.userId, role: 'AGENT' },
    })
    await leavesNothing(async () => expect(await second.visit(address)).toBe(page('FORBIDDEN')))
  })

  it('a provider that does not answer', async () => {
    const { tiktok } = world.standin
    for (const kind of ['502', 'truncated_json', 'html', '50000'] as const) {
      const address = approve(await start(admin))
      tiktok.fault({ kind, operations: ['token'], count: 20 })
      expect(await admin.visit(address), kind).toBe(settings('CHANNEL_UNAVAILABLE'))
      tiktok.clearFaults()
    }
  })
})

describe('whose a business is', () => {
  it('another tenant’s is refused without saying whose, and stays theirs', async () => {
    const other = await world.business('Secret Rivals')
    const { business, inboxId } = await other.connect()
    const answer = await admin.visit(approve(await start(admin), business))
    expect(answer).toBe(settings('ALREADY_CONNECTED'))
    expect((await other.inbox(inboxId)).connected).toBe(true)
    const { conversation } = await other.customerWrites(business, 'still ours')
    expect(conversation.inbox.id).toBe(inboxId)
  })

  it('an inbox is connected again only to the business that it belongs to', async () => {
    const { inboxId } = await admin.connect()
    const before = await sql`select credentials, credentials_version from inboxes where id = ${inboxId}`
    expect(await admin.visit(approve(await start(admin, inboxId)))).toContain('/settings/inboxes/pending/')
    expect(await sql`select credentials, credentials_version from inboxes where id = ${inboxId}`).toEqual(before)
  })

  it('connecting it again without naming the inbox finds it, and makes no second one', async () => {
    const { business, inboxId } = await admin.connect()
    expect(await admin.visit(approve(await start(admin), business))).toContain(`/inboxes/${inboxId}?connected=1`)
    const rows = await sql`select id from inboxes where external_id = ${business.openId}`
    expect(rows).toHaveLength(1)
  })

  it('credentials are sealed: no token stands in any row (I14)', async () => {
    const { inboxId } = await admin.connect()
    const [row] = await sql<{ credentials: string }[]>`select credentials from inboxes where id = ${inboxId}`
    expect(row?.credentials).toMatch(/^v1\.test\./)
    expect(row?.credentials).not.toMatch(/accessToken|refreshToken/)
  })
})
