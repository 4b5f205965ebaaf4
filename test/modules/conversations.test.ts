import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import {
  AssignConversationDocument,
  MarkConversationReadDocument,
  SetConversationStatusDocument,
  type SetConversationStatusInput,
} from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let agent: Actor
let outsider: Actor
let business: Business

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
  const { inboxId, business: connected } = await admin.connect()
  business = connected
  agent = await admin.invite('AGENT', [inboxId])
  outsider = await admin.invite('AGENT')
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const change = async (
  conversationId: string,
  more: Pick<SetConversationStatusInput, 'status' | 'snoozedUntil'>,
  by = admin,
) =>
  (await by.gql(SetConversationStatusDocument, { input: { accountId: by.accountId, conversationId, ...more } }))
    .setConversationStatus
const assign = async (conversationId: string, assigneeId: string | null, by = admin) =>
  (await by.gql(AssignConversationDocument, { input: { accountId: by.accountId, conversationId, assigneeId } }))
    .assignConversation
const read = async (conversationId: string, by: Actor) =>
  (await by.gql(MarkConversationReadDocument, { input: { accountId: by.accountId, conversationId } }))
    .markConversationRead
const contents = async (id: string) => (await admin.messages(id)).map((message) => message.content)
const statusOf = async (id: string) => (await admin.conversation(id)).status

describe('a thread reads in the provider’s time (I3)', () => {
  it('a late message takes its place and moves nothing backwards; ties go by arrival', async () => {
    const { tiktok } = world.standin
    const base = Date.now() - 60_000
    const person = tiktok.addPerson({ username: `order.${randomUUID()}`, displayName: 'Order' })
    const { conversation } = await admin.customerWrites(business, 'now', person)
    const before = await admin.conversation(conversation.id)
    for (const [text, at] of [
      ['third', base + 30],
      ['first', base + 10],
      ['fourth, a tie', base + 30],
      ['second', base + 20],
    ] as const) {
      tiktok.customerWrites({ business, person, text, at })
      await tiktok.settled()
    }
    await until(async () => (await contents(conversation.id)).length === 5, 'all are there')
    expect(await contents(conversation.id)).toEqual(['first', 'second', 'third', 'fourth, a tie', 'now'])
    const after = await admin.conversation(conversation.id)
    expect(after.lastActivityAt).toBe(before.lastActivityAt)
    expect(after.lastMessage).toEqual(before.lastMessage)
    expect(after.inboundCount).toBe(5)
    const [first] = await admin.messages(conversation.id)
    expect(Date.parse(first?.createdAt ?? '')).toBe(base + 10)
  })

  it('it is one conversation, however its messages arrive, and pages meet without a gap', async () => {
    const { tiktok } = world.standin
    tiktok.setKnobs({ duplicateWebhooks: 0.5, reorderWebhooks: 0.5, reorderDelayMs: 60 })
    const person = tiktok.addPerson({ username: `burst.${randomUUID()}`, displayName: 'Burst' })
    const texts = Array.from({ length: 12 }, (_, place) => `burst ${place}`)
    for (const [place, text] of texts.entries())
      tiktok.customerWrites({ business, person, text, at: Date.now() + place })
    await tiktok.settled()
    tiktok.setKnobs({ duplicateWebhooks: 0, reorderWebhooks: 0 })
    const rows = await until(async () => {
      const found = await admin.conversations({ query: person.username })
      return found[0]?.inboundCount === texts.length && found
    }, 'all are counted once')
    expect(rows).toHaveLength(1)
    expect(await contents(rows[0]?.id ?? '')).toEqual(texts)
    expect((await admin.conversation(rows[0]?.id ?? '')).messages.pageInfo).toMatchObject({ hasPreviousPage: false })
  })

  it('numbers are dense and per account', async () => {
    const other = await world.business()
    const { business: theirs } = await other.connect()
    await Promise.all(Array.from({ length: 5 }, () => other.customerWrites(theirs)))
    const numbers = (await other.conversations()).map((row) => row.displayId).sort((a, b) => a - b)
    expect(numbers).toEqual([1, 2, 3, 4, 5])
  })
})

