import { describe, expect, it } from 'vitest'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import type { InboundEvent, MessageContent } from '../../server/channels/contract.ts'
import {
  AT,
  BUSINESS,
  DOCUMENTED_BODY,
  MESSAGE,
  PERSON,
  THREAD,
  delivery,
  fromBusiness,
  fromPerson,
  text,
} from './tiktok-bodies.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const { webhook } = createTikTok(TEST_SETTINGS)

const parse = (body: Buffer): InboundEvent | undefined => {
  const events = webhook?.parse(body) ?? []
  expect(events).toHaveLength(1)
  return events[0]
}

const received = (fields: Record<string, unknown>) => parse(delivery('im_receive_msg', fromPerson(fields)))
const echoed = (fields: Record<string, unknown>) => parse(delivery('im_send_msg', fromBusiness(fields)))

function contentOf(fields: Record<string, unknown>): MessageContent {
  const event = received(fields)
  if (event?.kind !== 'message') throw new Error(`not a message: ${JSON.stringify(event)}`)
  return event.content
}

describe('messages of a customer (TikTok wire reference §6.4)', () => {
  it('reads the documented body', () => {
    expect(parse(DOCUMENTED_BODY)).toEqual({
      kind: 'message',
      externalId: MESSAGE,
      threadRef: 'u5JhpselBAhoPOlnH0tZ9y07kg==',
      at: new Date(AT),
      person: { ref: PERSON, username: 'alice.demo' },
      content: { contentType: 'text', text: 'Hello' },
    })
  })

  it('takes content that is an object already', () => {
    const event = parse(delivery('im_receive_msg', null, { content: fromPerson(text()) }))
    expect(event).toMatchObject({ kind: 'message', externalId: MESSAGE, threadRef: THREAD })
  })

  it.each([
    ['image', { image: { media_id: 'media-1' } }, { mediaId: 'media-1' }],
    ['video', { video: { media_id: 'media-2' } }, { mediaId: 'media-2' }],
    [
      'share_post',
      { share_post: { embed_url: 'https://www.tiktok.com/player/v1/72', video_id: '72' } },
      { url: 'https://www.tiktok.com/player/v1/72', postRef: '72' },
    ],
    [
      'share_post',
      { share_post: { embed_url: 'https://www.tiktok.com/player/v1/73?x=1' } },
      { url: 'https://www.tiktok.com/player/v1/73?x=1', postRef: '73' },
    ],
    ['sticker', { sticker: { url: 'https://cdn.test/s?x-expires=1' } }, { url: 'https://cdn.test/s?x-expires=1' }],
    ['emoji', { emoji: { url: 'https://cdn.test/e' } }, { url: 'https://cdn.test/e' }],
  ])('reads %s, with its facts and its raw form', (type, block, facts) => {
    const content = contentOf({ type, ...block })
    expect(content).toMatchObject({ contentType: type, details: { kind: type, ...facts }, raw: block })
    expect(content.text).toBeUndefined()
    const { mediaId, url } = facts as { mediaId?: string; url?: string }
    const media = type === 'share_post' ? undefined : [{ kind: type, ...(mediaId ? { ref: mediaId } : { url }) }]
    expect(content.media).toEqual(media)
  })

  it('reads a card by its title and its buttons', () => {
    const elements = [{ title: 'Which size?', buttons: [{ text: 'S', type: 'REPLY', id: 's' }, { text: 'M' }] }]
    expect(contentOf({ type: 'template', template: { type: 'qa_button_card', elements } })).toMatchObject({
      contentType: 'template',
      text: 'Which size?',
      details: { kind: 'template', buttons: ['S', 'M'] },
    })
    const listed = { type: 'QA_LINK_CARD', title: 'Where to?', buttons: [{ type: 'REPLY', title: 'Home', id: 'h' }] }
    expect(contentOf({ type: undefined, message_type: 'TEMPLATE', template: listed })).toMatchObject({
      contentType: 'template',
      text: 'Where to?',
      details: { kind: 'template', buttons: ['Home'], asLinks: true },
    })
  })

  it('takes a tap on a card for the plain text that it posts, and says what it answers', () => {
    const tap = { reply_source_payload: { reply_source_msg_id: 'M', reply_source_unique_id: 'opt_1' } }
    const details = { tap: { messageId: 'M', buttonId: 'opt_1' } }
    expect(contentOf({ ...text('S'), ...tap })).toEqual({ contentType: 'text', text: 'S', details })
    expect(contentOf({ ...text('S'), reply_source_payload: { reply_source_msg_id: 5 } })).not.toHaveProperty('details')
  })

  it('keeps what a message quotes', () => {
    const quote = { referenced_message_info: { referenced_message_id: 'quoted==' } }
    expect(contentOf({ ...text(), ...quote })).toEqual({ contentType: 'text', text: 'Hello', quotes: 'quoted==' })
    expect(contentOf({ type: 'image', image: { media_id: 'm' }, ...quote })).toMatchObject({ quotes: 'quoted==' })
  })

  it.each([
    ['a kind that is not documented', { type: 'voice', voice: { seconds: 3 } }, 'voice'],
    ['a text without a text', { type: 'text', text: {} }, 'text'],
    ['an image without media', { type: 'image' }, 'image'],
    ['a link that is a script', { type: 'sticker', sticker: { url: 'javascript:alert(1)' } }, 'sticker'],
    ['no type at all', {}, 'unknown'],
    ['a type that is an object', { type: { toString: 1 } }, 'unknown'],
    ['a type that objects inherit', { type: 'constructor' }, 'constructor'],
    ['a huge type', { type: 'x'.repeat(10_000) }, 'unknown'],
  ])('keeps %s as unsupported, with its raw form (I4)', (_, fields, kind) => {
    const content = contentOf(fields)
    expect(content).toMatchObject({ contentType: 'unsupported', details: { kind }, raw: fields })
  })

  it('leaves out a raw form that is too deep to be written again', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const content = JSON.stringify(fromPerson({ type: 'voice' })).replace(/}$/, `,"deep":${deep}}`)
    const event = parse(delivery('im_receive_msg', null, { content }))
    expect(event).toMatchObject({ kind: 'message', content: { contentType: 'unsupported' } })
    expect(JSON.stringify(event)).not.toContain('deep')
  })

  it.each([
    ['milliseconds', AT, AT],
    ['milliseconds as text', String(AT), AT],
    ['seconds', 1_700_000_000, 1_700_000_000_000],
    ['a time that is missing: when the delivery was made', undefined, 1_700_000_000_000],
    ['a time beyond all calendars: the same', 1e300, 1_700_000_000_000],
  ])('understands %s', (_, timestamp, expected) => {
    expect(received({ ...text(), timestamp })).toMatchObject({ at: new Date(expected) })
  })

  it('does not need roles to know who the customer is', () => {
    const sides = { from_user: { id: PERSON }, to_user: { id: BUSINESS } }
    expect(received({ ...text(), ...sides })).toMatchObject({ person: { ref: PERSON, username: 'alice.demo' } })
    const nobody = { from_user: undefined, to_user: undefined }
    expect(received({ ...text(), ...nobody })).toMatchObject({ kind: 'message', person: { ref: PERSON } })
  })
})

