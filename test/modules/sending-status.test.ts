import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument, RetryMessageDocument } from '../support/generated.ts'
import { messageOf, sendAndWait, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

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
  passed = 0
  world.standin.tiktok.clearFaults()
  world.standin.tiktok.resetKnobs()
  world.standin.tiktok.resumeWebhooks()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const fromBusiness = (threadRef: string) =>
  world.standin.tiktok.messages(threadRef).filter((message) => message.from === 'business')
const outgoing = async (id: string) => (await admin.messages(id)).filter((message) => message.type === 'OUTGOING')
const check = (messageId: string) =>
  admin.gql(CheckMessageDocument, { input: { accountId: admin.accountId, messageId } })
const retry = (messageId: string) =>
  admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId } })

describe('an accepted message is SENT once, whenever its echo comes (I2, I7)', () => {
  it.each(['before', 'after', 'late', 'never'] as const)('echo %s', async (echo) => {
    world.standin.tiktok.setKnobs({ echo, echoDelayMs: 30, lateEchoDelayMs: 300 })
    const { conversation, threadRef } = await admin.customerWrites(business)
    const sent = await sendAndWait(admin, conversation.id, `echo ${echo}`)
    await world.standin.tiktok.settled()
    const rows = await outgoing(conversation.id)
    expect(rows.map((message) => [message.id, message.status, message.externalId])).toEqual([
      [sent.id, 'SENT', fromBusiness(threadRef)[0]?.id],
    ])
    expect(rows[0]?.source).toBe('AGENT')
  })

  it('two equal texts in flight stay two, each with its own id', async () => {
    world.standin.tiktok.setKnobs({ echo: 'before', echoDelayMs: 40 })
    const { conversation, threadRef } = await admin.customerWrites(business)
    const sends = await Promise.all([1, 2, 3].map(() => admin.send(conversation.id, 'ok')))
    for (const { id } of sends) await untilStatus(admin, conversation.id, id, 'SENT')
    await world.standin.tiktok.settled()
    const rows = await outgoing(conversation.id)
    expect(rows).toHaveLength(3)
    expect(rows.map((message) => message.externalId).sort()).toEqual(
      fromBusiness(threadRef)
        .map(({ id }) => id)
        .sort(),
    )
  })

  it('messages reach the provider in the order in which they were written, through refusals of rate (I6)', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    const { tiktok } = world.standin
    tiktok.fault({ kind: '40100', conversationId: threadRef, count: 2 })
    const texts = Array.from({ length: 8 }, (_, place) => `number ${place}`)
    for (const text of texts) await admin.send(conversation.id, text)
    await until(() => fromBusiness(threadRef).length === texts.length, 'all have arrived')
    expect(fromBusiness(threadRef).map(({ content }) => content.type === 'text' && content.body)).toEqual(texts)
  })
})

describe('READ only on the provider’s word (I7)', () => {
  it('and only up to the time of the receipt', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    const { tiktok } = world.standin
    const first = await sendAndWait(admin, conversation.id, 'first')
    tiktok.customerReads({ business, person, upTo: Date.now() })
    await untilStatus(admin, conversation.id, first.id, 'READ')
    const second = await sendAndWait(admin, conversation.id, 'second')
    tiktok.customerReads({ business, person, upTo: Date.parse(first.createdAt) })
    await tiktok.settled()
    await never(async () => (await messageOf(admin, conversation.id, second.id)).status !== 'SENT', 'it is read', 300)
    tiktok.customerReads({ business, person })
    await untilStatus(admin, conversation.id, second.id, 'READ')
  })

  it('also when the receipt is faster than the answer to the call', async () => {
    const { tiktok } = world.standin
    tiktok.setKnobs({ echo: 'never' })
    const { conversation, person, threadRef } = await admin.customerWrites(business)
    tiktok.fault({ kind: 'timeout_after_commit', holdMs: 300, conversationId: threadRef })
    const { id } = await admin.send(conversation.id, 'read at once')
    await until(() => fromBusiness(threadRef).length === 1, 'it has arrived')
    tiktok.customerReads({ business, person, upTo: Date.now() + 1_000 })
    await untilStatus(admin, conversation.id, id, 'UNCONFIRMED')
    await check(id)
    expect((await messageOf(admin, conversation.id, id)).status).toBe('READ')
  })

  it('a note, an incoming message and an activity line have none', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    await admin.send(conversation.id, 'a note', { private: true })
    world.standin.tiktok.customerReads({ business, person })
    await world.standin.tiktok.settled()
    expect((await admin.messages(conversation.id)).map((message) => message.status)).toEqual([null, null])
  })
})

