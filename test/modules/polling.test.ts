import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimReads } from '../../server/modules/polling/polling.queries.ts'
import type { FaultKind, Operation } from '../standin/respondio/knobs.ts'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

let offset = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let polling: Polling

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + offset) }
  const standin = { clock: { now: () => Date.now() + offset }, respondio: { knobs: { rateLimit: 1_000 } } }
  world = await startWorld({ jobs: false, clock, standin, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

beforeEach(async () => {
  offset = 0
  world.standin.respondio.resetKnobs()
  polling = new Polling(world, sql, await connectRespondIo(world, admin))
})

const now = () => Date.now() + offset
const advance = (ms: number) => void (offset += ms)
const texts = async (contact?: number) => (await polling.messages(contact)).map((row) => row.content)
const fault = (kind: FaultKind, operation: Operation, contactId?: number) =>
  world.standin.respondio.fault({ kind, operations: [operation], ...(contactId !== undefined && { contactId }) })

/** Somebody who has written, and was read. */
async function somebody(text = 'Hello'): Promise<number> {
  const { contactId } = polling.writes({ firstName: 'Ploy' }, text)
  await polling.hurry('list')
  await polling.all()
  return contactId
}

const readAgain = async (contact: number) => {
  await polling.hurry('read', contact)
  await polling.all('read')
}

describe('what is read', () => {
  it('is everything of a burst, a page at a time, each message once and in order', async () => {
    const contact = await somebody()
    const before = polling.calls('message_list')
    for (let place = 0; place < 120; place++) polling.writes(contact, `burst ${place}`, now() + place)
    await readAgain(contact)
    expect(await texts(contact)).toEqual(['Hello', ...Array.from({ length: 120 }, (_, place) => `burst ${place}`)])
    expect(polling.calls('message_list') - before).toBeGreaterThanOrEqual(3)
    await readAgain(contact)
    expect(await texts(contact)).toHaveLength(121)
  })

  it('is what came late, too, with a lower id than what is known', async () => {
    const contact = await somebody()
    polling.writes(contact, 'third')
    await readAgain(contact)
    polling.writes(contact, 'second', now() - 3 * MINUTE)
    await readAgain(contact)
    expect(await texts(contact)).toContain('second')
  })

  it('is what came late under more than a page of newer ones, as soon as there is a pause', async () => {
    const contact = await somebody()
    advance(10 * MINUTE)
    for (let place = 0; place < 80; place++) polling.writes(contact, `newer ${place}`, now() - 2 * SECOND + place)
    await readAgain(contact)
    polling.writes(contact, 'late', now() - 10 * SECOND)
    await readAgain(contact)
    expect(await texts(contact), 'a page of what was just said comes first').not.toContain('late')
    advance(61 * SECOND)
    await readAgain(contact)
    expect(await texts(contact)).toContain('late')
    expect(await texts(contact)).toHaveLength(82)
  })

  it('shows people by the name that they have now', async () => {
    const contact = await somebody()
    const headers = { authorization: `Bearer ${polling.shop.space.tokens[0]}`, 'content-type': 'application/json' }
    const url = `${world.standin.respondio.apiUrl}/contact/id:${contact}`
    await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ firstName: 'Ploy', lastName: 'Srisuk' }) })
    await polling.hurry('list')
    await polling.all('list')
    const [conversation] = await admin.conversations({ inboxId: polling.shop.inboxId })
    expect(conversation?.contact.name).toBe('Ploy Srisuk')
  })

  it('is of two people whose messages have the same id two messages', async () => {
    const [one, other] = [await somebody('one'), await somebody('other')]
    const at = now()
    polling.writes(one, 'mine', at)
    polling.writes(other, 'theirs', at)
    await readAgain(one)
    await readAgain(other)
    expect(await texts(one)).toEqual(['one', 'mine'])
    expect(await texts(other)).toEqual(['other', 'theirs'])
  })

  it('is news from whoever is new, and past where it is older than the inbox', async () => {
    const contact = await somebody('I am new')
    const { inboxId } = polling.shop
    expect((await polling.messages(contact))[0]).toMatchObject({ history: false })
    expect((await admin.conversations({ inboxId }))[0]).toMatchObject({ unreadCount: 1, contact: { name: 'Ploy' } })
    const old = polling.writes({ firstName: 'Old' }, 'long ago', now() - 3 * HOUR)
    await polling.hurry('list')
    await polling.all()
    expect(await texts(old.contactId), 'the past is read as such').toEqual([])
    polling.writes(old.contactId, 'back again')
    await polling.hurry('check', old.contactId)
    await polling.all()
    const rows = await polling.messages(old.contactId)
    expect(rows.map(({ content, history }) => [content, history])).toEqual([
      ['long ago', true],
      ['back again', false],
    ])
    const unread = (await admin.conversations({ inboxId })).map((row) => row.unreadCount)
    expect(unread).toEqual([1, 1])
  })

  it.each<FaultKind>(['numbers_as_strings', 'missing_members', 'unknown_status'])(
    'is the same when it is written oddly: %s',
    async (kind) => {
      const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Hello')
      for (const operation of ['contact_list', 'contact_channels', 'message_list'] as const) fault(kind, operation)
      // The probe of the filter is the first call of the list.
      fault(kind, 'contact_list')
      await polling.hurry('list')
      await polling.all()
      expect(await texts(contactId)).toEqual(['Hello'])
    },
  )

  it("takes over TikTok's name for a message, which an answer left out, from the next one", async () => {
    const contact = await somebody()
    const second = async () =>
      (
        await sql<{ name: string | null }[]>`
          select alternate_external_id as name from messages where account_id = ${admin.accountId} and content = 'named later'`
      )[0]
    polling.writes(contact, 'named later')
    fault('missing_members', 'message_list', contact)
    await polling.hurry('read', contact)
    await polling.all('read')
    expect(await second()).toEqual({ name: null })
    await polling.hurry('read', contact)
    await polling.all('read')
    expect((await second())?.name).toEqual(expect.any(String))
    expect((await texts(contact)).filter((text) => text === 'named later').length).toBe(1)
  })
})

