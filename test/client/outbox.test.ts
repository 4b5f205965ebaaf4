// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import type { Me } from '../../client/api/types.ts'
import { useAccounts } from '../../client/stores/accounts.ts'
import { useDrafts } from '../../client/stores/drafts.ts'
import { useMessages } from '../../client/stores/messages.ts'
import { useOutbox } from '../../client/stores/outbox.ts'
import { usePictures } from '../../client/stores/pictures.ts'
import { forgetAccountData } from '../../client/stores/reset.ts'
import { useSession } from '../../client/stores/session.ts'
import { aMessage, aReply, at } from './fixtures.ts'
import { pending, refusal, settled, threadAnswer, useServer } from './server-stub.ts'

const fetched = useServer()
const outboxKeys = () => Object.keys(localStorage).filter((key) => key.startsWith('parley:outbox:'))
const textsOf = (id: string) =>
  useMessages()
    .listOf(id)
    .map((message) => message.content)

function openThread() {
  const thread = useMessages().threadOf('c1')
  thread.phase = 'ready'
  useMessages().receive(aMessage({ id: 'm1' }))
  return thread
}

function logIn(id: string) {
  useSession().me = { id, name: 'Mali Kittisak' } as Me
  useDrafts().open(id)
  useOutbox().open(id)
}

