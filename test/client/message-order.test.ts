import { describe, expect, it } from 'vitest'
import type { ThreadMessage } from '../../client/api/types.ts'
import { insertMessage, mergeIds } from '../../client/stores/message-order.ts'
import { Arrivals } from '../../client/stores/arrivals.ts'
import { aMessage, aReply, at } from './fixtures.ts'

function rows(...messages: ThreadMessage[]) {
  return new Map(messages.map((message) => [message.id, message]))
}

describe('the order of a thread (I3)', () => {
  it('gives a late message its place by the provider’s time', () => {
    const late = aMessage({ id: 'late', createdAt: at(1) })
    const byId = rows(aMessage({ id: 'a', createdAt: at(0) }), aMessage({ id: 'b', createdAt: at(2) }), late)
    const ids = ['a', 'b']
    insertMessage(ids, late, byId)
    expect(ids).toEqual(['a', 'late', 'b'])
  })

  it('keeps our own unacknowledged bubbles last, whatever this computer’s clock says', () => {
    const own = aReply({ id: 'local:1', local: 'sending', createdAt: at(-500) })
    const inbound = aMessage({ id: 'a', createdAt: at(5) })
    const ids = ['local:1']
    insertMessage(ids, inbound, rows(own, inbound))
    expect(ids).toEqual(['a', 'local:1'])
  })

  it('keeps what waits to be sent behind what was said meanwhile', () => {
    const queued = aReply({ id: 'm2', status: 'QUEUED', createdAt: at(1) })
    const [sent, inbound] = [aReply({ id: 'm1', createdAt: at(2) }), aMessage({ id: 'm3', createdAt: at(3) })]
    const ids = ['m2']
    for (const message of [sent, inbound]) insertMessage(ids, message, rows(queued, sent, inbound))
    expect(ids).toEqual(['m1', 'm3', 'm2'])
  })

  it('joins a page without doubles', () => {
    const byId = rows(...[1, 2, 3, 4].map((n) => aMessage({ id: `m${n}`, createdAt: at(n) })))
    expect(mergeIds(['m3', 'm4'], ['m1', 'm2', 'm3'], byId)).toEqual(['m1', 'm2', 'm3', 'm4'])
  })
})

describe('two copies of one row', () => {
  it('an answer asked for before an event is stale, one asked for after is not', () => {
    const arrivals = new Arrivals()
    const before = arrivals.mark()
    arrivals.stamp('m1')
    expect(arrivals.isStale('m1', before)).toBe(true)
    expect(arrivals.isStale('m1', arrivals.mark())).toBe(false)
    expect(arrivals.isStale('m2', before)).toBe(false)
  })
})