describe('what is written elsewhere shows up too (I2, I4)', () => {
  it('in the app with source APP, automatic ones as such, once each', async () => {
    const { tiktok } = world.standin
    const { conversation, person } = await admin.customerWrites(business)
    tiktok.businessWritesInApp({ business, person, text: 'by phone' })
    tiktok.businessWritesInApp({ business, person, text: 'on the web', source: 'WEB' })
    tiktok.businessWritesInApp({ business, person, text: 'welcome', source: 'OTHERS', autoType: 'WELCOME_MESSAGE' })
    await until(async () => (await admin.messages(conversation.id)).length === 4, 'they show up')
    const [, ...rest] = await admin.messages(conversation.id)
    expect(rest.map((message) => [message.type, message.source, message.status, message.content])).toEqual([
      ['OUTGOING', 'APP', 'SENT', 'by phone'],
      ['OUTGOING', 'APP', 'SENT', 'on the web'],
      ['TEMPLATE', 'AUTOMATION', 'SENT', 'welcome'],
    ])
    expect((await admin.conversation(conversation.id)).inboundCount).toBe(1)
  })

  it('a kind that nobody knows is a placeholder that says what came, and its raw form is kept', async () => {
    const { tiktok } = world.standin
    const { conversation, person } = await admin.customerWrites(business)
    const { messageId } = tiktok.unknownKind({ business, person, kind: 'voice', payload: { seconds: 7 } })
    const [row] = await until(async () => {
      const rows = await sql`select raw, details from messages where external_id = ${messageId}`
      return rows.length > 0 && rows
    }, 'it is there')
    expect(row).toMatchObject({ details: { kind: 'voice' }, raw: { voice: { seconds: 7 } } })
    const shown = (await admin.messages(conversation.id)).at(-1)
    expect(shown).toMatchObject({ contentType: 'unsupported', content: null, details: { kind: 'voice' } })
    expect((await admin.conversation(conversation.id)).inboundCount).toBe(2)
  })

  it('a quote leads to the message that it is about', async () => {
    const { tiktok } = world.standin
    const { conversation, person, messageId } = await admin.customerWrites(business, 'the question')
    tiktok.customerWrites({ business, person, text: 'about that', quoteOf: messageId })
    const quoting = await until(
      async () => (await admin.messages(conversation.id)).find((message) => message.content === 'about that'),
      'it shows up',
    )
    expect(quoting.inReplyTo?.content).toBe('the question')
  })
})

describe('status', () => {
  it('a customer who writes reopens what was resolved, in the same conversation', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    expect((await change(conversation.id, { status: 'RESOLVED' })).status).toBe('RESOLVED')
    const again = await admin.customerWrites(business, 'one more thing', person)
    expect(again.conversation.id).toBe(conversation.id)
    expect(await statusOf(conversation.id)).toBe('OPEN')
  })

  it('what the business writes elsewhere, and a late echo, do not reopen it', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    await change(conversation.id, { status: 'RESOLVED' })
    world.standin.tiktok.businessWritesInApp({ business, person, text: 'bye' })
    await until(async () => (await contents(conversation.id)).includes('bye'), 'it shows up')
    expect(await statusOf(conversation.id)).toBe('RESOLVED')
  })

  it('a snooze ends at its time, or when the customer writes; a time that is past is INVALID', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    const { id } = conversation
    const past = new Date(Date.now() - 1_000).toISOString()
    await expect(change(id, { status: 'SNOOZED', snoozedUntil: past })).rejects.toMatchObject({ code: 'INVALID' })
    const soon = new Date(Date.now() + 1_500).toISOString()
    expect(await change(id, { status: 'SNOOZED', snoozedUntil: soon })).toMatchObject({
      status: 'SNOOZED',
      snoozedUntil: soon,
    })
    await until(async () => (await statusOf(id)) === 'OPEN', 'it wakes')
    await change(id, { status: 'SNOOZED', snoozedUntil: null })
    await admin.customerWrites(business, 'awake?', person)
    expect(await admin.conversation(id)).toMatchObject({ status: 'OPEN', snoozedUntil: null })
  })

  it('each change leaves a line that says who did what, and none when nothing changed', async () => {
    const { conversation } = await admin.customerWrites(business)
    await change(conversation.id, { status: 'PENDING' }, agent)
    await change(conversation.id, { status: 'PENDING' }, agent)
    const lines = (await admin.messages(conversation.id)).filter((message) => message.type === 'ACTIVITY')
    expect(lines.map((line) => line.details)).toMatchObject([
      { action: 'status', status: 'pending', actorId: agent.userId },
    ])
  })
})

describe('assignment', () => {
  it('goes to members who see the inbox, and to nobody else', async () => {
    const { conversation } = await admin.customerWrites(business)
    expect((await assign(conversation.id, agent.userId)).assignee?.id).toBe(agent.userId)
    expect((await assign(conversation.id, admin.userId, agent)).assignee?.id).toBe(admin.userId)
    for (const userId of [outsider.userId, randomUUID(), 'x', '']) {
      await expect(assign(conversation.id, userId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect((await admin.conversation(conversation.id)).assignee?.id).toBe(admin.userId)
    expect((await assign(conversation.id, null)).assignee).toBeNull()
    expect((await admin.conversations({ unassigned: true })).map((row) => row.id)).toContain(conversation.id)
  })
})

describe('unread', () => {
  it('is each member’s own, and what one has read stays unread for the others', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    await admin.customerWrites(business, 'two', person)
    const unread = async (by: Actor) => (await by.conversation(conversation.id)).unreadCount
    expect([await unread(admin), await unread(agent)]).toEqual([2, 2])
    expect((await read(conversation.id, agent)).unreadCount).toBe(0)
    expect([await unread(admin), await unread(agent)]).toEqual([2, 0])
    await admin.customerWrites(business, 'three', person)
    expect([await unread(admin), await unread(agent)]).toEqual([3, 1])
  })

  it('the marker moves forwards only', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    for (const text of ['two', 'three']) await admin.customerWrites(business, text, person)
    await read(conversation.id, agent)
    await sql`update threads set inbound_count = 1 where id = (select thread_id from conversations where id = ${conversation.id})`
    await read(conversation.id, agent)
    const [row] = await sql`select read_count from thread_reads where user_id = ${agent.userId}
      and thread_id = (select thread_id from conversations where id = ${conversation.id})`
    expect(row).toEqual({ read_count: 3 })
  })
})
