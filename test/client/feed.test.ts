// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { forgetAccessToken, setAccessToken } from '../../client/api/access-token.ts'
import { useAccounts } from '../../client/stores/accounts.ts'
import { useConversationLists } from '../../client/stores/conversation-lists.ts'
import { useConversations } from '../../client/stores/conversations.ts'
import { useFeed } from '../../client/stores/feed.ts'
import { useInboxes } from '../../client/stores/inboxes.ts'
import { useMessages } from '../../client/stores/messages.ts'
import { aConversation, aMessage } from './fixtures.ts'
import { FakeSocket } from './fake-socket.ts'
import { listAnswer, refusal, threadAnswer, useServer, type Answer } from './server-stub.ts'

const fetched = useServer()
const feed = () => useFeed()
const socket = () => FakeSocket.opened.at(-1)!
const counts = { all: 1, mine: 0, unassigned: 1, inboxes: [] }

/** Everything that is asked for to catch up. */
function answerTo(query: string): Answer {
  if (query.includes('query Conversations')) return listAnswer([aConversation()])
  if (query.includes('query ConversationCounts')) return { data: { conversationCounts: counts } }
  if (query.includes('query Inboxes')) return { data: { inboxes: [{ id: 'inbox-1' }], channelTypes: [] } }
  if (query.includes('query Messages')) return threadAnswer([aMessage()])
  if (query.includes('query Account')) return { data: { account: { id: 'a1', members: [] } } }
  return { data: { me: { id: 'u1', name: 'Mali', memberships: [] } } }
}

const asked = (name: string) => fetched.mock.calls.filter(([query]) => query.includes(`query ${name}`)).length

beforeEach(async () => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.opened = []
  setAccessToken('t1', new Date(Date.now() + 900_000).toISOString())
  fetched.mockImplementation(answerTo)
  useConversationLists().show({ status: 'OPEN' })
  useMessages().openConversationId = 'c1'
  useFeed().start('a1')
  socket().accept({ alive: true })
})
afterEach(() => {
  useFeed().stop()
  forgetAccessToken()
  vi.useRealTimers()
})

async function becomeLive() {
  socket().event('1', 'feed.heartbeat')
  await vi.advanceTimersByTimeAsync(0)
}

describe('the pill (I13)', () => {
  it('says Live when what was asked for before the feed stood is asked for again', async () => {
    socket().event('1', 'feed.heartbeat')
    expect(feed().state).toBe('catching-up')
    await vi.advanceTimersByTimeAsync(0)
    expect(feed().state).toBe('live')
    expect([asked('Conversations'), asked('Messages'), asked('Inboxes')]).toEqual([1, 1, 1])
  })

  it('says that it is catching up until a reset has been made up for, however often that fails', async () => {
    await becomeLive()
    fetched.mockImplementation((query) =>
      query.includes('query Conversations') ? refusal('INTERNAL') : answerTo(query),
    )
    socket().event('9', 'feed.reset')
    await vi.advanceTimersByTimeAsync(4_000)
    expect(feed().state).toBe('catching-up')
    fetched.mockImplementation(answerTo)
    await vi.advanceTimersByTimeAsync(8_000)
    expect(feed().state).toBe('live')
    expect(useMessages().threads.get('c1')!.gapAt).toBeUndefined()
  })

  it('makes up for a thread that could not be asked for either', async () => {
    await becomeLive()
    fetched.mockImplementation((query) => (query.includes('query Messages') ? new Error('cut') : answerTo(query)))
    socket().event('9', 'feed.reset')
    await vi.advanceTimersByTimeAsync(0)
    expect(feed().state).toBe('catching-up')
    fetched.mockImplementation(answerTo)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(feed().state).toBe('live')
  })

  it('does not leave the hole in a thread that was left before it was made up for', async () => {
    await becomeLive()
    fetched.mockImplementation((query) => (query.includes('query Messages') ? new Error('cut') : answerTo(query)))
    socket().event('9', 'feed.reset')
    await vi.advanceTimersByTimeAsync(0)
    useMessages().openConversationId = ''
    await vi.advanceTimersByTimeAsync(1_000)
    expect(feed().state).toBe('live')
    expect(useMessages().threads.has('c1')).toBe(false)
  })

  it('catches up when a conversation that the feed spoke of could not be fetched', async () => {
    await becomeLive()
    fetched.mockReturnValueOnce(new Error('cut'))
    socket().event('9', 'conversation.created', { conversation: aConversation({ id: 'c2' }) })
    await vi.advanceTimersByTimeAsync(0)
    expect(asked('Conversations')).toBe(2)
  })

  it('asks once more when another gap opens while one is filled', async () => {
    await becomeLive()
    socket().event('8', 'feed.reset')
    socket().event('9', 'feed.reset')
    await vi.advanceTimersByTimeAsync(0)
    expect(asked('Conversations')).toBe(3)
    expect(feed().state).toBe('live')
  })

  it('says Live no longer once the feed was stopped', async () => {
    await becomeLive()
    feed().stop()
    expect(feed().state).toBe('refused')
  })

  it('doubts the line when the browser says that it is offline', async () => {
    await becomeLive()
    socket().alive = false
    dispatchEvent(new Event('offline'))
    await vi.advanceTimersByTimeAsync(4_000)
    expect(feed().state).toBe('catching-up')
    await vi.advanceTimersByTimeAsync(500)
    socket().end(1006)
    expect(feed().state).toBe('offline')
  })
})

describe('a change of access (I11)', () => {
  it('takes away at once what is in an inbox that is no longer seen', async () => {
    await becomeLive()
    const store = useConversations()
    store.merge([aConversation({ id: 'hidden', inbox: { id: 'inbox-2' } })], store.mark())
    socket().event('9', 'access.changed')
    await vi.advanceTimersByTimeAsync(0)
    expect([...store.byId.keys()]).toEqual(['c1'])
    expect(useInboxes().byId.size).toBe(1)
    expect(useAccounts().current).toBeDefined()
  })
})