describe('what goes wrong', () => {
  it('with a cursor that comes again is an error and tried again, and passes over nothing', async () => {
    const contact = await somebody()
    for (let place = 0; place < 120; place++) polling.writes(contact, `burst ${place}`, now() + place)
    await polling.hurry('read', contact)
    await polling.step('read')
    expect((await polling.row(contact))['read_page']).not.toBeNull()
    fault('repeat_cursor', 'message_list', contact)
    await polling.all('read')
    expect(await polling.row(contact)).toMatchObject({ attempts: 1, read_page: null })
    expect((await texts(contact)).length).toBeLessThan(121)
    advance(10 * SECOND)
    await polling.all('read')
    expect(await texts(contact)).toHaveLength(121)
    expect(await polling.row(contact)).toMatchObject({ attempts: 0 })
  })

  it.each<[FaultKind, number]>([
    ['449', 9 * SECOND],
    ['502', 4 * SECOND],
    ['200_error', 4 * SECOND],
    ['truncated_json', 4 * SECOND],
    ['400', 4 * SECOND],
  ])('with one person costs the others nothing, and is tried again: %s', async (kind, atLeastMs) => {
    const [one, other] = [await somebody('one'), await somebody('other')]
    polling.writes(one, 'again')
    polling.writes(other, 'again')
    fault(kind, 'message_list', one)
    await readAgain(one)
    await readAgain(other)
    expect(await texts(other)).toEqual(['other', 'again'])
    expect(await texts(one)).toEqual(['one'])
    const { read_due_at: due, attempts } = await polling.row(one)
    expect(attempts).toBe(1)
    expect((due as Date).getTime() - now()).toBeGreaterThan(atLeastMs)
    advance(11 * SECOND)
    await polling.all('read')
    expect(await texts(one)).toEqual(['one', 'again'])
  })

  it('with somebody who is gone ends it for them, until the list has them back', async () => {
    const contact = await somebody()
    fault('404', 'message_list', contact)
    await readAgain(contact)
    expect(await polling.row(contact)).toMatchObject({ present: false, read_due_at: null })
    polling.writes(contact, 'here again')
    advance(11 * MINUTE)
    await polling.all()
    expect(await texts(contact)).toEqual(['Hello', 'here again'])
  })

  it('with a list that leaves somebody out for a while is over with the next list that does not', async () => {
    const contact = await somebody()
    const { contacts } = world.standin.respondio.world
    const left = world.standin.respondio.world.contact(contact)
    contacts.delete(contact)
    await polling.hurry('list')
    await polling.all('list')
    expect(await polling.row(contact), 'once is not enough').toMatchObject({ present: true })
    advance(2 * MINUTE)
    await polling.all('list')
    expect(await polling.row(contact)).toMatchObject({ present: false })
    contacts.set(contact, left)
    polling.writes(contact, 'still here')
    advance(MINUTE)
    await polling.hurry('list')
    await polling.all()
    expect(await texts(contact)).toEqual(['Hello', 'still here'])
  })

  it('with the list goes on from where it stopped', async () => {
    for (let place = 0; place < 150; place++) polling.writes({ firstName: `C${place}` }, 'Hello', now() - 3 * HOUR)
    await polling.hurry('list')
    await polling.step('list')
    while ((await polling.poll())['list_page'] === null) await polling.step('list')
    fault('502', 'contact_list')
    await polling.hurry('list')
    await polling.all('list')
    expect(await polling.poll()).toMatchObject({ failure_code: 'PROVIDER_UNAVAILABLE', attempts: 1 })
    expect((await polling.poll())['list_page']).not.toBeNull()
    advance(10 * SECOND)
    await polling.all('list')
    expect(await polling.poll()).toMatchObject({ failure_code: null, attempts: 0, list_page: null })
    const { inboxId } = polling.shop
    expect(await sql`select 1 from polled_threads where inbox_id = ${inboxId}`).toHaveLength(150)
  })
})