describe('a message whose outcome is open is UNCONFIRMED and never sent again by itself (I5)', () => {
  async function unconfirmed(kind: 'timeout_after_commit' | 'timeout_before_commit', text: string) {
    const { tiktok } = world.standin
    const made = await admin.customerWrites(business)
    tiktok.fault({ kind, holdMs: 50, conversationId: made.threadRef })
    const { id } = await admin.send(made.conversation.id, text)
    await untilStatus(admin, made.conversation.id, id, 'UNCONFIRMED')
    return { ...made, id, conversationId: made.conversation.id }
  }

  it('its echo lifts it to SENT', async () => {
    const { tiktok } = world.standin
    const { conversation, threadRef } = await admin.customerWrites(business)
    // The list is of no help, and the echo comes when it is told to.
    tiktok.fault({ kind: '502', operations: ['content_list'], count: Infinity })
    tiktok.pauseWebhooks()
    tiktok.fault({ kind: 'timeout_after_commit', holdMs: 50, conversationId: threadRef })
    const { id } = await admin.send(conversation.id, 'settled by its echo')
    const conversationId = conversation.id
    await untilStatus(admin, conversationId, id, 'UNCONFIRMED')
    tiktok.resumeWebhooks()
    await untilStatus(admin, conversationId, id, 'SENT')
    expect(fromBusiness(threadRef)).toHaveLength(1)
    expect(await outgoing(conversationId)).toHaveLength(1)
  })

  it('the agent’s check lifts it by the provider’s list', async () => {
    world.standin.tiktok.setKnobs({ echo: 'never' })
    const { id, conversationId, threadRef } = await unconfirmed('timeout_after_commit', 'settled by a check')
    expect((await check(id)).checkMessage.status).toBe('SENT')
    expect((await messageOf(admin, conversationId, id)).externalId).toBe(fromBusiness(threadRef)[0]?.id)
    await expect(check(id)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'NOT_OPEN' } })
  })

  it('the list is asked without anybody’s doing, too', async () => {
    world.standin.tiktok.setKnobs({ echo: 'never' })
    const { id, conversationId } = await unconfirmed('timeout_after_commit', 'settled by the list')
    await untilStatus(admin, conversationId, id, 'SENT')
  })

  it('what is not on the list goes on waiting, and a provider that is away says so', async () => {
    const { id, conversationId } = await unconfirmed('timeout_before_commit', 'not on the list')
    expect((await check(id)).checkMessage.status).toBe('UNCONFIRMED')
    world.standin.tiktok.fault({ kind: '502', operations: ['content_list'], count: 9 })
    await expect(check(id)).rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' })
    expect((await messageOf(admin, conversationId, id)).status).toBe('UNCONFIRMED')
    await expect(retry(id)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('at its deadline it fails as DELIVERY_UNKNOWN, and a late echo still lifts it', async () => {
    const { id, conversationId, person, threadRef } = await unconfirmed('timeout_before_commit', 'lost or not')
    passed = 121_000
    const failed = await untilStatus(admin, conversationId, id, 'FAILED')
    expect(failed.failure).toMatchObject({
      code: 'DELIVERY_UNKNOWN',
      message: expect.stringMatching(/may have/) as string,
    })
    expect(fromBusiness(threadRef)).toEqual([])
    world.standin.tiktok.businessWritesInApp({ business, person, text: 'lost or not', source: 'API' })
    const lifted = await untilStatus(admin, conversationId, id, 'SENT')
    expect(lifted.failure).toBeNull()
    expect(await outgoing(conversationId)).toHaveLength(1)
  })

  it('an agent may send it anyway then, once', async () => {
    const { id, conversationId, threadRef } = await unconfirmed('timeout_before_commit', 'send it anyway')
    passed = 121_000
    await untilStatus(admin, conversationId, id, 'FAILED')
    passed = 0
    const outcomes = await Promise.allSettled([retry(id), retry(id)])
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    await untilStatus(admin, conversationId, id, 'SENT')
    expect(fromBusiness(threadRef)).toHaveLength(1)
  })
})

describe('FAILED carries a code and a sentence (I7)', () => {
  it.each([
    ['40064', 'BLOCKED_BY_PROVIDER'],
    ['40007', 'THREAD_GONE'],
    ['40002', 'INVALID_MESSAGE'],
  ] as const)('%s is %s, and can be sent again', async (kind, code) => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind, conversationId: threadRef })
    const { id } = await admin.send(conversation.id, `refused with ${kind}`)
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failed.failure?.code).toBe(code)
    expect(failed.failure?.message.length).toBeGreaterThan(10)
    await retry(id)
    await untilStatus(admin, conversation.id, id, 'SENT')
    await expect(retry(id)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'NOT_FAILED' } })
    expect(fromBusiness(threadRef)).toHaveLength(1)
  })

  it('the provider’s cap of conversations a day makes what is beyond it wait, and fails nothing', async () => {
    const { tiktok } = world.standin
    const other = (await admin.connect()).business
    const within = await admin.customerWrites(other)
    const beyond = await admin.customerWrites(other)
    tiktok.setKnobs({ dailyCap: 1 })
    await sendAndWait(admin, within.conversation.id, 'the first one today')
    const { id } = await admin.send(beyond.conversation.id, 'one too many')
    const paused = () => sql`select 1 from inboxes where external_id = ${other.openId} and sending_paused_until > now()`
    await until(async () => (await paused()).length, 'the inbox is paused')
    expect((await messageOf(admin, beyond.conversation.id, id)).status).toBe('QUEUED')
  })

  it('a refused token is renewed once and the message goes out (I15)', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    const { tiktok } = world.standin
    const version = async () =>
      (
        await sql<{ v: number }[]>`select credentials_version as v from inboxes where external_id = ${business.openId}`
      )[0]?.v
    const before = await version()
    tiktok.expireAccessTokens(business)
    const { id } = await admin.send(conversation.id, 'with a fresh token')
    await untilStatus(admin, conversation.id, id, 'SENT')
    expect(await version()).toBe((before ?? 0) + 1)
    expect(fromBusiness(threadRef)).toHaveLength(1)
  })
})
