import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestWorld } from './test-kit.ts'
import { startWorld } from './test-kit.ts'

const HOUR = 3_600_000
const TOO_FAST = 'You are sending messages too fast. Take a rest.'

let world: TestWorld
beforeEach(async () => {
  // These tests move the clock by months; tokens are not their subject.
  world = await startWorld({ tiktok: { knobs: { accessTokenTtlS: 365 * 86_400 } } })
})
afterEach(() => world.close())

const contentOf = async (conversationId: string) =>
  world.get('/business/message/content/list/', { business_id: world.business.openId, conversation_id: conversationId })

describe('send', () => {
  it('answers with the nested id and keeps the message', async () => {
    const { conversationId } = world.write()
    const answer = await world.sendText(conversationId, 'สวัสดีค่ะ')
    expect(answer).toMatchObject({ code: 0, message: 'OK' })
    const id = answer.data.message.message_id
    expect(id).toMatch(/^[A-Za-z0-9+/]{26}==$/)
    expect(world.tiktok.messages(conversationId).at(-1)).toMatchObject({ id, from: 'business', source: 'API' })
    expect(world.tiktok.ledger.sends()).toMatchObject([{ conversationId, messageId: id }])
  })

  it('refuses what the documents forbid', async () => {
    const { conversationId, messageId } = world.write()
    const text = { message_type: 'TEXT', text: { body: 'x' } }
    const quote = { referenced_message_info: { referenced_message_id: messageId } }
    const card = (template: object) => ({ message_type: 'TEMPLATE', template })
    const buttons = [{ type: 'REPLY', title: 'S' }]
    const cases: [number, Record<string, unknown>][] = [
      [40002, { ...text, image: { media_id: 'm' } }],
      [40002, { message_type: 'text', text: { body: 'x' } }],
      [40002, { message_type: 'TEXT', text: 'x' }],
      [40002, { message_type: 'TEXT', text: { body: '' } }],
      [40002, { message_type: 'TEXT', text: { body: 'ก'.repeat(6001) } }],
      [40002, { ...text, direct_reply: { reply_type: 'COMMENT_REPLY' } }],
      [40002, { ...text, recipient_type: 'USER' }],
      [40002, { message_type: 'IMAGE' }],
      [40007, { message_type: 'IMAGE', image: { media_id: 'unknown' } }],
      [40002, { message_type: 'IMAGE', image: { media_id: 'unknown' }, text: { body: 'x' } }],
      [40007, { message_type: 'SHARE_POST', share_post: { item_id: '1' } }],
      [40002, { message_type: 'SHARE_POST', share_post: { item_id: world.business.posts[0] }, ...quote }],
      [40007, { ...text, referenced_message_info: { referenced_message_id: 'nope' } }],
      [40002, { message_type: 'VIDEO' }],
      [40002, { message_type: 'SENDER_ACTION', sender_action: 'TYPING_ON' }],
      [40002, { message_type: 'SENDER_ACTION', sender_action: 'TYPING', ...quote }],
      [40002, card({ type: 'QA_BUTTON_CARD', title: 't'.repeat(41), buttons })],
      [40002, card({ type: 'QA_BUTTON_CARD', title: 't', buttons: [] })],
      [40002, card({ type: 'QA_BUTTON_CARD', title: 't', buttons: Array(4).fill(buttons[0]) })],
      [40002, card({ type: 'QA_BUTTON_CARD', title: 't', buttons: [{ type: 'REPLY', title: 'b'.repeat(21) }] })],
      [40002, card({ type: 'QA_LINK_CARD', title: 't', buttons: [{ type: 'URL', title: 'b' }] })],
    ]
    for (const [code, extra] of cases)
      expect([extra, (await world.send(conversationId, extra)).code]).toEqual([extra, code])
    expect(world.tiktok.messages(conversationId)).toHaveLength(1)
  })

  it('takes quotes, posts, cards and sender actions', async () => {
    const { conversationId, messageId } = world.write()
    const quote = { referenced_message_info: { referenced_message_id: messageId } }
    const buttons = [{ type: 'REPLY', title: 'b'.repeat(40), id: 'one' }]
    const post = { item_id: world.business.posts[0] }
    const template = { type: 'QA_LINK_CARD', title: 't', buttons }
    for (const extra of [
      { message_type: 'TEXT', text: { body: '😀'.repeat(6000) }, ...quote },
      { message_type: 'SHARE_POST', share_post: post },
      { message_type: 'TEMPLATE', template },
    ]) {
      expect((await world.send(conversationId, extra)).code).toBe(0)
    }
    const typing = await world.send(conversationId, { message_type: 'SENDER_ACTION', sender_action: 'TYPING' })
    expect(typing.data).toEqual({ message: { message_id: '' } })
    expect(world.tiktok.messages(conversationId)).toHaveLength(4)
  })

  it('tells a mangled conversation id from an unknown one', async () => {
    world.write()
    expect(await world.sendText('u5Jhpsel AhoPOlnH0tZ9y07kg==')).toMatchObject({
      code: 40002,
      message: 'Param conversation_id is invalid.',
    })
    expect((await world.sendText('u5JhpselBAhoPOlnH0tZ9y07kg==')).code).toBe(40007)
    expect(await contentOf('a b')).toMatchObject({ code: 40002, message: 'Param conversation_id is invalid.' })
  })

  it('needs the scope and the right business', async () => {
    const { conversationId } = world.write()
    const { access_token: narrow } = world.tiktok.grant(world.business, ['message.list.read'])
    const body = { business_id: world.business.openId, recipient_type: 'CONVERSATION', recipient: conversationId }
    expect((await world.post('/business/message/send/', body, narrow)).code).toBe(40001)
    const foreign = { ...body, business_id: 'other' }
    expect((await world.post('/business/message/send/', foreign, world.token.access_token)).code).toBe(40001)
  })
})

