import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { repairGap } from '../../server/modules/history/history.service.ts'
import { readHistoryOn } from '../../server/modules/history/read-history.ts'
import type { FaultKind, Operation } from '../standin/respondio/knobs.ts'
import type { Actor } from '../support/actor.ts'
import { ImportHistoryDocument, InboxPollingDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
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

const advance = (ms: number) => void (offset += ms)
const texts = async (contact?: number) => (await polling.messages(contact)).map((row) => row.content)
const fault = (kind: FaultKind, operation: Operation, contactId: number, count = 1) =>
  world.standin.respondio.fault({ kind, operations: [operation], contactId, count })

const standingFault = (kind: FaultKind, operation: Operation) =>
  world.standin.respondio.fault({ kind, operations: [operation], spaceId: polling.shop.space.id, count: Infinity })

/** Reads the past as far as that is possible now; answers how far that is. */
async function readPast() {
  const { accountId, inboxId: id } = polling.shop
  for (;;) {
    const wait = await readHistoryOn(world.deps, world.deps.scopes.system(accountId), id)
    if (wait === undefined) break
    await new Promise((done) => setTimeout(done, Math.min(wait, 300)))
  }
  const [run] = await sql`
    select state, failure_code, threads_found, threads_read from history_runs where inbox_id = ${id}`
  return run
}

async function gapSince(): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`select gap_since as at from inboxes where id = ${polling.shop.inboxId}`
  return row?.at ?? null
}

async function somebody(text = 'Hello'): Promise<number> {
  const { contactId } = polling.writes({ firstName: 'Ploy' }, text)
  await polling.hurry('list')
  await polling.all()
  return contactId
}

const presencesOf = (contact: number) => world.standin.respondio.world.contact(contact).presences

/** In how many ms somebody is looked at. */
async function nextLook(contact: number): Promise<number> {
  const { check_due_at: due } = await polling.row(contact)
  return (due as Date).getTime() - Date.now() - offset
}

async function lookAgain(contact: number): Promise<void> {
  await polling.hurry('check', contact)
  await polling.all('check')
}

