import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readHistory } from '../../server/modules/history/history.jobs.ts'
import { requireReauthorization } from '../../server/modules/inboxes/renewal.ts'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import type { Actor } from '../support/actor.ts'
import { SetConversationStatusDocument, SetFeatureFlagDocument } from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { HOUR_MS, Past } from './past.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let past: Past

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  past = new Past(world, sql, admin)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

describe('connecting an inbox', () => {
  it('brings what is past: marked as history, named, in the provider’s time, and unread by nobody', async () => {
    const business = past.newBusiness()
    const { tiktok } = world.standin
    const written = [3, 2, 1].map((age) => past.writesUnheard(business, `old ${age}`, age * HOUR_MS))
    tiktok.businessWritesInApp({
      business,
      person: written[0]?.person ?? '',
      text: 'an answer',
      at: Date.now() - HOUR_MS,
    })
    const [oldest] = written
    tiktok.reacts({ business, person: oldest?.person ?? '', messageId: oldest?.messageId ?? '', by: 'business' })
    const place = await past.connect(business)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({
      ...{ state: 'DONE', reason: 'CONNECT', threadsFound: 3, threadsRead: 3, messagesAdded: 4, failureCode: null },
    })
    const rows = await admin.conversations({ inboxId: place.inboxId })
    expect(rows.map((row) => row.contact.name).sort()).toEqual(written.map(({ person }) => person.displayName).sort())
    expect(rows.map((row) => row.unreadCount)).toEqual([0, 0, 0])
    const signs = await sql`select message_external_id as on, author, sign from message_reactions`
    expect([...signs]).toEqual([{ on: oldest?.messageId, author: 'business', sign: '👍' }])
    expect((await past.rowsOf(place)).every((row) => row.history)).toBe(true)
    const [first] = await sql<{ at: Date; last: Date }[]>`
      select m.at, t.last_inbound_at as last from messages m join threads t on t.id = m.thread_id
      where m.external_id = ${written[0]?.messageId ?? ''}`
    expect(Date.now() - (first?.at.getTime() ?? 0)).toBeGreaterThan(2.9 * HOUR_MS)
    expect(first?.last).toEqual(first?.at)
    const unsynced = await sql`select 1 from contacts where profile_synced_at is null`
    expect(unsynced).toHaveLength(0)
  })

  it('tells where customers came from though no delivery did, and once when one does yet (I2)', async () => {
    const business = past.newBusiness()
    const { tiktok } = world.standin
    const at = Date.now() - HOUR_MS
    const came = [
      { person: past.newPerson(), ad: { name: 'Autumn' }, at },
      { person: past.newPerson(), link: { ref: 'spring', message: 'Hi\0' }, at },
    ]
    tiktok.setKnobs({ dropNextWebhooks: came.length })
    for (const way of came) tiktok.arrives({ business, ...way })
    for (const { person } of came) past.writesUnheard(business, 'Hi', 0, person)
    const place = await past.connect(business)
    await past.readAll(place)
    const [ad, link] = [
      { source: 'AD', at: new Date(at - (at % 1_000)).toISOString(), facts: { adName: 'Autumn' } },
      { source: 'SHORT_LINK', at: null, facts: { ref: 'spring', prefilledText: 'Hi\uFFFD' } },
    ]
    const told = async ({ person }: (typeof came)[number]) =>
      (await admin.conversations({ query: person.username })).flatMap(({ contact }) => contact.referrals)
    expect(await Promise.all(came.map(told))).toMatchObject([[ad], [link]])
    // The deliveries come late, and then the list once more.
    for (const way of came) tiktok.arrives({ business, ...way })
    await past.workOff()
    await past.askAgain(place)
    await past.readAll(place)
    const dated = { ...link, at: new Date(at).toISOString() }
    expect(await Promise.all(came.map(told))).toMatchObject([[ad], [dated]])
  })

  it('asks twice where there is no past', async () => {
    const place = await past.connect(past.newBusiness())
    const before = past.calls()
    await past.readAll(place)
    expect(past.calls() - before).toBe(2)
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', threadsFound: 0, messagesAdded: 0 })
  })

  it('takes what is written meanwhile for news, whichever tells of it first (I2)', async () => {
    const business = past.newBusiness()
    const { person } = past.writesUnheard(business, 'past', HOUR_MS)
    const place = await past.connect(business)
    world.standin.tiktok.customerWrites({ business, person, text: 'news' })
    await world.standin.tiktok.settled()
    await Promise.all([past.readAll(place), past.workOff()])
    await past.workOff()
    const rows = await past.rowsOf(place)
    expect(rows.map((row) => [row.content, row.history])).toEqual([
      ['past', true],
      ['news', false],
    ])
    expect(await past.unreadOf(place)).toEqual([1])
  })
})

describe('reading once more', () => {
  it('adds nothing that is here, neither theirs nor ours, and leaves what is resolved so (I2)', async () => {
    const business = past.newBusiness()
    const place = await past.connect(business)
    await past.readAll(place)
    const { tiktok } = world.standin
    const person = past.newPerson()
    tiktok.customerWrites({ business, person, text: 'Hello' })
    await past.workOff()
    const [row] = await admin.conversations({ inboxId: place.inboxId })
    const conversationId = row?.id ?? ''
    await admin.send(conversationId, 'our answer')
    const [thread] = await sql<{ id: string }[]>`select id from threads where inbox_id = ${place.inboxId}`
    await drainQueuedMessages(world.deps, world.deps.scopes.system(admin.accountId), thread?.id ?? '', () => false)
    await past.workOff()
    past.writesUnheard(business, 'an old one that was missed', HOUR_MS, person)
    const input = { accountId: admin.accountId, conversationId, status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    const unread = await past.unreadOf(place)
    const { importHistory } = await past.askAgain(place)
    expect(importHistory.history).toEqual({ state: 'LISTING', reason: 'REQUEST' })
    await expect(past.askAgain(place)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'HISTORY_RUNNING' },
    })
    await past.readAll(place)
    await past.workOff()
    const contents = (await past.rowsOf(place)).filter(({ type }) => type !== 'activity').map(({ content }) => content)
    expect(contents).toEqual(['an old one that was missed', 'Hello', 'our answer'])
    const [after] = await admin.conversations({ inboxId: place.inboxId })
    expect(after?.status).toBe('RESOLVED')
    expect(await past.unreadOf(place)).toEqual(unread)
  })
})

