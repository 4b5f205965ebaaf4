import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestWorld } from './test-kit.ts'
import { startWorld } from './test-kit.ts'

const SHORT = '{"event":"im_receive_msg","content":"{}"}'
const LONG = JSON.stringify({
  client_key: '7000000000000000001',
  event: 'im_receive_msg',
  create_time: 1700000000,
  user_openid: 'biz-open-id-1',
  content: JSON.stringify({
    from: 'alice.demo',
    to: 'acme.shop',
    unique_identifier: 'Zm9vYmFyYmF6cXV4',
    from_user: { id: 'Zm9vYmFyYmF6cXV4', role: 'personal_account' },
    to_user: { id: 'biz-open-id-1', role: 'business_account' },
    conversation_id: 'u5JhpselBAhoPOlnH0tZ9y07kg==',
    message_id: 'u5Buqc6lAghuOelnHUZV88DK2A==',
    timestamp: 1700000000123,
    type: 'text',
    text: { body: 'Hello' },
    scene_type: 0,
    is_follower: false,
    message_tag: { source: 'APP' },
  }),
})

let world: TestWorld
beforeEach(async () => {
  world = await startWorld()
  world.tiktok.setKnobs({ retryScheduleMs: [20, 40, 80] })
})
afterEach(() => world.close())

const events = (): string[] => world.receiver.received.map(({ event }) => event)

describe('the signature', () => {
  it('gives the vectors of the wire reference', () => {
    const sign = (body: string) => world.tiktok.signWebhook(body, { t: 1700000000, secret: 'sim-app-secret' })
    expect(sign(SHORT).value).toBe('t=1700000000,s=6511e9177ec191e2938abe404cc3533125cca014ea4548231e37adec662c30d9')
    expect(Buffer.byteLength(LONG)).toBe(614)
    expect(sign(LONG).s).toBe('6d7496ac7bf2cbb230679c82d125c81ba50dc8c45617473401abaefc155ef64d')
  })

  it('has a style', async () => {
    world.tiktok.setKnobs({
      signatureStyle: { header: 'TIKTOK-SIGNATURE', spaceAfterComma: true, signatureFirst: true },
    })
    world.write()
    await world.tiktok.settled()
    const [first] = world.receiver.received
    expect(first?.rawHeaders).toContain('TIKTOK-SIGNATURE')
    expect(first?.headers['tiktok-signature']).toMatch(/^s=[0-9a-f]{64}, t=\d{10}$/)
  })

  it('can be forged', async () => {
    const answer = await world.tiktok.postRaw(SHORT, { headers: { 'Tiktok-Signature': 't=1,s=00' } })
    expect(answer.status).toBe(200)
    expect(world.receiver.received[0]?.headers['tiktok-signature']).toBe('t=1,s=00')
  })
})

