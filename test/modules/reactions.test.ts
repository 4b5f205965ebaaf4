import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Business, Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { ByHand } from '../support/by-hand.ts'
import { SetConversationStatusDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string
let hand: ByHand

beforeAll(async () => {
  world = await startWorld({ jobs: false })
  sql = openSql(world)
  admin = await world.business()
  ;({ business, inboxId } = await admin.connect())
  hand = new ByHand(world, sql)
})

afterEach(() => world.standin.tiktok.resetKnobs())

afterAll(async () => {
  await sql.end()
  await world.close()
})

interface Target {
  id: string
  person: Person
  threadRef: string
  messageId: string
}

async function converse(): Promise<Target> {
  const conversation = await hand.converse(business)
  return { ...conversation, messageId: world.standin.tiktok.messages(conversation.threadRef)[0]?.id ?? '' }
}

type Told = Omit<Parameters<World['standin']['tiktok']['reacts']>[0], 'business' | 'person' | 'messageId'>

const react = ({ person, messageId }: Target, told: Told) =>
  world.standin.tiktok.reacts({ business, person, messageId, ...told })

async function signsOn({ id, messageId }: Target) {
  const messages = await admin.messages(id)
  return messages.find(({ externalId }) => externalId === messageId)?.reactions.map(({ sign, by }) => `${by} ${sign}`)
}

const AT = Date.now() - 60_000
const add = (second: number) => ({ operation: 'ADD' as const, at: AT + second * 1_000 })
const remove = (second: number) => ({ operation: 'REMOVE' as const, at: AT + second * 1_000 })

describe('of one person and sign the latest word stands', () => {
  it.each([
    ['put there', [add(1)], true],
    ['told again', [add(1), add(1)], true],
    ['taken back', [add(1), remove(2)], false],
    ['taken back before it was told of', [remove(2), add(1)], false],
    ['taken back at the same moment', [add(1), remove(1)], false],
    ['taken back at the same moment, told first', [remove(1), add(1)], false],
    ['put there again', [add(1), remove(2), add(3)], true],
    ['put there again, told backwards', [add(3), remove(2), add(1)], true],
    ['put there again, told in between', [remove(2), add(3), add(1)], true],
    ['taken back without ever being told of', [remove(2)], false],
  ] as const)('%s', async (_, words, stays) => {
    const expected = stays ? ['CONTACT 👍'] : []
    // One after another, and all in one batch.
    const [first, second] = [await converse(), await converse()]
    for (const word of words) {
      react(first, word)
      await hand.ingest()
    }
    for (const word of words) react(second, word)
    await hand.ingest()
    expect([await signsOn(first), await signsOn(second)]).toEqual([expected, expected])
  })

  it('and the signs of one do not touch those of another', async () => {
    const target = await converse()
    react(target, {
      signs: [
        { emoji: '👍', operation: 'ADD' },
        { emoji: '❤️', operation: 'ADD' },
      ],
      at: AT,
    })
    react(target, { by: 'business', emoji: '👍', at: AT + 1 })
    react(target, { emoji: '👍', ...remove(1) })
    await hand.ingest()
    expect(await signsOn(target)).toEqual(['CONTACT ❤️', 'BUSINESS 👍'])
  })

  it('of a picture too, whose address is signed anew each time', async () => {
    const target = await converse()
    const picture = (query: string, operation: 'ADD' | 'REMOVE', at: number) =>
      react(target, { signs: [{ aiEmojiUrl: `https://cdn.test/a.png?${query}`, operation }], at })
    picture('x-expires=1', 'ADD', AT)
    picture('x-expires=2', 'ADD', AT + 1)
    await hand.ingest()
    const [{ reactions = [] } = {}] = await admin.messages(target.id)
    expect(reactions).toMatchObject([{ isPicture: true, sign: expect.stringContaining('https://cdn.test/a.png?') }])
    picture('x-expires=3', 'REMOVE', AT + 2)
    await hand.ingest()
    expect(await signsOn(target)).toEqual([])
  })
})

describe('a reaction', () => {
  it('is no message: nothing is unread, reopened, used up or moved by it', async () => {
    const target = await converse()
    const input = { accountId: admin.accountId, conversationId: target.id, status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    const before = await admin.conversation(target.id)
    const feed = await admin.subscribe()
    react(target, {})
    react(target, { by: 'business', emoji: '❤️' })
    await hand.ingest()
    const event = await feed.until(({ type }) => type === 'message.updated', 'the message is told of again')
    expect(event.message).toMatchObject({
      externalId: target.messageId,
      reactions: [
        { sign: '👍', isPicture: false, by: 'CONTACT' },
        { sign: '❤️', isPicture: false, by: 'BUSINESS' },
      ],
    })
    expect(feed.events.map(({ type }) => type)).not.toContain('message.created')
    feed.close()
    const after = await admin.conversation(target.id)
    const messages = { nodes: before.messages.nodes.map((node) => ({ ...node, reactions: expect.anything() })) }
    expect(after).toMatchObject({ ...before, messages })
    expect(after).toMatchObject({ status: 'RESOLVED', inboundCount: 1, replyWindow: { remaining: 10 } })
    expect(after.messages.nodes).toHaveLength(before.messages.nodes.length)
  })

  it('waits for its message, and for the conversation that it begins', async () => {
    const { tiktok } = world.standin
    tiktok.setKnobs({ reactionsFirst: true })
    const person = tiktok.addPerson({ username: 'early.bird', displayName: 'Early' })
    const { messageId, conversationId: threadRef } = tiktok.customerWrites({ business, person, text: 'At last' })
    tiktok.pauseWebhooks()
    tiktok.reacts({ business, person, messageId })
    const held = tiktok.ledger.webhooks().filter((webhook) => webhook.conversationId === threadRef)
    expect(held.map(({ messageId: id }) => id === messageId)).toEqual([false, true])
    tiktok.resumeWebhooks()
    await hand.ingest()
    const [row] = await admin.conversations({ query: 'early.bird' })
    expect(row).toMatchObject({ inboundCount: 1, lastMessage: { content: 'At last' } })
    expect(await signsOn({ id: row?.id ?? '', person, threadRef, messageId })).toEqual(['CONTACT 👍'])
  })

  it('whose message never comes is kept, and shows nowhere', async () => {
    const target = await converse()
    const sign = { operation: 'ADD', type: 'EMOJI', emoji: '👍', original_msg_id: 'never==', timestamp: AT }
    await hand.businessWrote({ business, ...target }, { type: 'reaction', reaction: [sign] })
    const stranger = { ...target, person: world.standin.tiktok.addPerson({ username: 'nobody', displayName: 'N' }) }
    await hand.businessWrote({ business, ...stranger, threadRef: 'unheard==' }, { type: 'reaction', reaction: [sign] })
    await hand.ingest()
    const kept =
      await sql`select author, author_ref, removed from message_reactions where message_external_id = 'never=='`
    expect(kept).toEqual(
      Array.from({ length: 2 }, () => ({ author: 'business', author_ref: 'business', removed: false })),
    )
    expect(await signsOn(target)).toEqual([])
    expect(await admin.conversations({ query: 'nobody' })).toEqual([])
  })
})

describe('where a customer came from', () => {
  const referralsOf = async (id: string) =>
    (await admin.conversation(id)).contact.referrals.map(({ source, facts }) => [source, facts as object])

  it('waits for the first message, and stands with the contact then', async () => {
    const { tiktok } = world.standin
    const person = tiktok.addPerson({ username: 'by.ad', displayName: 'Ada' })
    tiktok.setKnobs({ duplicateWebhooks: 1 })
    tiktok.arrives({ business, person, ad: { name: 'Autumn Sale' }, at: AT })
    await hand.ingest()
    expect(await admin.conversations({ query: 'by.ad' })).toEqual([])
    tiktok.customerWrites({ business, person, text: 'How much?' })
    await hand.ingest()
    const [row] = await admin.conversations({ query: 'by.ad' })
    const id = row?.id ?? ''
    const url = `https://www.tiktok.com/player/v1/${business.posts[0]}`
    expect(await referralsOf(id)).toEqual([['AD', expect.objectContaining({ adName: 'Autumn Sale', url })]])
    const [kept] = await sql`select conversation_id from referrals where account_id = ${admin.accountId}`
    expect(kept).toEqual({ conversation_id: id })
    expect(row?.inboundCount).toBe(1)
  })

  it('is told live in a conversation that is there; the newest five are shown', async () => {
    const target = await converse()
    const feed = await admin.subscribe()
    for (let place = 1; place <= 6; place++) {
      const link = { ref: `spring-${place}`, message: 'Hi' }
      world.standin.tiktok.arrives({ business, person: target.person, link, at: AT + place })
    }
    await hand.ingest()
    const newest = { source: 'SHORT_LINK', facts: { ref: 'spring-6', prefilledText: 'Hi' } }
    await feed.until(
      ({ type, conversation }) => type === 'conversation.updated' && conversation?.contact.referrals.length === 5,
      'the conversation is told of again',
    )
    feed.close()
    const { contact, status, lastMessage } = await admin.conversation(target.id)
    expect(contact.referrals).toHaveLength(5)
    expect(contact.referrals[0]).toMatchObject(newest)
    expect({ status, lastMessage }).toMatchObject({ status: 'OPEN', lastMessage: { content: 'Hello' } })
    const other = (await world.business()).as(admin.accountId)
    await expect(other.conversation(target.id)).rejects.toThrow('NOT_FOUND')
  })

  it('goes to the new conversation where each has one of its own', async () => {
    await sql`update inboxes set lock_to_single_conversation = false where id = ${inboxId}`
    const target = await converse()
    const input = { accountId: admin.accountId, conversationId: target.id, status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    const { person } = target
    world.standin.tiktok.arrives({ business, person, link: { ref: 'again' }, at: AT })
    world.standin.tiktok.customerWrites({ business, person, text: 'Me again' })
    await hand.ingest()
    const [kept] = await sql<{ conversation_id: string }[]>`
      select conversation_id from referrals where facts->>'ref' = 'again'`
    expect(kept?.conversation_id).not.toBe(target.id)
    expect(await admin.conversation(kept?.conversation_id ?? '')).toMatchObject({
      lastMessage: { content: 'Me again' },
    })
  })
})