describe('sending (I5)', () => {
  it('paints at once and becomes the server’s message under the same id', async () => {
    const thread = openThread()
    fetched.mockImplementation((_query, { input }) => ({
      data: { sendMessage: aReply({ id: 'm2', clientMessageId: String(input!['clientMessageId']), createdAt: at(1) }) },
    }))
    useOutbox().send('c1', 'hello', false)
    expect(useMessages().listOf('c1').at(-1)).toMatchObject({ content: 'hello', local: 'sending', status: 'QUEUED' })
    await settled()
    expect(thread.ids).toEqual(['m1', 'm2'])
    expect(useOutbox().waiting).toEqual([])
  })

  it('paints a text with pictures as the messages that it becomes, and gives them back when it is refused', async () => {
    const thread = openThread()
    const picture = { id: 'a1', url: '/files/x/a1', thumbnailUrl: '/files/x/a1?thumbnail', width: 8, height: 6 }
    fetched.mockImplementationOnce((_query, { input }) => {
      expect(input).toMatchObject({ content: 'look', attachmentIds: ['a1'] })
      const clientMessageId = String(input!['clientMessageId'])
      return { data: { sendMessage: aReply({ id: 'm2', clientMessageId, content: 'look', createdAt: at(1) }) } }
    })
    useOutbox().send('c1', 'look', false, { pictures: [picture] })
    const painted = useMessages().listOf('c1').slice(1)
    expect(painted.map(({ contentType, local, attachments }) => [contentType, local, attachments.length])).toEqual([
      ['text', 'sending', 0],
      ['image', 'sending', 1],
    ])
    await settled()
    expect(
      useMessages()
        .listOf('c1')
        .map(({ contentType, local }) => [contentType, local]),
    ).toEqual([
      ...[
        ['text', undefined],
        ['text', undefined],
      ],
      ['image', 'sending'],
    ])
    const clientMessageId = painted[1]!.clientMessageId
    useMessages().receive(aReply({ id: 'm3', clientMessageId, content: null, contentType: 'image', createdAt: at(1) }))
    expect(thread.ids).toEqual(['m1', 'm2', 'm3'])

    fetched.mockImplementation(() => refusal('WINDOW_CLOSED'))
    useOutbox().send('c1', '', false, { pictures: [picture] })
    await settled()
    expect(thread.ids).toEqual(['m1', 'm2', 'm3'])
    expect(usePictures().listOf('c1', 'reply')).toMatchObject([{ uploaded: picture, preview: picture.thumbnailUrl }])
    expect(usePictures().take('c1', 'reply')).toEqual([picture])
  })

  it('makes one bubble when the events come before the answer, whose status is then the older one (I7)', async () => {
    const thread = openThread()
    fetched.mockImplementation((_query, { input }) => {
      const clientMessageId = String(input!['clientMessageId'])
      useMessages().receive(aReply({ id: 'm2', clientMessageId, createdAt: at(1), status: 'SENT' }))
      return { data: { sendMessage: aReply({ id: 'm2', clientMessageId, createdAt: at(1), status: 'QUEUED' }) } }
    })
    useOutbox().send('c1', 'hello', false)
    await settled()
    expect(thread.ids).toEqual(['m1', 'm2'])
    expect(useMessages().byId.get('m2')!.status).toBe('SENT')
  })

  it('keeps the bubble without an answer, survives a reload, and tries again under the same id', async () => {
    openThread()
    fetched.mockImplementationOnce(() => new Error('offline'))
    useOutbox().send('c1', 'hello', false)
    await settled()
    expect(useMessages().listOf('c1').at(-1)).toMatchObject({ content: 'hello', local: 'unsent' })
    const first = fetched.mock.calls[0]![1]['input']!['clientMessageId']

    setActivePinia(createPinia())
    openThread()
    useOutbox().open('')
    useOutbox().show('c1')
    expect(useMessages().listOf('c1').at(-1)).toMatchObject({ content: 'hello', local: 'unsent' })
    fetched.mockImplementation((_query, { input }) => ({
      data: { sendMessage: aReply({ id: 'm2', clientMessageId: String(input!['clientMessageId']), createdAt: at(1) }) },
    }))
    useOutbox().retry(String(first))
    await settled()
    expect(fetched.mock.calls[1]![1]['input']!['clientMessageId']).toBe(first)
    expect(
      useMessages()
        .listOf('c1')
        .map((message) => message.id),
    ).toEqual(['m1', 'm2'])
  })

  it('gives a refused text back to the composer with its reason', async () => {
    openThread()
    fetched.mockImplementation(() => refusal('WINDOW_CLOSED'))
    useOutbox().send('c1', 'hello', false)
    useDrafts().write('c1', 'reply', 'next')
    await settled()
    expect(useDrafts().read('c1', 'reply')).toBe('hello\nnext')
    expect(useOutbox().refusals.get('c1')!.error.code).toBe('WINDOW_CLOSED')
    expect(useMessages().listOf('c1')).toHaveLength(1)
  })

  it('names who wrote meanwhile when the guard refuses', async () => {
    openThread()
    const nodes = [aMessage({ id: 'm1' }), aReply({ id: 'm5', sender: { id: 'u2', name: 'Anan' }, createdAt: at(2) })]
    fetched.mockImplementation((query) => (query.includes('sendMessage') ? refusal('CONFLICT') : threadAnswer(nodes)))
    useOutbox().send('c1', 'hello', false)
    await settled()
    expect(fetched.mock.calls[0]![1]['input']!['expectedLastMessageId']).toBe('m1')
    expect(useOutbox().refusals.get('c1')!.newer?.sender?.name).toBe('Anan')
    expect(useDrafts().read('c1', 'reply')).toBe('hello')
  })

  it('makes one bubble when the event comes and the answer does not (I7)', async () => {
    const thread = openThread()
    fetched.mockImplementation((_query, { input }) => {
      const clientMessageId = String(input!['clientMessageId'])
      useMessages().receive(aReply({ id: 'm2', clientMessageId, createdAt: at(1) }))
      return new Error('cut')
    })
    useOutbox().send('c1', 'hello', false)
    await settled()
    expect(thread.ids).toEqual(['m1', 'm2'])
    expect(useOutbox().waiting).toEqual([])
    expect(outboxKeys()).toEqual([])
  })

  it('goes on as on its way in a thread that was left and opened again', async () => {
    openThread()
    const { answer, give } = pending()
    fetched.mockReturnValue(answer)
    useOutbox().send('c1', 'hello', false)
    useMessages().noteGap()
    openThread()
    useOutbox().show('c1')
    expect(useMessages().listOf('c1').at(-1)).toMatchObject({ content: 'hello', local: 'sending' })
    give(refusal('INTERNAL'))
    await settled()
    expect(useMessages().listOf('c1').at(-1)).toMatchObject({ content: 'hello', local: 'unsent' })
  })

  it('does not send twice what is on its way', async () => {
    openThread()
    const { answer, give } = pending()
    fetched.mockReturnValue(answer)
    useOutbox().send('c1', 'hello', false)
    useOutbox().retry(useOutbox().waiting[0]!.clientMessageId)
    give(new Error('cut'))
    await settled()
    expect(fetched).toHaveBeenCalledTimes(1)
  })

  it('sends in the account in which it was written, and shows nothing of it in another', async () => {
    openThread()
    const first = pending()
    fetched.mockReturnValueOnce(first.answer).mockReturnValueOnce(new Error('cut'))
    useOutbox().send('c1', 'one', false)
    useOutbox().send('c1', 'two', false)
    await settled()
    forgetAccountData()
    useAccounts().accountId = 'a2'
    first.give(new Error('cut'))
    await settled()
    expect(fetched.mock.calls.map(([, { input }]) => input!['accountId'])).toEqual(['a1', 'a1'])
    expect(useMessages().threads.size).toBe(0)

    useAccounts().accountId = 'a1'
    openThread()
    useOutbox().show('c1')
    expect(textsOf('c1')).toEqual(['สวัสดี', 'one', 'two'])
  })
})

