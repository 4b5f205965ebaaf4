import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import {
  AssignConversationDocument,
  ConversationDocument,
  MarkConversationReadDocument,
  SetConversationStatusDocument,
  type ConversationStatus,
} from '../api/generated.ts'
import { request } from '../api/graphql.ts'
import type { Conversation, SharedConversation } from '../api/types.ts'
import { useAccounts } from './accounts.ts'
import { Arrivals } from './arrivals.ts'
import { useConversationLists } from './conversation-lists.ts'
import { useInboxes } from './inboxes.ts'

const arrivals = new Arrivals()
const fetching = new Map<string, Promise<void>>()
/** What the feed said of rows that are not here yet: newer than an answer that was asked for before. */
const unplaced = new Map<string, SharedConversation>()
const KEPT_UNPLACED = 500

const accountId = () => useAccounts().accountId

export const useConversations = defineStore('conversations', {
  state: () => ({ byId: new Map<string, Conversation>() }),
  actions: {
    mark: () => arrivals.mark(),
    /** Takes rows of an answer asked for at `mark`; what the feed brought since then wins, the own marker only grows. */
    merge(conversations: readonly Conversation[], mark: number): void {
      for (const conversation of conversations) {
        const { id } = conversation
        const known = this.byId.get(id)
        const newer = arrivals.isStale(id, mark) ? (known ?? unplaced.get(id)) : undefined
        this.put({ ...conversation, ...newer, readCount: Math.max(known?.readCount ?? 0, conversation.readCount) })
      }
    },
    put(conversation: Conversation): void {
      unplaced.delete(conversation.id)
      this.byId.set(conversation.id, markRaw(conversation))
      useConversationLists().place(conversation, this.byId)
    },
    changedSince: (id: string, mark: number) => arrivals.isStale(id, mark),
    /** From the feed, which does not know the own marker: a row that we have never seen is asked for. */
    receive(shared: SharedConversation): Promise<void> | undefined {
      arrivals.stamp(shared.id)
      useInboxes().countSoon()
      const known = this.byId.get(shared.id)
      if (known) {
        this.put({ ...known, ...shared })
        return undefined
      }
      unplaced.set(shared.id, shared)
      for (const id of unplaced.keys()) if (unplaced.size > KEPT_UNPLACED) unplaced.delete(id)
      return useConversationLists().wants(shared) ? this.fetch(shared.id) : undefined
    },
    fetch(id: string): Promise<void> {
      const running = fetching.get(id)
      if (running) return running
      const [asked, mark] = [accountId(), this.mark()]
      const work = request(ConversationDocument, { accountId: asked, id })
        .then(({ conversation }) => {
          if (asked === accountId()) this.merge([conversation], mark)
        })
        .finally(() => fetching.delete(id))
      fetching.set(id, work)
      return work
    },
    receiveReadCount(id: string, readCount: number): void {
      const known = this.byId.get(id)
      if (known && readCount > known.readCount) this.put({ ...known, readCount })
    },
    async markRead(id: string): Promise<void> {
      const before = this.byId.get(id)
      if (!before) return
      const readCount = Math.max(before.readCount, before.inboundCount)
      this.put({ ...before, readCount })
      try {
        await request(MarkConversationReadDocument, { input: { accountId: accountId(), conversationId: id } })
      } catch (error) {
        // Unread again, so that the next look marks it again.
        const now = this.byId.get(id)
        if (now?.readCount === readCount) this.put({ ...now, readCount: before.readCount })
        throw error
      }
    },
    async setStatus(id: string, status: ConversationStatus, until?: string): Promise<void> {
      const snoozedUntil = until ?? null
      const input = { accountId: accountId(), conversationId: id, status, snoozedUntil }
      await this.change(id, { status, snoozedUntil }, async () => {
        return (await request(SetConversationStatusDocument, { input })).setConversationStatus
      })
    },
    async assign(id: string, assigneeId: string | null): Promise<void> {
      const assignee = assigneeId ? { id: assigneeId, name: useAccounts().nameOf(assigneeId) ?? '' } : null
      const input = { accountId: accountId(), conversationId: id, assigneeId }
      await this.change(id, { assignee }, async () => {
        return (await request(AssignConversationDocument, { input })).assignConversation
      })
    },
    /** Is shown at once, and becomes what the server says or goes back to what it was. */
    async change(id: string, change: Partial<Conversation>, work: () => Promise<Conversation>): Promise<void> {
      const before = this.byId.get(id)
      if (before) this.put({ ...before, ...change })
      const [asked, mark] = [accountId(), this.mark()]
      try {
        const answer = await work()
        if (asked !== accountId()) return
        this.merge([answer], mark)
        useInboxes().countSoon()
      } catch (error) {
        if (before && this.byId.has(id) && !arrivals.isStale(id, mark)) this.put(before)
        throw error
      }
    },
    removeInboxes(gone: (inboxId: string) => boolean): void {
      for (const { id, inbox } of this.byId.values()) if (gone(inbox.id)) this.remove(id)
    },
    remove(id: string): void {
      this.byId.delete(id)
      useConversationLists().drop(id)
    },
  },
})
