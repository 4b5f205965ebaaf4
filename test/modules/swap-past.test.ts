import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { widenGapToLastEvent } from '../../server/modules/intake/rejections.ts'
import { resolveUnnamed } from '../../server/modules/intake/unnamed.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import {
  InboxHealthDocument,
  InboxPollingDocument,
  SetConversationStatusDocument,
  TakeBackSwapDocument,
} from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { addRespondIo, connectRespondIo } from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { HOUR_MS, Past, type Place } from './past.ts'
import { Polling } from './polling-kit.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let past: Past
let business: Business

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

beforeEach(async () => {
  world.standin.respondio.setKnobs({ rateLimit: Infinity })
  admin = await world.business()
  past = new Past(world, sql, admin)
  business = past.newBusiness()
})

/** Goes over to respond.io, whose workspace has seen nothing, and back; reads that meanwhile. */
async function swapAndTakeBack(place: Place, readsThere = true): Promise<void> {
  const { accountId, inboxId } = place
  const { channel } = addRespondIo(world.standin, business)
  const space = world.standin.respondio.world.space(channel.spaceId)
  await connectRespondIo(admin, { business, channel, apiToken: space.tokens[0] ?? '' }, inboxId)
  if (readsThere) {
    await new Polling(world, sql, { ...place, space, channel }).all()
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', reason: 'CONNECT', messagesAdded: 0 })
  }
  await admin.gql(TakeBackSwapDocument, { input: { accountId, inboxId } })
}

const textsOf = async (place: Place) =>
  (await past.rowsOf(place)).flatMap(({ type, content }) => (type === 'activity' ? [] : [content]))

it('a past that was not read yet when an inbox went over is read once it is taken back (I1)', async () => {
  past.writesUnheard(business, 'long ago', 30 * HOUR_MS)
  const place = await past.connect(business)
  await swapAndTakeBack(place)
  await past.readAll(place)
  expect(await textsOf(place)).toEqual(['long ago'])
  expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', reason: 'CONNECT' })
  expect(await past.unreadOf(place)).toEqual([0])
})

it('so is one whose reading had failed', async () => {
  past.writesUnheard(business, 'long ago', 30 * HOUR_MS)
  world.standin.tiktok.fault({ kind: '40001', operations: ['conversation_list'] })
  const place = await past.connect(business)
  await past.readAll(place)
  expect(await past.historyOf(place)).toMatchObject({ state: 'FAILED' })
  await swapAndTakeBack(place)
  await past.readAll(place)
  expect(await textsOf(place)).toEqual(['long ago'])
})

it('a gap that an inbox had when it went over is repaired once it is taken back (I1)', async () => {
  const place = await past.connect(business)
  await past.readAll(place)
  past.writesUnheard(business, 'older', 30 * HOUR_MS)
  past.writesUnheard(business, 'in the gap', 2 * HOUR_MS)
  await sql`update inboxes set gap_since = now() - interval '3 hours' where id = ${place.inboxId}`
  await swapAndTakeBack(place)
  await past.readAll(place)
  expect(await textsOf(place)).toEqual(['in the gap'])
  expect(await past.unreadOf(place)).toEqual([1])
  expect(await past.gapOf(place)).toBeNull()
})

it('so is one that was just being repaired, though the other past was not read to its end', async () => {
  const place = await past.connect(business)
  await past.readAll(place)
  past.writesUnheard(business, 'in the gap', 2 * HOUR_MS)
  await sql`update inboxes set gap_since = now() - interval '3 hours' where id = ${place.inboxId}`
  await past.sweep(new Date(Date.now() + HOUR_MS))
  expect(await past.historyOf(place)).toMatchObject({ state: 'LISTING', reason: 'GAP' })
  await swapAndTakeBack(place, false)
  await past.readAll(place)
  expect(await textsOf(place)).toEqual(['in the gap'])
  expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', reason: 'GAP' })
})

