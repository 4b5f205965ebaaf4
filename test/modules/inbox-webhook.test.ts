import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../server/kit/log.ts'
import type { Loopback } from '../standin/loopback.ts'
import type { Actor } from '../support/actor.ts'
import {
  ConnectChannelDocument,
  DisconnectInboxDocument,
  InboxHealthDocument,
  InboxWebhookDocument,
  SetWebhookKeysDocument,
} from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let loopback: Loopback
let sql: postgres.Sql
let admin: Actor
const logged: string[] = []

beforeAll(async () => {
  const log = createLogger({ nodeEnv: 'test', logLevel: 'info' }, { write: (line) => logged.push(line) })
  world = await startWorld({ loopback: true, log })
  loopback = world.loopback
  sql = openSql(world)
  admin = await world.business()
  const { status } = await fetch(`${world.url}/webhooks/tiktok`, { method: 'POST', body: '{}' })
  expect(status).toBe(401)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const newShop = (name = 'The shop') => ({ id: `shop-${randomUUID().slice(0, 8)}`, name })

describe("an inbox's own address", () => {
  const post = (url: string, told: object, key: string) => {
    const body = Buffer.from(JSON.stringify(told))
    return fetch(url, { method: 'POST', body, headers: loopback.sign(body, key) }).then(({ status }) => status)
  }
  const toldIn = (shop: string, text: string) => ({
    ...{
      event: 'message',
      shop,
      thread: `thread-${randomUUID()}`,
      id: randomUUID(),
      at: loopback.now(),
      kind: 'text',
      text,
    },
    person: { id: 'bob', name: 'Bob' },
  })
  const texts = async (actor: Actor, inboxId: string) => {
    const rows = await actor.conversations({ inboxId })
    return rows.map(({ lastMessage }) => lastMessage?.content)
  }

  it('takes in what one of its keys signed, and forgets what comes while it has none', async () => {
    const shop = newShop()
    const inboxId = await admin.connectByForm(shop)
    const { url, key } = await admin.hookUp(inboxId, shop.id)
    const setKeys = async (keys: string[]) =>
      (await admin.gql(SetWebhookKeysDocument, { input: { accountId: admin.accountId, inboxId, keys } })).setWebhookKeys
    expect(await setKeys(['another-key', key])).toMatchObject({ webhook: { keys: 2 } })
    expect(await post(url, toldIn(shop.id, 'signed'), key)).toBe(200)
    expect(await post(url, toldIn(shop.id, 'forged'), 'no key of ours')).toBe(401)
    for (const nowhere of [`${url}x`, url.replace(/[^/]+$/, 'x'), `${url}%00`])
      expect(await post(nowhere, toldIn(shop.id, 'nowhere'), key)).toBe(404)
    await until(async () => (await texts(admin, inboxId)).includes('signed'), 'it is taken in')
    for (const keys of [
      ['short'],
      ['has a space'],
      ['a'.repeat(201)],
      ['key-number-1', 'key-number-2', 'key-number-3'],
    ])
      await expect(setKeys(keys)).rejects.toMatchObject({ code: 'INVALID', details: { field: 'keys' } })
    await setKeys([])
    expect(await post(url, toldIn(shop.id, 'too early'), key)).toBe(200)
    await setKeys([key])
    await admin.gql(DisconnectInboxDocument, { input: { accountId: admin.accountId, inboxId } })
    expect(await post(url, toldIn(shop.id, 'too late'), key)).toBe(200)
    await expect(setKeys([key])).rejects.toMatchObject({ code: 'CHANNEL_REAUTH' })
    const fields = { apiToken: loopback.issueToken([shop]) }
    const again = { accountId: admin.accountId, channelType: 'loopback', fields, inboxId }
    await admin.gql(ConnectChannelDocument, { input: again })
    expect((await admin.hookUp(inboxId, shop.id)).url, 'the address stays').toBe(url)
    expect(await sql`select distinct account_ref from webhook_events where account_ref = ${shop.id}`).toHaveLength(1)
    expect(await texts(admin, inboxId)).toEqual(['signed'])
  })

  it('is shown to administrators alone, and its key touches nothing of anybody else (I10)', async () => {
    const [shop, victim] = [newShop(), newShop('Victim')]
    const elsewhere = await world.business('Victim')
    const [inboxId, theirs] = [await admin.connectByForm(shop), await elsewhere.connectByForm(victim)]
    const { url, key } = await admin.hookUp(inboxId, shop.id)
    const their = await elsewhere.hookUp(theirs, victim.id)
    const agent = await admin.invite('AGENT', [inboxId])
    const { inbox } = await agent.gql(InboxWebhookDocument, { accountId: admin.accountId, id: inboxId })
    expect(inbox.webhook).toBeNull()
    expect(await post(url, toldIn(victim.id, 'in their name'), key)).toBe(200)
    expect(await post(their.url, toldIn(victim.id, 'with our key'), key)).toBe(401)
    const same = toldIn(victim.id, 'theirs')
    expect(await post(url, same, key), 'their event, told first by us').toBe(200)
    expect(await post(their.url, same, their.key)).toBe(200)
    await until(async () => (await texts(elsewhere, theirs)).includes('theirs'), 'theirs arrives all the same')
    expect(await texts(elsewhere, theirs)).toEqual(['theirs'])
    expect(await texts(admin, inboxId)).toEqual([])
    for (const [at, by] of [
      [url, key],
      [their.url, their.key],
    ] as const)
      expect(await post(at, { unreadable: true }, by)).toBe(200)
    const kept = await sql`select account_ref from webhook_events where code = 'UNREADABLE' order by id`
    expect(
      kept.map((row) => row['account_ref'] as string),
      'the same bytes are two events',
    ).toEqual([shop.id, victim.id])
    expect(logged.join('\n')).not.toContain(new URL(url).pathname.split('/').at(-1))
  })

  it('takes in nothing that an inbox of another account signed while the business was theirs (I10)', async () => {
    const shop = newShop()
    const before = await world.business('Before')
    const theirs = await before.connectByForm(shop)
    const { url, key } = await before.hookUp(theirs, shop.id)
    await sql`insert into feature_flags (account_id, key, enabled) values (${before.accountId}, 'channel_loopback', false)`
    const eventsOf = (inboxId: string) =>
      sql`select state, code, account_ref from webhook_events where event_key like ${`${inboxId} %`}`
    const forged = toldIn(shop.id, 'forged')
    expect(await post(url, forged, key)).toBe(200)
    await until(async () => (await eventsOf(theirs))[0]?.['code'] === 'FEATURE_DISABLED', 'it waits')
    await before.gql(DisconnectInboxDocument, { input: { accountId: before.accountId, inboxId: theirs } })
    const inboxId = await admin.connectByForm(shop)
    const own = await admin.hookUp(inboxId, shop.id)
    expect(await post(own.url, { ...forged, id: randomUUID(), text: 'ours' }, own.key)).toBe(200)
    await until(async () => (await texts(admin, inboxId)).includes('ours'), 'ours arrives')
    await until(async () => (await eventsOf(theirs))[0]?.['state'] === 2, 'theirs is set aside')
    expect(await eventsOf(theirs)).toEqual([{ state: 2, code: 'OTHER_INBOX', account_ref: '' }])
    const [conversation] = await admin.conversations({ inboxId })
    expect(conversation?.lastMessage?.content).toBe('ours')
    expect(await sql`select content from messages where inbox_id = ${inboxId}`).toEqual([{ content: 'ours' }])
  })

  it('is warned of while it has no key, and from its first key on lacks what was forgotten (I1)', async () => {
    const shop = newShop()
    const { accountId } = admin
    const input = { accountId, channelType: 'loopback', fields: { apiToken: loopback.issueToken([shop]) } }
    const inboxId = (await admin.gql(ConnectChannelDocument, { input })).connectChannel.id
    const setKeys = (keys: string[]) => admin.gql(SetWebhookKeysDocument, { input: { accountId, inboxId, keys } })
    const webhookState = async () =>
      (await admin.gql(InboxHealthDocument, { accountId, id: inboxId })).inbox.health?.webhookState
    const lacksSince = async () => {
      const [row] = await sql`select gap_since, connected_at, last_event_at from inboxes where id = ${inboxId}`
      return row ?? {}
    }
    expect(await webhookState()).toBe('NO_KEY')
    expect(await lacksSince()).toMatchObject({ gap_since: null })
    await setKeys(['key-number-1'])
    expect(await webhookState()).toBe('BY_HAND')
    const fresh = await lacksSince()
    expect(fresh['gap_since']).toEqual(fresh['connected_at'])
    await sql`update inboxes set gap_since = null, last_event_at = now() where id = ${inboxId}`
    await setKeys(['key-number-2'])
    await setKeys([])
    expect(await webhookState()).toBe('NO_KEY')
    expect(await lacksSince(), 'a change of keys forgets nothing').toMatchObject({ gap_since: null })
    await setKeys(['key-number-2'])
    const again = await lacksSince()
    expect(again['gap_since']).toEqual(again['last_event_at'])
  })

  it('answers in time, whatever is under way between tenants, and also when it cannot tell whose it is (I1)', async () => {
    const shop = newShop()
    const inboxId = await admin.connectByForm(shop)
    const { url, key } = await admin.hookUp(inboxId, shop.id)
    const holder = await sql.reserve()
    await holder`begin`
    await holder`lock table accounts in access exclusive mode`
    const busy = Promise.allSettled(Array.from({ length: 12 }, () => world.deps.system.sql`select from accounts`))
    try {
      expect(await post(url, toldIn(shop.id, 'meanwhile'), key)).toBe(200)
      await holder`lock table inboxes in access exclusive mode`
      expect(await post(url, toldIn(shop.id, 'too late'), key)).toBe(503)
    } finally {
      await holder`rollback`
      holder.release()
      await busy
    }
    await until(async () => (await texts(admin, inboxId)).includes('meanwhile'), 'it is taken in')
  })
})
