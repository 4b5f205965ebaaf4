import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import { CheckMessageDocument, RetryMessageDocument } from '../api/generated.ts'
import { request } from '../api/graphql.ts'
import type { Message, ThreadMessage } from '../api/types.ts'
import { useAccounts } from './accounts.ts'
import { Arrivals } from './arrivals.ts'
import { compareMessages, goesBack, insertMessage } from './message-order.ts'

/** The loaded window of a thread. `edges` are the ends of its pages, oldest first, where the window may be cut. */
export interface Thread {
  ids: string[]
  edges: { lastId: string; endCursor: string | null }[]
  startCursor: string | null
  hasOlder: boolean
  hasNewer: boolean
  phase: 'loading' | 'ready' | 'error'
  busy: 'older' | 'newer' | undefined
  error: unknown
  /** When the newest page that is here was asked for; an answer to an earlier question is not taken. */
  asOf: number
  /** Since when messages may be missing before those that came live; the next newest page closes that gap. */
  gapAt: number | undefined
}

const KEPT_THREADS = 30
const arrivals = new Arrivals()

export const localId = (clientMessageId: string) => `local:${clientMessageId}`

export const useMessages = defineStore('messages', {
  state: () => ({
    byId: new Map<string, ThreadMessage>(),
    /** In the order of their last use. */
    threads: new Map<string, Thread>(),
    openConversationId: '',
  }),
  actions: {
    mark: () => arrivals.mark(),
    arrivedSince: (id: string, mark: number) => arrivals.isStale(id, mark),
    listOf(conversationId: string): ThreadMessage[] {
      return (this.threads.get(conversationId)?.ids ?? []).flatMap((id) => this.byId.get(id) ?? [])
    },
    threadOf(conversationId: string): Thread {
      const thread = this.threads.get(conversationId) ?? emptyThread()
      this.threads.delete(conversationId)
      this.threads.set(conversationId, thread)
      for (const [id, old] of this.threads) {
        if (this.threads.size <= KEPT_THREADS) break
        if (id !== this.openConversationId && id !== conversationId) this.forget(id, old)
      }
      return this.threads.get(conversationId)!
    },
    /** Takes rows of an answer asked for at `mark`; what the feed brought since then wins. */
    merge(messages: readonly Message[], mark: number): void {
      for (const message of messages) if (!arrivals.isStale(message.id, mark)) this.put(message)
    },
    /** A message from the feed or from an answer to what we did. */
    receive(message: Message): void {
      arrivals.stamp(message.id)
      const thread = this.threads.get(message.conversationId)
      if (!thread) return
      const known = thread.ids.includes(message.id)
      const before = this.byId.get(message.id)
      this.put(message)
      if (known) {
        // Its time is that of its sending: what was queued behind it must not stand above it.
        if (before && compareMessages(before, this.byId.get(message.id)!) !== 0) this.moveInto(thread, message)
        return
      }
      const first = this.byId.get(thread.ids[0] ?? '')
      if (thread.hasOlder && first && compareMessages(message, first) < 0) return
      const last = this.byId.get(thread.ids.at(-1) ?? '')
      if (thread.hasNewer && last && compareMessages(message, last) > 0) return
      insertMessage(thread.ids, message, this.byId)
    },
    moveInto(thread: Thread, message: ThreadMessage): void {
      thread.ids = thread.ids.filter((id) => id !== message.id)
      insertMessage(thread.ids, this.byId.get(message.id) ?? message, this.byId)
    },
    put(message: ThreadMessage): void {
      if (message.clientMessageId && !message.local) this.removeLocal(message.conversationId, message.clientMessageId)
      const known = this.byId.get(message.id)
      this.byId.set(
        message.id,
        markRaw(known && goesBack(known, message) ? { ...message, status: known.status } : message),
      )
    },
    putLocal(message: ThreadMessage): void {
      const thread = this.threadOf(message.conversationId)
      this.byId.set(message.id, markRaw(message))
      if (!thread.ids.includes(message.id)) thread.ids.push(message.id)
    },
    removeLocal(conversationId: string, clientMessageId: string): void {
      this.remove(conversationId, localId(clientMessageId))
    },
    remove(conversationId: string, id: string): void {
      if (!this.byId.delete(id)) return
      const thread = this.threads.get(conversationId)
      if (thread) thread.ids = thread.ids.filter((other) => other !== id)
    },
    /** The answer to something that we did at `mark`: the feed may have been quicker, and then it knows more. */
    settle(message: Message, mark: number): void {
      if (!arrivals.isStale(message.id, mark)) this.receive(message)
    },
    async retry(messageId: string): Promise<void> {
      const input = { accountId: useAccounts().accountId, messageId }
      const mark = this.mark()
      this.settle((await request(RetryMessageDocument, { input })).retryMessage, mark)
    },
    async check(messageId: string): Promise<void> {
      const input = { accountId: useAccounts().accountId, messageId }
      const mark = this.mark()
      this.settle((await request(CheckMessageDocument, { input })).checkMessage, mark)
    },
    forget(conversationId: string, thread: Thread): void {
      for (const id of thread.ids) this.byId.delete(id)
      this.threads.delete(conversationId)
    },
    /** The feed missed something: what is not on screen is forgotten, and the thread that is may have a hole. */
    noteGap(): void {
      const mark = this.mark()
      for (const [id, thread] of this.threads) {
        if (id === this.openConversationId) thread.gapAt ??= mark
        else this.forget(id, thread)
      }
    },
  },
})

function emptyThread(): Thread {
  return {
    ids: [],
    edges: [],
    startCursor: null,
    hasOlder: false,
    hasNewer: false,
    phase: 'loading',
    busy: undefined,
    error: undefined,
    asOf: 0,
    gapAt: undefined,
  }
}