describe('a gap', () => {
  it('of rejected deliveries is repaired by itself: what was missed is unread and reopens, once', async () => {
    const business = past.newBusiness()
    const person = past.newPerson()
    const place = await past.connect(business)
    await past.readAll(place)
    world.standin.tiktok.customerWrites({ business, person, text: 'heard', at: Date.now() - HOUR_MS })
    await past.workOff()
    const [row] = await admin.conversations({ inboxId: place.inboxId })
    const input = { accountId: admin.accountId, conversationId: row?.id ?? '', status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    past.writesUnheard(business, 'missed', 0, person)
    past.writesUnheard(business, 'old and missed', 2 * HOUR_MS, person)
    await sql`update inboxes set gap_since = now() - interval '5 minutes' where id = ${place.inboxId}`
    await past.sweep(new Date(Date.now() + 60_000))
    expect(await past.historyOf(place)).toMatchObject({ state: 'LISTING', reason: 'GAP' })
    await past.readAll(place)
    await past.sweep(new Date(Date.now() + 60_000))
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', messagesAdded: 2 })
    const [after] = await admin.conversations({ inboxId: place.inboxId })
    expect(after).toMatchObject({ status: 'OPEN', unreadCount: 2 })
    const [inbox] = await sql`select gap_since from inboxes where id = ${place.inboxId}`
    expect(inbox?.['gap_since']).toBeNull()
  })

  it('of a lost consent is repaired on connecting again, and only threads that moved are read', async () => {
    const business = past.newBusiness()
    past.writesUnheard(business, 'past', 5 * HOUR_MS)
    const place = await past.connect(business)
    await past.readAll(place)
    const scope = world.deps.scopes.system(admin.accountId)
    await scope.tx((tx) => requireReauthorization(tx, place.inboxId, 'REVOKED'))
    const missed = past.writesUnheard(business, 'missed')
    await past.sweep(new Date(Date.now() + 60_000))
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', reason: 'CONNECT' })
    await past.connect(business)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({
      state: 'DONE',
      reason: 'GAP',
      threadsFound: 1,
      messagesAdded: 1,
    })
    const rows = await admin.conversations({ inboxId: place.inboxId })
    expect(rows.map((row) => [row.contact.name, row.unreadCount])).toContainEqual([missed.person.displayName, 1])
    expect(await past.unreadOf(place)).toEqual([0, 1])
  })

  it('of one that nothing was ever heard of begins where its past was read', async () => {
    const business = past.newBusiness()
    const place = await past.connect(business)
    await past.readAll(place)
    await sql`update history_runs set started_at = now() - interval '2 hours' where inbox_id = ${place.inboxId}`
    past.writesUnheard(business, 'missed', HOUR_MS)
    await past.connect(business)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', reason: 'GAP', messagesAdded: 1 })
    expect(await past.unreadOf(place)).toEqual([1])
  })
})

describe('a run that is disturbed', () => {
  it('goes on where it stood after its worker is gone, the provider away or too busy, without doubles', async () => {
    const business = past.newBusiness()
    const { tiktok } = world.standin
    for (let age = 1; age <= 4; age++) past.writesUnheard(business, `old ${age}`, age * HOUR_MS)
    const place = await past.connect(business)
    await past.readAll(place, 4)
    expect(await past.historyOf(place)).toMatchObject({ state: 'READING', threadsRead: 2 })
    for (const kind of ['502', '40100'] as const) {
      tiktok.fault({ kind, operations: ['content_list'] })
      await past.readAll(place)
      expect((await past.historyOf(place))?.failureCode).not.toBeNull()
      const before = past.calls()
      await past.readAll(place)
      expect(past.calls(), 'it waits').toBe(before)
      await past.hurry(place)
    }
    await Promise.all([past.readAll(place), past.readAll(place)])
    expect(await past.historyOf(place)).toMatchObject({
      state: 'DONE',
      threadsFound: 4,
      threadsRead: 4,
      messagesAdded: 4,
    })
    expect(await past.rowsOf(place)).toHaveLength(4)
  })

  it('waits while the feature is off, and the sweeper finds it', async () => {
    const business = past.newBusiness()
    past.writesUnheard(business, 'past', HOUR_MS)
    const place = await past.connect(business)
    const platform = await operator(world)
    const set = (enabled: boolean) =>
      platform.gql(SetFeatureFlagDocument, { input: { accountId: admin.accountId, key: 'channel_tiktok', enabled } })
    await set(false)
    const before = past.calls()
    await past.readAll(place)
    expect(past.calls()).toBe(before)
    expect(await past.historyOf(place)).toMatchObject({ state: 'LISTING', failureCode: 'CHANNEL_DISABLED' })
    await set(true)
    const { producer } = world.deps
    const hinted = vi.spyOn(producer, 'hint')
    await past.sweep(new Date(Date.now() + 2 * 60_000))
    expect(hinted).toHaveBeenCalledWith(readHistory, place)
    await past.hurry(place)
    await past.readAll(place)
    expect(await past.rowsOf(place)).toHaveLength(1)
  })
})