describe('windows', () => {
  const fill = async (conversationId: string, count: number): Promise<number[]> => {
    const codes: number[] = []
    for (let i = 0; i < count; i++) codes.push((await world.sendText(conversationId, `${i}`)).code)
    return codes
  }

  it('strict10 refuses the eleventh, counts what was written in the app, and opens again', async () => {
    const { conversationId } = world.write()
    world.tiktok.businessWritesInApp({ business: world.business, person: world.person, text: 'from the app' })
    expect(await fill(conversationId, 10)).toEqual([...Array<number>(9).fill(0), 40064])
    world.write('still there?')
    expect(await fill(conversationId, 1)).toEqual([0])
    world.tiktok.clock.advance(48 * HOUR + 1)
    expect(await fill(conversationId, 1)).toEqual([40064])
  })

  it('guide10_inf_3 has no quota after a second message and three after the silence', async () => {
    world.tiktok.setKnobs({ windowPolicy: 'guide10_inf_3' })
    const { conversationId } = world.write()
    expect((await fill(conversationId, 11)).at(-1)).toBe(40064)
    world.write('again')
    expect(await fill(conversationId, 12)).toEqual(Array(12).fill(0))
    world.tiktok.clock.advance(48 * HOUR + 1)
    expect(await fill(conversationId, 4)).toEqual([0, 0, 0, 40064])
  })

  it('SENDER_ACTION neither counts nor is refused, off is off, a block is 40064', async () => {
    const { conversationId } = world.write()
    await fill(conversationId, 10)
    const typing = { message_type: 'SENDER_ACTION', sender_action: 'TYPING' }
    expect((await world.send(conversationId, typing)).code).toBe(0)
    world.tiktok.setKnobs({ windowPolicy: 'off' })
    expect(await fill(conversationId, 2)).toEqual([0, 0])
    world.tiktok.blocks({ business: world.business, person: world.person })
    expect(await fill(conversationId, 1)).toEqual([40064])
  })

  it('the daily cap counts conversations', async () => {
    world.tiktok.setKnobs({ dailyCap: 1 })
    const { conversationId } = world.write()
    const other = world.tiktok.addPerson({ username: 'bob', displayName: 'Bob' })
    const second = world.tiktok.customerWrites({ business: world.business, person: other, text: 'hi' })
    expect(await fill(conversationId, 2)).toEqual([0, 0])
    expect(await world.sendText(second.conversationId)).toMatchObject({ code: 40064, message: TOO_FAST })
    world.tiktok.clock.advance(24 * HOUR)
    expect(await fill(second.conversationId, 1)).toEqual([0])
  })
})

describe('the rate limit', () => {
  it('answers 40100 above ten calls a second, for the whole app', async () => {
    world.tiktok.setKnobs({ qps: 10, qpsPenaltyS: 60 })
    const query = { business_id: world.business.openId }
    const codes = await Promise.all(Array.from({ length: 40 }, () => world.get('/business/get/', query)))
    const refused = codes.filter(({ code }) => code === 40100).length
    expect(refused).toBeGreaterThanOrEqual(20)
    expect(refused).toBeLessThanOrEqual(30)
    expect(world.tiktok.ledger.rejected('business_get')).toHaveLength(refused)
  })
})

