import { defineStore } from 'pinia'
import type { ConversationFilter } from '../api/generated.ts'
import type { SharedConversation } from '../api/types.ts'
import { compareConversations, matchesFilter, placeOf } from './list-order.ts'

export interface ConversationList {
  filter: ConversationFilter
  ids: string[]
  endCursor: string | null
  hasNextPage: boolean
  phase: 'loading' | 'ready' | 'error'
  loadingMore: boolean
  error: unknown
  /** Counts how often the list was asked for from its beginning: only the last answer counts. */
  turn: number
}

type Rows = ReadonlyMap<string, SharedConversation>

/** Lists kept warm, so that going back to a folder paints at once. */
const KEPT_LISTS = 12

export function listKey(filter: ConversationFilter): string {
  return JSON.stringify([filter.status, filter.inboxId, filter.assigneeId, filter.unassigned, filter.query])
}

/** Which conversations stand in which list, in order; the rows themselves are in the conversations store. */
export const useConversationLists = defineStore('conversation-lists', {
  state: () => ({ lists: new Map<string, ConversationList>(), currentKey: '' }),
  getters: {
    current: (state) => state.lists.get(state.currentKey),
  },
  actions: {
    /** Makes the list the one on screen; an older one of the same filter is painted until its answer comes. */
    show(filter: ConversationFilter): ConversationList {
      const key = listKey(filter)
      const list = this.lists.get(key) ?? emptyList(filter)
      this.currentKey = key
      this.lists.delete(key)
      this.lists.set(key, list)
      for (const old of this.lists.keys()) if (this.lists.size > KEPT_LISTS && old !== key) this.lists.delete(old)
      return this.lists.get(key)!
    },
    /** Puts a conversation where it now belongs in every list that is kept. */
    place(conversation: SharedConversation, rows: Rows): void {
      for (const list of this.lists.values()) {
        const index = list.ids.indexOf(conversation.id)
        if (index >= 0) list.ids.splice(index, 1)
        if (!matchesFilter(conversation, list.filter)) continue
        const place = placeOf(conversation, list.ids, rows)
        // Beyond the loaded pages it comes with its page.
        if (place < list.ids.length || !list.hasNextPage || index >= 0) list.ids.splice(place, 0, conversation.id)
      }
    },
    /** Takes the ids of a page whose rows are merged; rows that changed meanwhile stand where they now belong. */
    fill(list: ConversationList, ids: readonly string[], rows: Rows): void {
      const present = [...new Set(ids)].flatMap((id) => rows.get(id) ?? [])
      list.ids = present
        .filter((row) => matchesFilter(row, list.filter))
        .sort(compareConversations)
        .map((row) => row.id)
    },
    wants(conversation: SharedConversation): boolean {
      return this.current !== undefined && matchesFilter(conversation, this.current.filter)
    },
    drop(id: string): void {
      for (const list of this.lists.values()) list.ids = list.ids.filter((other) => other !== id)
    },
    forgetOthers(): void {
      for (const key of this.lists.keys()) if (key !== this.currentKey) this.lists.delete(key)
    },
  },
})

function emptyList(filter: ConversationFilter): ConversationList {
  return {
    filter,
    ids: [],
    endCursor: null,
    hasNextPage: false,
    phase: 'loading',
    loadingMore: false,
    error: undefined,
    turn: 0,
  }
}
