import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { expireMessage } from '../../server/modules/messages/expiry.ts'
import type { Business, Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { RetryMessageDocument } from '../support/generated.ts'
import { messageOf, sendAndWait, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let passed = 0

beforeAll(async () => {
  world = await startWorld({ clock: { now: () => new Date(Date.now() + passed) } })
  sql = openSql(world)
  admin = await world.business()
  business = (await admin.connect()).business
})

afterEach(() => {
  vi.restoreAllMocks()
  world.standin.tiktok.clearFaults()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

interface Open {
  id: string
  conversationId: string
  threadRef: string
  person: Person
}

const fromBusiness = (threadRef: string) =>
  world.standin.tiktok.messages(threadRef).filter((message) => message.from === 'business')
const retry = (messageId: string) =>
  admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId } })
const remaining = async (conversationId: string) => (await admin.conversation(conversationId)).replyWindow.remaining

/** A message whose outcome is open, and that has not arrived. */
async function unconfirmed(content: string): Promise<Open> {
  const { conversation, threadRef, person } = await admin.customerWrites(business)
  world.standin.tiktok.fault({ kind: 'timeout_before_commit', holdMs: 50, conversationId: threadRef })
  const { id } = await admin.send(conversation.id, content)
  await untilStatus(admin, conversation.id, id, 'UNCONFIRMED')
  return { id, conversationId: conversation.id, threadRef, person }
}

/** Its deadline passes. */
async function expire({ id, conversationId }: Open): Promise<void> {
  passed = 121_000
  await expireMessage(world.deps.scopes.system(admin.accountId), id)
  passed = 0
  expect(await messageOf(admin, conversationId, id)).toMatchObject({
    ...{ status: 'FAILED', failure: { code: 'DELIVERY_UNKNOWN' } },
  })
}

async function unknown(content: string): Promise<Open> {
  const open = await unconfirmed(content)
  await expire(open)
  return open
}

/** Sends it anyway; this attempt is definitely refused. */
async function refusedAgain({ id, conversationId, threadRef }: Open) {
  world.standin.tiktok.fault({ kind: '40002', conversationId: threadRef })
  await retry(id)
  return untilStatus(admin, conversationId, id, 'FAILED')
}

/** The first attempt did arrive: its echo comes only now. */
const arrives = ({ person }: Open, text: string, at = Date.now()) =>
  world.standin.tiktok.businessWritesInApp({ business, person, text, source: 'API', at })

describe('an attempt that may have arrived, and one that was refused after it', () => {
  it('stays unknown, keeps one slot of the quota, and its late echo still lifts it (I5, I7, I8)', async () => {
    const open = await unknown('perhaps, then refused')
    expect((await refusedAgain(open)).failure?.code).toBe('DELIVERY_UNKNOWN')
    expect(world.standin.tiktok.ledger.rejected('send').at(-1)).toMatchObject({ code: 40002 })
    expect(await remaining(open.conversationId)).toBe(9)
    arrives(open, 'perhaps, then refused')
    const lifted = await untilStatus(admin, open.conversationId, open.id, 'SENT')
    expect(lifted.failure).toBeNull()
    expect(await admin.messages(open.conversationId)).toHaveLength(2)
    expect(await remaining(open.conversationId)).toBe(9)
  })

  it('each that may have arrived keeps a slot of its own, and no refused one does', async () => {
    const open = await unknown('perhaps twice')
    world.standin.tiktok.fault({ kind: 'timeout_before_commit', holdMs: 50, conversationId: open.threadRef })
    await retry(open.id)
    await untilStatus(admin, open.conversationId, open.id, 'UNCONFIRMED')
    await expire(open)
    expect(await remaining(open.conversationId)).toBe(8)
    await refusedAgain(open)
    await refusedAgain(open)
    expect(await remaining(open.conversationId)).toBe(8)
    await retry(open.id)
    await untilStatus(admin, open.conversationId, open.id, 'SENT')
    expect(await remaining(open.conversationId)).toBe(7)
  })

  it('an echo that comes before it is sent again makes that needless: one message, one slot', async () => {
    const open = await unknown('no need to send it again')
    const noTokens = vi.spyOn(world.deps.buckets, 'take').mockResolvedValue(200)
    await retry(open.id)
    arrives(open, 'no need to send it again')
    await untilStatus(admin, open.conversationId, open.id, 'SENT')
    noTokens.mockRestore()
    expect(fromBusiness(open.threadRef)).toHaveLength(1)
    expect(await remaining(open.conversationId)).toBe(9)
  })
})

describe('an agent who sends it anyway while its deadline passes', () => {
  it('leaves the first attempt its slot (I8)', async () => {
    const open = await unconfirmed('in the last moment')
    const holder = await sql.reserve()
    await holder`begin`
    await holder`select 1 from threads where id = (select thread_id from messages where id = ${open.id}) for no key update`
    const retrying = retry(open.id)
    try {
      await until(async () => {
        const waiting = await holder`
          select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid
          where a.datname = current_database() and a.application_name = 'parley_app' and not l.granted`
        return waiting.length > 0
      }, 'the retry has read the message and waits for its thread')
      await expire(open)
    } finally {
      await holder`commit`
      holder.release()
    }
    await retrying
    await untilStatus(admin, open.conversationId, open.id, 'SENT')
    expect(await remaining(open.conversationId)).toBe(8)
  })
})

describe('an echo whose text two messages have (I5, I7)', () => {
  it('is not taken for an attempt of long ago', async () => {
    const open = await unknown('the same words')
    await sql`
      update messages set claimed_at = claimed_at - interval '2 minutes', at = at - interval '2 minutes'
      where id = ${open.id}`
    world.standin.tiktok.fault({ kind: 'timeout_after_commit', holdMs: 50, conversationId: open.threadRef })
    const { id } = await admin.send(open.conversationId, 'the same words')
    const sent = await untilStatus(admin, open.conversationId, id, 'SENT')
    expect(sent.externalId).toBe(fromBusiness(open.threadRef)[0]?.id)
    expect(await messageOf(admin, open.conversationId, open.id)).toMatchObject({ status: 'FAILED', externalId: null })
  })

  it('is known for the first attempt’s however much later it was sent again', async () => {
    const open = await unknown('first long ago')
    await sql`update messages set claimed_at = claimed_at - interval '5 minutes' where id = ${open.id}`
    await refusedAgain(open)
    arrives(open, 'first long ago', Date.now() - 5 * 60_000)
    await untilStatus(admin, open.conversationId, open.id, 'SENT')
    expect(await admin.messages(open.conversationId)).toHaveLength(2)
  })

  it('goes to the one whose answer names it, and the other is back in its place', async () => {
    const open = await unknown('yes')
    await admin.customerWrites(business, 'Are you sure?', open.person)
    const channel = world.deps.channels.get('tiktok')
    const atProvider = channel.send
    vi.spyOn(channel, 'send').mockImplementationOnce(async (credentials, message) => {
      const receipt = await atProvider(credentials, message)
      await untilStatus(admin, open.conversationId, open.id, 'SENT')
      return receipt
    })
    const { id } = await sendAndWait(admin, open.conversationId, 'yes')
    const rows = await admin.messages(open.conversationId)
    expect(rows.map(({ id: row, content, status }) => [content, status, row === id])).toEqual([
      ['Hello', null, false],
      ['yes', 'UNCONFIRMED', false],
      ['Are you sure?', null, false],
      ['yes', 'SENT', true],
    ])
    await expire(open)
  })
})