describe('what is not acknowledged', () => {
  it('is stored for each message, so that tabs do not erase each other’s', async () => {
    logIn('u1')
    openThread()
    fetched.mockReturnValueOnce(new Error('cut'))
    useOutbox().send('c1', 'from this tab', false)
    await settled()

    setActivePinia(createPinia())
    useSession().me = { id: 'u1', name: 'Mali Kittisak' } as Me
    openThread()
    fetched.mockImplementation((_query, { input }) => ({
      data: { sendMessage: aReply({ id: 'm2', clientMessageId: String(input!['clientMessageId']), createdAt: at(1) }) },
    }))
    useOutbox().send('c1', 'from another', false)
    await settled()

    setActivePinia(createPinia())
    logIn('u1')
    expect(useOutbox().waiting.map((outgoing) => outgoing.content)).toEqual(['from this tab'])
  })

  it('goes when another tab has its answer', async () => {
    logIn('u1')
    openThread()
    fetched.mockReturnValueOnce(new Error('cut'))
    useOutbox().send('c1', 'hello', false)
    await settled()
    dispatchEvent(new StorageEvent('storage', { key: outboxKeys()[0]!, newValue: null }))
    expect(useOutbox().waiting).toEqual([])
    expect(textsOf('c1')).toEqual(['สวัสดี'])
  })

  it('waits for its writer when the session ends, and is not a draft as well', async () => {
    logIn('u1')
    openThread()
    fetched.mockImplementation(() => {
      useSession().end()
      return refusal('UNAUTHENTICATED')
    })
    useOutbox().send('c1', 'hello', false)
    useOutbox().send('c1', 'and more', false)
    await settled()
    expect(fetched).toHaveBeenCalledTimes(1)

    logIn('u2')
    expect(useOutbox().waiting).toEqual([])
    logIn('u1')
    expect(useOutbox().waiting.map((outgoing) => outgoing.content)).toEqual(['hello', 'and more'])
    expect(useDrafts().read('c1', 'reply')).toBe('')
  })

  it('leaves nothing on the computer after log-out, even when the answer comes later', async () => {
    logIn('u1')
    openThread()
    const { answer, give } = pending()
    fetched.mockReturnValue(answer)
    useOutbox().send('c1', 'hello', false)
    useSession().end()
    useDrafts().clear()
    useOutbox().clear('u1')
    give(refusal('WINDOW_CLOSED'))
    await settled()
    expect(Object.keys(localStorage)).toEqual([])
  })

  it('does not fall over what an older build stored', () => {
    localStorage.setItem('parley:outbox:u1', '[{"content":"old"}]')
    localStorage.setItem('parley:outbox:x', '{')
    logIn('u1')
    expect(useOutbox().waiting).toEqual([])
  })
})
