import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import { expireMessage } from '../../server/modules/messages/expiry.ts'
import { failQueuedMessages } from '../../server/modules/messages/settle.ts'
import { pauseSending, postponeQueued } from '../../server/modules/messages/slowdown.ts'
import type { Actor } from '../support/actor.ts'
import { ResumeSendingDocument, RetryMessageDocument, TakeBackSwapDocument } from '../support/generated.ts'
import { messageOf, untilStatus } from '../support/messages.ts'
import { picture, upload } from '../support/pictures.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { addBothSides, connectRespondIo, connectTikTok, untilPastIsRead, type TwoSides } from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const MINUTE = 60_000
let passed = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let sides: TwoSides
let inboxId: string
let conversation: { id: string }

beforeAll(async () => {
  world = await startWorld({ clock: { now: () => new Date(Date.now() + passed) } })
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** An inbox at TikTok with one conversation in it. */
beforeEach(async () => {
  passed = 0
  const { tiktok, respondio } = world.standin
  respondio.setKnobs({ rateLimit: Infinity, channelMessageIds: 'told' })
  tiktok.clearFaults()
  admin = await world.business()
  sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
  const person = tiktok.addPerson({ username: `u.${randomUUID().slice(0, 10)}`, displayName: 'Alice Demo' })
  tiktok.customerWrites({ business: sides.business, person, text: 'Good morning', at: Date.now() - 10 * MINUTE })
  inboxId = await connectTikTok(admin, sides)
  await untilPastIsRead(admin, inboxId)
  const [row] = await admin.conversations({ inboxId })
  if (!row) throw new Error('no conversation')
  conversation = row
})

const fault = (kind: '40064_too_fast' | 'timeout_before_commit') =>
  world.standin.tiktok.fault({ kind, operations: ['send'], businessId: sides.business.openId, holdMs: 50 })

/** Goes over to respond.io, which knows the customer. */
async function swap(): Promise<void> {
  await connectRespondIo(admin, sides, inboxId)
  await untilPastIsRead(admin, inboxId)
  await until(async () => (await admin.conversation(conversation.id)).replyWindow.open, 'the customer is known there')
}

const untilPutOff = (id: string) =>
  until(
    () =>
      sql`select 1 from messages where id = ${id} and status = 'queued' and next_attempt_at > now() + interval '50 minutes'`.then(
        (rows) => rows.length,
      ),
    'it waits for the end of the pause',
  )
/** respond.io may say at once that it was delivered. */
const untilTaken = (...ids: string[]) =>
  until(async () => {
    const messages = await Promise.all(ids.map((id) => messageOf(admin, conversation.id, id)))
    return messages.every(({ status }) => status === 'SENT' || status === 'DELIVERED')
  }, 'the provider has taken them')
const queued = () => sql<{ content: string; channel: string; put_off: boolean }[]>`
  select content, channel_type as channel, coalesce(next_attempt_at > now(), false) as put_off
  from messages where inbox_id = ${inboxId} and status = 'queued' order by arrival`
/** Until when the side that was left is slowed down. */
const keptPause = async () => {
  const [row] = await sql<{ until: string | null }[]>`
    select from_connection->>'sendingPausedUntil' as until from inbox_swaps where inbox_id = ${inboxId}`
  return Date.parse(row?.until ?? '')
}
/** What customers got, in order. */
const arrived = () =>
  world.standin.tiktok
    .conversations(sides.business)
    .flatMap(({ messages }) => messages)
    .flatMap(({ from, content }) => (from === 'business' && content.type === 'text' ? [content.body] : []))
const byRespondIo = () =>
  world.standin.respondio.ledger.calls('send').filter((call) => call.spaceId === sides.channel.spaceId).length

describe('a provider that slowed an inbox down which has left it', () => {
  it('keeps no reply from going out by the other one, nor what it was never handed', async () => {
    fault('40064_too_fast')
    const one = await admin.send(conversation.id, 'one')
    await untilPutOff(one.id)
    await swap()
    const two = await admin.send(conversation.id, 'two')
    await untilTaken(one.id, two.id)
    expect(arrived()).toEqual(['one', 'two'])
    expect(byRespondIo()).toBe(2)
  })

  it('may say so after that: then it is asked no more', async () => {
    world.standin.tiktok.setKnobs({ sendFault: ['60001', '60001', '40064_too_fast'] })
    const one = await admin.send(conversation.id, 'one')
    await swap()
    await until(async () => (await keptPause()) > Date.now() + 50 * MINUTE, 'the pause is noted')
    const two = await admin.send(conversation.id, 'two')
    await untilTaken(one.id, two.id)
    expect(arrived()).toEqual(['one', 'two'])
    expect(byRespondIo()).toBe(2)
    expect((await sql`select sending_paused_until as until from inboxes where id = ${inboxId}`)[0]).toEqual({
      until: null,
    })
  })

  it('keeps what may have arrived there: that is not sent by another one as well (I5)', async () => {
    fault('timeout_before_commit')
    const one = await admin.send(conversation.id, 'one')
    await untilStatus(admin, conversation.id, one.id, 'UNCONFIRMED')
    await sql`update messages set deadline_at = now() where id = ${one.id}`
    await runSchedule(world.deps, 'deadlines')
    await untilStatus(admin, conversation.id, one.id, 'FAILED')
    fault('40064_too_fast')
    await admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId: one.id } })
    await untilPutOff(one.id)
    await swap()
    await admin.send(conversation.id, 'two')
    const [thread] = await sql<{ id: string }[]>`select id from threads where inbox_id = ${inboxId}`
    const scope = world.deps.scopes.system(admin.accountId)
    const wait = await drainQueuedMessages(world.deps, scope, thread?.id ?? '', () => false)
    expect(wait).toBeGreaterThan(50 * MINUTE)
    expect(await queued()).toEqual([
      { content: 'one', channel: 'tiktok', put_off: true },
      { content: 'two', channel: 'respondio', put_off: false },
    ])
    expect(byRespondIo()).toBe(0)
  })
})