describe('echoes (TikTok wire reference §6.4)', () => {
  it.each([
    ['API', undefined, 'api'],
    ['APP', undefined, 'app'],
    ['WEB', undefined, 'app'],
    ['UNKNOWN_SOURCE', undefined, 'api'],
    ['OTHERS', undefined, 'automation'],
    ['APP', 'WELCOME_MESSAGE', 'automation'],
    [undefined, 'AUTO_REPLY', 'automation'],
    [undefined, undefined, 'api'],
  ])('with source %s and automatic type %s come via %s', (source, auto, via) => {
    const fields = { message_tag: source && { source }, auto_message_type: auto }
    expect(echoed({ ...text(), ...fields })).toEqual({
      kind: 'echo',
      externalId: MESSAGE,
      threadRef: THREAD,
      at: new Date(AT),
      via,
      person: { ref: PERSON, username: 'alice.demo' },
      content: { contentType: 'text', text: 'Hello', ...(auto && { details: { automatic: auto } }) },
    })
  })

  it('name the customer by role, whatever unique_identifier says', () => {
    expect(echoed({ ...text(), unique_identifier: 'somebody' })).toMatchObject({ person: { ref: PERSON } })
    const unnamed = { from_user: { id: 'another-id-of-the-shop' } }
    expect(echoed({ ...text(), ...unnamed })).toMatchObject({ person: { ref: PERSON } })
    const nobody = { to_user: undefined, unique_identifier: BUSINESS }
    expect(echoed({ ...text(), ...nobody })).toEqual({ kind: 'ignored', code: 'WRONG_SHAPE' })
  })
})

