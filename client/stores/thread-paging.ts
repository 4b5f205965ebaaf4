import { MessagesDocument, type MessagesQuery } from '../api/generated.ts'
import { ApiError, request } from '../api/graphql.ts'
import { useAccounts } from './accounts.ts'
import { useConversations } from './conversations.ts'
import { compareMessages, mergeIds } from './message-order.ts'
import { useMessages, type Thread } from './messages.ts'

type Page = MessagesQuery['conversation']['messages']
type Range = { last: number; before?: string | null } | { first: number; after: string | null }

const PAGE = 40
const LARGEST_PAGE = 100
/** More than this is never in the page: reading far back lets go of the newest, which come again on the way down. */
const WINDOW = 400

/** Brings the newest page; what is already loaded stays when the two meet. A failure stands on the thread. */
export async function loadThread(conversationId: string): Promise<void> {
  await refreshThread(conversationId).catch(() => undefined)
}

/** The same, and throws where asking again may help. */
export async function refreshThread(conversationId: string): Promise<void> {
  const thread = useMessages().threadOf(conversationId)
  try {
    await loadNewest(conversationId, thread, Math.min(LARGEST_PAGE, Math.max(PAGE, thread.ids.length)))
  } catch (error) {
    if (!lostSight(conversationId, thread, error)) throw error
  }
}

export async function loadOlderMessages(conversationId: string): Promise<void> {
  const thread = useMessages().threads.get(conversationId)
  if (!thread?.hasOlder || thread.busy) return
  const before = thread.startCursor
  await turnPage(conversationId, thread, 'older', { last: PAGE, before }, (page) => {
    if (thread.startCursor === before) joinOlder(thread, page)
  })
}

export async function loadNewerMessages(conversationId: string): Promise<void> {
  const thread = useMessages().threads.get(conversationId)
  const after = thread?.edges.at(-1)?.endCursor
  if (!thread?.hasNewer || thread.busy || after === undefined) return
  await turnPage(conversationId, thread, 'newer', { first: PAGE, after }, (page) => {
    if (thread.edges.at(-1)?.endCursor === after) joinNewer(thread, page)
  })
}

/** Lets go of a window that is far back and shows the newest page. */
export async function jumpToNewest(conversationId: string): Promise<void> {
  const thread = useMessages().threads.get(conversationId)
  if (thread?.hasNewer) await loadNewest(conversationId, thread, PAGE)
}

/** `join` has to look whether the thread still ends where it did: a reload may have come in between. */
async function turnPage(
  conversationId: string,
  thread: Thread,
  busy: NonNullable<Thread['busy']>,
  range: Range,
  join: (page: Page) => void,
): Promise<void> {
  thread.busy = busy
  try {
    const page = await fetchPage(conversationId, range)
    if (page) join(page)
  } catch (error) {
    lostSight(conversationId, thread, error)
  }
  thread.busy = undefined
}

async function loadNewest(conversationId: string, thread: Thread, last: number): Promise<void> {
  const asked = useMessages().mark()
  const page = await fetchPage(conversationId, { last })
  if (page && asked > thread.asOf) joinNewest(thread, page, asked)
}

/** A failure leaves what is shown, unless it says that the thread is gone for this reader: answers whether it does. */
function lostSight(conversationId: string, thread: Thread, error: unknown): boolean {
  const gone = error instanceof ApiError && error.code === 'NOT_FOUND'
  if (gone) useConversations().remove(conversationId)
  if (gone || thread.phase !== 'ready') Object.assign(thread, { phase: 'error', error })
  return gone
}

async function fetchPage(conversationId: string, range: Range): Promise<Page | undefined> {
  const { accountId } = useAccounts()
  const [messages, conversations] = [useMessages(), useConversations()]
  const marks = { messages: messages.mark(), conversations: conversations.mark() }
  const answer = await request(MessagesDocument, { accountId, id: conversationId, ...range })
  if (!messages.threads.has(conversationId) || accountId !== useAccounts().accountId) return undefined
  const { messages: page, ...conversation } = answer.conversation
  conversations.merge([conversation], marks.conversations)
  messages.merge(page.nodes, marks.messages)
  return page
}

function joinNewest(thread: Thread, page: Page, asked: number): void {
  const messages = useMessages()
  const ids = page.nodes.map((node) => node.id)
  const first = page.nodes[0]
  // What came live after a gap stands in the page, too, and proves nothing about what is before it.
  const knownBefore = Math.min(asked, thread.gapAt ?? asked)
  const meets =
    thread.phase === 'ready' &&
    !thread.hasNewer &&
    thread.ids.some((id) => ids.includes(id) && !messages.arrivedSince(id, knownBefore))
  const kept = thread.ids.filter((id) => {
    const message = messages.byId.get(id)
    if (!message || message.local) return Boolean(message)
    const beforePage = first && compareMessages(message, first) < 0
    if (meets && beforePage) return true
    // It came while the page was on its way; what is older comes with its own page.
    return messages.arrivedSince(id, asked) && !(beforePage && page.pageInfo.hasPreviousPage)
  })
  thread.ids = mergeIds(kept, ids, messages.byId)
  if (!meets) {
    Object.assign(thread, { startCursor: page.pageInfo.startCursor, hasOlder: page.pageInfo.hasPreviousPage })
    thread.edges = edgesOf(page)
  }
  Object.assign(thread, { hasNewer: false, phase: 'ready', error: undefined, asOf: asked })
  if (thread.gapAt !== undefined && thread.gapAt < asked) thread.gapAt = undefined
}

function joinOlder(thread: Thread, page: Page): void {
  const ids = page.nodes.map((node) => node.id)
  thread.ids = mergeIds(thread.ids, ids, useMessages().byId)
  thread.edges.unshift(...edgesOf(page))
  Object.assign(thread, { startCursor: page.pageInfo.startCursor, hasOlder: page.pageInfo.hasPreviousPage })
  while (thread.ids.length > WINDOW && thread.edges.length > 1) {
    thread.edges.pop()
    thread.ids = thread.ids.slice(0, thread.ids.indexOf(thread.edges.at(-1)!.lastId) + 1)
    thread.hasNewer = true
  }
}

function joinNewer(thread: Thread, page: Page): void {
  const ids = page.nodes.map((node) => node.id)
  thread.ids = mergeIds(thread.ids, ids, useMessages().byId)
  thread.edges.push(...edgesOf(page))
  thread.hasNewer = page.pageInfo.hasNextPage
}

function edgesOf(page: Page): Thread['edges'] {
  const last = page.nodes.at(-1)
  return last ? [{ lastId: last.id, endCursor: page.pageInfo.endCursor }] : []
}
