import { defineStore } from 'pinia'
import { toRef } from 'vue'
import { accessToken, accessTokenExpiresAt, refreshAccessToken } from '../api/access-token.ts'
import { AccountEventsDocument, type AccountEventsSubscription } from '../api/generated.ts'
import { Feed, type FeedState } from '../realtime.ts'
import { useAccounts } from './accounts.ts'
import { refreshConversationLists } from './conversation-paging.ts'
import { useConversations } from './conversations.ts'
import { useInboxes } from './inboxes.ts'
import { useMessages } from './messages.ts'
import { useSession } from './session.ts'
import { refreshThread } from './thread-paging.ts'

type AccountEvent = AccountEventsSubscription['accountEvents']

const RETRY_MS = { first: 1_000, most: 8_000 }

let feed: Feed<AccountEvent> | undefined
/** The feed whose gap is being filled. */
let filling: Feed<AccountEvent> | undefined
const nudge = () => feed?.nudge()

export const useFeed = defineStore('feed', {
  state: () => ({
    connection: 'catching-up' as FeedState,
    /** How often the feed may have missed something, and how many of these gaps what is on screen has made up for. */
    gaps: 0,
    filled: 0,
    openConversationId: toRef(useMessages(), 'openConversationId'),
  }),
  getters: {
    /** Live means that nothing is missing, not only that the line stands. */
    state: ({ connection, gaps, filled }): FeedState =>
      connection === 'live' && filled < gaps ? 'catching-up' : connection,
  },
  actions: {
    start(accountId: string): void {
      this.stop()
      this.gaps = this.filled = 0
      const address = new URL('/graphql/ws', location.href)
      address.protocol = address.protocol.replace('http', 'ws')
      // The first pages are asked for before the feed stands: what happens in between is in neither.
      let started = false
      feed = new Feed<AccountEvent>({
        url: address.href,
        document: AccountEventsDocument.toString(),
        variables: { accountId },
        token: currentToken,
        renewToken: () => refreshAccessToken(accessToken()),
        onEvent: (event) => this.apply(event),
        onState: (state) => {
          if (state === 'live' && !started) {
            started = true
            void this.catchUp()
          }
          this.connection = state
        },
        onRefused: () => void useSession().refetchMe(),
      })
      addEventListener('offline', nudge)
    },
    stop(): void {
      removeEventListener('offline', nudge)
      feed?.close()
      feed = undefined
      this.connection = 'refused'
    },
    nudge,
    apply(event: AccountEvent): void {
      const fetched = event.conversation && useConversations().receive(event.conversation)
      if (event.message) useMessages().receive(event.message)
      if (event.inbox && event.type === 'inbox.updated') useInboxes().receive(event.inbox)
      Promise.all([fetched, this.reactionTo(event)]).catch(() => this.catchUp())
    },
    reactionTo(event: AccountEvent): Promise<unknown> | undefined {
      const data = (event.data ?? {}) as {
        conversationId?: string
        messageId?: string
        readCount?: number
        inboxId?: string
      }
      if (event.type === 'message.removed' && event.conversation && data.messageId) {
        useMessages().remove(event.conversation.id, data.messageId)
      }
      if (event.type === 'conversation.read')
        return this.takeReadCount(event.conversation?.id ?? data.conversationId, data)
      if (event.type === 'inbox.removed') return this.removeInbox(event.inbox?.id ?? data.inboxId)
      if (event.type === 'inbox.updated') return useInboxes().load()
      if (event.type === 'member.updated') return useAccounts().load()
      // A feature switched off or on closes or opens the reply windows that are on screen.
      if (event.type === 'account.updated' || event.type === 'feed.reset') return this.catchUp()
      if (event.type === 'access.changed') return Promise.all([this.dropUnseen(), this.catchUp()])
      return undefined
    },
    async takeReadCount(conversationId: string | undefined, data: { readCount?: number }): Promise<void> {
      if (conversationId && data.readCount !== undefined) {
        useConversations().receiveReadCount(conversationId, data.readCount)
      }
    },
    async removeInbox(inboxId: string | undefined): Promise<void> {
      if (!inboxId) return
      useInboxes().remove(inboxId)
      useConversations().removeInboxes((id) => id === inboxId)
      useInboxes().countSoon()
    },
    /** Roles or inboxes changed: what is no longer visible goes at once. */
    async dropUnseen(): Promise<void> {
      const { accountId } = useAccounts()
      await useInboxes().load()
      if (accountId !== useAccounts().accountId) return
      useConversations().removeInboxes((id) => !useInboxes().byId.has(id))
    },
    /** Something may have been missed: asks for what is on screen until it has come. */
    async catchUp(): Promise<void> {
      this.gaps += 1
      useMessages().noteGap()
      const mine = feed
      if (!mine || filling === mine) return
      filling = mine
      let wait = RETRY_MS.first
      while (feed === mine && this.filled < this.gaps) {
        const { gaps } = this
        try {
          await this.refetch()
          if (feed === mine) this.filled = gaps
        } catch {
          await new Promise((resolve) => setTimeout(resolve, wait))
          wait = Math.min(RETRY_MS.most, wait * 2)
        }
      }
      if (filling === mine) filling = undefined
    },
    /** Everything on screen, from the beginning. */
    async refetch(): Promise<void> {
      // A thread that was left while an attempt failed is asked for when it is opened again.
      useMessages().noteGap()
      const thread = this.openConversationId ? refreshThread(this.openConversationId) : undefined
      const account = [useSession().refetchMe(), useAccounts().load(), useInboxes().load(), useInboxes().count()]
      await Promise.all([...account, refreshConversationLists(), thread])
    },
  },
})

function currentToken(): { value: string; expiresAt: number } | undefined {
  const value = accessToken()
  const expiresAt = accessTokenExpiresAt()
  return value && expiresAt ? { value, expiresAt } : undefined
}
