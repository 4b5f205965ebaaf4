import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { schedules, startSchedules } from '../../jobs/schedules.ts'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument, SetConversationStatusDocument } from '../support/generated.ts'
import { messageOf, untilStatus } from '../support/messages.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

/** Interleavings that load meets once in a while, brought about on purpose: a superuser's transaction holds a row. */
describe('two who change the same thing at once', () => {
  let world: World
  let admin: Actor
  let sql: postgres.Sql
  beforeAll(async () => {
    world = await startWorld()
    admin = await world.business()
    sql = postgres(world.config.databaseUrl ?? '', { max: 4, onnotice: () => {} })
  }, 120_000)
  afterEach(async () => {
    world.standin.tiktok.clearFaults()
    world.standin.tiktok.resetKnobs()
    await sql`drop function if exists dawdle cascade`
  })
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await world.close()
  })

  const blocked = (count: number) =>
    until(async () => {
      const rows = await sql`
        select 1 from pg_stat_activity
        where datname = current_database() and application_name = 'parley_app' and wait_event_type = 'Lock'`
      return rows.length >= count
    }, `${count} sessions wait for a lock`)

  /** Holds what `take` locks until `meanwhile` has run. */
  const holding = (take: (tx: postgres.TransactionSql) => Promise<unknown>, meanwhile: () => Promise<unknown>) =>
    sql.begin(async (tx) => {
      await take(tx)
      await meanwhile()
    })

  it('I5 an agent answers while the customer writes on, and neither is thrown out', async () => {
    const { business } = await admin.connect()
    const { conversation, person } = await admin.customerWrites(business)
    const [before] = await sql<{ deadlocks: string }[]>`
      select deadlocks from pg_stat_database where datname = current_database()`
    const { tiktok } = world.standin
    for (let round = 0; round < 4; round++) {
      const sends = [1, 2].map((place) => admin.send(conversation.id, `answer ${round} ${place}`))
      tiktok.customerWrites({ business, person, text: `question ${round}` })
      const statuses = ['RESOLVED', 'OPEN'] as const
      const changes = statuses.map((status) => setStatus(admin, conversation.id, status))
      await Promise.all([...sends, ...changes])
    }
    await tiktok.settled()
    const [after] = await sql<{ deadlocks: string }[]>`
      select deadlocks from pg_stat_database where datname = current_database()`
    expect(after).toEqual(before)
  })

  it('I5 an agent answers while new messages are being written, in the worst order', async () => {
    const { business } = await admin.connect()
    const { conversation, person } = await admin.customerWrites(business)
    let sent: Promise<unknown> = Promise.resolve()
    await holding(
      (tx) => tx`lock table messages in share mode`,
      async () => {
        world.standin.tiktok.customerWrites({ business, person, text: 'one more thing' })
        await blocked(1)
        sent = admin.send(conversation.id, 'my answer')
        sent.catch(() => {})
        await blocked(2)
      },
    )
    await expect(sent).resolves.toMatchObject({ status: 'QUEUED' })
  })

  it('I3 what the business writes elsewhere does not undo a status that an agent sets meanwhile', async () => {
    const { business } = await admin.connect()
    const { conversation, person } = await admin.customerWrites(business)
    await holding(
      (tx) => tx`update conversations set status = 'resolved' where id = ${conversation.id}`,
      async () => {
        world.standin.tiktok.businessWritesInApp({ business, person, text: 'from the phone' })
        await blocked(1)
      },
    )
    await until(async () => (await admin.messages(conversation.id)).length === 2, 'the echo is there')
    expect((await admin.conversation(conversation.id)).status).toBe('RESOLVED')
  })

  it('I7 an older message with the same words is no proof that this one arrived', async () => {
    const { tiktok } = world.standin
    const { business } = await admin.connect()
    const person = tiktok.addPerson({ username: 'old.friend', displayName: 'Old Friend' })
    tiktok.setKnobs({ dropNextWebhooks: 1 })
    const yesterday = Date.now() - 24 * 3_600_000
    tiktok.businessWritesInApp({ business, person, text: 'Thank you!', at: yesterday })
    const { conversation } = await admin.customerWrites(business, 'Hello again', person)
    tiktok.fault({ kind: 'reset', operations: ['send'] })
    const sent = await admin.send(conversation.id, 'Thank you!')
    await untilStatus(admin, conversation.id, sent.id, 'UNCONFIRMED')
    const input = { accountId: admin.accountId, messageId: sent.id }
    expect((await admin.gql(CheckMessageDocument, { input })).checkMessage.status).toBe('UNCONFIRMED')
    expect((await messageOf(admin, conversation.id, sent.id)).status).toBe('UNCONFIRMED')
  })

  it('I7 the answer to a send wins over an echo that is being taken for another with the same words', async () => {
    const { tiktok } = world.standin
    const { business } = await admin.connect()
    const { conversation } = await admin.customerWrites(business)
    // Writing down the answer takes long enough for the echo to come in between.
    await sql`create function dawdle() returns trigger language plpgsql as
      $$ begin perform pg_sleep(0.7); return new; end $$`
    await sql`create trigger dawdle before update on messages for each row
      when (old.status = 'sending' and new.status = 'sent') execute function dawdle()`
    tiktok.fault({ kind: 'reset' })
    tiktok.fault({ kind: '502', operations: ['content_list'], count: Infinity })
    tiktok.setKnobs({ echo: 'before' })
    const lost = await admin.send(conversation.id, 'ok')
    const arrived = await admin.send(conversation.id, 'ok')
    const statusOf = async (id: string) => (await messageOf(admin, conversation.id, id)).status
    await until(async () => !['QUEUED', 'SENDING'].includes((await statusOf(arrived.id)) ?? ''), 'tried', 40_000)
    await tiktok.settled()
    expect([await statusOf(lost.id), await statusOf(arrived.id)]).toEqual(['UNCONFIRMED', 'SENT'])
  })

  it('I18 all schedules at once leave each other connections to work with', async () => {
    const { sql: pool } = world.deps.system
    await Promise.all(schedules.map(() => pool.begin((tx) => tx`select pg_sleep(0.2)`)))
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const running = startSchedules(world.deps)
    try {
      vi.advanceTimersByTime(Math.max(...schedules.map((schedule) => schedule.everyMs)))
    } finally {
      vi.useRealTimers()
    }
    const ended = running.close().then(() => 'ended')
    const gaveUp = new Promise((done) => setTimeout(() => done('stuck'), 8_000))
    expect(await Promise.race([ended, gaveUp])).toBe('ended')
  })
}, 150_000)

function setStatus(admin: Actor, conversationId: string, status: 'OPEN' | 'RESOLVED') {
  const input = { accountId: admin.accountId, conversationId, status }
  return admin.gql(SetConversationStatusDocument, { input })
}
