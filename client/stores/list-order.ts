import type { ConversationFilter } from '../api/generated.ts'
import type { SharedConversation } from '../api/types.ts'

/** The same predicate as the server's query: what arrives live lands only in lists that would have returned it. */
export function matchesFilter(conversation: SharedConversation, filter: ConversationFilter): boolean {
  if (filter.status && conversation.status !== filter.status) return false
  if (filter.inboxId && conversation.inbox.id !== filter.inboxId) return false
  if (filter.assigneeId && conversation.assignee?.id !== filter.assigneeId) return false
  if (filter.unassigned && conversation.assignee) return false
  return matchesQuery(conversation, filter.query)
}

function matchesQuery(conversation: SharedConversation, query: string | null | undefined): boolean {
  const wanted = query?.trim().toLowerCase()
  if (!wanted) return true
  if (wanted.replace(/^#/, '') === String(conversation.displayId)) return true
  const { name, username } = conversation.contact
  return name.toLowerCase().includes(wanted) || (username ?? '').toLowerCase().includes(wanted)
}

/** Latest activity first, then the higher id, like the server's keyset. */
export function compareConversations(a: SharedConversation, b: SharedConversation): number {
  return compareText(b.lastActivityAt, a.lastActivityAt) || compareText(b.id, a.id)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Where the conversation belongs in a sorted list that does not hold it; the list's length when it is the last. */
export function placeOf(
  conversation: SharedConversation,
  ids: readonly string[],
  byId: ReadonlyMap<string, SharedConversation>,
): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = byId.get(ids[middle]!)
    if (other && compareConversations(other, conversation) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * What a list shows while nothing may move under the reader: rows that left are gone, older pages are appended, and
 * everything that would come in or move up above stays outside and is counted.
 */
export function heldOrder(shown: readonly string[], live: readonly string[]): { ids: string[]; waiting: number } {
  const positions = new Map(live.map((id, index) => [id, index]))
  const kept = shown.filter((id) => positions.has(id))
  if (!kept.length) return { ids: [...live], waiting: 0 }
  const keptIds = new Set(kept)
  const lastKept = Math.max(...kept.map((id) => positions.get(id)!))
  const appended = live.slice(lastKept + 1).filter((id) => !keptIds.has(id))
  const waiting = live.slice(0, lastKept).filter((id) => !keptIds.has(id)).length
  return { ids: [...kept, ...appended], waiting: waiting + movedAbove(kept[0]!, live, keptIds) }
}

function movedAbove(first: string, live: readonly string[], kept: ReadonlySet<string>): number {
  return live.slice(0, live.indexOf(first)).filter((id) => kept.has(id)).length
}
