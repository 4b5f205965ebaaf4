import { describe, expect, it } from 'vitest'
import { compareConversations, heldOrder, matchesFilter, placeOf } from '../../client/stores/list-order.ts'
import { aConversation, at } from './fixtures.ts'

describe('a live conversation lands only in lists whose query would return it (I13)', () => {
  const conversation = aConversation({ assignee: { id: 'u1', name: 'Mali' }, displayId: 1042 })

  it.each([
    [{}, true],
    [{ status: 'OPEN' as const }, true],
    [{ status: 'RESOLVED' as const }, false],
    [{ inboxId: 'inbox-1' }, true],
    [{ inboxId: 'inbox-2' }, false],
    [{ assigneeId: 'u1' }, true],
    [{ assigneeId: 'u2' }, false],
    [{ unassigned: true }, false],
    [{ query: 'ใจดี' }, true],
    [{ query: 'SOMYING' }, true],
    [{ query: '#1042' }, true],
    [{ query: '1042' }, true],
    [{ query: '#104' }, false],
    [{ query: 'nobody' }, false],
  ])('filter %j: %s', (filter, expected) => {
    expect(matchesFilter(conversation, filter)).toBe(expected)
  })
})

describe('the place in a list', () => {
  const rows = [3, 2, 1].map((n) => aConversation({ id: `c${n}`, lastActivityAt: at(n) }))
  const byId = new Map(rows.map((row) => [row.id, row]))
  const ids = rows.map((row) => row.id)

  it('is first for the newest, last for the oldest, between for the rest', () => {
    expect(placeOf(aConversation({ id: 'x', lastActivityAt: at(9) }), ids, byId)).toBe(0)
    expect(placeOf(aConversation({ id: 'x', lastActivityAt: at(0) }), ids, byId)).toBe(3)
    expect(placeOf(aConversation({ id: 'x', lastActivityAt: at(1.5) }), ids, byId)).toBe(2)
  })

  it('breaks ties by the higher id, like the server', () => {
    const [a, b] = [aConversation({ id: 'a' }), aConversation({ id: 'b' })]
    expect([a, b].sort(compareConversations).map((row) => row.id)).toEqual(['b', 'a'])
  })
})

describe('a list that must not move', () => {
  it('keeps its rows where they are and counts what waits above', () => {
    expect(heldOrder(['a', 'b', 'c'], ['x', 'y', 'a', 'b', 'c'])).toEqual({ ids: ['a', 'b', 'c'], waiting: 2 })
  })

  it('counts rows that would move up, and leaves them', () => {
    expect(heldOrder(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual({ ids: ['a', 'b', 'c'], waiting: 1 })
  })

  it('drops rows that left and appends the next page', () => {
    expect(heldOrder(['a', 'b', 'c'], ['a', 'c', 'd', 'e'])).toEqual({ ids: ['a', 'c', 'd', 'e'], waiting: 0 })
  })

  it('is live again when nothing of it is left', () => {
    expect(heldOrder(['a'], ['x'])).toEqual({ ids: ['x'], waiting: 0 })
  })
})
