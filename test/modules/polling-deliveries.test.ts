import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { InboxPollingDocument, SetWebhookKeysDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]

let offset = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let polling: Polling

const now = () => Date.now() + offset
const advance = (ms: number) => void (offset += ms)

beforeAll(async () => {
  const standin = { clock: { now }, respondio: { knobs: { rateLimit: 1_000 } } }
  const clock = { now: () => new Date(now()) }
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

const texts = async (contact?: number) => (await polling.messages(contact)).map((row) => row.content)

async function somebody(text = 'Hello'): Promise<number> {
  const { contactId } = polling.writes({ firstName: 'Ploy' }, text)
  await polling.hurry('list')
  await polling.all()
  return contactId
}

async function health() {
  const { accountId, inboxId: id } = polling.shop
  return (await admin.gql(InboxPollingDocument, { accountId, id })).inbox
}

describe('an inbox to which deliveries come', () => {
  async function deliveriesCome(): Promise<void> {
    const { accountId, inboxId } = polling.shop
    await admin.gql(SetWebhookKeysDocument, { input: { accountId, inboxId, keys: ['a-key-of-a-webhook'] } })
    await sql`update inboxes set last_event_at = ${new Date(now())} where id = ${inboxId}`
    await polling.hurry('read')
    await polling.all('read')
  }

  /** Somebody else is at a person's row, until whatever waits for that does, or nothing does. */
  async function whileLocked(contact: number, work: () => Promise<unknown>): Promise<void> {
    let working: Promise<unknown> | undefined
    let isDone = false
    await sql.begin(async (tx) => {
      await tx`select 1 from polled_threads where thread_ref = ${String(contact)} for update`
      working = work().finally(() => (isDone = true))
      await until(async () => {
        const waiting = await sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        return isDone || waiting.length >= 2
      }, 'it is done, or waits')
    })
    await working
  }

  it('is only made sure of, until one is missing', async () => {
    const contact = await somebody()
    await deliveriesCome()
    expect((await health()).health?.polling).toMatchObject({ byWebhook: true, active: 0 })
    const { check_due_at: due } = await polling.row(contact)
    expect((due as Date).getTime() - Date.now() - offset).toBeGreaterThan(4 * MINUTE)
    polling.writes(contact, 'told in time')
    await polling.hurry('check')
    await polling.all('check', 'read')
    expect((await polling.poll())['missed_at'], 'a delivery may be on its way').toBeNull()
    polling.writes(contact, 'never delivered')
    advance(2 * MINUTE)
    await polling.hurry('check')
    await polling.all('check', 'read')
    expect(await texts(contact)).toEqual(['Hello', 'told in time', 'never delivered'])
    expect((await polling.poll())['missed_at']).not.toBeNull()
    expect((await health()).health?.polling?.byWebhook).toBe(false)
    await polling.hurry('read')
    await polling.step('read')
    expect((await polling.row(contact))['read_due_at'], 'it is read like any other').not.toBeNull()
  })

  it('may miss several at once, and then everybody is looked at', async () => {
    const contacts: number[] = []
    for (let place = 0; place < 4; place++) contacts.push(await somebody())
    const quiet = await somebody('I am quiet')
    await deliveriesCome()
    for (const contact of contacts) polling.writes(contact, 'never delivered')
    advance(2 * HOUR)
    await sql`update polled_threads set check_due_at = ${new Date(now() + HOUR)} where inbox_id = ${polling.shop.inboxId}`
    for (const contact of contacts) await polling.hurry('read', contact)
    const queue = world.deps.producer.queue('polls')
    await queue.obliterate({ force: true })
    await whileLocked(quiet, () => polling.step('read'))
    const jobs = await queue.getJobs()
    expect(jobs.map((job) => (job.data as { lane: string }).lane)).toContain('check')
    for (const contact of contacts) {
      expect(await texts(contact)).toEqual(['Hello', 'never delivered'])
      expect(await polling.row(contact)).toMatchObject({ attempts: 0 })
    }
    await polling.step('check')
    const { checked_at: lookedAt } = await polling.row(quiet)
    expect(now() - (lookedAt as Date).getTime()).toBeLessThan(MINUTE)
  })
})
