import { ConversationsDocument, type ConversationFilter, type ConversationsQuery } from '../api/generated.ts'
import { request } from '../api/graphql.ts'
import { useAccounts } from './accounts.ts'
import { useConversationLists, type ConversationList } from './conversation-lists.ts'
import { useConversations } from './conversations.ts'

type PageInfo = ConversationsQuery['conversations']['pageInfo']
type Page = ConversationsQuery['conversations'] & { mark: number }

const PAGE = 25
const LARGEST_PAGE = 100

/** Shows the list of this filter; one that is already here is painted first and checked behind it. */
export async function openConversationList(filter: ConversationFilter): Promise<void> {
  await reload(useConversationLists().show(filter)).catch(() => undefined)
}

export async function loadMoreConversations(): Promise<void> {
  const list = useConversationLists().current
  if (!list?.hasNextPage || list.loadingMore || list.phase !== 'ready') return
  list.loadingMore = true
  const after = list.endCursor
  const page = await fetchPage(list, PAGE * 2, after).catch(() => undefined)
  // Only a page that begins where the list still ends; a reload may have come in between.
  if (page && list.endCursor === after) finish(list, [...list.ids, ...take(page)], page.pageInfo)
  list.loadingMore = false
}

/** Asks again for what is on screen and forgets the lists that are not; throws when that fails. */
export async function refreshConversationLists(): Promise<void> {
  const lists = useConversationLists()
  lists.forgetOthers()
  if (lists.current) await reload(lists.current)
}

/** Asks for as many as are shown, from the beginning: in between rows may have left that the feed did not tell of. */
async function reload(list: ConversationList): Promise<void> {
  const conversations = useConversations()
  const turn = (list.turn += 1)
  const mark = conversations.mark()
  // Rows of the pages are placed in the list as they come: it grows meanwhile.
  const shown = list.ids.length
  try {
    const ids: string[] = []
    let pageInfo: PageInfo = { endCursor: null, hasNextPage: true }
    do {
      const first = Math.min(LARGEST_PAGE, Math.max(PAGE, shown - ids.length))
      const page = await fetchPage(list, first, pageInfo.endCursor)
      if (!page) return
      if (turn !== list.turn) throw new Error('The list was asked for again meanwhile')
      ids.push(...take(page))
      pageInfo = page.pageInfo
    } while (pageInfo.hasNextPage && ids.length < shown)
    const live = list.ids.filter((id) => conversations.changedSince(id, mark))
    finish(list, [...live, ...ids], pageInfo)
  } catch (error) {
    if (turn === list.turn && list.phase !== 'ready') Object.assign(list, { phase: 'error', error })
    throw error
  }
}

function finish(list: ConversationList, ids: readonly string[], pageInfo: PageInfo): void {
  Object.assign(list, pageInfo, { phase: 'ready', error: undefined })
  useConversationLists().fill(list, ids, useConversations().byId)
}

function take({ nodes, mark }: Page): string[] {
  useConversations().merge(nodes, mark)
  return nodes.map((node) => node.id)
}

/** Undefined when another account is open by now. */
async function fetchPage(list: ConversationList, first: number, after: string | null): Promise<Page | undefined> {
  const mark = useConversations().mark()
  const { accountId } = useAccounts()
  const answer = await request(ConversationsDocument, { accountId, filter: list.filter, first, after })
  return accountId === useAccounts().accountId ? { ...answer.conversations, mark } : undefined
}
