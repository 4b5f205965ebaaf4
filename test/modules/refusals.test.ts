import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import { drainThread } from '../../server/modules/messages/messages.jobs.ts'
import type { Actor } from '../support/actor.ts'
import { InboxSignalsDocument, ResumeSendingDocument } from '../support/generated.ts'
import { messageOf, sendAndWait, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

const MINUTE = 60_000

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld({ knobs: { windowPolicy: 'off' } })
  sql = openSql(world)
  admin = await world.business()
  ;({ business, inboxId } = await admin.connect())
})

afterEach(() => world.standin.tiktok.clearFaults())

afterAll(async () => {
  await sql.end()
  await world.close()
})

const atTikTok = (threadRef: string) =>
  world.standin.tiktok.messages(threadRef).flatMap(({ from, content }) => (from === 'business' ? [content] : []))
/** Minutes that an inbox is still slowed down for. */
async function pausedFor(actor = admin, id = inboxId): Promise<number> {
  const { inbox } = await actor.gql(InboxSignalsDocument, { accountId: actor.accountId, id })
  return inbox.sendingPausedUntil ? Math.round((Date.parse(inbox.sendingPausedUntil) - Date.now()) / MINUTE) : 0
}
/** As if the pause had passed. */
async function passPause(): Promise<void> {
  await sql`update inboxes set sending_paused_until = now() - interval '1 second' where id = ${inboxId}`
  await sql`update messages set next_attempt_at = now() where inbox_id = ${inboxId} and status = 'queued'`
}
const closeWindowIn = (conversationId: string, ms: number) => sql`
  update threads set last_inbound_at = ${new Date(Date.now() + ms - 48 * 60 * MINUTE)}
  where id = (select thread_id from conversations where id = ${conversationId})`
const resume = (actor: Actor) => actor.gql(ResumeSendingDocument, { input: { accountId: admin.accountId, inboxId } })
const tooFast = (threadRef?: string) =>
  world.standin.tiktok.fault({
    kind: '40064_too_fast',
    businessId: business.openId,
    ...(threadRef && { conversationId: threadRef }),
  })

describe('one code for many situations (TikTok wire reference §11, 40064)', () => {
  it('means a closed window when ours is closed by then, and else that the provider does not allow it', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40064', conversationId: threadRef })
    const blocked = await admin.send(conversation.id, 'hello?')
    const failed = await untilStatus(admin, conversation.id, blocked.id, 'FAILED')
    expect(failed.failure?.code).toBe('BLOCKED_BY_PROVIDER')
    world.standin.tiktok.fault({ kind: '40064', conversationId: threadRef, delayMs: 3_000 })
    await closeWindowIn(conversation.id, 2_500)
    const late = await admin.send(conversation.id, 'in the last second')
    expect((await untilStatus(admin, conversation.id, late.id, 'FAILED')).failure?.code).toBe('WINDOW_CLOSED')
  })
})

