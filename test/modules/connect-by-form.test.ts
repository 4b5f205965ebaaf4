import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../server/kit/log.ts'
import type { Loopback } from '../standin/loopback.ts'
import type { Actor } from '../support/actor.ts'
import {
  ConfirmConnectionDocument,
  ConnectChannelDocument,
  DisconnectInboxDocument,
  InboxHealthDocument,
  InboxTimesDocument,
  InspectChannelDocument,
  SetAccountStatusDocument,
  SetFeatureFlagDocument,
  SetInboxLimitDocument,
  UpdateInboxDocument,
  type ConnectChannelInput,
} from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let loopback: Loopback
let sql: postgres.Sql
let admin: Actor
let root: Actor
const logged: string[] = []

beforeAll(async () => {
  const log = createLogger({ nodeEnv: 'test', logLevel: 'info' }, { write: (line) => logged.push(line) })
  world = await startWorld({ loopback: true, log })
  loopback = world.loopback
  sql = openSql(world)
  admin = await world.business()
  root = await operator(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const newShop = (name = 'The shop') => ({ id: `shop-${randomUUID().slice(0, 8)}`, name })
const inputOf = (actor: Actor, fields: unknown, more: Partial<ConnectChannelInput> = {}) => ({
  input: { accountId: actor.accountId, channelType: 'loopback', fields, ...more },
})
const inspect = async (fields: unknown, more?: Partial<ConnectChannelInput>, actor = admin) =>
  (await actor.gql(InspectChannelDocument, inputOf(actor, fields, more))).inspectChannel
const connect = async (fields: unknown, more?: Partial<ConnectChannelInput>, actor = admin) =>
  (await actor.gql(ConnectChannelDocument, inputOf(actor, fields, more))).connectChannel
const disconnect = (inboxId: string) =>
  admin.gql(DisconnectInboxDocument, { input: { accountId: admin.accountId, inboxId } })

describe('a third channel, of which the core and its screens know nothing', () => {
  it('connects by its form, takes in what a customer writes, answers, and knows what became of it', async () => {
    const shop = newShop('Teas')
    const apiToken = loopback.issueToken([shop], 'basic')
    expect(await inspect({ apiToken })).toEqual({
      notes: ['NO_WEBHOOKS'],
      choices: [{ ref: shop.id, name: 'Teas', connected: false }],
    })
    const inbox = await connect({ apiToken: ` ${apiToken}\n`, shopId: shop.id })
    expect(inbox).toMatchObject({ name: 'Teas', externalId: shop.id, connected: true })
    await admin.hookUp(inbox.id, shop.id)
    const { id: externalId } = loopback.write(shop.id, 'thread-1', { text: 'Have you oolong?' })
    const conversation = await until(async () => (await admin.conversations({ inboxId: inbox.id }))[0], 'it arrives')
    expect(await admin.messages(conversation.id)).toMatchObject([{ externalId, content: 'Have you oolong?' }])
    const { id } = await admin.send(conversation.id, 'We have.')
    const sent = await until(
      async () => (await admin.messages(conversation.id)).find((row) => row.id === id && row.status === 'SENT'),
      'it is sent',
    )
    const [, atProvider] = loopback.messages(shop.id, 'thread-1')
    expect(atProvider).toMatchObject({ id: sent.externalId, text: 'We have.' })
    loopback.tell({ event: 'read', shop: shop.id, thread: 'thread-1', at: loopback.now(), readUpTo: loopback.now() })
    await until(
      async () => (await admin.messages(conversation.id)).find((row) => row.id === id)?.status === 'READ',
      'the customer reads it',
    )
    expect(await admin.messages(conversation.id), 'its echo is no second one').toHaveLength(2)
  })

  it('has access that does not end: nothing renews it, and once it is refused the form is needed again', async () => {
    const shop = newShop()
    const id = await admin.connectByForm(shop)
    const at = { accountId: admin.accountId, id }
    expect((await admin.gql(InboxTimesDocument, at)).inbox).toEqual({ accessExpiresAt: null, consentExpiresAt: null })
    expect((await admin.gql(InboxHealthDocument, at)).inbox.health).toMatchObject({ accessExpiresAt: null })
    expect(await sql`select renew_after from inboxes where id = ${id}`).toEqual([{ renew_after: null }])
    loopback.write(shop.id, 'thread-2', { text: 'Hello?' })
    const conversation = await until(async () => (await admin.conversations({ inboxId: id }))[0], 'it arrives')
    // Whatever else asks the shop has done so: the send is what finds out.
    const idle = () => sql`
      select 1 from contacts c join conversations v on v.contact_id = c.id and v.inbox_id = ${id}
      join history_runs h on h.inbox_id = v.inbox_id
      where c.profile_synced_at is not null and h.state = 'done'`
    await until(async () => (await idle()).length > 0, 'name and past are read')
    loopback.endTokens()
    const { id: messageId } = await admin.send(conversation.id, 'Hello')
    const failed = await until(
      async () => (await admin.messages(conversation.id)).find((row) => row.id === messageId && row.failure),
      'it fails',
    )
    expect(failed.failure?.code).toBe('CHANNEL_REAUTH')
    expect(await admin.inbox(id)).toMatchObject({ reauthorizationRequired: true, reauthorizationReason: 'TOKEN_ENDED' })
    await connect({ apiToken: loopback.issueToken([newShop(), shop]) }, { inboxId: id })
    expect(await admin.inbox(id)).toMatchObject({ reauthorizationRequired: false, unsentCount: 1 })
  })
})

describe('what is connected', () => {
  it('is chosen among several, each an inbox of its own, with a name if one is given', async () => {
    const [tea, cake] = [newShop('Tea'), newShop('Cake')]
    const apiToken = loopback.issueToken([tea, cake])
    await expect(connect({ apiToken })).rejects.toMatchObject({
      ...{ code: 'INVALID', details: { field: 'shopId', reason: 'CHOICE_NEEDED' } },
    })
    expect(await connect({ apiToken, shopId: tea.id })).toMatchObject({ name: 'Tea', externalId: tea.id })
    expect((await inspect({ apiToken })).choices.map(({ connected }) => connected)).toEqual([true, false])
    expect(await connect({ apiToken, shopId: cake.id, name: 'Sweets' })).toMatchObject({ name: 'Sweets' })
    await expect(connect({ apiToken: loopback.issueToken([]) })).rejects.toMatchObject({
      details: { reason: 'NOTHING_TO_CONNECT' },
    })
  })

  it('keeps its name, settings and history when it is connected again, by itself or by its shop', async () => {
    const shop = newShop()
    const inboxId = await admin.connectByForm(shop)
    const agent = await admin.invite('AGENT')
    const change = { accountId: admin.accountId, inboxId, name: 'Renamed', memberIds: [agent.userId] }
    await admin.gql(UpdateInboxDocument, { input: change })
    await disconnect(inboxId)
    const [row] = await sql`select credentials from inboxes where id = ${inboxId}`
    expect(row).toEqual({ credentials: null })
    const apiToken = loopback.issueToken([shop])
    for (const more of [{ inboxId }, {}]) {
      expect(await connect({ apiToken, name: 'Another name' }, more)).toMatchObject({ id: inboxId, name: 'Renamed' })
      expect(await admin.inbox(inboxId)).toMatchObject({ connected: true, memberIds: [agent.userId] })
    }
    const actions = await sql`select action from audit_log where data->>'inboxId' = ${inboxId} order by id`
    expect(actions.map((entry) => entry['action'] as string).filter((action) => action.endsWith('connected'))).toEqual([
      ...['inbox.connected', 'inbox.disconnected', 'inbox.reconnected', 'inbox.reconnected'],
    ])
  })

  it('is another one than the inbox belongs to: asked about, as with OAuth', async () => {
    const [own, other] = [newShop('Own'), newShop('Other')]
    const inboxId = await admin.connectByForm(own)
    const refused = await connect({ apiToken: loopback.issueToken([other]) }, { inboxId }).catch(
      (error: unknown) => error,
    )
    expect(refused).toMatchObject({ code: 'CONFLICT', details: { reason: 'OTHER_BUSINESS' } })
    const { pendingConnectionId } = (refused as { details: { pendingConnectionId: string } }).details
    const input = { accountId: admin.accountId, pendingConnectionId }
    const { confirmConnection } = await admin.gql(ConfirmConnectionDocument, { input })
    expect(confirmConnection).toMatchObject({ name: 'Other', externalId: other.id, connected: true })
    expect(await admin.inbox(inboxId)).toMatchObject({ externalId: own.id, connected: true })
    expect(await sql`select access_expires_at from inboxes where id = ${confirmConnection.id}`).toEqual([
      { access_expires_at: null },
    ])
  })

  it('is connected elsewhere already: refused, and not told where', async () => {
    const shop = newShop()
    const elsewhere = await world.business('Elsewhere')
    await elsewhere.connectByForm(shop)
    const apiToken = loopback.issueToken([shop])
    expect((await inspect({ apiToken })).choices).toMatchObject([{ connected: true }])
    const refused = await connect({ apiToken }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'CONFLICT', details: { reason: 'ALREADY_CONNECTED' } })
    expect(JSON.stringify(refused)).not.toContain(elsewhere.accountId)
    const own = await admin.connectByForm(newShop())
    await expect(connect({ apiToken, shopId: shop.id }, { inboxId: own })).rejects.toMatchObject({
      details: { reason: 'ALREADY_CONNECTED' },
    })
  })
})

it('a choice may be the number that the provider gave', async () => {
  const [one, other] = [470953, 470954].map((id) => ({ id: String(id), name: `Shop ${id}` }))
  const apiToken = loopback.issueToken([one, other].flatMap((shop) => shop ?? []))
  const { id } = await connect({ apiToken, shopId: 470954 })
  expect(await sql`select external_id from inboxes where id = ${id}`).toEqual([{ external_id: '470954' }])
})

describe('a form that cannot be used', () => {
  it.each([
    ['no object', 'token', 'fields'],
    ['a list', ['token'], 'fields'],
    ['a field left out', {}, 'apiToken'],
    ['an empty field', { apiToken: '  ' }, 'apiToken'],
    ['a field of another type', { apiToken: { $ne: 1 } }, 'apiToken'],
    ['a field that is too long', { apiToken: 'x'.repeat(201) }, 'apiToken'],
    ['HTML', { apiToken: '<script>alert(1)</script>' }, 'apiToken'],
    ['a line break within', { apiToken: 'a\r\nx-evil: 1' }, 'apiToken'],
    ['letters that no header takes', { apiToken: 'โทเค็น' }, 'apiToken'],
    ['a choice of another type', { apiToken: 'x', shopId: [7] }, 'shopId'],
    ['a number that no id is', { apiToken: 'x', shopId: 2 ** 53 }, 'shopId'],
    ['a part of a number', { apiToken: 'x', shopId: 7.5 }, 'shopId'],
    ['a choice that is too long', { apiToken: 'x', shopId: 'y'.repeat(201) }, 'shopId'],
    ['a name that is none', { apiToken: 'x', name: ' ' }, 'name'],
    ['a field that the form does not have', { apiToken: 'x', secret: 'y' }, 'fields'],
  ])('has %s: INVALID with the field', async (_, fields, field) => {
    for (const call of [inspect, connect])
      await expect(call(fields)).rejects.toMatchObject({ code: 'INVALID', details: { field } })
  })

  it('is for administrators of an active account with the flag on and room for an inbox', async () => {
    const agent = await admin.invite('AGENT')
    const shop = newShop()
    const fields = { apiToken: loopback.issueToken([shop]) }
    const refusedWith = async (actor: Actor, refusal: object) => {
      for (const call of [inspect, connect]) await expect(call(fields, {}, actor)).rejects.toMatchObject(refusal)
    }
    await refusedWith(agent.as(admin.accountId), { code: 'FORBIDDEN' })
    const actor = await world.business()
    const { accountId } = actor
    const limit = (count: number | null) => root.gql(SetInboxLimitDocument, { input: { accountId, limit: count } })
    await limit(0)
    await refusedWith(actor, { code: 'CONFLICT', details: { reason: 'INBOX_LIMIT' } })
    await limit(null)
    const flag = (enabled: boolean) =>
      root.gql(SetFeatureFlagDocument, { input: { accountId, key: 'channel_loopback', enabled } })
    await flag(false)
    await refusedWith(actor, { code: 'FEATURE_DISABLED' })
    await flag(true)
    await root.gql(SetAccountStatusDocument, { input: { accountId, status: 'SUSPENDED' } })
    await refusedWith(actor, { code: 'FORBIDDEN', details: { reason: 'ACCOUNT_SUSPENDED' } })
    await expect(inspect(fields, { channelType: 'tiktok' })).rejects.toMatchObject({
      details: { field: 'channelType' },
    })
    await expect(connect(fields, { channelType: 'x' })).rejects.toMatchObject({ details: { field: 'channelType' } })
    expect(await sql`select 1 from inboxes where external_id = ${shop.id}`).toEqual([])
  })

  it('is refused by the provider in a code, or gets no answer', async () => {
    const fields = { apiToken: 'loopback_nobody' }
    for (const call of [inspect, connect])
      await expect(call(fields)).rejects.toMatchObject({
        ...{ code: 'CHANNEL_REJECTED', details: { reason: 'TOKEN_REFUSED' } },
      })
    const known = { apiToken: loopback.issueToken([newShop()]) }
    await expect(connect({ ...known, shopId: 'another' })).rejects.toMatchObject({ details: { reason: 'NOT_OFFERED' } })
    loopback.fault('connect', ({ raw }) => raw.destroy())
    await expect(inspect(known)).rejects.toMatchObject({
      ...{ code: 'CHANNEL_UNAVAILABLE', details: { reason: 'PROVIDER_UNAVAILABLE' } },
    })
  })
})

describe('what was entered (I14)', () => {
  it('stands sealed in the inbox alone: in no answer, no log, no audit and no other row', async () => {
    const shop = newShop()
    const apiToken = loopback.issueToken([shop])
    const answers = [
      await admin.raw(InspectChannelDocument.toString(), inputOf(admin, { apiToken })),
      await admin.raw(ConnectChannelDocument.toString(), inputOf(admin, { apiToken })),
      await admin.raw(ConnectChannelDocument.toString(), inputOf(admin, { apiToken, shopId: apiToken })),
      await admin.raw(ConnectChannelDocument.toString(), inputOf(admin, { apiToken, [apiToken]: apiToken })),
    ]
    expect(JSON.stringify(answers)).not.toContain(apiToken)
    expect(logged.join('\n')).not.toContain('loopback_')
    const tables = await sql<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r'`
    for (const { name } of tables) {
      expect(await sql`select 1 from ${sql(name)} t where t::text like '%loopback\\_%'`, name).toEqual([])
    }
  })
})