describe('who is not in the channel', () => {
  it('when they are listed, since they are on their way into it, is seen a minute later', async () => {
    const contact = await somebody()
    const other = polling.writes({ firstName: 'Nok' }, 'Hello?')
    const [presence] = presencesOf(other.contactId).splice(0)
    await polling.hurry('list')
    await polling.all()
    expect(await polling.row(other.contactId)).toMatchObject({ present: false })
    presencesOf(other.contactId).push(presence ?? expect.unreachable('they wrote'))
    advance(70 * SECOND)
    await polling.all('check', 'read')
    expect(await texts(other.contactId)).toEqual(['Hello?'])
    expect(await polling.row(contact)).toMatchObject({ present: true })
  })

  it.each<FaultKind>(['404', '404_html'])(
    'since they are not there at all is asked about less and less: %s',
    async (kind) => {
      const contact = await somebody()
      fault(kind, 'message_list', contact)
      await polling.hurry('read', contact)
      await polling.all('read')
      expect(await polling.row(contact)).toMatchObject({ present: false, read_due_at: null })
      expect(await nextLook(contact)).toBeLessThan(2 * MINUTE)
      fault(kind, 'contact_channels', contact, 2)
      advance(70 * SECOND)
      await polling.all('check')
      expect(await nextLook(contact)).toBeGreaterThan(8 * MINUTE)
      advance(11 * MINUTE)
      await polling.all('check')
      expect(await nextLook(contact)).toBeGreaterThan(9 * HOUR)
      expect((await polling.poll())['failure_code'], 'nobody else is concerned').toBeNull()
    },
  )

  it('and of whom the list tells is asked about ten minutes after the last time', async () => {
    world.standin.respondio.setKnobs({ lastInteractionFilter: 'works' })
    const contact = await somebody()
    const [presence] = presencesOf(contact).splice(0)
    await lookAgain(contact)
    await lookAgain(contact)
    advance(6 * MINUTE)
    await lookAgain(contact)
    expect(await nextLook(contact)).toBeGreaterThan(9 * HOUR)
    presencesOf(contact).push(presence ?? expect.unreachable('they wrote'))
    advance(2 * MINUTE)
    polling.writes(contact, 'again')
    await polling.hurry('list')
    await polling.all('list')
    expect((await polling.poll())['list_since'], 'it lists those with whom something happened').not.toBeNull()
    expect(await nextLook(contact)).toBeLessThan(9 * MINUTE)
    advance(9 * MINUTE)
    await polling.all('check', 'read')
    expect(await texts(contact)).toEqual(['Hello', 'again'])
  })

  it('since they were merged is no longer asked about, and the one who remains goes on', async () => {
    const { respondio } = world.standin
    const [one, other] = [await somebody('one'), await somebody('other')]
    const headers = { authorization: `Bearer ${polling.shop.space.tokens[0]}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ contactIds: [one, other] })
    expect((await fetch(`${respondio.apiUrl}/contact/merge`, { method: 'POST', headers, body })).status).toBe(200)
    polling.writes(one, 'still here')
    for (const lane of ['list', 'check', 'read'] as const) await polling.hurry(lane)
    await polling.all()
    expect(await texts(one)).toContain('still here')
    expect(await polling.row(other)).toMatchObject({ present: false, read_due_at: null })
    expect(await texts(other), 'what was said stays').toEqual(['other'])
  })
})

describe('one person about whom nothing is to be had', () => {
  it.each<FaultKind>(['403', '403_html'])('holds nobody else up for long: %s', async (kind) => {
    const [one, other] = [await somebody('one'), await somebody('other')]
    // One at a time.
    world.standin.respondio.setKnobs({ rateLimit: 5 })
    await polling.hurry('read', one)
    await polling.all('read')
    for (const contact of [one, other]) polling.writes(contact, 'again')
    fault(kind, 'message_list', one, 3)
    await sql`
      update polled_threads set read_due_at = now() - case when thread_ref = ${String(one)} then interval '1 minute' else '0' end
      where inbox_id = ${polling.shop.inboxId}`
    await polling.all('read')
    expect((await polling.poll())['failure_code']).not.toBeNull()
    expect(await polling.row(one)).toMatchObject({ attempts: 1 })
    advance(6 * SECOND)
    await polling.all('read')
    expect(await texts(other)).toEqual(['other', 'again'])
    for (let attempt = 0; attempt < 3; attempt++) {
      advance(3 * MINUTE)
      await polling.all('read')
    }
    expect(await texts(one)).toEqual(['one', 'again'])
    expect((await polling.poll())['failure_code']).toBeNull()
  })

  it('does not keep the past of everybody else from being read', async () => {
    const at = Date.now() - 3 * HOUR
    const [one, other] = [
      polling.writes({ firstName: 'One' }, 'long ago', at),
      polling.writes({ firstName: 'Other' }, 'so, too', at),
    ]
    fault('400', 'contact_channels', one.contactId, Infinity)
    await polling.hurry('list')
    await polling.all()
    expect(await readPast()).toMatchObject({ state: 'listing' })
    expect(await polling.row(other.contactId)).toMatchObject({ present: true })
    for (let attempt = 1; attempt < 8; attempt++) {
      advance(10 * MINUTE)
      await polling.all('check')
    }
    expect(await polling.row(one.contactId)).toMatchObject({ present: null, attempts: 8 })
    expect(await readPast(), 'nobody knows what they wrote').toMatchObject({
      ...{ state: 'failed', failure_code: 'THREADS_PASSED_OVER', threads_found: 2, threads_read: 1 },
    })
    expect(await gapSince()).not.toBeNull()
    const { accountId, inboxId } = polling.shop
    await world.deps.scopes.system(accountId).tx((tx) => repairGap(tx, world.deps.channels, inboxId))
    await polling.all('list')
    expect(await readPast(), 'it is not repaired for ever').toMatchObject({ state: 'done' })
    expect(await gapSince()).toBeNull()
  })

  it('holds up the past for a day where there is nobody else', async () => {
    const { contactId } = polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    fault('400', 'contact_channels', contactId, Infinity)
    for (const hours of [0, 1, 2, 20]) {
      advance(hours * HOUR)
      await polling.hurry('list')
      await polling.all('list', 'check')
      expect(await readPast()).toMatchObject({ state: 'listing' })
    }
    advance(2 * HOUR)
    expect(await readPast()).toMatchObject({ state: 'failed', failure_code: 'THREADS_PASSED_OVER', threads_found: 1 })
  })

  it('holds up the past no longer once they are on the list no more', async () => {
    const { contactId } = polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    fault('400', 'contact_channels', contactId, Infinity)
    await polling.hurry('list')
    await polling.all()
    expect(await polling.row(contactId)).toMatchObject({ present: null })
    world.standin.respondio.world.contacts.delete(contactId)
    advance(2 * MINUTE)
    await polling.all('list')
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 0 })
  })
})

describe('a provider that tells of nobody', () => {
  it.each<FaultKind>(['502', '404_html'])('has the past waited for, and read once it tells again: %s', async (kind) => {
    const at = Date.now() - 3 * HOUR
    const { contactId } = polling.writes({ firstName: 'One' }, 'long ago', at)
    polling.writes({ firstName: 'Other' }, 'so, too', at)
    standingFault(kind, 'contact_channels')
    await polling.hurry('list')
    await polling.all()
    for (let attempt = 1; attempt < 10; attempt++) {
      advance(10 * MINUTE)
      await polling.all('check')
    }
    expect(await polling.row(contactId)).toMatchObject({ present: null })
    expect(await readPast()).toMatchObject({ state: 'listing' })
    world.standin.respondio.clearFaults()
    advance(10 * MINUTE)
    await polling.all('check')
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 2, threads_read: 2 })
    expect((await texts()).toSorted()).toEqual(['long ago', 'so, too'])
  })

  it('but answers with pages, which makes those who are known seem gone, has the past of others waited for', async () => {
    const known = await somebody()
    const { contactId } = polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    standingFault('404_html', 'contact_channels')
    await polling.hurry('list')
    await polling.all('list')
    for (let attempt = 0; attempt < 10; attempt++) {
      for (const contact of [known, contactId]) await polling.hurry('check', contact)
      await polling.all('check')
      advance(10 * MINUTE)
    }
    expect(await polling.row(known)).toMatchObject({ present: false })
    expect(await readPast()).toMatchObject({ state: 'listing' })
  })

  it('for a moment, and takes people for gone, has the past of those on the list read all the same', async () => {
    const contact = await somebody()
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 1 })
    advance(2 * MINUTE)
    const { accountId, inboxId } = polling.shop
    await admin.gql(ImportHistoryDocument, { input: { accountId, inboxId } })
    fault('404_html', 'contact_channels', contact)
    await polling.hurry('check', contact)
    await polling.all('list', 'check')
    expect(await polling.row(contact)).toMatchObject({ present: false })
    expect(await readPast()).toMatchObject({ state: 'done', threads_found: 1, threads_read: 1 })
  })

  it('and answers with pages while the past is read has it end as not read', async () => {
    polling.writes({ firstName: 'One' }, 'long ago', Date.now() - 3 * HOUR)
    await polling.hurry('list')
    await polling.all('list', 'check')
    standingFault('404_html', 'message_list')
    expect(await readPast()).toMatchObject({
      ...{ state: 'failed', failure_code: 'THREADS_PASSED_OVER', threads_found: 1, threads_read: 0 },
    })
    expect(await gapSince()).not.toBeNull()
  })
})

describe('a channel of which the provider tells only half', () => {
  it('is read when what it tells is that a customer wrote', async () => {
    const contact = await somebody()
    advance(10 * MINUTE)
    await polling.all('check', 'read')
    polling.writes(contact, 'again')
    const [presence] = presencesOf(contact)
    Object.assign(presence ?? {}, { lastMessageAt: Date.now() + offset - HOUR })
    await lookAgain(contact)
    await polling.all('read')
    expect(await texts(contact)).toEqual(['Hello', 'again'])
  })
})

describe('how long the one waits who waits longest', () => {
  it('is said of whoever was never looked at, too', async () => {
    const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Hello')
    await polling.hurry('list')
    await polling.all('list')
    expect(await polling.row(contactId)).toMatchObject({ checked_at: null })
    advance(3 * MINUTE)
    const { accountId, inboxId: id } = polling.shop
    const { inbox } = await admin.gql(InboxPollingDocument, { accountId, id })
    expect(inbox.health?.polling).toMatchObject({ contacts: 0 })
    expect(inbox.health?.polling?.oldestSeconds).toBeGreaterThanOrEqual(180)
  })
})
