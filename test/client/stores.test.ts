// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import type { Me } from '../../client/api/types.ts'
import { useAccounts } from '../../client/stores/accounts.ts'
import { useConversationLists } from '../../client/stores/conversation-lists.ts'
import {
  loadMoreConversations,
  openConversationList,
  refreshConversationLists,
} from '../../client/stores/conversation-paging.ts'
import { useConversations } from '../../client/stores/conversations.ts'
import { useDrafts } from '../../client/stores/drafts.ts'
import { usePictures } from '../../client/stores/pictures.ts'
import { forgetAccountData } from '../../client/stores/reset.ts'
import { useSession } from '../../client/stores/session.ts'
import { aConversation, aMessage, at } from './fixtures.ts'
import { listAnswer, pending, refusal, settled, useServer } from './server-stub.ts'

const fetched = useServer()

describe('conversations', () => {
  it('from the feed keep the own marker, which the feed does not know', () => {
    const store = useConversations()
    store.merge([aConversation({ inboundCount: 4, readCount: 3 })], store.mark())
    const { readCount: _own, ...shared } = aConversation({ inboundCount: 5, lastActivityAt: at(1) })
    void store.receive(shared)
    expect(store.byId.get('c1')).toMatchObject({ inboundCount: 5, readCount: 3 })
  })

  it('from an old answer do not undo what the feed brought', () => {
    const store = useConversations()
    store.merge([aConversation()], store.mark())
    const mark = store.mark()
    void store.receive(aConversation({ status: 'RESOLVED' }))
    store.merge([aConversation({ status: 'OPEN', readCount: 1 })], mark)
    expect(store.byId.get('c1')).toMatchObject({ status: 'RESOLVED', readCount: 1 })
  })

  it('of a new customer show the last of a burst, not the first that was asked for', async () => {
    const [store, lists] = [useConversations(), useConversationLists()]
    lists.show({ status: 'OPEN' })
    const { answer, give } = pending()
    fetched.mockReturnValue(answer)
    const { readCount: _own, ...first } = aConversation()
    void store.receive(first)
    void store.receive({ ...first, inboundCount: 3, lastMessage: aMessage({ id: 'm3', content: 'third' }) })
    give({ data: { conversation: aConversation() } })
    await settled()
    expect(fetched).toHaveBeenCalledTimes(1)
    expect(store.byId.get('c1')).toMatchObject({ inboundCount: 3, lastMessage: { content: 'third' } })
  })

  it('of one account never come into another, whatever was on its way', async () => {
    const store = useConversations()
    const [row, status] = [pending(), pending()]
    fetched.mockImplementation((query) => (query.includes('mutation') ? status.answer : row.answer))
    store.merge([aConversation()], store.mark())
    const work = [store.fetch('c2'), store.setStatus('c1', 'RESOLVED')]
    forgetAccountData()
    useAccounts().accountId = 'a2'
    row.give({ data: { conversation: aConversation({ id: 'c2' }) } })
    status.give({ data: { setConversationStatus: aConversation({ status: 'RESOLVED' }) } })
    await Promise.all(work)
    expect(store.byId.size).toBe(0)
  })

  it('of one account do not come back into another when a change is refused', async () => {
    const store = useConversations()
    store.merge([aConversation()], store.mark())
    const { answer, give } = pending()
    fetched.mockReturnValue(answer)
    const work = store.assign('c1', 'u2')
    forgetAccountData()
    useAccounts().accountId = 'a2'
    give(refusal('CONFLICT'))
    await expect(work).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(store.byId.size).toBe(0)
  })

  it('are unread again when the server did not take the marker, so that the next look marks again', async () => {
    const store = useConversations()
    store.merge([aConversation({ inboundCount: 4, readCount: 1 })], store.mark())
    fetched.mockReturnValueOnce(new Error('offline'))
    const work = store.markRead('c1')
    expect(store.byId.get('c1')!.readCount).toBe(4)
    await expect(work).rejects.toMatchObject({ code: 'NETWORK' })
    expect(store.byId.get('c1')!.readCount).toBe(1)
  })

  it('move between lists as they change', () => {
    const [store, lists] = [useConversations(), useConversationLists()]
    const open = lists.show({ status: 'OPEN' })
    store.merge([aConversation({ id: 'a' }), aConversation({ id: 'b', lastActivityAt: at(5) })], store.mark())
    expect(open.ids).toEqual(['b', 'a'])
    void store.receive(aConversation({ id: 'a', lastActivityAt: at(9) }))
    expect(open.ids).toEqual(['a', 'b'])
    void store.receive(aConversation({ id: 'a', status: 'RESOLVED', lastActivityAt: at(9) }))
    expect(open.ids).toEqual(['b'])
  })

  it('beyond the loaded pages wait for their page', () => {
    const [store, lists] = [useConversations(), useConversationLists()]
    const open = lists.show({ status: 'OPEN' })
    store.merge([aConversation({ id: 'a' })], store.mark())
    open.hasNextPage = true
    store.merge([aConversation({ id: 'older', lastActivityAt: at(-99) })], store.mark())
    expect(open.ids).toEqual(['a'])
  })
})

