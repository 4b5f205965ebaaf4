import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { InboxHistoryDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo } from './polling-kit.ts'

/** A list, a look and a read by jobs that the clock starts. */
const PATIENCE_MS = 40_000

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

describe('an inbox whose provider delivers nothing', () => {
  it('shows what a customer writes, answers, and knows what became of the answer', async () => {
    const shop = await connectRespondIo(world, admin)
    const polling = new Polling(world, sql, shop)
    const { respondio } = world.standin
    await polling.listed()
    const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Have you oolong?')
    const { inboxId } = shop
    const conversation = await until(async () => (await admin.conversations({ inboxId }))[0], 'it arrives', PATIENCE_MS)
    expect(conversation).toMatchObject({ unreadCount: 1, contact: { name: 'Ploy' } })
    const { id } = await admin.send(conversation.id, 'We have.')
    const find = async () => (await admin.messages(conversation.id)).find((row) => row.id === id)
    await until(async () => (await find())?.status === 'SENT', 'it is sent')
    polling.writes(contactId, 'Then two, please.')
    await until(async () => (await admin.messages(conversation.id)).length === 3, 'the next one arrives')
    respondio.businessWrites({ channel: shop.channel, contact: contactId, text: 'From the app', source: 'user' })
    await until(async () => (await admin.messages(conversation.id)).length === 4, 'what a colleague wrote there, too')
    const texts = (await admin.messages(conversation.id)).map((row) => row.content)
    expect(texts).toEqual(['Have you oolong?', 'We have.', 'Then two, please.', 'From the app'])
  }, 90_000)

  it('knows what the customer has read, and what arrived although its answer did not', async () => {
    const shop = await connectRespondIo(world, admin)
    const polling = new Polling(world, sql, shop)
    const { respondio } = world.standin
    await polling.listed()
    const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Have you oolong?')
    const { inboxId, channel } = shop
    const { id: conversationId } = await until(
      async () => (await admin.conversations({ inboxId }))[0],
      'it arrives',
      PATIENCE_MS,
    )
    const statusOf = async (id: string) => (await admin.messages(conversationId)).find((row) => row.id === id)?.status
    respondio.fault({ kind: 'truncated_json', operations: ['send'] })
    const { id: unanswered } = await admin.send(conversationId, 'We have.')
    await until(async () => ['SENT', 'DELIVERED'].includes((await statusOf(unanswered)) ?? ''), 'the list tells of it')
    const { id } = await admin.send(conversationId, 'How much?')
    await until(async () => (await statusOf(id)) === 'DELIVERED', 'it is delivered')
    respondio.customerReads({ contact: contactId, channel })
    await until(async () => (await statusOf(id)) === 'READ' && (await statusOf(unanswered)) === 'READ', 'both are read')
    expect((await admin.messages(conversationId)).map((row) => row.content)).toEqual([
      'Have you oolong?',
      'We have.',
      'How much?',
    ])
  }, 90_000)

  it('has its past read, unread by nobody and without a fuss', async () => {
    const { respondio } = world.standin
    const space = respondio.addSpace({ name: 'Tea' })
    const before = respondio.addChannel({ space })
    const other = respondio.addChannel({ space, source: 'whatsapp_cloud' })
    const at = Date.now() - 3_600_000
    const old = respondio.customerWrites({ channel: before, contact: { firstName: 'Old' }, text: 'Hello', at })
    respondio.customerWrites({ channel: other, contact: { firstName: 'Elsewhere' }, text: 'Hello', at })
    const shop = await connectRespondIo(world, admin, space)
    const here = respondio.customerWrites({ channel: shop.channel, contact: { firstName: 'Here' }, text: 'Before', at })
    const polling = new Polling(world, sql, shop)
    const { inboxId: id, accountId } = shop
    const { history } = await until(
      async () => {
        const { inbox } = await admin.gql(InboxHistoryDocument, { accountId, id })
        return inbox.history?.state === 'DONE' && inbox
      },
      'it is read',
      PATIENCE_MS,
    )
    expect(history).toMatchObject({ threadsFound: 1, threadsRead: 1, messagesAdded: 1 })
    expect(await polling.messages(here.contactId)).toMatchObject([{ content: 'Before', history: true }])
    expect(await polling.messages(old.contactId)).toEqual([])
    expect((await admin.conversations({ inboxId: id })).map((row) => row.unreadCount)).toEqual([0])
  }, 90_000)
})
