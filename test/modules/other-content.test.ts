import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Business, MessageContent } from '../standin/tiktok/types.ts'
import { type Actor, GraphqlFailure } from '../support/actor.ts'
import { ByHand } from '../support/by-hand.ts'
import { SendMessageDocument, type SendMessageInput } from '../support/generated.ts'
import { messageOf } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let hand: ByHand

beforeAll(async () => {
  world = await startWorld({ jobs: false })
  sql = openSql(world)
  admin = await world.business()
  ;({ business } = await admin.connect())
  hand = new ByHand(world, sql)
})

afterEach(() => {
  world.standin.tiktok.resetKnobs()
  world.standin.tiktok.clearFaults()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

type Conversation = Awaited<ReturnType<ByHand['converse']>>

async function send(conversationId: string, more: Partial<SendMessageInput>) {
  const input = { accountId: admin.accountId, conversationId, clientMessageId: randomUUID(), ...more }
  return (await admin.gql(SendMessageDocument, { input })).sendMessage
}

const refused = (conversationId: string, more: Partial<SendMessageInput>) =>
  send(conversationId, more).then(
    () => 'sent',
    (error: unknown) => {
      if (!(error instanceof GraphqlFailure)) throw error
      return [error.code, error.details['field'], error.details['reason']].filter(Boolean).join(' ')
    },
  )

const atProvider = ({ threadRef }: Conversation): MessageContent[] =>
  world.standin.tiktok
    .messages(threadRef)
    .filter(({ from }) => from === 'business')
    .map(({ content }) => content)

const post = () => business.posts[0] ?? ''
const CARD = { title: 'Which size?', buttons: [{ title: 'S' }, { title: ' M ' }] }

/** Works off what is queued, and the echo of it. */
async function deliver(conversation: Conversation) {
  await hand.drain(admin, conversation.threadId)
  await hand.ingest()
}

describe('a post and a card go out', () => {
  it('as they were meant, and their echo is no second message (I2)', async () => {
    const conversation = await hand.converse(business)
    const address = `https://www.tiktok.com/@${business.username}/video/${post()}?lang=th`
    const shared = await send(conversation.id, { sharePost: { post: address } })
    const asked = await send(conversation.id, { card: CARD })
    const linked = await send(conversation.id, {
      card: { title: 'Where?', buttons: [{ title: 'x'.repeat(40) }], asLinks: true },
    })
    const url = `https://www.tiktok.com/player/v1/${post()}`
    expect(shared).toMatchObject({ contentType: 'share_post', content: null, details: { postRef: post(), url } })
    expect(asked).toMatchObject({ contentType: 'template', content: 'Which size?', details: { buttons: ['S', 'M'] } })
    await deliver(conversation)
    const buttons = ['S', 'M'].map((title, place) => ({ type: 'REPLY', title, id: `option_${place + 1}` }))
    expect(atProvider(conversation)).toMatchObject([
      { type: 'share_post', videoId: post() },
      { type: 'template', template: { type: 'QA_BUTTON_CARD', title: 'Which size?', buttons } },
      { type: 'template', template: { type: 'QA_LINK_CARD', title: 'Where?' } },
    ])
    const messages = await admin.messages(conversation.id)
    expect(messages.slice(1).map(({ id, status }) => [id, status])).toEqual(
      [shared, asked, linked].map(({ id }) => [id, 'SENT']),
    )
    expect((await admin.conversation(conversation.id)).replyWindow.remaining).toBe(7)
  })

  it('and are known again by their echo when the answer was lost (I5)', async () => {
    const { tiktok } = world.standin
    tiktok.setKnobs({ echo: 'late', lateEchoDelayMs: 400 })
    for (const [content, other] of [
      [
        { sharePost: { post: post() } },
        { type: 'share_post', share_post: { embed_url: 'https://www.tiktok.com/player/v1/1' } },
      ],
      [
        { card: CARD },
        { type: 'template', template: { type: 'qa_button_card', elements: [{ title: 'Which colour?' }] } },
      ],
    ] as const) {
      const conversation = await hand.converse(business)
      const { id } = await send(conversation.id, content)
      tiktok.fault({ kind: 'timeout_after_commit', holdMs: 20, conversationId: conversation.threadRef })
      await hand.drain(admin, conversation.threadId)
      expect(await messageOf(admin, conversation.id, id)).toMatchObject({ status: 'UNCONFIRMED' })
      // What another program sends says something else.
      await hand.businessWrote({ business, ...conversation }, { ...other, message_tag: { source: 'API' } })
      await hand.ingest()
      expect(await messageOf(admin, conversation.id, id)).toMatchObject({ status: 'SENT' })
      expect(atProvider(conversation)).toHaveLength(1)
    }
  })

  it('a post that is not the business’s own fails in words', async () => {
    const conversation = await hand.converse(business)
    const { id } = await send(conversation.id, { sharePost: { post: '7203946942097902849' } })
    await hand.drain(admin, conversation.threadId)
    const failure = { code: 'POST_REFUSED', message: expect.stringContaining('own posts') }
    expect(await messageOf(admin, conversation.id, id)).toMatchObject({ status: 'FAILED', failure })
  })

  it('once for one id, whatever comes again (I5)', async () => {
    const conversation = await hand.converse(business)
    const clientMessageId = randomUUID()
    const first = await send(conversation.id, { clientMessageId, card: CARD })
    expect((await send(conversation.id, { clientMessageId, card: CARD })).id).toBe(first.id)
    for (const other of [
      { content: 'Which size?' },
      { card: { ...CARD, asLinks: true } },
      { sharePost: { post: post() } },
    ])
      expect(await refused(conversation.id, { clientMessageId, ...other })).toBe('CONFLICT ID_REUSED')
  })

  it('or not at all when they cannot be sent like that', async () => {
    const conversation = await hand.converse(business)
    const titles = (...given: string[]) => ({ title: 'Q', buttons: given.map((title) => ({ title })) })
    for (const [input, expected] of [
      [{ content: 'Hi', sharePost: { post: post() } }, 'INVALID content ONE_OF'],
      [{ sharePost: { post: post() }, card: CARD }, 'INVALID card ONE_OF'],
      [{ private: true, card: CARD }, 'INVALID private ONE_OF'],
      [{ sharePost: { post: 'https://vm.tiktok.com/ZM1' } }, 'INVALID sharePost.post NOT_A_POST'],
      [{ card: { ...CARD, title: ' ' } }, 'INVALID card.title EMPTY'],
      [{ card: { ...CARD, title: '😀'.repeat(41) } }, 'INVALID card.title TOO_LONG'],
      [{ card: { ...CARD, title: 'two\nlines' } }, 'INVALID card.title UNUSABLE'],
      [{ card: titles() }, 'INVALID card.buttons BUTTON_COUNT'],
      [{ card: titles('1', '2', '3', '4') }, 'INVALID card.buttons BUTTON_COUNT'],
      [{ card: titles('1', '1 ') }, 'INVALID card.buttons SAME_TWICE'],
      [{ card: titles('1', 'x'.repeat(21)) }, 'INVALID card.buttons.1.title TOO_LONG'],
      [{ card: { ...titles('x'.repeat(41)), asLinks: true } }, 'INVALID card.buttons.0.title TOO_LONG'],
    ] as const)
      expect(await refused(conversation.id, input as Partial<SendMessageInput>)).toBe(expected)
    expect(await admin.messages(conversation.id)).toHaveLength(1)
  })
})

describe('what comes back', () => {
  it('a tap says which button of which card it answers', async () => {
    const conversation = await hand.converse(business)
    const { id } = await send(conversation.id, { card: CARD })
    await deliver(conversation)
    const card = await messageOf(admin, conversation.id, id)
    const { person } = conversation
    world.standin.tiktok.taps({ business, person, messageId: card.externalId ?? '', buttonId: 'option_2' })
    await hand.ingest()
    const tap = { messageId: card.externalId, buttonId: 'option_2' }
    expect((await admin.messages(conversation.id)).at(-1)).toMatchObject({
      ...{ type: 'INCOMING', contentType: 'text', content: 'M', details: { tap } },
    })
  })

  it('an automatic message is the provider’s, and says which one', async () => {
    const conversation = await hand.converse(business)
    const { person } = conversation
    world.standin.tiktok.businessWritesInApp({ business, person, text: 'Welcome!', autoType: 'WELCOME_MESSAGE' })
    await hand.ingest()
    expect((await admin.messages(conversation.id)).at(-1)).toMatchObject({
      ...{ type: 'TEMPLATE', source: 'AUTOMATION', content: 'Welcome!', details: { automatic: 'WELCOME_MESSAGE' } },
    })
  })
})

describe('a quote', () => {
  it('goes out with a text about what can be quoted', async () => {
    const conversation = await hand.converse(business)
    const shared = await send(conversation.id, { sharePost: { post: post() } })
    const reply = await send(conversation.id, { content: 'This one', inReplyToId: shared.id })
    await deliver(conversation)
    const [first, second] = world.standin.tiktok.messages(conversation.threadRef).slice(1)
    expect(second).toMatchObject({ content: { body: 'This one' }, quoteOf: first?.id })
    expect(await messageOf(admin, conversation.id, reply.id)).toMatchObject({
      status: 'SENT',
      inReplyTo: { id: shared.id },
    })
  })

  it('is refused where the customer would not see it', async () => {
    const conversation = await hand.converse(business)
    const { person } = conversation
    world.standin.tiktok.customerWrites({ business, person, content: { type: 'sticker', url: 'https://cdn.test/s' } })
    await hand.ingest()
    const [hello, sticker] = await admin.messages(conversation.id)
    const note = await admin.send(conversation.id, 'for us', { private: true, inReplyToId: sticker?.id ?? '' })
    for (const inReplyToId of [sticker?.id ?? '', note.id])
      expect(await refused(conversation.id, { content: 'That', inReplyToId })).toBe('INVALID inReplyToId NOT_QUOTABLE')
    const card = { card: CARD, inReplyToId: hello?.id ?? '' }
    expect(await refused(conversation.id, card)).toBe('INVALID inReplyToId NOT_QUOTABLE')
  })
})
