import { describe, expect, it } from 'vitest'
import type { ThreadMessage } from '../../client/api/types.ts'
import { buildTimeline, findUnreadLine } from '../../client/features/messages/timeline.ts'
import { aMessage, aReply, at } from './fixtures.ts'

const rowsOf = (messages: ThreadMessage[]) => buildTimeline(messages).flatMap((day) => day.rows)
const shape = (messages: ThreadMessage[]) =>
  rowsOf(messages).map((row) => (row.kind === 'message' ? `${row.first ? '[' : ' '}${row.last ? ']' : ' '}` : row.kind))

describe('a thread as the eye reads it', () => {
  it('groups one writer within five minutes and tells the time once', () => {
    const messages = [0, 2, 4, 10].map((minute) => aMessage({ id: `m${minute}`, createdAt: at(minute) }))
    expect(shape(messages)).toEqual(['[ ', '  ', ' ]', '[]'])
  })

  it('never groups a note with a reply, nor two writers', () => {
    const messages = [
      aReply({ id: 'a' }),
      aReply({ id: 'b', private: true, status: null }),
      aReply({ id: 'c', sender: { id: 'u2', name: 'Anan' } }),
    ]
    expect(shape(messages)).toEqual(['[]', '[]', '[]'])
  })

  it('gives every message that needs words its own line', () => {
    const messages = [aReply({ id: 'a', status: 'FAILED' }), aReply({ id: 'b' }), aReply({ id: 'c' })]
    expect(shape(messages)).toEqual(['[]', '  ', ' ]'])
  })

  it('shows two ticks where two statuses meet', () => {
    expect(shape([aReply({ id: 'a', status: 'READ' }), aReply({ id: 'b', status: 'SENT' })])).toEqual(['[]', ' ]'])
  })

  it('collects neighbouring events into one quiet block', () => {
    const event = (id: string) => aMessage({ id, type: 'ACTIVITY' })
    expect(shape([event('a'), event('b'), aMessage({ id: 'c' }), event('d')])).toEqual(['activity', '[]', 'activity'])
  })

  it('separates days', () => {
    const days = buildTimeline([aMessage({ id: 'a' }), aMessage({ id: 'b', createdAt: at(48 * 60) })])
    expect(days.map((day) => day.rows.length)).toEqual([1, 1])
  })

  it('keeps a bubble’s identity when the server’s message replaces our own', () => {
    const [mine] = rowsOf([aReply({ id: 'local:x', clientMessageId: 'x', local: 'sending' })])
    const [theirs] = rowsOf([aReply({ id: 'm9', clientMessageId: 'x' })])
    expect(mine!.key).toBe(theirs!.key)
  })
})

describe('the unread line', () => {
  const messages = [aMessage({ id: 'a' }), aReply({ id: 'b' }), aMessage({ id: 'c' }), aMessage({ id: 'd' })]

  it('stands before the first of the unread ones of the customer', () => {
    expect(findUnreadLine(messages, 2)).toEqual({ messageId: 'c', count: 2 })
    expect(buildTimeline(messages, { messageId: 'c', count: 2 })[0]!.rows[2]).toMatchObject({
      kind: 'unread',
      count: 2,
    })
  })

  it('stands at the top when more is unread than is loaded, and nowhere when nothing is', () => {
    expect(findUnreadLine(messages, 40)).toEqual({ messageId: 'a', count: 40 })
    expect(findUnreadLine(messages, 0)).toBeUndefined()
  })
})