describe('webhooks', () => {
  it('carry a text in the exact shape of the reference', async () => {
    const at = 1_700_000_000_123
    world.tiktok.customerWrites({ business: world.business, person: world.person, text: 'Hello', at, id: 'M==' })
    await world.tiktok.settled()
    const [first] = world.receiver.received
    expect(Object.keys(JSON.parse(first?.raw ?? '{}') as object)).toEqual([
      'client_key',
      'event',
      'create_time',
      'user_openid',
      'content',
    ])
    expect(JSON.parse(first?.raw ?? '{}')).toMatchObject({
      client_key: '7000000000000000001',
      user_openid: world.business.openId,
    })
    expect(first?.content).toEqual({
      from: 'alice.demo',
      to: 'acme.shop',
      unique_identifier: world.person.id,
      from_user: { id: world.person.id, role: 'personal_account' },
      to_user: { id: world.business.openId, role: 'business_account' },
      conversation_id: expect.any(String),
      message_id: 'M==',
      timestamp: at,
      type: 'text',
      text: { body: 'Hello' },
      scene_type: 0,
      is_follower: false,
      message_tag: { source: 'APP' },
    })
    expect(first?.headers).toMatchObject({ 'webhook-schema-version': '1.0', 'x-tt-logid': expect.any(String) })
  })

  it('tell of reading, writing in the app, unknown kinds, taps and reactions', async () => {
    const pair = { business: world.business, person: world.person }
    const { conversationId } = world.write()
    world.tiktok.businessWritesInApp({ ...pair, text: 'from my phone', source: 'WEB' })
    world.tiktok.customerReads({ ...pair, upTo: 5 })
    const unknown = world.tiktok.unknownKind(pair)
    const template = { type: 'QA_BUTTON_CARD', title: 'Size?', buttons: [{ type: 'REPLY', title: 'Small', id: 's' }] }
    const card = await world.send(conversationId, { message_type: 'TEMPLATE', template })
    const cardId = card.data.message.message_id
    world.tiktok.taps({ ...pair, messageId: cardId, buttonId: 's' })
    world.tiktok.reacts({ ...pair, messageId: unknown.messageId })
    await world.tiktok.settled()
    const contents = world.receiver.received.map(({ content }) => content)
    expect(contents).toContainEqual(expect.objectContaining({ from: 'acme.shop', message_tag: { source: 'WEB' } }))
    expect(contents).toContainEqual(expect.objectContaining({ read: { last_read_timestamp: 5 } }))
    expect(contents).toContainEqual(expect.objectContaining({ type: 'voice', message_id: unknown.messageId }))
    expect(contents).toContainEqual(
      expect.objectContaining({
        template: {
          type: 'qa_button_card',
          elements: [{ title: 'Size?', buttons: [{ text: 'Small', type: 'REPLY', id: 's' }] }],
        },
      }),
    )
    const tap = { reply_source_msg_id: cardId, reply_source_unique_id: 's' }
    expect(contents).toContainEqual(expect.objectContaining({ text: { body: 'Small' }, reply_source_payload: tap }))
    expect(contents).toContainEqual(expect.objectContaining({ type: 'reaction' }))
  })

  it('tell of several signs at once, of either side, before their message if it must be, and of where somebody came from', async () => {
    const pair = { business: world.business, person: world.person }
    world.tiktok.setKnobs({ reactionsFirst: true })
    const { messageId } = world.write()
    const picture = 'https://cdn.test/a.png'
    const signs = [
      { emoji: '🎉', operation: 'ADD' as const },
      { aiEmojiUrl: picture, operation: 'ADD' as const },
    ]
    world.tiktok.reacts({ ...pair, messageId, signs })
    world.tiktok.reacts({ ...pair, messageId, by: 'business', emoji: '🎉', operation: 'REMOVE' })
    world.tiktok.arrives({ ...pair, link: { ref: 'bio' }, at: 9 })
    await world.tiktok.settled()
    const sign = { timestamp: expect.any(Number), original_msg_id: messageId }
    const theirs = { ...sign, unique_identifier: world.person.id, operation: 'ADD' }
    const own = { ...sign, unique_identifier: world.business.openId, operation: 'REMOVE' }
    expect(
      world.receiver.received.map(({ event, content }) => [event, content['reaction'] ?? content['referral']]),
    ).toEqual([
      [
        'im_receive_msg',
        [
          { ...theirs, type: 'EMOJI', emoji: '🎉' },
          { ...theirs, type: 'AI_EMOJI', ai_emoji_url: picture },
        ],
      ],
      ['im_receive_msg', undefined],
      ['im_send_msg', [{ ...own, type: 'EMOJI', emoji: '🎉' }]],
      [
        'im_referral_msg',
        {
          source: 'short_link',
          short_link: { ref: 'bio', prefilled_message: '', prefilled_message_audit_status: 'PASS' },
        },
      ],
    ])
    expect(world.tiktok.messages(world.tiktok.conversations()[0]?.id ?? '')[0]?.reactions).toHaveLength(2)
  })

  it('say nothing of who wrote or reacted under EU rules, nor where', async () => {
    const lena = world.tiktok.addPerson({ username: 'lena', displayName: 'Lena', region: 'DE' })
    const pair = { business: world.business, person: lena }
    const { messageId } = world.tiktok.customerWrites({ ...pair, text: 'Hallo', at: 7 })
    world.tiktok.reacts({ ...pair, messageId })
    await world.tiktok.settled()
    const stripped = { to: 'acme.shop', to_user: { id: world.business.openId, role: 'business_account' } }
    expect(world.receiver.received.map(({ event, content }) => [event, content])).toEqual([
      ['im_receive_msg_eu', { ...stripped, timestamp: 7 }],
      ['im_receive_msg_eu', { ...stripped, timestamp: expect.any(Number) }],
    ])
  })

  it('are repeated and signed anew until 200, and given up at the end of the schedule', async () => {
    world.receiver.statuses.push(500, 503, 204)
    world.write('one')
    await world.tiktok.settled()
    const [record] = world.tiktok.ledger.webhooks()
    expect(record?.attempts.map(({ status }) => status)).toEqual([500, 503, 204, 200])
    expect(record?.delivered).toBe(true)
    world.receiver.statuses.push(500, 500, 500, 500, 500)
    world.write('two')
    await world.tiktok.settled()
    expect(
      world.tiktok.ledger
        .webhooks()
        .at(-1)
        ?.attempts.map(({ result }) => result),
    ).toEqual(['retry', 'retry', 'retry', 'given_up'])
  })

  it('keep their t on retries when told to', async () => {
    world.tiktok.setKnobs({ resignRetries: false, retryScheduleMs: [1100] })
    world.receiver.statuses.push(500)
    world.write()
    await world.tiktok.settled()
    const [first, second] = world.receiver.received.map(({ headers }) => headers['tiktok-signature'])
    expect(second).toBe(first)
    world.tiktok.setKnobs({ resignRetries: true })
    world.receiver.statuses.push(500)
    world.write()
    await world.tiktok.settled()
    const [third, fourth] = world.receiver.received.slice(2).map(({ headers }) => headers['tiktok-signature'])
    expect(fourth).not.toBe(third)
  })

  it('come in order, or with duplicates and out of order by knob', async () => {
    const texts = () => world.receiver.received.map(({ content }) => (content['text'] as { body: string }).body)
    const numbers = Array.from({ length: 20 }, (_, i) => `${i}`)
    for (const text of numbers) world.write(text)
    await world.tiktok.settled()
    expect(texts()).toEqual(numbers)
    world.receiver.received.length = 0
    world.tiktok.setKnobs({ duplicateWebhooks: 1, reorderWebhooks: 0.5 })
    for (const text of numbers) world.write(text)
    await world.tiktok.settled()
    expect(texts()).toHaveLength(40)
    expect(new Set(texts()).size).toBe(20)
    expect(texts()).not.toEqual(numbers.flatMap((text) => [text, text]))
    expect(world.tiktok.ledger.webhooks().filter(({ duplicateOf }) => duplicateOf !== undefined)).toHaveLength(20)
  })

  it('get lost, wait and are held back on demand', async () => {
    world.tiktok.setKnobs({ dropNextWebhooks: 1 })
    world.write('lost')
    world.tiktok.pauseWebhooks()
    world.write('held')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(events()).toEqual([])
    world.tiktok.resumeWebhooks()
    await world.tiktok.settled()
    expect(world.receiver.received.map(({ content }) => content['text'])).toEqual([{ body: 'held' }])
    expect(world.tiktok.ledger.webhooks().map(({ fate }) => fate)).toEqual(['dropped', 'queued'])
  })

  it('stop with the consent, which authorization.removed announces', async () => {
    world.tiktok.revoke(world.business)
    world.write()
    await world.tiktok.settled()
    expect(world.receiver.received.map(({ event, content }) => [event, content])).toEqual([
      ['authorization.removed', { reason: 1 }],
    ])
    expect(world.tiktok.ledger.webhooks().at(-1)?.fate).toBe('no_grant')
    expect((await world.get('/business/get/', { business_id: world.business.openId })).code).toBe(40105)
  })
})