describe('lists', () => {
  it('give the newest twenty messages in the shapes of the reference', async () => {
    const { conversationId } = world.write('first')
    world.tiktok.setKnobs({ windowPolicy: 'off' })
    for (let i = 0; i < 20; i++) await world.sendText(conversationId, `${i}`)
    const { data } = await contentOf(conversationId)
    expect(data.messages).toHaveLength(20)
    expect(data.participants).toEqual([
      { id: world.business.openId, role: 'BUSINESS_ACCOUNT', display_name: 'Acme', profile_image: expect.any(String) },
      {
        id: world.person.id,
        role: 'PERSONAL_ACCOUNT',
        display_name: 'Alice',
        profile_image: expect.stringContaining('x-expires='),
        is_follower: false,
      },
    ])
    expect(data.messages[0]).toEqual({
      message_id: expect.any(String),
      conversation_id: conversationId,
      timestamp: expect.any(Number),
      message_type: 'TEXT',
      text: { body: '19' },
      sender: 'acme.shop',
      recipient: 'alice.demo',
      from_user: { id: world.business.openId, role: 'BUSINESS_ACCOUNT' },
      to_user: { id: world.person.id, role: 'PERSONAL_ACCOUNT' },
      message_tag: { source: 'API' },
    })
    const avatar = await fetch(data.participants[1]?.profile_image ?? '')
    expect([avatar.status, avatar.headers.get('content-type')]).toEqual([200, 'image/png'])
  })

  it('show unknown kinds as OTHER and keep reactions', async () => {
    const { conversationId, messageId } = world.write()
    world.tiktok.unknownKind({ business: world.business, person: world.person })
    world.tiktok.reacts({ business: world.business, person: world.person, messageId, emoji: '🎉' })
    const { data } = await contentOf(conversationId)
    expect(data.messages[0]).toMatchObject({ message_type: 'OTHER' })
    expect(data.messages[1]).toMatchObject({ reactions: [{ type: 'EMOJI', emoji: '🎉' }] })
  })

  it('move a conversation from STRANGER to SINGLE with the first reply, page it, and forget it after 90 days', async () => {
    const { conversationId } = world.write()
    const list = async (type: string, extra: Record<string, string> = {}) =>
      (
        await world.get('/business/message/conversation/list/', {
          business_id: world.business.openId,
          conversation_type: type,
          ...extra,
        })
      ).data
    const only = { conversation_id: conversationId, update_time: expect.any(Number), referral: {} }
    expect(await list('STRANGER')).toEqual({ conversations: [only], has_more: false, cursor: 1 })
    await world.sendText(conversationId)
    expect([(await list('STRANGER')).conversations, (await list('SINGLE')).conversations]).toEqual([[], [only]])
    for (let i = 0; i < 3; i++) {
      const person = world.tiktok.addPerson({ username: `p${i}`, displayName: `P${i}` })
      world.tiktok.customerWrites({ business: world.business, person, text: 'hi' })
    }
    world.tiktok.arrives({ business: world.business, person: 'p2', ad: { name: 'Autumn' }, at: 1_700_000_000_123 })
    const page = await list('STRANGER', { limit: '2' })
    const ad = expect.objectContaining({ ad_name: 'Autumn', timestamp: 1_700_000_000 })
    const { conversations: all } = await list('STRANGER')
    expect(all).toContainEqual(expect.objectContaining({ referral: { ad: [ad] } }))
    expect([page.conversations.length, page.has_more, page.cursor]).toEqual([2, true, 2])
    expect(await list('STRANGER', { limit: '2', cursor: '2' })).toMatchObject({ has_more: false, cursor: 3 })
    world.tiktok.clock.advance(91 * 24 * HOUR)
    expect((await list('SINGLE')).conversations).toEqual([])
  })

  it('say whether images may be sent by both countries', async () => {
    const { conversationId } = world.write()
    const american = world.tiktok.addPerson({ username: 'sam', displayName: 'Sam', region: 'US' })
    const other = world.tiktok.customerWrites({ business: world.business, person: american, text: 'hi' })
    const ask = async (id: string) =>
      (
        await world.get('/business/message/capabilities/get/', {
          business_id: world.business.openId,
          conversation_id: id,
          conversation_type: 'STRANGER',
          capability_types: '["IMAGE_SEND"]',
        })
      ).data.capability_infos
    expect(await ask(conversationId)).toEqual([{ capability_type: 'IMAGE_SEND', capability_result: true }])
    expect(await ask(other.conversationId)).toEqual([{ capability_type: 'IMAGE_SEND', capability_result: false }])
  })
})
