import { defineStore } from 'pinia'
import { ConversationCountsDocument, InboxesDocument, type ConversationCountsQuery } from '../api/generated.ts'
import { request } from '../api/graphql.ts'
import type { ChannelType, Inbox } from '../api/types.ts'
import { useAccounts } from './accounts.ts'

type Phase = 'idle' | 'ready' | 'error'

/** Bigger accounts are counted less often: the numbers then move by a fraction that nobody reads. */
const COUNT_DELAY_MS = { small: 400, large: 4_000, from: 200 }
let counting: ReturnType<typeof setTimeout> | undefined

export const useInboxes = defineStore('inboxes', {
  state: () => ({
    phase: 'idle' as Phase,
    byId: new Map<string, Inbox>(),
    channelTypes: [] as ChannelType[],
    counts: undefined as ConversationCountsQuery['conversationCounts'] | undefined,
  }),
  getters: {
    all: (state) => [...state.byId.values()].sort((a, b) => a.createdAt.localeCompare(b.createdAt)),
    connected(): Inbox[] {
      return this.all.filter((inbox) => inbox.connected || inbox.reauthorizationRequired)
    },
  },
  actions: {
    async load(): Promise<void> {
      const { accountId } = useAccounts()
      try {
        const { inboxes, channelTypes } = await request(InboxesDocument, { accountId })
        if (accountId !== useAccounts().accountId) return
        this.byId = new Map(inboxes.map((inbox) => [inbox.id, inbox]))
        this.channelTypes = channelTypes
        this.phase = 'ready'
      } catch (error) {
        if (this.phase === 'idle') this.phase = 'error'
        throw error
      }
    },
    async count(): Promise<void> {
      const { accountId } = useAccounts()
      const { conversationCounts } = await request(ConversationCountsDocument, { accountId })
      if (accountId === useAccounts().accountId) this.counts = conversationCounts
    },
    countSoon(): void {
      if (counting) return
      const delay = (this.counts?.all ?? 0) > COUNT_DELAY_MS.from ? COUNT_DELAY_MS.large : COUNT_DELAY_MS.small
      counting = setTimeout(() => {
        counting = undefined
        // A count that fails leaves the last one; the next event asks again.
        this.count().catch(() => undefined)
      }, delay)
    },
    receive(inbox: Inbox): void {
      this.byId.set(inbox.id, inbox)
    },
    remove(inboxId: string): void {
      this.byId.delete(inboxId)
    },
    channelOf(inboxId: string | undefined): ChannelType | undefined {
      const inbox = inboxId ? this.byId.get(inboxId) : undefined
      return this.channelType(inbox?.channelType)
    },
    channelType(id: string | undefined): ChannelType | undefined {
      return this.channelTypes.find((channel) => channel.id === id)
    },
    /** How the provider is called in sentences. */
    channelLabel(inboxId: string | undefined): string {
      return this.channelOf(inboxId)?.label ?? ''
    },
  },
})