describe('other events (TikTok wire reference §6.4)', () => {
  it('read receipts are a mark up to which everything is read', () => {
    const content = { ...fromPerson(), message_id: undefined, read: { last_read_timestamp: AT - 500 } }
    const expected = { kind: 'read', threadRef: THREAD, at: new Date(AT), readUpTo: new Date(AT - 500) }
    expect(parse(delivery('im_mark_read_msg', content))).toEqual(expected)
    const own = { ...fromBusiness(), read: { last_read_timestamp: AT } }
    expect(parse(delivery('im_mark_read_msg', own))).toEqual({ kind: 'ignored', code: 'OWN_READ' })
    expect(parse(delivery('im_mark_read_msg', fromPerson()))).toEqual({ kind: 'ignored', code: 'WRONG_SHAPE' })
  })

  it.each([
    [0, 'UNKNOWN'],
    [1, 'USER_DISCONNECTED'],
    [4, 'ACCOUNT_BANNED'],
    [5, 'DEVELOPER_REVOKED'],
    [99, 'UNKNOWN'],
    [{ valueOf: 1, toString: 1 }, 'UNKNOWN'],
  ])('a removed authorization with reason %j is %s', (reason, expected) => {
    expect(parse(delivery('authorization.removed', { reason }))).toEqual({
      kind: 'authorization_removed',
      at: new Date(1_700_000_000_000),
      reason: expected,
    })
  })

  it('a message of somebody in Europe has a time and nothing else', () => {
    const content = { to: 'acme.shop', to_user: { id: 'B', role: 'business_account' }, timestamp: 1_701_090_879_815 }
    expect(parse(delivery('im_receive_msg_eu', content))).toEqual({ kind: 'unnamed', at: new Date(1_701_090_879_815) })
    expect(parse(delivery('im_receive_msg_eu', {}))).toEqual({ kind: 'unnamed', at: new Date(1_700_000_000_000) })
  })

  it.each([
    ['im_referral_msg', 'WRONG_SHAPE'],
    ['im_receive_high_intent_comment', 'COMMENT'],
    ['im_auto_message_config_update', 'AUTO_MESSAGE'],
    ['im_auto_message_audit_update', 'AUTO_MESSAGE'],
    ['im_something_new', 'UNKNOWN_EVENT'],
    ['constructor', 'UNKNOWN_EVENT'],
  ])('%s is ignored as %s', (event, code) => {
    expect(parse(delivery(event, fromPerson()))).toEqual({ kind: 'ignored', code })
  })

  it('says what is wrong with a delivery that cannot be used', () => {
    const codeOf = (body: Buffer) => [parse(body), webhook?.route(body).code]
    const both = (code: string) => [{ kind: 'ignored', code }, code]
    expect(codeOf(Buffer.from('{'))).toEqual(both('NOT_JSON'))
    expect(codeOf(Buffer.from('"text"'))).toEqual(both('WRONG_SHAPE'))
    expect(codeOf(Buffer.from('{"event":1}'))).toEqual(both('WRONG_SHAPE'))
    expect(codeOf(delivery('im_receive_msg', fromPerson(), { user_openid: 5 }))).toEqual(both('NO_BUSINESS'))
    expect(codeOf(delivery('im_receive_msg', [1]))).toEqual(both('CONTENT_UNREADABLE'))
  })

  it('knows another app’s when it comes in, and reads it all the same', () => {
    const body = delivery('im_receive_msg', fromPerson(), { client_key: 'another' })
    expect(webhook?.route(body)).toMatchObject({ accountRef: BUSINESS, code: 'WRONG_APP' })
    expect(parse(body)).toMatchObject({ kind: 'message', externalId: MESSAGE })
  })

  it('leaves unread what only the gateway’s dialect can read, and takes its sender for no business', () => {
    for (const event of ['direct_message.receive', 'direct_message.read', 'conversation.created']) {
      const body = delivery(event, { conversation_id: THREAD })
      expect(webhook?.parse(body)).toEqual([])
      expect(webhook?.route(body)).toMatchObject({ accountRef: '', code: 'OTHER_DIALECT' })
    }
  })
})
