import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Channels } from '../../server/channels/registry.ts'
import { cancelConnection, confirmConnection } from '../../server/modules/inboxes/pending-connections.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import {
  CancelConnectionDocument,
  ConfirmConnectionDocument,
  DisconnectInboxDocument,
  PendingConnectionDocument,
  SetAccountStatusDocument,
  SetInboxLimitDocument,
  StartConnectionDocument,
  UpdateInboxDocument,
} from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let root: Actor
let passed = 0

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + passed) }
  world = await startWorld({ clock, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  root = await operator(world)
})

afterEach(() => {
  passed = 0
  world.standin.tiktok.clearFaults()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const ALL = [
  ...['user.info.basic', 'user.info.username', 'user.account.type'],
  ...['message.list.read', 'message.list.send', 'message.list.manage'],
]
const without = (...scopes: string[]) => ALL.filter((scope) => !scopes.includes(scope))

function addBusiness(more: { personal?: boolean } = {}): Business {
  const username = `shop.${randomUUID().slice(0, 8)}`
  return world.standin.tiktok.addBusiness({ username, displayName: `The ${username}`, ...more })
}

const refusal = (code: string, actor = admin) => `/a/${actor.accountId}/settings/inboxes?error=${code}`
const inboxOf = (location: string) => /inboxes\/([0-9a-f-]{36})\?connected=1$/.exec(location)?.[1] ?? ''
const pendingOf = (location: string) => /pending\/([0-9a-f-]{36})$/.exec(location)?.[1] ?? ''
const granted = (business: Business) => world.standin.tiktok.connected(business)
const disconnect = (actor: Actor, inboxId: string) =>
  actor.gql(DisconnectInboxDocument, { input: { accountId: actor.accountId, inboxId } })

describe('what the business allows', () => {
  it('is asked for no wider than messages need, kept, and what is missing is named until it is given', async () => {
    const { startConnection } = await admin.gql(StartConnectionDocument, {
      input: { accountId: admin.accountId, channelType: 'tiktok' },
    })
    expect(new URL(startConnection.url).searchParams.get('scope')?.split(',').toSorted()).toEqual(ALL.toSorted())
    const business = addBusiness()
    const scopes = without('message.list.manage', 'user.info.basic')
    const inboxId = inboxOf(await admin.authorize({ business, scopes }))
    expect(await admin.inbox(inboxId)).toMatchObject({ connected: true, missingScopes: ['READ_SIGNS', 'PROFILE'] })
    expect(inboxOf(await admin.authorize({ business, inboxId }))).toBe(inboxId)
    expect(await admin.inbox(inboxId)).toMatchObject({ missingScopes: [] })
  })

  it('is refused without what the inbox cannot do without, by name, and nothing stays granted', async () => {
    const business = addBusiness()
    const scopes = without('message.list.send', 'message.list.read', 'message.list.manage')
    const refused = refusal('SCOPE_MISSING&missing=RECEIVING,SENDING')
    expect(await admin.authorize({ business, scopes })).toBe(refused)
    expect(granted(business)).toBe(false)
    const { inboxId, business: connected } = await admin.connect()
    expect(await admin.authorize({ business: connected, inboxId, scopes })).toBe(refused)
    expect(granted(connected), 'the inbox that lives on it keeps its grant').toBe(true)
  })

  it('is read again at each renewal: less is shown, and too little asks to connect again', async () => {
    const { inboxId, business } = await admin.connect()
    const makeDue = () => sql`update inboxes set renew_after = now() - interval '1 minute' where id = ${inboxId}`
    const renew = async () => {
      await makeDue()
      await runSchedule(world.deps, 'renewals')
    }
    world.standin.tiktok.narrowScopes(business, without('user.info.username'))
    await renew()
    await until(async () => (await admin.inbox(inboxId)).missingScopes.join() === 'HANDLE', 'less is shown', 15_000)
    expect(await admin.inbox(inboxId)).toMatchObject({ reauthorizationRequired: false })
    world.standin.tiktok.narrowScopes(business, without('message.list.send'))
    await renew()
    await until(async () => (await admin.inbox(inboxId)).reauthorizationRequired, 'too little is noticed', 15_000)
    expect((await admin.inbox(inboxId)).reauthorizationReason).toBe('SCOPE_MISSING')
  })
})

describe('an account that cannot become an inbox', () => {
  it('is somebody’s private one: said so, and the grant is taken back', async () => {
    const business = addBusiness({ personal: true })
    expect(await admin.authorize({ business })).toBe(refusal('NOT_A_BUSINESS'))
    expect(granted(business)).toBe(false)
    const silent = addBusiness({ personal: true })
    const location = await admin.authorize({ business: silent, scopes: without('user.account.type') })
    expect(inboxOf(location), 'unknown is no refusal').not.toBe('')
  })

  it.each([
    ['40118', 'token', 'NOT_ELIGIBLE'],
    ['40118', 'business_get', 'NOT_ELIGIBLE'],
    ['40001', 'business_get', 'NOT_ELIGIBLE'],
    ['40101', 'token', 'APP_MISCONFIGURED'],
    ['40110', 'token', 'CODE_REJECTED'],
    ['502', 'business_get', 'CHANNEL_UNAVAILABLE'],
  ] as const)('is refused with %s at %s: %s', async (kind, operation, code) => {
    world.standin.tiktok.fault({ kind, operations: [operation] })
    expect(await admin.authorize({ business: addBusiness() })).toBe(refusal(code))
  })

  it('belongs to a suspended account: neither begun nor finished', async () => {
    const actor = await world.business()
    const business = addBusiness()
    const input = { accountId: actor.accountId, channelType: 'tiktok' }
    const { startConnection } = await actor.gql(StartConnectionDocument, { input })
    const back = world.standin.tiktok.authorize(startConnection.url, { decision: 'approve', business })
    await root.gql(SetAccountStatusDocument, { input: { accountId: actor.accountId, status: 'SUSPENDED' } })
    expect(await actor.visit(back)).toBe('/connect-error?code=ACCOUNT_SUSPENDED')
    await expect(actor.gql(StartConnectionDocument, { input })).rejects.toMatchObject({
      ...{ code: 'FORBIDDEN', details: { reason: 'ACCOUNT_SUSPENDED' } },
    })
  })
})

describe('the limit of inboxes', () => {
  const limit = async (actor: Actor, count: number | null) =>
    (await root.gql(SetInboxLimitDocument, { input: { accountId: actor.accountId, limit: count } })).setInboxLimit

  it('is set by platform administrators alone', async () => {
    await expect(
      admin.gql(SetInboxLimitDocument, { input: { accountId: admin.accountId, limit: 5 } }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
    for (const wrong of [-1, 10_001]) await expect(limit(admin, wrong)).rejects.toMatchObject({ code: 'INVALID' })
    const audited = await sql`select action from audit_log where action = 'account.inboxLimitSet'`
    expect(audited).toEqual([])
  })

  it('holds at the start, at the end and between two that come back at once', async () => {
    const actor = await world.business()
    const input = { accountId: actor.accountId, channelType: 'tiktok' }
    const first = await actor.connect()
    expect(await limit(actor, 2)).toMatchObject({ inboxCount: 1, inboxLimit: 2 })
    const browsers = [actor.as(actor.accountId), actor.as(actor.accountId), actor.as(actor.accountId)]
    const backs: string[] = []
    for (const browser of browsers) {
      const { startConnection } = await browser.gql(StartConnectionDocument, { input })
      const decision = { decision: 'approve' as const, business: addBusiness() }
      backs.push(world.standin.tiktok.authorize(startConnection.url, decision))
    }
    const answers = await Promise.all(browsers.map((browser, place) => browser.visit(backs[place] ?? '')))
    expect(answers.filter((answer) => inboxOf(answer))).toHaveLength(1)
    expect(answers.filter((answer) => answer === refusal('INBOX_LIMIT', actor))).toHaveLength(2)
    await expect(actor.gql(StartConnectionDocument, { input })).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { reason: 'INBOX_LIMIT', limit: 2 } },
    })
    const { business, inboxId } = first
    expect(inboxOf(await actor.authorize({ business, inboxId })), 'what is connected is renewed').toBe(inboxId)
    await disconnect(actor, inboxId)
    expect(await actor.connect()).toMatchObject({ business: expect.anything() })
    const again = actor.gql(StartConnectionDocument, { input: { ...input, inboxId } })
    await expect(again, 'the one that made room').rejects.toMatchObject({ details: { reason: 'INBOX_LIMIT' } })
    await limit(actor, null)
    expect(inboxOf(await actor.authorize({ business, inboxId }))).toBe(inboxId)
  })
})

describe('another business where an inbox is connected again', () => {
  const see = (actor: Actor, id: string) =>
    actor.gql(PendingConnectionDocument, { accountId: actor.accountId, id }).then((data) => data.pendingConnection)
  const decision = (actor: Actor, id: string) => ({ input: { accountId: actor.accountId, pendingConnectionId: id } })

  async function park(actor = admin) {
    const own = await actor.connect()
    const other = addBusiness()
    const id = pendingOf(await actor.authorize({ business: other, inboxId: own.inboxId }))
    return { own, other, id }
  }

  it('is asked about, and becomes an inbox of its own; the first one keeps everything', async () => {
    const { own, other, id } = await park()
    const name = { accountId: admin.accountId, inboxId: own.inboxId, name: 'Our own name' }
    await admin.gql(UpdateInboxDocument, { input: name })
    expect(await see(admin, id)).toMatchObject({
      ...{ handle: `@${other.username}`, inbox: { id: own.inboxId, handle: `@${own.business.username}` } },
    })
    const [row] = await sql<{ connection: string }[]>`select connection from pending_connections where id = ${id}`
    expect(row?.connection).toMatch(/^v1\.test\./)
    const second = await admin.invite('ADMINISTRATOR')
    await expect(second.gql(ConfirmConnectionDocument, decision(second, id))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const { confirmConnection } = await admin.gql(ConfirmConnectionDocument, decision(admin, id))
    expect(confirmConnection).toMatchObject({ externalId: other.openId, connected: true })
    expect(confirmConnection.id).not.toBe(own.inboxId)
    expect(await admin.inbox(own.inboxId)).toMatchObject({ name: 'Our own name', externalId: own.business.openId })
    await admin.customerWrites(other, 'to the new one')
    for (const document of [ConfirmConnectionDocument, CancelConnectionDocument])
      await expect(admin.raw(document.toString(), decision(admin, id))).resolves.toMatchObject({
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      })
  })

  it('is forgotten when the administrator says so, or nobody says anything for ten minutes', async () => {
    const first = await park()
    expect(granted(first.other)).toBe(true)
    await admin.gql(CancelConnectionDocument, decision(admin, first.id))
    expect(granted(first.other)).toBe(false)
    await expect(see(admin, first.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const { id, other } = await park()
    passed = 601_000
    await expect(see(admin, id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(admin.gql(ConfirmConnectionDocument, decision(admin, id))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await runSchedule(world.deps, 'pending-connections')
    expect(granted(other)).toBe(false)
    expect(await sql`select 1 from pending_connections`).toEqual([])
  })

  it('keeps what was granted until it is taken back, for as long as that may help', async () => {
    const { tiktok } = world.standin
    const drop = async (afterMs: number) => {
      passed += afterMs
      await runSchedule(world.deps, 'pending-connections')
    }
    const attempts = async () => (await sql`select attempts from pending_connections`).map((row) => row['attempts'])
    const { id, other } = await park()
    tiktok.fault({ kind: '502', operations: ['token_revoke'], count: Infinity })
    await admin.gql(CancelConnectionDocument, decision(admin, id))
    await expect(see(admin, id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    passed -= 60_000
    await expect(see(admin, id), 'by a clock that is behind').rejects.toMatchObject({ code: 'NOT_FOUND' })
    await drop(90_000)
    expect([granted(other), await attempts()], 'too soon').toEqual([true, [1]])
    tiktok.clearFaults()
    await drop(31_000)
    expect([granted(other), await attempts()]).toEqual([false, []])
    await park()
    tiktok.fault({ kind: '502', operations: ['token_revoke'], count: Infinity })
    for (const wait of [600_000, 61_000, 301_000, 1_801_000, 7_201_000]) await drop(wait)
    expect(await attempts()).toEqual([5])
    await drop(21_601_000)
    expect(await attempts(), 'its tokens end soon').toEqual([])
  })

  it('is refused once the channel speaks another dialect, or acts as another app', async () => {
    const { id, other } = await park()
    const scope = world.deps.scopes.of(admin.accountId, {
      ...({ kind: 'member', role: 'administrator' } as const),
      ...{ userId: admin.userId, name: 'Mali', inboxIds: [] },
    })
    const channel = world.deps.channels.get('tiktok')
    for (const [change, reason] of [
      [{ dialect: 'gateway_v2' }, 'DIALECT_CHANGED'],
      [{ appId: 'another' }, 'APP_CHANGED'],
    ] as const) {
      const channels = new Channels([{ ...channel, manifest: { ...channel.manifest, ...change } }])
      const deps = { ...world.deps, channels }
      await expect(confirmConnection(deps, scope, id)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason } })
      await cancelConnection(deps, scope, id)
      await sql`update pending_connections set expires_at = ${new Date(Date.now() + 60_000)}`
    }
    expect(granted(other), 'to whom it was not granted may not end it').toBe(true)
    await admin.gql(CancelConnectionDocument, decision(admin, id))
    expect(granted(other)).toBe(false)
  })

  it('is refused where it is connected elsewhere, and taking it back never ends what lives on it', async () => {
    const elsewhere = await world.business()
    const { business } = await elsewhere.connect()
    const { inboxId } = await admin.connect()
    expect(await admin.authorize({ business, inboxId })).toBe(refusal('ALREADY_CONNECTED'))
    expect(granted(business)).toBe(true)
    const { id, other } = await park()
    expect(inboxOf(await elsewhere.authorize({ business: other }))).not.toBe('')
    await expect(admin.gql(ConfirmConnectionDocument, decision(admin, id))).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { reason: 'ALREADY_CONNECTED' } },
    })
    await admin.gql(CancelConnectionDocument, decision(admin, id))
    expect(granted(other)).toBe(true)
  })
})
