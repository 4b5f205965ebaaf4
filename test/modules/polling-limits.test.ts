import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FaultKind, Operation } from '../standin/respondio/knobs.ts'
import type { Actor } from '../support/actor.ts'
import {
  ConnectChannelDocument,
  DisconnectInboxDocument,
  InboxPollingDocument,
  SetAccountStatusDocument,
  SetFeatureFlagDocument,
} from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

const [SECOND, MINUTE] = [1_000, 60_000]

let offset = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let platform: Actor
let polling: Polling

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + offset) }
  const standin = { clock: { now: () => Date.now() + offset }, respondio: { knobs: { rateLimit: 1_000 } } }
  const buckets = { now: () => Date.now() + offset }
  world = await startWorld({ jobs: false, clock, standin, buckets, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  platform = await operator(world)
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
const fault = (kind: FaultKind, operation: Operation) =>
  world.standin.respondio.fault({ kind, operations: [operation] })

async function somebody(text = 'Hello', of = polling): Promise<number> {
  const { contactId } = of.writes({ firstName: 'Ploy' }, text)
  await of.hurry('list')
  await of.all()
  return contactId
}

async function health() {
  const { accountId, inboxId: id } = polling.shop
  return (await admin.gql(InboxPollingDocument, { accountId, id })).inbox
}

describe('a provider that is asked too much', () => {
  it.each([
    ['as long as it says', 1],
    ['for two seconds where it does not say', null],
  ])('is left alone %s, on that route alone', async (_, retryAfterS) => {
    const contact = await somebody()
    polling.writes(contact, 'again')
    world.standin.respondio.setKnobs({ retryAfterS })
    fault('429', 'message_list')
    await polling.hurry('read')
    const began = performance.now()
    await polling.step('read')
    const wait = await polling.step('read')
    expect(wait).toBeGreaterThan((retryAfterS ?? 2) * SECOND * 0.5)
    const calls = polling.calls('message_list')
    expect(await polling.step('read')).toBeGreaterThan(1)
    expect(polling.calls('message_list')).toBe(calls)
    await polling.hurry('check')
    const checks = polling.calls('contact_channels')
    await polling.all('check')
    expect(polling.calls('contact_channels')).toBeGreaterThan(checks)
    await polling.all('read')
    expect(performance.now() - began).toBeGreaterThan((retryAfterS ?? 2) * SECOND * 0.9)
    expect(await texts()).toEqual(['Hello', 'again'])
  })

  it('is left alone no longer each time, once it has answered in between', async () => {
    await somebody()
    world.standin.respondio.setKnobs({ retryAfterS: null })
    for (let time = 0; time < 5; time++) {
      await polling.hurry('read')
      fault('429', 'message_list')
      const calls = polling.calls('message_list')
      await polling.step('read')
      const wait = (await polling.step('read')) ?? expect.unreachable('it goes on')
      expect(polling.calls('message_list')).toBe(calls + 1)
      expect(wait).toBeLessThan(5 * SECOND)
      advance(wait)
      await polling.step('read')
      expect(polling.calls('message_list')).toBe(calls + 2)
      advance(MINUTE)
    }
  })

  it('counts two inboxes of one token together', async () => {
    const other = new Polling(world, sql, await connectRespondIo(world, admin, polling.shop.space))
    const one = await somebody()
    const two = await somebody('Hello', other)
    const { respondio } = world.standin
    respondio.setKnobs({ rateLimit: 5 })
    const from = respondio.ledger.entries.length
    for (const [both, contact] of [
      [polling, one],
      [other, two],
    ] as const)
      for (let place = 0; place < 3; place++) both.writes(contact, `more ${place}`)
    // The first answers say that less is allowed than before.
    for (let round = 0; round < 6; round++) {
      await Promise.all([polling.hurry('read'), other.hurry('read')])
      await Promise.all([polling.all('read'), other.all('read')])
    }
    const refused = respondio.ledger.entries
      .slice(from)
      .filter((entry) => entry.kind === 'call' && entry.httpStatus === 429)
    expect(refused.length).toBeLessThanOrEqual(1)
    expect(await texts()).toHaveLength(4)
    const scopes = await sql`
      select distinct rate_scope from inboxes where id in (${polling.shop.inboxId}, ${other.shop.inboxId})`
    expect(scopes).toHaveLength(1)
  })
})

describe('an inbox that may not be asked', () => {
  it('since its token is refused waits until it is connected again, and goes on where it stopped', async () => {
    const contact = await somebody()
    const { respondio } = world.standin
    const { accountId, inboxId, space, channel } = polling.shop
    respondio.revokeTokens(space)
    polling.writes(contact, 'meanwhile')
    await polling.hurry('read')
    await polling.step('read')
    expect((await health()).reauthorizationRequired).toBe(true)
    const before = polling.calls()
    for (const lane of ['list', 'check', 'read'] as const) {
      await polling.hurry(lane)
      expect(await polling.step(lane)).toBeUndefined()
    }
    expect(polling.calls()).toBe(before)
    const fields = { apiToken: respondio.newToken(space), channelId: String(channel.id) }
    await admin.gql(ConnectChannelDocument, { input: { accountId, channelType: 'respondio', fields, inboxId } })
    await polling.all()
    await polling.hurry('check')
    await polling.all()
    const rows = await polling.messages(contact)
    expect(rows.map(({ content, history }) => [content, history])).toEqual([
      ['Hello', false],
      ['meanwhile', false],
    ])
  })

  it('since a firewall is between says so, and is tried again now and then', async () => {
    const contact = await somebody()
    polling.writes(contact, 'again')
    fault('403_html', 'message_list')
    await polling.hurry('read')
    expect(await polling.step('read')).toBeUndefined()
    expect((await health()).health?.polling?.failureCode).toBe('REQUEST_BLOCKED')
    const before = polling.calls()
    expect(await polling.step('check')).toBeUndefined()
    expect(polling.calls()).toBe(before)
    advance(6 * SECOND)
    await polling.all('read')
    expect((await health()).health?.polling?.failureCode).toBeNull()
    expect(await texts(contact)).toEqual(['Hello', 'again'])
  })

  it('since its business is suspended, its feature is off or it is disconnected costs nothing, and goes on afterwards', async () => {
    const contact = await somebody()
    const { accountId, inboxId, space, channel } = polling.shop
    const flag = (enabled: boolean) =>
      platform.gql(SetFeatureFlagDocument, { input: { accountId, key: 'channel_respondio', enabled } })
    const status = (to: 'ACTIVE' | 'SUSPENDED') =>
      platform.gql(SetAccountStatusDocument, { input: { accountId, status: to } })
    const isQuiet = async () => {
      const before = polling.calls()
      for (const lane of ['list', 'check', 'read'] as const) {
        await polling.hurry(lane)
        expect(await polling.step(lane)).toBeUndefined()
      }
      expect(polling.calls()).toBe(before)
    }
    await flag(false)
    await isQuiet()
    await flag(true)
    advance(MINUTE)
    await status('SUSPENDED')
    await isQuiet()
    await status('ACTIVE')
    advance(MINUTE)
    await admin.gql(DisconnectInboxDocument, { input: { accountId, inboxId } })
    await isQuiet()
    polling.writes(contact, 'meanwhile')
    const fields = { apiToken: space.tokens[0], channelId: String(channel.id) }
    await admin.gql(ConnectChannelDocument, { input: { accountId, channelType: 'respondio', fields, inboxId } })
    await polling.all()
    expect(await texts(contact)).toEqual(['Hello', 'meanwhile'])
  })
})

describe('an inbox whose provider can tell with whom something happened', () => {
  it('asks for those alone, and reads them at once', async () => {
    world.standin.respondio.setKnobs({ lastInteractionFilter: 'works' })
    const contact = await somebody()
    for (let place = 0; place < 5; place++)
      polling.writes({ firstName: `C${place}` }, 'long ago', Date.now() - 3_600_000)
    await polling.hurry('list')
    await polling.all()
    expect(await polling.poll()).toMatchObject({ narrows: true })
    advance(5 * MINUTE)
    await polling.all('list')
    const checks = polling.calls('contact_channels')
    polling.writes(contact, 'again')
    advance(4 * SECOND)
    await polling.all('list', 'read')
    expect(await texts(contact)).toEqual(['Hello', 'again'])
    expect(polling.calls('contact_channels')).toBe(checks)
    expect((await polling.poll())['list_since']).not.toBeNull()
    fault('400', 'contact_list')
    advance(4 * SECOND)
    await polling.all('list')
    expect(await polling.poll(), 'it is tried out again').toMatchObject({ narrows: null })
  })
})
