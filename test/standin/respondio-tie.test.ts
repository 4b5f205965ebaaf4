import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identicon } from './png.ts'
import type { TestSpace } from './respondio-kit.ts'
import { startSpace } from './respondio-kit.ts'
import type { Channel } from './respondio/types.ts'
import type { Business, Person } from './tiktok/types.ts'

let world: TestSpace
let business: Business
let person: Person
let tied: Channel
beforeEach(async () => {
  world = await startSpace()
  const { tiktok, respondio } = world.standin
  business = tiktok.addBusiness({ username: 'acme.shop', displayName: 'Acme' })
  person = tiktok.addPerson({ username: 'alice.demo', displayName: 'Alice' })
  tied = respondio.addChannel({ space: world.space, business: 'acme.shop' })
})
afterEach(() => world.close())

const aliceWrites = (text = 'Hello', more = {}) =>
  world.standin.tiktok.customerWrites({ business, person, text, ...more })
const contactOf = () => {
  const [contact] = world.respondio.world.contactsOf(world.space.id)
  if (!contact) throw new Error('nobody has written yet')
  return contact
}
const listed = async () => (await world.list(contactOf().id, 'limit=50')).items.toReversed()

describe('a channel that is tied to a business of TikTok', () => {
  it('shows what the customer writes there under the same id, and makes a contact of them once', async () => {
    world.subscribe('contact.created', 'message.received')
    const first = aliceWrites('one', { at: 1000 })
    const second = aliceWrites('two', { at: 2000, quoteOf: first.messageId })
    await world.respondio.settled()
    expect(world.respondio.world.contactsOf(world.space.id)).toMatchObject([{ firstName: 'Alice' }])
    expect(await listed()).toMatchObject([
      {
        messageId: 1_000_000,
        channelMessageId: first.messageId,
        message: { type: 'text', text: 'one' },
        replyTo: null,
      },
      { messageId: 2_000_000, channelMessageId: second.messageId, replyTo: { messageId: 1_000_000 } },
    ])
    expect(world.receiver.received.map(({ event }) => event).toSorted()).toEqual([
      ...['contact.created', 'message.received', 'message.received'],
    ])
  })

  it('posts on TikTok what respond.io sends, once', async () => {
    const { conversationId } = aliceWrites()
    const { body } = await world.sendText(contactOf().id, 'Hi Alice', tied)
    await world.respondio.settled()
    const [, posted] = world.standin.tiktok.messages(conversationId)
    expect(posted).toMatchObject({ from: 'business', source: 'API', content: { type: 'text', body: 'Hi Alice' } })
    expect(await listed()).toMatchObject([
      { traffic: 'incoming' },
      { messageId: body.messageId, channelMessageId: posted?.id, status: [{ value: 'sent' }, { value: 'delivered' }] },
    ])
  })

  it('echoes what the business writes in TikTok or by another program, and hears when it is read', async () => {
    aliceWrites()
    const { messageId } = world.standin.tiktok.businessWritesInApp({ business, person, text: 'from my phone' })
    const contact = contactOf()
    const here = world.respondio.businessWrites({ contact, channel: tied, source: 'echo', text: 'again' })
    world.standin.tiktok.customerReads({ business, person })
    const [, first, second] = await listed()
    expect(first).toMatchObject({ channelMessageId: messageId, sender: { source: 'echo' } })
    expect(first?.status).toMatchObject([{ value: 'sent' }, { value: 'delivered' }, { value: 'read' }])
    expect(second?.messageId).toBe(here.messageId)
    expect(world.standin.tiktok.conversations()[0]?.messages).toHaveLength(3)
  })

  it('goes by the window of TikTok, whoever used it up', async () => {
    aliceWrites()
    for (let i = 0; i < 10; i++) world.standin.tiktok.businessWritesInApp({ business, person, text: `${i}` })
    await world.sendText(contactOf().id, 'eleven', tied)
    await world.respondio.settled()
    expect((await listed()).at(-1)).toMatchObject({ status: [{ value: 'failed' }], channelMessageId: null })
    expect(world.standin.tiktok.conversations()[0]?.messages).toHaveLength(11)
    aliceWrites()
    world.respondio.blocks({ contact: contactOf() })
    await world.sendText(contactOf().id, 'blocked', tied)
    await world.respondio.settled()
    expect((await listed()).at(-1)).toMatchObject({
      status: [{ value: 'failed', message: expect.stringContaining('privacy settings') }],
    })
  })

  it('lets the customer write from here too, and somebody new', async () => {
    const { contactId, messageId } = world.respondio.customerWrites({
      channel: tied,
      contact: { firstName: 'Bob' },
      text: 'Hi',
    })
    world.respondio.customerWrites({ channel: tied, contact: contactId, text: 'quoting', quoteOf: messageId })
    const [conversation] = world.standin.tiktok.conversations()
    expect(conversation?.messages.map(({ quoteOf }) => quoteOf)).toEqual([undefined, conversation?.messages[0]?.id])
    expect(await listed()).toMatchObject([{ messageId }, { message: { text: 'quoting' }, replyTo: { messageId } }])
    world.respondio.customerReads({ contact: contactId, channel: tied })
    expect(world.standin.tiktok.conversations()[0]?.personReadUpTo).toBeGreaterThan(0)
  })

  it('carries pictures and posts either way', async () => {
    const { tiktok } = world.standin
    const mediaId = tiktok.addMedium({ business, mime: 'image/png', bytes: identicon('a') })
    const { conversationId } = aliceWrites('', { text: undefined, content: { type: 'image', mediaId } })
    aliceWrites('', { text: undefined, content: { type: 'share_post', videoId: '7' } })
    aliceWrites('', { text: undefined, content: { type: 'unknown', kind: 'voice' } })
    const kinds = (await listed()).map(({ message }) => message as { type: string; attachment?: { url: string } })
    expect(kinds).toMatchObject([
      { attachment: { type: 'image', mime: 'image/png' } },
      { type: 'post' },
      { type: 'unsupported' },
    ])
    const url = kinds[0]?.attachment?.url
    const message = { type: 'attachment', attachment: { type: 'image', url } }
    await world.post(`/contact/id:${contactOf().id}/message`, { channelId: tied.id, message })
    await world.respondio.settled()
    expect(tiktok.messages(conversationId).at(-1)?.content).toMatchObject({ type: 'image' })
  })

  it('says nothing of people whose words TikTok keeps back', () => {
    const lena = world.standin.tiktok.addPerson({ username: 'lena', displayName: 'Lena', region: 'DE' })
    world.standin.tiktok.customerWrites({ business, person: lena, text: 'Hallo' })
    expect(world.respondio.world.contactsOf(world.space.id)).toEqual([])
  })
})