describe('an account that sends too fast (TikTok wire reference §7)', () => {
  it('waits an hour with all that it writes, longer when it goes on, until something arrives', async () => {
    const [one, two] = [await admin.customerWrites(business), await admin.customerWrites(business)]
    tooFast(one.threadRef)
    const first = await admin.send(one.conversation.id, 'first')
    await until(async () => (await pausedFor()) === 60, 'the inbox is paused')
    const second = await admin.send(two.conversation.id, 'second')
    await never(() => atTikTok(two.threadRef).length, 'something is sent')
    for (const [{ conversation }, { id }] of [
      [one, first],
      [two, second],
    ] as const)
      expect((await messageOf(admin, conversation.id, id)).status).toBe('QUEUED')
    tooFast()
    await passPause()
    await until(async () => (await pausedFor()) === 180, 'the next pause is longer')
    await passPause()
    await untilStatus(admin, one.conversation.id, first.id, 'SENT')
    await untilStatus(admin, two.conversation.id, second.id, 'SENT')
    await until(async () => (await pausedFor()) === 0, 'nothing is held back')
    expect([atTikTok(one.threadRef), atTikTok(two.threadRef)]).toMatchObject([
      [{ body: 'first' }],
      [{ body: 'second' }],
    ])
  })

  it('goes on at once when an administrator says so, and an agent cannot', async () => {
    const { conversation } = await admin.customerWrites(business)
    const agent = await admin.invite('AGENT', [inboxId])
    tooFast()
    const { id } = await admin.send(conversation.id, 'urgent')
    await until(async () => (await pausedFor()) === 60, 'a pause after one that has ended is a short one')
    await expect(resume(agent)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect((await resume(admin)).resumeSending.sendingPausedUntil).toBeNull()
    await untilStatus(admin, conversation.id, id, 'SENT')
  })

  it('goes on also with what is held back while the pause is over, or is just being ended', async () => {
    const { conversation } = await admin.customerWrites(business)
    tooFast()
    const { id } = await admin.send(conversation.id, 'held back')
    await until(async () => (await pausedFor()) > 0, 'the inbox is paused')
    await sql`update inboxes set sending_paused_until = null where id = ${inboxId}`
    await resume(admin)
    await untilStatus(admin, conversation.id, id, 'SENT')

    const [thread] = await sql<
      { id: string }[]
    >`select thread_id as id from conversations where id = ${conversation.id}`
    const scope = world.deps.scopes.system(admin.accountId)
    const drain = () => drainQueuedMessages(world.deps, scope, thread?.id ?? '', () => false)
    await sql`update inboxes set sending_paused_until = now() + interval '1 hour' where id = ${inboxId}`
    const late = await sql.begin(async (tx) => {
      await tx`select 1 from inboxes where id = ${inboxId} for no key update`
      const message = await admin.send(conversation.id, 'as it ended')
      await until(async () => (await drain()) === 1_000, 'its pause is left alone')
      await tx`update inboxes set sending_paused_until = null where id = ${inboxId}`
      return message
    })
    await untilStatus(admin, conversation.id, late.id, 'SENT')
  })

  it('leaves a wait of seconds its time while one of hours stands (I9)', async () => {
    const { accountId } = admin
    const threadId = randomUUID()
    const { producer } = world.deps
    const waits = async () =>
      (await producer.queue('delivery').getDelayed()).flatMap(({ data, delay }) =>
        (data as { threadId: string }).threadId === threadId ? [delay] : [],
      )
    for (const delayMs of [3_600_000, 60_000, 61_000])
      await producer.enqueue(drainThread, { accountId, threadId }, { delayMs })
    expect((await waits()).toSorted((a, b) => a - b)).toEqual([60_000, 3_600_000])
  })

  it('fails what could not be sent when the pause is over, with words of its own', async () => {
    const { conversation } = await admin.customerWrites(business)
    await closeWindowIn(conversation.id, 30 * MINUTE)
    tooFast()
    const { id } = await admin.send(conversation.id, 'not in time')
    const { failure } = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failure).toMatchObject({ code: 'SENDING_TOO_FAST', message: expect.stringMatching(/slow down/) as string })
    await resume(admin)
  })
})

describe('an application that is too fast (40100)', () => {
  it('pauses every tenant alike, and nothing fails (I9)', async () => {
    const other = await world.business()
    const theirs = await other.customerWrites((await other.connect()).business)
    const ours = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40100', conversationId: ours.threadRef })
    const refused = () =>
      world.standin.tiktok.ledger.rejected('send').find((call) => call.conversationId === ours.threadRef)
    const { id } = await admin.send(ours.conversation.id, 'one too many')
    await until(refused, 'it is refused')
    const since = Date.now()
    await sendAndWait(other, theirs.conversation.id, 'in the same second')
    expect(Date.now() - since).toBeGreaterThan(700)
    await untilStatus(admin, ours.conversation.id, id, 'SENT')
  })
})
