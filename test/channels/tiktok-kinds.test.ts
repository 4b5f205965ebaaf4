import { describe, expect, it } from 'vitest'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import { AT, PERSON, THREAD, delivery, fromBusiness, fromPerson, text } from './tiktok-bodies.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const { webhook, posts } = createTikTok(TEST_SETTINGS)

const all = (event: string, content: Record<string, unknown>) => webhook?.parse(delivery(event, content))

describe('reactions (TikTok wire reference §6.4)', () => {
  const sign = { operation: 'ADD', type: 'EMOJI', emoji: '👍', timestamp: AT + 5, original_msg_id: 'original==' }
  const signs = (...reaction: unknown[]) => ({ type: 'reaction', reaction })
  const common = {
    kind: 'reaction',
    threadRef: THREAD,
    person: { ref: PERSON, username: 'alice.demo' },
    on: 'original==',
    at: new Date(AT + 5),
  }

  it('are no messages; each sign of a delivery is an event, whoever put it', () => {
    const picture = { ...sign, type: 'AI_EMOJI', emoji: undefined, ai_emoji_url: 'https://cdn.test/a?x-expires=1' }
    const taken = { ...sign, operation: 'REMOVE', timestamp: undefined }
    expect(all('im_receive_msg', fromPerson(signs(sign, picture, taken)))).toEqual([
      { ...common, by: 'contact', operation: 'add', emoji: '👍' },
      { ...common, by: 'contact', operation: 'add', url: 'https://cdn.test/a?x-expires=1' },
      { ...common, by: 'contact', operation: 'remove', emoji: '👍', at: new Date(AT) },
    ])
    // Identifiers on what the business did are not to be trusted.
    const own = fromBusiness({ ...signs({ ...sign, unique_identifier: PERSON }), message_id: undefined })
    expect(all('im_send_msg', own)).toEqual([{ ...common, by: 'business', operation: 'add', emoji: '👍' }])
  })

  it('that cannot be read are left out, and alone they are a wrong shape', () => {
    const broken = [
      { ...sign, operation: 'TOGGLE' },
      { ...sign, original_msg_id: undefined },
      { ...sign, emoji: 'x'.repeat(65) },
      { ...sign, emoji: undefined, ai_emoji_url: 'javascript:alert(1)' },
      { ...sign, emoji: undefined, ai_emoji_url: `https://cdn.test/${'ก'.repeat(400)}` },
      null,
    ]
    expect(all('im_receive_msg', fromPerson(signs(...broken, sign)))).toHaveLength(1)
    for (const content of [signs(...broken), { type: 'reaction' }, { type: 'REACTION', reaction: 'x' }])
      expect(all('im_receive_msg', fromPerson(content))).toEqual([{ kind: 'ignored', code: 'WRONG_SHAPE' }])
  })

  it('have a key of their own, the same again for a picture that is signed anew', () => {
    const keyOf = (content: Record<string, unknown>) =>
      webhook?.route(delivery('im_receive_msg', fromPerson(content))).eventKey
    const picture = (query: string) => signs({ ...sign, ai_emoji_url: `https://cdn.test/a?${query}` })
    const keys = [
      text(),
      signs(sign),
      signs({ ...sign, operation: 'REMOVE' }),
      signs({ ...sign, original_msg_id: 'other==' }),
      signs({ ...sign, timestamp: AT + 6 }),
      signs(sign, sign),
      picture('x=1'),
    ].map(keyOf)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keyOf(picture('x=2'))).toBe(keyOf(picture('x=1')))
    expect(keyOf({ ...signs(sign), message_id: 'another==' })).toBe(keyOf(signs(sign)))
  })
})

describe('referrals (TikTok wire reference §6.4)', () => {
  const referred = (referral: unknown) =>
    all('im_referral_msg', { ...fromPerson(), message_id: undefined, referral })?.[0]

  it.each([
    [
      {
        source: 'ad',
        ad: { advertiser_id: '7', ad_id: '9', timestamp: AT, ad_name: 'Autumn', embed_url: 'https://t.co' },
      },
      { source: 'ad', facts: { adName: 'Autumn', adId: '9', advertiserId: '7', url: 'https://t.co/' } },
      // In whole seconds, as lists have it.
      AT - (AT % 1_000),
    ],
    [
      {
        source: 'short_link',
        short_link: { ref: 'spring', prefilled_message: 'Hi', prefilled_message_audit_status: 'PASS' },
      },
      { source: 'short_link', facts: { ref: 'spring', prefilledText: 'Hi' } },
      AT,
    ],
    [{ source: 'ad', ad: { ad_name: 5, embed_url: 'javascript:1' } }, { source: 'ad', facts: {} }, AT],
    [{ source: 'live' }, { source: 'other', facts: { source: 'live' } }, AT],
  ])('%j says where somebody came from', (given, referral, at) => {
    expect(referred(given)).toEqual({
      kind: 'referral',
      threadRef: THREAD,
      at: new Date(at),
      person: { ref: PERSON, username: 'alice.demo' },
      referral,
    })
  })

  it('that say nothing are a wrong shape', () => {
    for (const nothing of [undefined, [], {}, { source: '' }])
      expect(referred(nothing)).toEqual({ kind: 'ignored', code: 'WRONG_SHAPE' })
  })
})

describe('posts', () => {
  it.each([
    ['7203946942097902849', '7203946942097902849'],
    [' https://www.tiktok.com/@acme.shop/video/7203946942097902849?is_from_webapp=1 ', '7203946942097902849'],
    ['https://m.tiktok.com/v/72.html', '72'],
    ['https://www.tiktok.com/player/v1/72', '72'],
    ['https://tiktok.com/@a/photo/72/', '72'],
    ['https://www.tiktok.com.evil.test/@a/video/72', undefined],
    ['http://www.tiktok.com/@a/video/72', undefined],
    ['https://vm.tiktok.com/ZM1/', undefined],
    ['72x', undefined],
    ['', undefined],
  ])('%j is read as the post %s', (given, postRef) => {
    expect(posts?.read(given)).toEqual(postRef && { postRef, url: `https://www.tiktok.com/player/v1/${postRef}` })
  })
})
