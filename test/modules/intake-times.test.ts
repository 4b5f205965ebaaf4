import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EventStore } from '../../server/modules/intake/event-store.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { ByHand } from '../support/by-hand.ts'
import { messageOf } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let world: World
let sql: postgres.Sql
let hand: ByHand
let admin: Actor
let business: Business
let passed = 0

beforeAll(async () => {
  world = await startWorld({ jobs: false, clock: { now: () => new Date(Date.now() + passed) } })
  sql = openSql(world)
  hand = new ByHand(world, sql)
  admin = await world.business()
  ;({ business } = await admin.connect())
})

afterEach(() => {
  passed = 0
  world.standin.tiktok.clearFaults()
  world.standin.tiktok.setKnobs({ echo: 'after' })
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

type Conversation = Awaited<ReturnType<ByHand['converse']>>

const contents = async ({ id }: Conversation) => (await admin.messages(id)).map((message) => message.content)
const windowOf = async ({ id }: Conversation) => (await admin.conversation(id)).replyWindow
const statusOf = async ({ id }: Conversation, messageId: string) => (await messageOf(admin, id, messageId)).status

/** Sends it by hand; answers its id. */
async function send(conversation: Conversation, text: string): Promise<string> {
  const { id } = await admin.send(conversation.id, text)
  await hand.drain(admin, conversation.threadId)
  return id
}

describe('an echo that may yet turn out to be ours', () => {
  /** The conversation has a message of ours whose outcome is open. */
  async function withOpenMessage(): Promise<Conversation> {
    const conversation = await hand.converse(business)
    world.standin.tiktok.fault({ kind: 'timeout_before_commit', holdMs: 50, conversationId: conversation.threadRef })
    expect(await statusOf(conversation, await send(conversation, 'ours'))).toBe('UNCONFIRMED')
    return conversation
  }

  it('is held for 30 s of its own, whatever another one in its thread has waited (I2)', async () => {
    const conversation = await withOpenMessage()
    const { person } = conversation
    const { messageId } = world.standin.tiktok.businessWritesInApp({ business, person, text: 'first', source: 'API' })
    await hand.ingest()
    expect(await contents(conversation)).toEqual(['Hello', 'ours'])
    await sql`update webhook_events set received_at = received_at - interval '31 seconds', next_attempt_at = null
      where position(${messageId}::bytea in raw) > 0`
    world.standin.tiktok.businessWritesInApp({ business, person, text: 'second', source: 'API' })
    await hand.ingest()
    expect(await contents(conversation)).toEqual(['Hello', 'ours', 'first'])
    passed = 31_000
    await hand.ingest()
    expect(await contents(conversation)).toEqual(['Hello', 'ours', 'first', 'second'])
  })
})

describe('a time that lies ahead of ours', () => {
  it('keeps no window open: it closes 48 hours from now (I8)', async () => {
    const before = Date.now()
    const conversation = await hand.converse(business, before + 5 * DAY)
    const closesAt = Date.parse((await windowOf(conversation)).closesAt ?? '') - 48 * HOUR
    expect(closesAt).toBeGreaterThanOrEqual(before)
    expect(closesAt).toBeLessThanOrEqual(Date.now())
  })

  it('of a minute is the difference of two clocks, and kept to the millisecond (I3)', async () => {
    const at = Date.now() + 30_123
    const conversation = await hand.converse(business, at)
    expect(Date.parse((await windowOf(conversation)).closesAt ?? '')).toBe(at + 48 * HOUR)
  })

  it('reads nothing that is not written yet (I7)', async () => {
    const conversation = await hand.converse(business)
    const { person } = conversation
    const first = await send(conversation, 'first')
    world.standin.tiktok.customerReads({ business, person, upTo: Date.now() + 5 * DAY })
    await hand.ingest()
    expect(await statusOf(conversation, first)).toBe('READ')
    const second = await send(conversation, 'second')
    await hand.ingest()
    expect(await statusOf(conversation, second)).toBe('SENT')
    world.standin.tiktok.customerReads({ business, person })
    await hand.ingest()
    expect(await statusOf(conversation, second)).toBe('READ')
  })
})

describe('the provider’s time of a message of ours', () => {
  it('takes back a READ that only our slow clock made of an older receipt, until one is about it (I7)', async () => {
    const conversation = await hand.converse(business, Date.now() - 60_000)
    const { person, threadRef } = conversation
    world.standin.tiktok.setKnobs({ echo: 'never' })
    passed = -10_000
    const id = await send(conversation, 'by a slow clock')
    passed = 0
    const sent = world.standin.tiktok.messages(threadRef).at(-1)
    const at = sent?.at ?? 0
    world.standin.tiktok.customerReads({ business, person, upTo: at - 5_000 })
    await hand.ingest()
    expect(await statusOf(conversation, id)).toBe('READ')
    const content = { type: 'text', text: { body: 'by a slow clock' }, message_tag: { source: 'API' } }
    await hand.businessWrote({ business, ...conversation }, { message_id: sent?.id, timestamp: at, ...content })
    await hand.ingest()
    expect(await statusOf(conversation, id)).toBe('SENT')
    world.standin.tiktok.customerReads({ business, person, upTo: at })
    await hand.ingest()
    expect(await statusOf(conversation, id)).toBe('READ')
  })
})

describe('messages of one millisecond', () => {
  it('stand in the order of their arrival, also in one batch and whatever their ids are (I3)', async () => {
    const { webhook } = world.deps.channels.get('tiktok')
    const conversation = await hand.converse(business)
    const [at, prefix] = [Date.now(), randomUUID()]
    world.standin.tiktok.pauseWebhooks()
    const ids = ['z', 'm', 'a', 'q'].map((place) => `${prefix}${place}`)
    for (const id of ids) {
      world.standin.tiktok.customerWrites({ business, person: conversation.person, text: id, at, id })
    }
    const written = world.standin.tiktok.ledger.webhooks({ conversationId: conversation.threadRef }).slice(-ids.length)
    const deliveries = written.map(({ rawBody }) => {
      const raw = Buffer.from(rawBody)
      return { channelType: 'tiktok', raw, ...(webhook?.route(raw) ?? { eventKey: '', accountRef: '', threadKey: '' }) }
    })
    const keys = deliveries.map(({ eventKey }) => eventKey)
    expect(keys.toSorted()).not.toEqual(keys)
    const store = new EventStore(world.deps)
    await Promise.all(deliveries.map((delivery) => store.store(delivery)))
    world.standin.tiktok.resumeWebhooks()
    await hand.ingest()
    expect(await contents(conversation)).toEqual(['Hello', ...ids])
  })
})

describe('batches that hold the same deliveries in another order', () => {
  it('are stored all the same, though they wait for each other (I1, I2)', async () => {
    await sql`create function second_waits() returns trigger language plpgsql as $$ begin
      if current_setting('parley.first', true) = 'in' then perform pg_advisory_xact_lock_shared(7); end if;
      perform set_config('parley.first', 'in', true);
      return new;
    end $$`
    await sql`create trigger second_waits before insert on webhook_events
      for each row when (new.channel_type = 'twins') execute function second_waits()`
    const holder = await sql.reserve()
    await holder`select pg_advisory_lock(7)`
    const twins = ['a', 'b'].map((eventKey) => ({ eventKey, channelType: 'twins', accountRef: '', threadKey: 'twins' }))
    const batches = [twins, twins.toReversed()].map((batch) => {
      const store = new EventStore(world.deps)
      return batch.map((delivery) => store.store({ ...delivery, raw: Buffer.from('{}') }))
    })
    try {
      await until(async () => {
        const waiting = await holder`select 1 from pg_locks where locktype = 'advisory' and objid = 7 and not granted`
        return waiting.length === 2
      }, 'each has stored its first')
    } finally {
      await holder`select pg_advisory_unlock(7)`
      holder.release()
    }
    await Promise.all(batches.flat())
    expect(await sql`select event_key from webhook_events where channel_type = 'twins'`).toHaveLength(2)
  })
})

describe('a reaction that the business leaves in the app', () => {
  it('takes nothing of the quota, as a text does (I8)', async () => {
    const conversation = await hand.converse(business)
    const target = world.standin.tiktok.messages(conversation.threadRef)[0]
    world.standin.tiktok.reacts({ business, ...conversation, messageId: target?.id ?? '', by: 'business' })
    await hand.ingest()
    const [message, ...others] = await admin.messages(conversation.id)
    expect([message?.reactions, others]).toMatchObject([[{ sign: '👍', by: 'BUSINESS' }], []])
    expect(await windowOf(conversation)).toMatchObject({ remaining: 10 })
    const app = { message_tag: { source: 'APP' } }
    await hand.businessWrote({ business, ...conversation }, { type: 'text', text: { body: 'Hi' }, ...app })
    await hand.ingest()
    expect(await windowOf(conversation)).toMatchObject({ remaining: 9 })
  })
})
