import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestSpace } from './respondio-kit.ts'
import { startSpace } from './respondio-kit.ts'
import { signWebhookBody } from './respondio/signature.ts'

const AT = 1_771_831_909_270

let world: TestSpace
beforeEach(async () => {
  world = await startSpace()
})
afterEach(() => world.close())

const events = () => world.receiver.received.map(({ event }) => event)
const contents = () => world.receiver.received.map(({ content }) => content)
const headerOf = (index = 0) => world.receiver.received[index]?.headers['x-webhook-signature']

describe('the signature', () => {
  it('gives the vectors of the wire reference', () => {
    const key = 'c2ltdWxhdG9yLXNpZ25pbmcta2V5LTAwMDAwMDAwMDE='
    const body = '{"event_type":"message.received","event_id":"6b0b0e3c-0000-4000-8000-000000000001"}'
    const sign = (text: string, secret: string) => world.respondio.signWebhook(text, secret).value
    expect(sign('{"some":"payload"}', 'secret-key')).toBe('Bq1g+eoWPzyDxcVsyqSfJaTHxwAIVJPuJ/kAf+Ef0QA=')
    expect(sign('{"event":"message","data":"test"}', 'secret')).toBe('UtAE5LaeNjrL33PUEQfh69YKw7UhrrkOL9tQN0+xIrI=')
    expect(sign(body, key)).toBe('sQ1/WkHy3tcD8+VLyyO2A7hpuYlvl+LP6nKd009nxm0=')
  })

  it('covers the bytes that come, under the key of its own webhook', async () => {
    const [first, second] = [...world.subscribe('message.received'), ...world.subscribe('message.received')]
    expect(first?.key).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    expect(first?.key).not.toBe(second?.key)
    world.respondio.setKnobs({ escapeUnicode: true })
    world.write({ firstName: 'พลอย' }, 'สวัสดี 🙏')
    await world.respondio.settled()
    const style = {
      signatureOver: 'bytes',
      signatureHeader: 'X-Webhook-Signature',
      signatureEncoding: 'base64',
    } as const
    const raws = world.receiver.received.map(({ raw }) => raw)
    expect(raws[0]).toMatch(/^[\0-\x7f]+$/)
    expect(raws[0]).toContain('\\ud83d\\ude4f')
    expect(contents()[0]).toMatchObject({ message: { message: { text: 'สวัสดี 🙏' } } })
    const signatures = [first, second].map(
      (one, index) => signWebhookBody(raws[index] ?? '', one?.key ?? '', style).value,
    )
    expect([headerOf(0), headerOf(1)]).toEqual(signatures)
    expect(headerOf(0)).not.toBe(
      signWebhookBody(raws[0] ?? '', first?.key ?? '', { ...style, signatureOver: 'restringified' }).value,
    )
  })

  it('has a style, and can be forged', async () => {
    const [one] = world.subscribe('message.received')
    world.respondio.setKnobs({ signatureHeader: 'X-Respond-Signature', signatureEncoding: 'hex' })
    world.newcomer()
    await world.respondio.settled()
    expect(world.receiver.received[0]?.rawHeaders).toContain('X-Respond-Signature')
    expect(world.receiver.received[0]?.headers['x-respond-signature']).toMatch(/^[0-9a-f]{64}$/)
    world.respondio.resetKnobs()
    const { url } = world.receiver
    await world.respondio.postRaw('{}', { url, headers: { 'X-Webhook-Signature': 'forged' } })
    await world.respondio.postRaw('{}', { url, key: one?.key ?? '' })
    expect([headerOf(1), headerOf(2)]).toEqual(['forged', world.respondio.signWebhook('{}', one?.key ?? '').value])
  })
})

