import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { InboxHealthDocument, RetryUnsentMessagesDocument } from '../support/generated.ts'
import { messageOf, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
})

afterEach(() => world.standin.tiktok.clearFaults())

afterAll(async () => {
  await sql.end()
  await world.close()
})

const sendUnsent = (actor: Actor, inboxId: string) =>
  actor.gql(RetryUnsentMessagesDocument, { input: { accountId: actor.accountId, inboxId } })
const unsent = async (inboxId: string, actor = admin) => (await actor.inbox(inboxId)).unsentCount

/** Messages that wait to go out, one thread after the other, until nothing goes out any more. */
async function begin(threads: number, messages: number) {
  const { inboxId, business } = await admin.connect()
  const conversations = []
  for (let n = 0; n < threads; n++) conversations.push(await admin.customerWrites(business, 'Hello'))
  // Too fast, again and again: nothing of it is lost, and nothing goes out.
  for (const { threadRef } of conversations)
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
  const queued: { conversationId: string; id: string }[] = []
  for (const { conversation } of conversations)
    for (let n = 0; n < messages; n++)
      queued.push({ conversationId: conversation.id, id: (await admin.send(conversation.id, `part ${n}`)).id })
  return { inboxId, business, conversations, queued }
}

async function lose({ inboxId, business, queued }: Awaited<ReturnType<typeof begin>>): Promise<void> {
  world.standin.tiktok.revoke(business)
  for (const { conversationId, id } of queued) await untilStatus(admin, conversationId, id, 'FAILED')
  world.standin.tiktok.clearFaults()
  expect(await unsent(inboxId), 'nothing is offered while nothing can be sent').toBe(0)
}

const sentTexts = (threadRef: string) =>
  world.standin.tiktok
    .messages(threadRef)
    .flatMap(({ source, content }) => (source === 'API' && content.type === 'text' ? [content.body] : []))

describe('what could not be sent while an inbox had to be connected again', () => {
  it('is offered once it is connected, and goes out by one click, in order', async () => {
    const place = await begin(2, 3)
    await lose(place)
    const { inboxId, business, conversations, queued } = place
    expect(await admin.authorize({ business, inboxId })).toContain('connected=1')
    expect(await unsent(inboxId)).toBe(6)
    const stranger = await admin.invite('AGENT')
    await expect(sendUnsent(stranger, inboxId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const agent = await admin.invite('AGENT', [inboxId])
    expect((await sendUnsent(agent, inboxId)).retryUnsentMessages.unsentCount).toBe(0)
    for (const { conversationId, id } of queued) await untilStatus(admin, conversationId, id, 'SENT')
    for (const { threadRef } of conversations) expect(sentTexts(threadRef)).toEqual(['part 0', 'part 1', 'part 2'])
    await sendUnsent(agent, inboxId)
    for (const { threadRef } of conversations) expect(sentTexts(threadRef)).toHaveLength(3)
  }, 60_000)

  it('obeys window and quota: what may not go out keeps its reason and is not offered', async () => {
    const place = await begin(2, 4)
    await lose(place)
    const { inboxId, business, conversations, queued } = place
    const [closed, nearlyUsed] = conversations
    if (!closed || !nearlyUsed) throw new Error('two threads')
    const shift = (conversationId: string, hours: number) => sql`
      update threads set last_inbound_at = now() - make_interval(hours => ${hours}) where id =
        (select thread_id from conversations where id = ${conversationId})`
    await shift(closed.conversation.id, 49)
    const pair = { business, person: nearlyUsed.person }
    for (let n = 0; n < 7; n++) world.standin.tiktok.businessWritesInApp({ ...pair, text: `in the app ${n}` })
    expect(await admin.authorize({ business, inboxId })).toContain('connected=1')
    const used = async () => (await admin.conversation(nearlyUsed.conversation.id)).replyWindow.remaining
    await until(async () => (await used()) === 3, 'what was written in the app is known', 15_000)
    expect(await unsent(inboxId)).toBe(3)
    await sendUnsent(admin, inboxId)
    const statuses = async (conversationId: string) => {
      const rows = queued.filter((row) => row.conversationId === conversationId)
      return Promise.all(rows.map(async ({ id }) => messageOf(admin, conversationId, id)))
    }
    await until(async () => {
      const rows = await statuses(nearlyUsed.conversation.id)
      return rows.map(({ status }) => status).join() === 'SENT,SENT,SENT,FAILED'
    }, 'three of them go out')
    const left = [...(await statuses(closed.conversation.id)), (await statuses(nearlyUsed.conversation.id))[3]]
    for (const message of left) expect(message?.failure?.code).toBe('CHANNEL_REAUTH')
    expect(await unsent(inboxId)).toBe(0)
    const { inbox } = await admin.gql(InboxHealthDocument, { accountId: admin.accountId, id: inboxId })
    expect(inbox.health, 'the closed one is no thread that waits for replies').toMatchObject({ usedUpThreads: 1 })
    await sql`update messages set queued_at = now() - interval '49 hours' where failure_code = 'CHANNEL_REAUTH'`
    await shift(closed.conversation.id, 1)
    expect(await unsent(inboxId), 'after two days nobody is asked any more').toBe(0)
  }, 60_000)
})

describe('what ends a connection for good', () => {
  it('is a consent that has run out, through the whole system', async () => {
    const { inboxId, business } = await admin.connect()
    const { conversation } = await admin.customerWrites(business)
    world.standin.tiktok.expireRefreshTokens(business)
    world.standin.tiktok.expireAccessTokens(business)
    const { id } = await admin.send(conversation.id, 'too late')
    expect((await untilStatus(admin, conversation.id, id, 'FAILED')).failure?.code).toBe('CHANNEL_REAUTH')
    expect(await admin.inbox(inboxId)).toMatchObject({
      ...{ reauthorizationRequired: true, reauthorizationReason: 'CONSENT_ENDED' },
    })
    expect(await admin.authorize({ business, inboxId })).toContain('connected=1')
    expect(await unsent(inboxId)).toBe(1)
  })
})
