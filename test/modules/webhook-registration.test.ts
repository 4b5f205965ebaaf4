import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { callbackUrlOf, checkRegistration, listRegistrationsDue } from '../../server/modules/intake/registration.ts'
import type { Deps } from '../../server/deps.ts'
import {
  ChannelAppsDocument,
  InboxHealthDocument,
  RegisterWebhookDocument,
  RemoveChannelCredentialsDocument,
  SetChannelCredentialsDocument,
} from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const HOUR_MS = 3_600_000
const ELSEWHERE = 'https://elsewhere.test/webhooks/tiktok'

let world: World
let sql: postgres.Sql

beforeAll(async () => {
  world = await startWorld({ browsable: true, environment: { LOG_LEVEL: 'silent', WEBHOOK_REGISTRATION: 'on' } })
  sql = openSql(world)
})

afterEach(async () => {
  world.standin.tiktok.clearFaults()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const own = () => `${world.url}/webhooks/tiktok`
const registered = () => world.standin.tiktok.webhookUrl()
const rowOf = async () => {
  const [row] = await sql`select callback_url, registered_at, failure_code, checked_at from channel_apps`
  return row
}

/** One look, however often the rate makes it wait. */
const check = (deps: Deps = world.deps) =>
  until(async () => (await checkRegistration(deps, 'tiktok')) === undefined, 'the registration is looked at')

const withConfig = (change: Partial<Deps['config']>): Deps => ({
  ...world.deps,
  config: { ...world.deps.config, ...change },
})

const calls = () => world.standin.tiktok.ledger.calls().filter(({ operation }) => operation === 'webhook_update').length

describe('the webhook', () => {
  it('registers itself when Parley starts, and what customers write comes in that way', async () => {
    await until(() => registered() === own(), 'it is registered')
    const admin = await world.business()
    const { inboxId, business } = await admin.connect()
    await admin.customerWrites(business, 'through our own registration')
    await until(async () => (await rowOf())?.['callback_url'] === own(), 'it is noted')
    const { inbox } = await admin.gql(InboxHealthDocument, { accountId: admin.accountId, id: inboxId })
    expect(inbox.health).toMatchObject({ webhookState: 'REGISTERED', webhookCheckedAt: expect.any(String) })
  })

  it('is looked after each hour: set again when somebody changed it, and left alone when not', async () => {
    await check()
    const before = calls()
    expect(before).toBeGreaterThan(0)
    await check()
    expect(calls()).toBe(before)
    await listRegistrationsDue(world.deps, new Date())
    expect(await listRegistrationsDue(world.deps, new Date())).toEqual([])
    expect(await listRegistrationsDue(world.deps, new Date(Date.now() + HOUR_MS + 60_000))).toEqual(['tiktok'])
    world.standin.tiktok.setWebhookUrl(ELSEWHERE)
    await check()
    expect(registered()).toBe(own())
    // What went elsewhere meanwhile is read from the lists.
    const lacking = sql`select 1 from inboxes i left join history_runs r on r.account_id = i.account_id and r.inbox_id = i.id
      where i.gap_since is not null or r.reason = 'gap'`
    expect(await lacking).toHaveLength(1)
    world.standin.tiktok.setWebhookUrl(undefined)
    await check()
    expect(registered()).toBe(own())
    expect(await rowOf()).toMatchObject({ callback_url: own(), failure_code: null, registered_at: expect.any(Date) })
  })

  it('is due at once when PUBLIC_URL has changed, and only watched where it is told to', async () => {
    const moved = withConfig({ publicUrl: 'https://new.test' })
    await listRegistrationsDue(moved, new Date())
    expect(await listRegistrationsDue(moved, new Date())).toEqual(['tiktok'])
    world.standin.tiktok.setWebhookUrl(ELSEWHERE)
    await check(withConfig({ webhookRegistration: 'watch' }))
    expect(registered()).toBe(ELSEWHERE)
    expect(await rowOf()).toMatchObject({ callback_url: ELSEWHERE, failure_code: null })
    expect(await listRegistrationsDue(withConfig({ webhookRegistration: 'off' }), new Date())).toEqual([])
    await check()
  })

  it('is not asked for where the provider could never reach it, and the operator is told so', async () => {
    const tiktok = { ...world.deps.config.tiktok, apiUrl: 'https://business-api.tiktok.com' }
    const { createChannels } = await import('../../server/channels/registry.ts')
    const real = (publicUrl: string): Deps => {
      const deps = withConfig({ publicUrl, tiktok })
      return { ...deps, channels: createChannels(deps.config) }
    }
    const local = ['http://localhost:3000', 'https://localhost', 'http://inbox.example.com', 'https://127.0.0.1']
    for (const publicUrl of local)
      expect(await listRegistrationsDue(real(publicUrl), new Date()), publicUrl).toEqual([])
    const open = real('https://inbox.example.com')
    expect(await listRegistrationsDue(open, new Date())).toEqual(['tiktok'])
    expect(callbackUrlOf(open.config, open.channels.get('tiktok'))).toBe('https://inbox.example.com/webhooks/tiktok')
  })
})

describe('when the provider refuses', () => {
  it('the reason stands on the row, what was known stays, and it is tried again', async () => {
    await check()
    world.standin.tiktok.fault({ kind: '502', operations: ['webhook_list'] })
    await check()
    expect(await rowOf()).toMatchObject({ failure_code: 'PROVIDER_UNAVAILABLE', callback_url: own() })
    const due = (ms: number) => listRegistrationsDue(world.deps, new Date(Date.now() + ms))
    expect(await due(60_000)).toEqual([])
    expect(await due(6 * 60_000)).toEqual(['tiktok'])
    await check()
    expect(await rowOf()).toMatchObject({ failure_code: null })
  })
})

describe('the platform’s administrator', () => {
  it('sees how it stands and registers it again; nobody else does', async () => {
    const root = await operator(world)
    world.standin.tiktok.setWebhookUrl(ELSEWHERE)
    const input = { channelType: 'tiktok' }
    const again = await until(async () => {
      const answer = await root.gql(RegisterWebhookDocument, { input }).catch((error: { code: string }) => {
        if (error.code !== 'RATE_LIMITED') throw error
      })
      return answer?.registerWebhook
    }, 'there is a token')
    expect(again).toEqual({ webhookState: 'REGISTERED', registeredUrl: own(), failureCode: null })
    expect(registered()).toBe(own())
    const { channelApps } = await root.gql(ChannelAppsDocument, {})
    expect(channelApps).toMatchObject([{ channelType: 'tiktok', webhookState: 'REGISTERED', callbackUrl: own() }])
    await expect(root.gql(RegisterWebhookDocument, { input: { channelType: 'x' } })).rejects.toMatchObject({
      code: 'INVALID',
    })
    const { appId, appSecret } = world.standin.tiktok
    await expect(
      root.gql(SetChannelCredentialsDocument, { input: { ...input, appId, appSecret } }),
      'the environment goes before',
    ).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'ENVIRONMENT' } })
    await expect(root.gql(RemoveChannelCredentialsDocument, { input })).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { reason: 'ENVIRONMENT' } },
    })
    const admin = await world.business()
    await expect(admin.gql(ChannelAppsDocument, {})).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(admin.gql(RegisterWebhookDocument, { input })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})
