import { describe, expect, it } from 'vitest'
import {
  automaticLabel,
  buttonsOf,
  kindLabel,
  mayTryAgain,
  playerOf,
  wordsOf,
} from '../../client/features/messages/message-kind.ts'
import { previewOf } from '../../client/features/messages/preview.ts'
import { aMessage, aReply } from './fixtures.ts'

describe('what a message says', () => {
  it.each([
    ['a tap', { content: 'Large', details: { tap: { messageId: 'm', buttonId: 'option_2' } } }, 'Tapped: Large'],
    ['a shared post', { content: null, contentType: 'share_post', details: { kind: 'share_post' } }, 'Shared post'],
    ['a card', { content: 'Which size?', contentType: 'template' }, 'Which size?'],
    ['a voice note', { content: null, contentType: 'unsupported', details: { kind: 'voice' } }, 'Voice message'],
    [
      'a kind that nobody knows',
      { content: null, contentType: 'unsupported', details: { kind: 'hologram' } },
      'A message that cannot be shown here (hologram)',
    ],
  ])('of %s, alike in the thread, the list and a quote', (_, change, words) => {
    const message = aMessage(change)
    expect([wordsOf(message), previewOf(message, 'u1')]).toEqual([words, words])
  })

  it('and which buttons it offers, and whether it wrote itself', () => {
    const card = aReply({ contentType: 'template', details: { kind: 'template', buttons: ['S', 5, '', 'M'] } })
    expect([buttonsOf(card), buttonsOf(aMessage({ details: { buttons: ['S'] } }))]).toEqual([['S', 'M'], []])
    expect(automaticLabel(aReply({ details: { automatic: 'WELCOME_MESSAGE' } }))).toBe('automatic welcome message')
    expect(automaticLabel(aReply({ details: { automatic: 'SOMETHING_NEW' } }))).toBe('automatic')
    expect(kindLabel({ contentType: 'sticker', details: null })).toBe('Sticker')
  })
})

describe('what has failed', () => {
  it('is offered to be sent again where it was written here', () => {
    const failed = (['AGENT', 'APP', 'AUTOMATION'] as const).map((source) => aReply({ source, status: 'FAILED' }))
    expect(failed.map(mayTryAgain)).toEqual([true, false, false])
  })
})

describe('what may be put into a frame', () => {
  it.each([
    ['https://www.tiktok.com/player/v1/72', 'https://www.tiktok.com/player/v1/72'],
    ['https://www.tiktok.com/player/v1/72?autoplay=1#x', 'https://www.tiktok.com/player/v1/72'],
    ['https://www.tiktok.com/@a/video/72', undefined],
    ['https://www.tiktok.com/player/v1/72/../../login', undefined],
    ['https://www.tiktok.com.evil.test/player/v1/72', undefined],
    ['https://www.tiktok.com:8443/player/v1/72', undefined],
    ['https://user@www.tiktok.com/player/v1/72', 'https://www.tiktok.com/player/v1/72'],
    ['http://www.tiktok.com/player/v1/72', undefined],
    ['javascript:alert(1)//www.tiktok.com/player/v1/72', undefined],
    [undefined, undefined],
  ])('%s: %s', (address, player) => {
    expect(playerOf(address, ['www.tiktok.com'])).toBe(player)
    expect(playerOf(address, [])).toBeUndefined()
  })
})
