import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MarkConversationReadDocument } from '../../client/api/generated.ts'
import { ingestThread } from '../../server/modules/messages/ingest.ts'
import type { Actor } from '../support/actor.ts'
import { InboxPollingDocument, SetAccountStatusDocument, SetFeatureFlagDocument } from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { StatementCounter } from '../support/statements.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

const MINUTE = 60_000

const counter = new StatementCounter()
let offset = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let platform: Actor
let polling: Polling

beforeAll(async () => {
  const clock = { now: () => new Date(Date.now() + offset) }
  const standin = { clock: { now: () => Date.now() + offset }, respondio: { knobs: { rateLimit: 1_000 } } }
  const through = (url: string) => counter.through(url)
  world = await startWorld({ jobs: false, clock, standin, through, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  platform = await operator(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
  counter.close()
})

beforeEach(async () => {
  offset = 0
  polling = new Polling(world, sql, await connectRespondIo(world, admin))
})

const advance = (ms: number) => void (offset += ms)

async function somebody(): Promise<number> {
  const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Hello')
  await polling.hurry('list')
  await polling.all()
  return contactId
}

/** A message of which TikTok's name was left out when it was read. */
async function writesWithout(name: string, contact: number): Promise<void> {
  const { respondio } = world.standin
  respondio.customerWrites({ channel: polling.shop.channel, contact, text: name, channelMessageId: name })
  respondio.fault({ kind: 'missing_members', operations: ['message_list'], contactId: contact })
  await polling.hurry('read', contact)
  await polling.all('read')
}

/** Somebody tells of it under that name. */
async function tells(name: string, contact: number): Promise<void> {
  const { accountId, inboxId: id } = polling.shop
  const [threadRef, at] = [String(contact), world.deps.clock.now()]
  const content = { contentType: 'text', text: name } as const
  const told = { kind: 'message', externalId: name, threadRef, at, person: { ref: threadRef }, content } as const
  const inbox = { id, channelType: 'respondio', lockToSingleConversation: true }
  await world.deps.scopes.system(accountId).tx((tx) => ingestThread(tx, inbox, threadRef, [told], () => false))
}

/** In seconds, of the whole installation. */
async function oldestOfAll(): Promise<number> {
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  const [, value = ''] = /^parley_polling_oldest_seconds (\S+)$/m.exec(metrics) ?? []
  return Number(value)
}

describe('what it costs, and what is known of it', () => {
  it('is a fixed number of statements for a page on which nothing is new', async () => {
    const contact = await somebody()
    for (let place = 0; place < 30; place++) polling.writes(contact, `more ${place}`)
    await polling.hurry('read')
    await polling.all('read')
    const read = async () => {
      await polling.hurry('read')
      await polling.step('read')
    }
    const idle = await counter.least(read, ['parley_app'])
    expect(idle.length, idle.join('\n')).toBeLessThanOrEqual(10)
    const check = await counter.least(async () => {
      await polling.hurry('check')
      await polling.step('check')
    }, ['parley_app'])
    expect(check.length, check.join('\n')).toBeLessThanOrEqual(9)
  })

  it('is no more where another message of the thread has the name that one is said to have', async () => {
    const [contact, other] = [await somebody(), await somebody()]
    const read = async () => {
      await polling.hurry('read', contact)
      await polling.step('read')
    }
    const statements = async () => (await counter.least(read, ['parley_app'])).length
    await writesWithout('of-this-thread', contact)
    await tells('of-this-thread', contact)
    expect(await statements()).toBeLessThanOrEqual(10)
    expect((await polling.messages()).filter(({ content }) => content === 'of-this-thread')).toHaveLength(2)
    await writesWithout('of-another-thread', contact)
    await tells('of-another-thread', other)
    expect(await statements(), 'it tells that the two threads are one').toBeGreaterThan(10)
  })

  it('is how long ago the one was looked at who waits longest, for the inbox and for all of them', async () => {
    await somebody()
    advance(3 * MINUTE)
    const { accountId, inboxId: id } = polling.shop
    const { inbox } = await admin.gql(InboxPollingDocument, { accountId, id })
    const { oldestSeconds, contacts } = inbox.health?.polling ?? expect.unreachable('it is polled')
    expect(contacts).toBe(1)
    expect(oldestSeconds).toBeGreaterThanOrEqual(180)
    expect(await oldestOfAll()).toBeGreaterThanOrEqual(180)
  })

  it('is not counted where nobody may ask, and counted for whoever was never looked at', async () => {
    polling.writes({ firstName: 'Nok' }, 'Hello')
    await polling.hurry('list')
    await polling.all('list')
    advance(3 * MINUTE)
    const { accountId } = polling.shop
    const flag = (enabled: boolean) =>
      platform.gql(SetFeatureFlagDocument, { input: { accountId, key: 'channel_respondio', enabled } })
    const status = (to: 'ACTIVE' | 'SUSPENDED') =>
      platform.gql(SetAccountStatusDocument, { input: { accountId, status: to } })
    await flag(false)
    expect(await oldestOfAll()).toBe(0)
    await flag(true)
    expect(await oldestOfAll()).toBeGreaterThanOrEqual(180)
    await status('SUSPENDED')
    expect(await oldestOfAll()).toBe(0)
    await status('ACTIVE')
    await sql`delete from polled_threads where checked_at is not null`
    expect(await oldestOfAll()).toBeGreaterThanOrEqual(180)
  })

  it('survives a Redis that forgets everything: the sweeper tells what is due', async () => {
    await somebody()
    const { inboxId } = polling.shop
    for (const lane of ['list', 'check', 'read'] as const) await polling.hurry(lane)
    await world.deps.redis.flushdb()
    await runSchedule(world.deps, 'polls', new Date(Date.now() + offset))
    const jobs = await world.deps.producer.queue('polls').getJobs()
    const lanes = jobs.filter((job) => (job.data as { inboxId: string }).inboxId === inboxId)
    expect(lanes.map((job) => (job.data as { lane: string }).lane).sort()).toEqual(['check', 'list', 'read'])
  })

  it('is read sooner when somebody here opens the conversation', async () => {
    const contact = await somebody()
    const { accountId, inboxId } = polling.shop
    advance(10 * MINUTE)
    await polling.all()
    expect((await polling.row(contact))['read_due_at']).toBeNull()
    const [conversation] = await admin.conversations({ inboxId })
    const input = { accountId, conversationId: conversation?.id ?? '' }
    await admin.raw(MarkConversationReadDocument.toString(), { input })
    expect((await polling.row(contact))['read_due_at']).not.toBeNull()
  })
})