describe('what was written in the gap of an inbox that goes over (I1)', () => {
  it.each([
    { first: 'the past', lanes: ['list', 'check'] as const },
    { first: 'a live read', lanes: ['list', 'check', 'read'] as const },
  ])('is unread and reopens, when $first is the first to find it', async ({ lanes }) => {
    world.standin.respondio.setKnobs({ channelMessageIds: 'told' })
    const { channel } = addRespondIo(world.standin, business)
    const space = world.standin.respondio.world.space(channel.spaceId)
    const { person } = past.writesUnheard(business, 'long ago', 30 * HOUR_MS)
    const place = await past.connect(business)
    await past.readAll(place)
    const [known] = await admin.conversations({ inboxId: place.inboxId })
    const input = { accountId: admin.accountId, conversationId: known?.id ?? '', status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    await sql`update inboxes set gap_since = now() - interval '24 hours' where id = ${place.inboxId}`
    past.writesUnheard(business, 'before the gap', 26 * HOUR_MS)
    past.writesUnheard(business, 'are you there?', 20 * HOUR_MS, person)
    const { person: newcomer } = past.writesUnheard(business, 'somebody new', 10 * HOUR_MS)
    // Not long ago, so that a live read has a reason to look.
    past.writesUnheard(business, 'hello?', HOUR_MS / 30, person)
    past.writesUnheard(business, 'anybody?', HOUR_MS / 60, newcomer)
    await connectRespondIo(admin, { business, channel, apiToken: space.tokens[0] ?? '' }, place.inboxId)
    const polling = new Polling(world, sql, { ...place, space, channel })
    // A delivery has come since.
    await sql`update inboxes set last_event_at = now() where id = ${place.inboxId}`
    await polling.all(...lanes)
    await past.readAll(place)
    expect(await textsOf(place)).toEqual([
      'long ago',
      'before the gap',
      'are you there?',
      'somebody new',
      'hello?',
      'anybody?',
    ])
    expect(await past.unreadOf(place)).toEqual([0, 2, 2])
    expect((await admin.conversation(known?.id ?? '')).status).toBe('OPEN')
    expect((await polling.poll())['missed_at'], 'no delivery could have brought it').toBeNull()
  })
})

describe('a provider', () => {
  it('is heard of by its own deliveries alone, not by those of the one that was left', async () => {
    const { respondio, tiktok } = world.standin
    const place = await past.connect(business)
    const ids = { accountId: place.accountId, id: place.inboxId }
    const person = past.newPerson()
    const writes = async (text: string) => {
      tiktok.customerWrites({ business, person, text, at: Date.now() })
      await past.workOff()
      const { health } = (await admin.gql(InboxHealthDocument, ids)).inbox
      const { polling } = (await admin.gql(InboxPollingDocument, ids)).inbox.health ?? {}
      return { isHeard: health?.lastEventAt != null, byWebhook: polling?.byWebhook }
    }
    expect(await writes('one')).toEqual({ isHeard: true, byWebhook: undefined })
    const sides = addRespondIo(world.standin, business)
    respondio.pauseWebhooks()
    await connectRespondIo(admin, sides, place.inboxId)
    expect(await writes('two')).toEqual({ isHeard: false, byWebhook: false })
    respondio.resumeWebhooks()
    await respondio.settled()
    expect(await writes('three')).toEqual({ isHeard: true, byWebhook: true })
    tiktok.setKnobs({ dropNextWebhooks: 1 })
    await admin.gql(TakeBackSwapDocument, { input: { accountId: place.accountId, inboxId: place.inboxId } })
    expect(await writes('four')).toEqual({ isHeard: false, byWebhook: undefined })
    expect(await writes('five')).toEqual({ isHeard: true, byWebhook: undefined })
  })
})

it('nothing from before it was taken back is looked for when its webhook is opened anew', async () => {
  const place = await past.connect(business)
  await sql`update inboxes set connected_at = now() - interval '60 days' where id = ${place.inboxId}`
  await swapAndTakeBack(place)
  await past.readAll(place)
  await world.deps.scopes.system(place.accountId).tx((tx) => widenGapToLastEvent(tx, place.inboxId))
  const [inbox] = await sql`
    select gap_since = (select max(swapped_at) from inbox_swaps where inbox_id = i.id) as since_then
    from inboxes i where id = ${place.inboxId}`
  expect(inbox).toEqual({ since_then: true })
})

describe('somebody in Europe whom the provider may not name', () => {
  const european = () =>
    world.standin.tiktok.addPerson({ username: `eu.${randomUUID()}`, displayName: 'Élodie', region: 'FR' })
  const codes = async () =>
    (
      await sql`select state, code from webhook_events where account_ref = ${business.openId}
    order by id`
    ).map(({ state, code }) => [state, code] as unknown[])

  it('is looked for at the provider that was left when they wrote before the swap (I1)', async () => {
    const place = await past.connect(business)
    const { messageId } = world.standin.tiktok.customerWrites({ business, person: european(), text: 'Bonjour' })
    await world.standin.tiktok.settled()
    await connectRespondIo(admin, addRespondIo(world.standin, business), place.inboxId)
    await past.workOff()
    expect(await codes()).toEqual([[0, null]])
    const search = { ...place, channelType: 'tiktok', threadKey: `tiktok:${business.openId}` }
    await until(async () => {
      // It waits for a token each time.
      const goesOn = await resolveUnnamed(world.deps, world.deps.scopes.system(place.accountId), search)
      Object.assign(search, goesOn?.payload)
      return !goesOn
    }, 'it is looked for')
    expect(await codes()).toEqual([[1, null]])
    const rows = await sql`select content, external_id, channel_type from messages where inbox_id = ${place.inboxId}`
    expect([...rows]).toEqual([{ content: 'Bonjour', external_id: messageId, channel_type: 'tiktok' }])
  })

  it('and is left to the new one when they write after it', async () => {
    const place = await past.connect(business)
    await connectRespondIo(admin, addRespondIo(world.standin, business), place.inboxId)
    world.standin.tiktok.customerWrites({ business, person: european(), text: 'Bonsoir', at: Date.now() + 1_000 })
    await past.workOff()
    expect(await codes()).toEqual([[1, 'SWAPPED']])
  })
})