describe('the echo of an API send', () => {
  /** What the ledger noted of answers and delivered webhooks, in its order. */
  const order = (): string[] =>
    world.tiktok.ledger.entries.flatMap((entry) => {
      if (entry.kind === 'call' && entry.operation === 'send') return ['answer']
      return entry.kind === 'attempt' && entry.result === 'delivered' ? ['webhook'] : []
    })

  it('comes after the answer, before it, or never', async () => {
    const { conversationId } = world.write()
    await world.tiktok.settled()
    const after = await world.sendText(conversationId)
    await world.tiktok.settled()
    expect(order()).toEqual(['webhook', 'answer', 'webhook'])
    expect(world.receiver.received.at(-1)).toMatchObject({
      event: 'im_send_msg',
      content: {
        message_id: after.data.message.message_id,
        message_tag: { source: 'API' },
        to_user: { id: world.person.id, role: 'personal_account' },
      },
    })
    world.tiktok.setKnobs({ echo: 'before' })
    await world.sendText(conversationId)
    await world.tiktok.settled()
    expect(order().slice(3)).toEqual(['webhook', 'answer'])
    world.tiktok.setKnobs({ echo: 'never' })
    await world.sendText(conversationId)
    await world.tiktok.settled()
    expect(order().slice(5)).toEqual(['answer'])
    expect(events()).toEqual(['im_receive_msg', 'im_send_msg', 'im_send_msg'])
  })
})
