import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { DisconnectInboxDocument, SetConversationStatusDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { HOUR_MS, Past, type Place } from './past.ts'

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

afterEach(() => world.standin.tiktok.clearFaults())

afterAll(async () => {
  await sql.end()
  await world.close()
})

async function connected(): Promise<{ business: ReturnType<Past['newBusiness']>; place: Place }> {
  const business = past.newBusiness()
  const place = await past.connect(business)
  await past.readAll(place)
  return { business, place }
}

describe('reading the past', () => {
  it('leaves to the deliveries what they have brought and nobody has worked off yet: it is news (I1)', async () => {
    const { business, place } = await connected()
    const { tiktok } = world.standin
    const person = past.newPerson()
    tiktok.customerWrites({ business, person, text: 'Hello', at: Date.now() - HOUR_MS })
    await past.workOff()
    const [row] = await admin.conversations({ inboxId: place.inboxId })
    const input = { accountId: admin.accountId, conversationId: row?.id ?? '', status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    past.writesUnheard(business, 'of another thread', HOUR_MS)
    tiktok.customerWrites({ business, person, text: 'Anybody?', at: Date.now() - 10 * 60_000 })
    await tiktok.settled()
    await past.askAgain(place)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({
      ...{ state: 'READING', threadsFound: 2, threadsRead: 1, failureCode: 'DELIVERIES_FIRST' },
    })
    await past.workOff()
    await past.hurry(place)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', threadsRead: 2, messagesAdded: 1 })
    const rows = await admin.conversations({ inboxId: place.inboxId })
    expect(rows.find(({ id }) => id === row?.id)).toMatchObject({ status: 'OPEN', unreadCount: 2 })
  })

  it('gives the gap back that it took over and could not repair, whatever it was begun for', async () => {
    const { place } = await connected()
    await sql`update inboxes set gap_since = now() - interval '5 minutes' where id = ${place.inboxId}`
    world.standin.tiktok.fault({ kind: '40001', operations: ['conversation_list'] })
    await past.askAgain(place)
    expect(await past.gapOf(place)).toBeNull()
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({
      state: 'FAILED',
      reason: 'REQUEST',
      failureCode: 'NOT_PERMITTED',
    })
    expect(Date.now() - ((await past.gapOf(place))?.getTime() ?? 0)).toBeGreaterThan(4 * 60_000)
  })

  it('passes over a conversation that cannot be had, and says so at its end', async () => {
    const { business, place } = await connected()
    const bad = past.writesUnheard(business, 'not to be had', HOUR_MS)
    past.writesUnheard(business, 'to be had', HOUR_MS)
    const { conversationId } = bad
    world.standin.tiktok.fault({ kind: '40002', operations: ['content_list'], conversationId, count: Infinity })
    await past.askAgain(place)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({
      ...{ state: 'FAILED', threadsFound: 2, threadsRead: 1, failureCode: 'THREADS_PASSED_OVER' },
    })
    expect((await past.rowsOf(place)).map(({ content }) => content)).toEqual(['to be had'])
    expect(await past.gapOf(place)).not.toBeNull()
  })

  it('counts a conversation that is gone as read', async () => {
    const { business, place } = await connected()
    past.writesUnheard(business, 'gone', HOUR_MS)
    world.standin.tiktok.fault({ kind: '40007', operations: ['content_list'] })
    await past.askAgain(place)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({ state: 'DONE', threadsRead: 1, messagesAdded: 0 })
  })

  it('asks for reauthorization when the consent turns out to be gone, however that shows (I15)', async () => {
    const refused = async (prepare: (openId: string) => void) => {
      const { business, place } = await connected()
      prepare(business.openId)
      await past.askAgain(place)
      await past.readAll(place)
      expect((await past.historyOf(place))?.state).toBe('FAILED')
      return admin.inbox(place.inboxId)
    }
    const { tiktok } = world.standin
    const ended = await refused((businessId) =>
      tiktok.fault({ kind: '40103', operations: ['conversation_list'], businessId }),
    )
    expect(ended).toMatchObject({ reauthorizationRequired: true, reauthorizationReason: 'CONSENT_ENDED' })
    const revoked = await refused((businessId) =>
      tiktok.fault({ kind: '40105', operations: ['conversation_list'], businessId, count: Infinity }),
    )
    expect(revoked).toMatchObject({ reauthorizationRequired: true, reauthorizationReason: 'REVOKED' })
  })

  it('ends with a fault of the installation instead of passing everything over', async () => {
    const { business, place } = await connected()
    past.writesUnheard(business, 'unread', HOUR_MS)
    await past.askAgain(place)
    await past.readAll(place, 2)
    await sql`update inboxes set credentials = 'v1.nobody.knows' where id = ${place.inboxId}`
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({
      state: 'FAILED',
      failureCode: 'APP_MISCONFIGURED',
      threadsRead: 0,
    })
  })

  it('waits longer each time when a list cannot be taken over, and gives up in the end', async () => {
    const { business, place } = await connected()
    past.writesUnheard(business, 'listed', HOUR_MS)
    await sql`alter table history_threads add constraint nothing_goes check (false) not valid`
    await past.askAgain(place)
    await past.readAll(place)
    expect(await past.historyOf(place)).toMatchObject({ state: 'LISTING', failureCode: 'INTERNAL' })
    for (let turn = 0; turn < 4; turn++) {
      await past.hurry(place)
      await past.readAll(place)
    }
    await sql`alter table history_threads drop constraint nothing_goes`
    expect(await past.historyOf(place)).toMatchObject({ state: 'FAILED', failureCode: 'INTERNAL' })
  })

  it('ends with the connection, and is refused without one (I12)', async () => {
    const { business, place } = await connected()
    past.writesUnheard(business, 'unread', HOUR_MS)
    await past.askAgain(place)
    await past.readAll(place, 1)
    await admin.gql(DisconnectInboxDocument, { input: place })
    expect(await past.historyOf(place)).toMatchObject({ state: 'FAILED', failureCode: 'CHANNEL_REAUTH' })
    await expect(past.askAgain(place)).rejects.toMatchObject({ code: 'CHANNEL_REAUTH' })
  })
})