describe('lists', () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) =>
      aConversation({ id: `c${from + index}`, lastActivityAt: at(-from - index) }),
    )
  const firstOf = (call: number) => fetched.mock.calls[call]![1]['first']

  async function shown(count: number) {
    fetched.mockReturnValueOnce(listAnswer(rows(0, 25), 'at 25'))
    await openConversationList({ status: 'OPEN' })
    for (let to = 75; to <= count; to += 50) {
      fetched.mockReturnValueOnce(listAnswer(rows(to - 50, to), `at ${to}`))
      await loadMoreConversations()
    }
    fetched.mockClear()
    return useConversationLists().current!
  }

  it('keep as many rows as were read when they are asked for again', async () => {
    const list = await shown(225)
    fetched
      .mockReturnValueOnce(listAnswer(rows(0, 100), 'at 100'))
      .mockReturnValueOnce(listAnswer(rows(100, 200), 'at 200'))
      .mockReturnValueOnce(listAnswer(rows(200, 225), 'at 225'))
    await refreshConversationLists()
    expect([firstOf(0), firstOf(1), firstOf(2)]).toEqual([100, 100, 25])
    expect(list.ids).toEqual(rows(0, 225).map((row) => row.id))
    expect(list.endCursor).toBe('at 225')
  })

  it('have no hole when a page and a reload cross', async () => {
    const list = await shown(75)
    const page = pending()
    const arrived = aConversation({ id: 'new', lastActivityAt: at(1) })
    fetched.mockReturnValueOnce(page.answer).mockReturnValueOnce(listAnswer([arrived, ...rows(0, 74)], 'at 74'))
    const more = loadMoreConversations()
    await refreshConversationLists()
    page.give(listAnswer(rows(75, 125), 'at 125'))
    await more
    expect(list.endCursor).toBe('at 74')
    expect(list.ids.at(-1)).toBe('c73')
  })

  it('take the last of two answers, in whatever order they come', async () => {
    const list = await shown(25)
    const slow = pending()
    fetched.mockReturnValueOnce(slow.answer).mockReturnValueOnce(listAnswer(rows(3, 20)))
    const first = refreshConversationLists()
    first.catch(() => undefined)
    await refreshConversationLists()
    slow.give(listAnswer(rows(0, 20)))
    await expect(first).rejects.toThrow('asked for again')
    expect(list.ids).toEqual(rows(3, 20).map((row) => row.id))
  })
})

describe('drafts', () => {
  it('survive a reload per user, conversation and mode, and end with the session', () => {
    useDrafts().open('u1')
    useDrafts().write('c1', 'reply', 'half a thought')
    useDrafts().write('c1', 'note', 'a note')

    setActivePinia(createPinia())
    useDrafts().open('u1')
    expect(useDrafts().read('c1', 'reply')).toBe('half a thought')
    useDrafts().open('u2')
    expect(useDrafts().read('c1', 'reply')).toBe('')

    useDrafts().open('u1')
    useDrafts().clear()
    expect(Object.keys(localStorage)).toEqual([])
  })

  it('keep their pictures through a reload and another account, in every tab, and until the end of the session', () => {
    const picture = { id: 'a1', url: '/files/x/a1', thumbnailUrl: '/files/x/a1?thumbnail', width: 8, height: 6 }
    const shown = () => usePictures().listOf('c1', 'reply')
    useSession().me = { id: 'u1' } as Me
    usePictures().restore('c1', 'reply', [picture])
    forgetAccountData()
    // Its upload or look-up ends only now.
    usePictures().remove('c1', 'reply', 'a1')
    usePictures().change('c1', 'reply', 'a1', { progress: 1 })
    expect(shown()).toEqual([])
    usePictures().open('c1', 'reply')
    expect(shown()).toMatchObject([{ uploaded: picture, preview: picture.thumbnailUrl }])

    const key = 'parley:pictures:u1:c1:reply'
    const stored = localStorage.getItem(key)
    const otherTab = () => dispatchEvent(new StorageEvent('storage', { key }))
    localStorage.removeItem(key)
    otherTab()
    expect(shown()).toEqual([])
    localStorage.setItem(key, stored ?? '')
    otherTab()
    expect(usePictures().take('c1', 'reply')).toEqual([picture])
    expect(localStorage.getItem(key)).toBeNull()

    usePictures().restore('c1', 'note', [picture])
    usePictures().clear('u1')
    expect(Object.keys(localStorage)).toEqual([])
    localStorage.setItem(key, '[null, {"id": 1}]')
    usePictures().open('c1', 'reply')
    expect(shown(), 'stored by somebody else').toEqual([])
    useSession().me = undefined
    usePictures().restore('c2', 'reply', [picture])
    expect(Object.keys(localStorage), 'for nobody').toEqual([key])
  })

  it('are the same in every tab of the browser', () => {
    useDrafts().open('u1')
    useDrafts().write('c1', 'reply', 'half a thought')
    const other = (newValue: string | null, user = 'u1') =>
      dispatchEvent(new StorageEvent('storage', { key: `parley:draft:${user}:c1:reply`, newValue }))
    other('half a thought and more')
    expect(useDrafts().read('c1', 'reply')).toBe('half a thought and more')
    other('of somebody else', 'u2')
    expect(useDrafts().read('c1', 'reply')).toBe('half a thought and more')
    other(null)
    expect(useDrafts().read('c1', 'reply')).toBe('')
  })

  it('are not called saved where storage is refused or full', () => {
    useDrafts().open('u1')
    useDrafts().write('c1', 'reply', 'half a thought')
    expect(useDrafts().isSaved('c1', 'reply')).toBe(true)
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    const working = localStorage
    vi.stubGlobal('localStorage', { setItem: full })
    useDrafts().write('c1', 'reply', 'half a thought more')
    vi.stubGlobal('localStorage', working)
    expect(useDrafts().read('c1', 'reply')).toBe('half a thought more')
    expect(useDrafts().isSaved('c1', 'reply')).toBe(false)
    useDrafts().write('c1', 'reply', '')
    expect(useDrafts().isSaved('c1', 'reply')).toBe(false)
  })
})