describe('webhooks', () => {
  it('carry a text in the exact shape of the reference', async () => {
    world.subscribe('message.received')
    const { contactId, messageId } = world.newcomer('Jamie', AT)
    await world.respondio.settled()
    const [first] = contents()
    expect(Object.keys(first ?? {})).toEqual(['event_type', 'event_id', 'contact', 'message', 'channel', 'sender'])
    expect(first).toEqual({
      event_type: 'message.received',
      event_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      contact: {
        ...{ id: contactId, firstName: 'Jamie', lastName: '', phone: null, email: null, language: null },
        ...{ profilePic: expect.any(String), countryCode: null, status: 'open', lifecycle: null },
        assignee: { id: null, firstName: null, lastName: null, email: null },
        created_at: expect.any(Number),
      },
      message: {
        ...{ messageId, channelMessageId: expect.any(String), contactId, channelId: world.channel.id },
        ...{ traffic: 'incoming', timestamp: AT, message: { type: 'text', text: 'Hello' }, replyTo: {} },
      },
      channel: {
        ...{ id: world.channel.id, name: 'TikTok Business messaging', source: 'tiktok_business', meta: '{}' },
        created_at: expect.any(Number),
      },
      sender: { source: 'contact', userId: null, teamId: null, workflowId: null, broadcastHistoryId: null },
    })
  })

  it('have another form, another place for the sender and another unit when told to', async () => {
    world.subscribe('message.received')
    world.respondio.setKnobs({ webhookForm: 'data', webhookSender: 'both', webhookTimestamp: 's', senderNulls: false })
    const { contactId, messageId } = world.newcomer('Jamie', AT)
    await world.respondio.settled()
    const sender = { source: 'contact' }
    const message = { messageId, type: 'text', text: 'Hello', timestamp: Math.floor(AT / 1000), sender }
    expect(contents()).toMatchObject([
      { event: 'message.created', data: { contact: { id: contactId }, message, conversationId: contactId, sender } },
    ])
  })

  it('tell of sends by the API, by people and machines, and of what was written in the app', async () => {
    world.subscribe('message.sent')
    const { contactId } = world.newcomer()
    const pair = { contact: contactId, channel: world.channel }
    const { body } = await world.sendText(contactId, 'by API')
    await world.respondio.settled()
    for (const source of ['user', 'workflow', 'broadcast', 'ai_agent', 'bot', 'echo'] as const) {
      world.respondio.businessWrites({ ...pair, source, text: source })
      await world.respondio.settled()
    }
    expect(contents().map(({ sender }) => (sender as { source: string }).source)).toEqual([
      ...['api', 'user', 'workflow', 'broadcast', 'ai_agent', 'bot', 'echo'],
    ])
    expect(contents()[0]).toMatchObject({
      message: {
        ...{ messageId: body.messageId, traffic: 'outgoing', channelMessageId: expect.any(String) },
        status: expect.arrayContaining([expect.objectContaining({ value: 'sent' })]),
      },
      channel: { lastMessageTime: expect.any(Number), lastIncomingMessageTime: expect.any(Number) },
    })
  })

  it('come before or after the answer of a send, or never', async () => {
    world.subscribe('message.sent')
    const { contactId } = world.newcomer()
    world.respondio.setKnobs({ echo: 'before' })
    await world.sendText(contactId)
    expect(events()).toEqual(['message.sent'])
    world.respondio.setKnobs({ echo: 'never' })
    await world.sendText(contactId)
    await world.respondio.settled()
    expect(events()).toHaveLength(1)
    world.respondio.setKnobs({ echo: 'after', tellFailedSends: false, windowPolicy: 'strict10' })
    world.respondio.blocks({ contact: contactId })
    await world.sendText(contactId)
    await world.respondio.settled()
    expect(events()).toHaveLength(1)
  })

  it('tell of contacts and conversations', async () => {
    world.subscribeAll()
    const { respondio } = world
    const [user] = respondio.world.usersOf(world.space.id)
    if (!user) throw new Error('a workspace has an owner')
    const { contactId: contact } = world.newcomer()
    await respondio.settled()
    expect(new Set(events())).toEqual(new Set(['contact.created', 'conversation.opened', 'message.received']))
    const path = `/contact/id:${contact}`
    await world.call('PUT', path, { lastName: 'x' })
    await world.post(`${path}/lifecycle/update`, { name: 'Payment' })
    await world.post(`${path}/comment`, { text: 'note' })
    respondio.assigns({ contact, user })
    respondio.tags({ contact, tags: ['deposit_paid'] })
    respondio.tags({ contact, tags: ['deposit_paid'], action: 'remove' })
    respondio.closes({ contact, user, category: 'Resolved' })
    world.write(contact, 'one more thing')
    await respondio.settled()
    const told = (event: string) =>
      world.receiver.received.filter((one) => one.event === event).map(({ content }) => content)
    expect(told('contact.updated')).toMatchObject([{ contact: { lastName: 'x' } }])
    expect(told('contact.lifecycle.updated')).toMatchObject([
      { lifecycle: 'Payment', oldLifecycle: null, action: 'update' },
    ])
    expect(told('comment.created')).toMatchObject([{ comment: { text: 'note', id: expect.any(Number) } }])
    expect(told('contact.assignee.updated')).toMatchObject([{ contact: { assignee: { id: user.id } } }])
    expect(told('contact.tag.updated')).toMatchObject([
      { tag: 'deposit_paid', action: 'add', contact: { tags: ['deposit_paid'] } },
      { tag: 'deposit_paid', action: 'remove', contact: { tags: [] } },
    ])
    const conversation = {
      category: 'Resolved',
      closedBySource: 'user',
      closedBy: { id: user.id },
      incomingMessageCount: 1,
    }
    expect(told('conversation.closed')).toMatchObject([{ contact: { status: 'close' }, conversation }])
    expect(told('conversation.opened')).toHaveLength(2)
  })

  it('go to the subscriptions of their workspace, each with an event id of its own', async () => {
    world.subscribe('message.received', 'message.received', 'message.sent')
    const other = world.respondio.addSpace({ name: 'Other' })
    world.respondio.subscribe({ space: other, event: 'message.received', url: world.receiver.url })
    const sources = ['user' as const]
    world.respondio.subscribe({ space: world.space, event: 'message.sent', url: world.receiver.url, sources })
    const { contactId } = world.newcomer()
    await world.sendText(contactId)
    await world.respondio.settled()
    expect(events().toSorted()).toEqual(['message.received', 'message.received', 'message.sent'])
    expect(new Set(contents().map((content) => content['event_id'])).size).toBe(3)
  })

  it('come twice, out of order, or not at all', async () => {
    world.subscribe('message.received')
    const { contactId } = world.newcomer()
    await world.respondio.settled()
    world.respondio.setKnobs({ duplicateWebhooks: 1 })
    world.write(contactId, 'twice')
    await world.respondio.settled()
    expect(contents()[1]).toEqual(contents()[2])
    world.respondio.setKnobs({ duplicateWebhooks: 0, dropNextWebhooks: 1 })
    world.write(contactId, 'lost')
    world.write(contactId, 'found')
    await world.respondio.settled()
    expect(contents().slice(3)).toMatchObject([{ message: { message: { text: 'found' } } }])
    world.respondio.setKnobs({ reorderWebhooks: 1, reorderDelayMs: 60 })
    for (let i = 0; i < 12; i++) world.write(contactId, String.fromCharCode(97 + i), { at: AT + i })
    await world.respondio.settled()
    const order = contents()
      .slice(4)
      .map(({ message }) => (message as { messageId: number }).messageId)
    expect(order).not.toEqual(order.toSorted((a, b) => a - b))
    expect(new Set(order).size).toBe(12)
    expect(world.respondio.ledger.webhooks({ fate: 'dropped' })).toHaveLength(1)
  })

  it('are not repeated, unless a knob says so', async () => {
    const deliveries = () =>
      world.respondio.ledger.webhooks().map(({ attempts }) => attempts.map(({ status }) => status))
    world.subscribe('message.received')
    world.receiver.statuses.push(500)
    const { contactId } = world.newcomer()
    await world.respondio.settled()
    world.respondio.setKnobs({ retryScheduleMs: [5, 5] })
    world.receiver.statuses.push(503, 204)
    world.write(contactId)
    await world.respondio.settled()
    expect(deliveries()).toEqual([[500], [503, 204]])
  })

  it('are switched off after more than thirty errors in half an hour, a slow answer being one', async () => {
    const [subscription] = world.subscribe('message.received')
    const { respondio, receiver } = world
    const { contactId } = world.newcomer()
    await respondio.settled()
    const fail = async (count: number) => {
      receiver.statuses.push(...Array<number>(count).fill(500))
      for (let i = 0; i < count; i++) world.write(contactId, `${i}`)
      await respondio.settled()
    }
    await fail(30)
    expect(subscription?.enabled).toBe(true)
    respondio.clock.advance(31 * 60_000)
    await fail(30)
    expect(subscription?.enabled).toBe(true)
    respondio.setKnobs({ webhookTimeoutMs: 1 })
    receiver.delayMs = 40
    world.write(contactId)
    await respondio.settled()
    expect(subscription?.enabled).toBe(false)
    receiver.delayMs = 0
    respondio.setKnobs({ webhookTimeoutMs: 5000 })
    world.write(contactId)
    await respondio.settled()
    expect(respondio.ledger.webhooks().at(-1)?.fate).toBe('disabled')
    respondio.enable(subscription?.id ?? 0)
    world.write(contactId)
    await respondio.settled()
    expect(respondio.ledger.webhooks().at(-1)?.delivered).toBe(true)
  })

  it('wait while they are paused', async () => {
    world.subscribe('message.received')
    world.respondio.pauseWebhooks()
    world.newcomer()
    expect([world.respondio.webhooksPaused(), events()]).toEqual([true, []])
    world.respondio.resumeWebhooks()
    await world.respondio.settled()
    expect(events()).toEqual(['message.received'])
  })
})
