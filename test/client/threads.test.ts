// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { usePrefetch } from '../../client/features/conversations/use-prefetch.ts'
import { useConversations } from '../../client/stores/conversations.ts'
import { useFeed } from '../../client/stores/feed.ts'
import { useMessages } from '../../client/stores/messages.ts'
import { loadOlderMessages, loadThread } from '../../client/stores/thread-paging.ts'
import { aConversation, aMessage, at } from './fixtures.ts'
import { pending, refusal, threadAnswer, useServer } from './server-stub.ts'

const fetched = useServer()
const messages = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => aMessage({ id: `m${from + index}`, createdAt: at(from + index) }))
const ids = (from: number, to: number) => messages(from, to).map((message) => message.id)
const live = (minute: number, id = `m${minute}`) => useMessages().receive(aMessage({ id, createdAt: at(minute) }))

async function openThread(from: number, to: number, more = { hasPreviousPage: true, startCursor: `before ${from}` }) {
  useFeed().openConversationId = 'c1'
  fetched.mockReturnValueOnce(threadAnswer(messages(from, to), { ...more, endCursor: `at ${to}` }))
  await loadThread('c1')
  return useMessages().threads.get('c1')!
}

describe('a thread', () => {
  it('stays on screen however many others are looked at', async () => {
    await openThread(0, 3)
    for (let other = 0; other < 60; other += 1) useMessages().threadOf(`other-${other}`)
    expect(useMessages().listOf('c1')).toHaveLength(3)
    live(9)
    expect(useMessages().listOf('c1')).toHaveLength(4)
  })

  it('is let go when it was not used for the longest', () => {
    for (let other = 0; other < 30; other += 1) useMessages().threadOf(`other-${other}`)
    useMessages().threadOf('other-0')
    useMessages().threadOf('one more')
    expect(useMessages().threads.has('other-0')).toBe(true)
    expect(useMessages().threads.has('other-1')).toBe(false)
  })

  it('shows what came live while its first page was on its way, also when that page does not know of it', async () => {
    const { answer, give } = pending()
    fetched.mockReturnValueOnce(answer)
    const loaded = loadThread('c1')
    live(9)
    live(1.5, 'late')
    give(threadAnswer(messages(0, 3)))
    await loaded
    expect(useMessages().threads.get('c1')!.ids).toEqual(['m0', 'm1', 'late', 'm2', 'm9'])
  })

  it('has no hole between what it knew and what came live after a gap', async () => {
    const thread = await openThread(0, 40)
    useMessages().noteGap()
    live(99)
    fetched.mockReturnValueOnce(new Error('cut'))
    await loadThread('c1')
    live(100)
    fetched.mockReturnValueOnce(threadAnswer(messages(61, 101), { hasPreviousPage: true, startCursor: 'before 61' }))
    await loadThread('c1')
    expect(thread.ids).toEqual(ids(61, 101))
    expect(thread).toMatchObject({ hasOlder: true, startCursor: 'before 61', gapAt: undefined })
  })

  it('keeps the older pages when the newest one meets them', async () => {
    const thread = await openThread(0, 40)
    useMessages().noteGap()
    live(60)
    fetched.mockReturnValueOnce(threadAnswer(messages(21, 61), { hasPreviousPage: true, startCursor: 'before 21' }))
    await loadThread('c1')
    expect(thread.ids).toEqual(ids(0, 61))
    expect(thread.startCursor).toBe('before 0')
  })

  it('drops what was removed while the feed was away', async () => {
    const thread = await openThread(0, 40)
    const nodes = messages(0, 40).filter((message) => message.id !== 'm20')
    fetched.mockReturnValueOnce(threadAnswer(nodes))
    await loadThread('c1')
    expect(thread.ids).not.toContain('m20')
  })

  it('does not go back to an answer that was asked for earlier', async () => {
    const thread = await openThread(0, 40)
    const slow = pending()
    fetched.mockReturnValueOnce(slow.answer).mockReturnValueOnce(threadAnswer(messages(1, 41)))
    const first = loadThread('c1')
    await loadThread('c1')
    slow.give(threadAnswer(messages(0, 40)))
    await first
    expect(thread.ids.at(-1)).toBe('m40')
  })

  it('does not append an older page to a window that was replaced meanwhile', async () => {
    const thread = await openThread(50, 90)
    const older = pending()
    fetched.mockReturnValueOnce(older.answer)
    const paged = loadOlderMessages('c1')
    useMessages().noteGap()
    fetched.mockReturnValueOnce(threadAnswer(messages(160, 200), { hasPreviousPage: true, startCursor: 'before 160' }))
    await loadThread('c1')
    older.give(threadAnswer(messages(10, 50), { hasPreviousPage: true, startCursor: 'before 10' }))
    await paged
    expect(thread.ids).toEqual(ids(160, 200))
    expect(thread.startCursor).toBe('before 160')
  })

  it('says that it is gone when the reader loses it', async () => {
    const thread = await openThread(0, 3)
    expect(useConversations().byId.has('c1')).toBe(true)
    fetched.mockReturnValueOnce(refusal('NOT_FOUND'))
    await loadThread('c1')
    expect(thread).toMatchObject({ phase: 'error', error: { code: 'NOT_FOUND' } })
    expect(useConversations().byId.has('c1')).toBe(false)
  })

  it('stays as it is when asking again fails otherwise', async () => {
    const thread = await openThread(0, 3)
    fetched.mockReturnValueOnce(refusal('INTERNAL'))
    await loadThread('c1')
    expect(thread).toMatchObject({ phase: 'ready', error: undefined })
  })
})

describe('prefetching', () => {
  it('asks for the row on which the pointer rests, and for none that it passes', async () => {
    vi.useFakeTimers()
    fetched.mockImplementation(() => ({ data: { conversation: aConversation() } }))
    const scope = effectScope()
    const { prefetch } = scope.run(() => usePrefetch(ref(ids(0, 40)), ref('')))!
    for (const id of ids(0, 40)) {
      prefetch(id)
      await vi.advanceTimersByTimeAsync(30)
    }
    expect(fetched).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(150)
    expect(fetched.mock.calls.map(([, variables]) => variables['id'])).toEqual(['m39'])
    prefetch('m1')
    scope.stop()
    await vi.advanceTimersByTimeAsync(150)
    expect(fetched).toHaveBeenCalledTimes(1)
    vi.useRealTimers()
  })
})