describe('a picture that waits for a slow provider that was left', () => {
  it('stays where it is when the other one may take none of this customer', async () => {
    await swap()
    const scope = world.deps.scopes.system(admin.accountId)
    await scope.tx((tx) => pauseSending(tx, { id: inboxId, channelType: 'respondio' }))
    const { attachments } = await upload(admin, conversation.id, [{ bytes: await picture() }])
    const { id } = await admin.send(conversation.id, '', { attachmentIds: attachments.map((one) => one.id) })
    await untilPutOff(id)
    await admin.gql(TakeBackSwapDocument, { input: { accountId: admin.accountId, inboxId } })
    const [thread] = await sql<{ id: string }[]>`select id from threads where inbox_id = ${inboxId}`
    expect(await drainQueuedMessages(world.deps, scope, thread?.id ?? '', () => false)).toBeGreaterThan(50 * MINUTE)
    const [message] = await sql`select status, channel_type from messages where id = ${id}`
    expect(message).toEqual({ status: 'queued', channel_type: 'respondio' })
  })
})

describe('what is said of one side of an inbox that went over', () => {
  const both = [
    { content: 'one', channel: 'tiktok' },
    { content: 'two', channel: 'respondio' },
  ]
  const fails = (channelType: string) =>
    world.deps.scopes
      .system(admin.accountId)
      .tx((tx) => failQueuedMessages(tx, { channelTypes: [channelType] }, 'CHANNEL_DISABLED'))
  const channels = async () => (await queued()).map(({ content, channel }) => ({ content, channel }))

  /** One message waits at each of them: the first may have been sent, and keeps the second waiting. */
  beforeEach(async () => {
    fault('timeout_before_commit')
    const { id } = await admin.send(conversation.id, 'one')
    await untilStatus(admin, conversation.id, id, 'UNCONFIRMED')
    await sql`update messages set deadline_at = now() where id = ${id}`
    await runSchedule(world.deps, 'deadlines')
    await untilStatus(admin, conversation.id, id, 'FAILED')
    fault('40064_too_fast')
    await admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId: id } })
    await untilPutOff(id)
    await swap()
    await admin.send(conversation.id, 'two')
    expect(await channels()).toEqual(both)
  })

  it('holds for what goes out by it: a feature that is switched off', async () => {
    await fails('respondio')
    expect(await channels()).toEqual(both.slice(0, 1))
    await fails('tiktok')
    expect(await channels()).toEqual([])
  })

  it('a pause, its end, and what a deadline means meanwhile', async () => {
    const scope = world.deps.scopes.system(admin.accountId)
    await sql`update messages set next_attempt_at = now() + interval '30 minutes' where inbox_id = ${inboxId}
      and status = 'queued' and channel_type = 'tiktok'`
    await scope.tx(async (tx) => {
      const side = { id: inboxId, channelType: 'respondio' }
      await postponeQueued(tx, side, await pauseSending(tx, side))
    })
    const waits = () => sql<{ content: string; minutes: number | null }[]>`
      select content, round(extract(epoch from next_attempt_at - now()) / 60)::int as minutes
      from messages where inbox_id = ${inboxId} and status = 'queued' order by arrival`
    expect([...(await waits())]).toEqual([
      { content: 'one', minutes: 30 },
      { content: 'two', minutes: 60 },
    ])
    await admin.gql(ResumeSendingDocument, { input: { accountId: admin.accountId, inboxId } })
    expect([...(await waits())]).toEqual([
      { content: 'one', minutes: 30 },
      { content: 'two', minutes: null },
    ])
    await sql`update messages set deadline_at = now() where inbox_id = ${inboxId} and status = 'queued'`
    const ids = await sql<{ id: string }[]>`select id from messages where inbox_id = ${inboxId} and status = 'queued'`
    for (const { id } of ids) await expireMessage(scope, id)
    expect(
      (await queued()).map(({ content }) => content),
      'the other one is not slowed down',
    ).toEqual(['one'])
  })
})