describe('whoever is killed', () => {
  it('costs no more than the time that it had: the claim ends, and another goes on at the same page', async () => {
    const contact = await somebody()
    for (let place = 0; place < 120; place++) polling.writes(contact, `burst ${place}`, now() + place)
    const { accountId, inboxId } = polling.shop
    await polling.hurry('read', contact)
    const leaseEnd = new Date(now() + 30 * SECOND)
    // Claimed, and never heard of again.
    await world.deps.scopes
      .system(accountId)
      .tx((tx) => claimReads(tx, { inboxId, now: new Date(now()), until: leaseEnd, limit: 1 }))
    await polling.step('read')
    expect(await texts(contact)).toEqual(['Hello'])
    advance(31 * SECOND)
    await polling.all('read')
    expect(await texts(contact)).toHaveLength(121)
  })

  it('and only slow writes no progress over whoever went on meanwhile', async () => {
    const contact = await somebody()
    polling.writes(contact, 'slow')
    await polling.hurry('read', contact)
    world.standin.respondio.setKnobs({ latencyMs: 400 })
    const slow = polling.step('read')
    await until(async () => (await polling.row(contact))['claimed_until'] !== null, 'it is being asked')
    advance(40 * SECOND)
    world.standin.respondio.setKnobs({ latencyMs: 0 })
    await polling.all('read')
    const { read_at: readAt } = await polling.row(contact)
    await slow
    expect((await polling.row(contact))['read_at']).toEqual(readAt)
    expect(await texts(contact)).toEqual(['Hello', 'slow'])
  })

  it('or there twice asks about nobody twice', async () => {
    const contacts = await Promise.all(Array.from({ length: 4 }, () => somebody()))
    await polling.hurry('read')
    const before = polling.calls('message_list')
    await Promise.all([polling.step('read'), polling.step('read'), polling.step('read')])
    expect(polling.calls('message_list') - before).toBe(contacts.length)
  })
})
