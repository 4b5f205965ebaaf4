import { defineStore } from 'pinia'
import { SendMessageDocument } from '../api/generated.ts'
import { ApiError, request } from '../api/graphql.ts'
import type { UploadedPicture } from '../api/uploads.ts'
import type { Message } from '../api/types.ts'
import { useAccounts } from './accounts.ts'
import { useDrafts } from './drafts.ts'
import { useMessages } from './messages.ts'
import { localMessages, partIds, type Outgoing } from './outgoing.ts'
import { usePictures } from './pictures.ts'
import { useQuoting, type Quoted } from './quoting.ts'
import { useSession } from './session.ts'
import { onRemembered, remembered, rememberedKeys } from '../kit/storage.ts'
import { loadThread } from './thread-paging.ts'

/** What goes with a text. */
interface Beside {
  pictures?: UploadedPicture[]
  /** What it answers. */
  quoted?: Quoted
}

/** Why a text came back to the composer; `newer` is what someone wrote meanwhile. */
export interface Refusal {
  error: ApiError
  newer?: Message
}

const PREFIX = 'parley:outbox:'
const queues = new Map<string, Promise<void>>()
const onTheWay = new Set<string>()
let stopListening: (() => void) | undefined

/** What was sent and is not acknowledged. One at a time per thread, so that each knows the one before it. */
export const useOutbox = defineStore('outbox', {
  state: () => ({ waiting: [] as Outgoing[], refusals: new Map<string, Refusal>() }),
  actions: {
    /** After a reload: what has no answer yet is shown as such, to be tried again under the same id. */
    open(userId: string): void {
      this.waiting = storedOf(userId)
      stopListening?.()
      // Another tab has its answer: as a message, or as a draft.
      stopListening = onRemembered(PREFIX, (clientMessageId, value) => {
        const settled = this.waiting.find((outgoing) => outgoing.clientMessageId === clientMessageId)
        if (value === undefined && settled) this.drop(settled)
      })
    },
    show(conversationId: string): void {
      for (const outgoing of this.waiting.filter((one) => one.conversationId === conversationId)) {
        // It had arrived, and only the answer was lost.
        if (hasArrived(outgoing)) this.forget(outgoing)
        else this.paint(outgoing)
      }
    },
    send(conversationId: string, content: string, isPrivate: boolean, beside: Beside = {}): void {
      const { pictures = [], quoted } = beside
      const outgoing = {
        clientMessageId: crypto.randomUUID(),
        userId: useSession().userId,
        accountId: useAccounts().accountId,
        conversationId,
        content,
        private: isPrivate,
        ...(pictures.length && { pictures }),
        ...(quoted && { quoted }),
        createdAt: new Date().toISOString(),
      }
      this.refusals.delete(conversationId)
      this.waiting.push(outgoing)
      remembered(PREFIX + outgoing.clientMessageId).write(JSON.stringify(outgoing))
      this.enqueue(outgoing)
    },
    retry(clientMessageId: string): void {
      const outgoing = this.waiting.find((candidate) => candidate.clientMessageId === clientMessageId)
      if (outgoing && !onTheWay.has(clientMessageId)) this.enqueue(outgoing)
    },
    enqueue(outgoing: Outgoing): void {
      onTheWay.add(outgoing.clientMessageId)
      this.paint(outgoing)
      const before = queues.get(outgoing.conversationId) ?? Promise.resolve()
      queues.set(
        outgoing.conversationId,
        before.then(async () => {
          if (this.isDue(outgoing)) await this.deliver(outgoing, this.lastSeen(outgoing))
          onTheWay.delete(outgoing.clientMessageId)
          if (isOpen(outgoing)) this.show(outgoing.conversationId)
        }),
      )
    },
    /** Not after the session of its writer, whoever has one now. */
    isDue({ clientMessageId, userId }: Outgoing): boolean {
      const waits = this.waiting.some((outgoing) => outgoing.clientMessageId === clientMessageId)
      return waits && useSession().userId === userId
    },
    async deliver(outgoing: Outgoing, expected: string | undefined): Promise<void> {
      try {
        const mark = useMessages().mark()
        const { sendMessage } = await request(SendMessageDocument, { input: inputOf(outgoing, expected) })
        // The other parts stay until they come themselves.
        this.forget(outgoing, [outgoing.clientMessageId])
        useMessages().settle(sendMessage, mark)
      } catch (error) {
        const failure = error instanceof ApiError ? error : new ApiError('INTERNAL', String(error))
        // Nobody knows whether it arrived: it stays a bubble, and trying again uses the same id.
        if (failure.code === 'NETWORK' || failure.code === 'INTERNAL') return
        if (failure.code === 'CONFLICT' && expected && isOpen(outgoing)) return this.review(outgoing, failure, expected)
        this.giveBack(outgoing, { error: failure })
      }
    },
    /** A line that nobody wrote, or one of our own from another tab, is no reason to stop. */
    async review(outgoing: Outgoing, error: ApiError, expected: string): Promise<void> {
      await loadThread(outgoing.conversationId)
      const messages = useMessages()
        .listOf(outgoing.conversationId)
        .filter((message) => !message.local)
      const newer = messages.slice(messages.findIndex((message) => message.id === expected) + 1)
      const me = useSession().userId
      const foreign = newer.filter((message) => message.type !== 'ACTIVITY' && message.sender?.id !== me)
      const last = messages.at(-1)
      if (!foreign.length && last && last.id !== expected) return this.deliver(outgoing, last.id)
      const latest = foreign.at(-1)
      this.giveBack(outgoing, latest ? { error, newer: latest } : { error })
    },
    /** The guard is for replies: what a customer gets twice. */
    lastSeen(outgoing: Outgoing): string | undefined {
      if (outgoing.private) return undefined
      return useMessages()
        .listOf(outgoing.conversationId)
        .findLast((message) => !message.local)?.id
    },
    giveBack(outgoing: Outgoing, refusal: Refusal): void {
      // It waits for the next session of its writer; after a log-out nothing is left to give back.
      if (useSession().userId !== outgoing.userId) return
      this.forget(outgoing)
      const { conversationId, content, pictures = [], quoted } = outgoing
      const mode = outgoing.private ? 'note' : 'reply'
      if (content) useDrafts().restore(conversationId, mode, content)
      if (pictures.length) usePictures().restore(conversationId, mode, pictures)
      if (quoted) useQuoting().choose(conversationId, quoted)
      this.refusals.set(outgoing.conversationId, refusal)
    },
    forget(outgoing: Outgoing, parts = partIds(outgoing)): void {
      remembered(PREFIX + outgoing.clientMessageId).forget()
      this.drop(outgoing, parts)
    },
    drop(outgoing: Outgoing, parts = partIds(outgoing)): void {
      this.waiting = this.waiting.filter((other) => other.clientMessageId !== outgoing.clientMessageId)
      for (const part of parts) useMessages().removeLocal(outgoing.conversationId, part)
    },
    clear(userId: string): void {
      for (const outgoing of storedOf(userId)) remembered(PREFIX + outgoing.clientMessageId).forget()
      this.$reset()
    },
    paint(outgoing: Outgoing): void {
      if (!useMessages().threads.has(outgoing.conversationId)) return
      const state = onTheWay.has(outgoing.clientMessageId) ? 'sending' : 'unsent'
      for (const message of localMessages(outgoing, state)) useMessages().putLocal(message)
    },
  },
})

function storedOf(userId: string): Outgoing[] {
  return rememberedKeys(PREFIX)
    .flatMap((key) => parse(remembered(key).read()) ?? [])
    .filter((outgoing) => outgoing.userId === userId)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
}

/** What an older build stored, or somebody else, is none of ours. */
function parse(stored: string | undefined): Outgoing | undefined {
  try {
    return JSON.parse(stored ?? '') as Outgoing
  } catch {
    return undefined
  }
}

/** Whether the screen is that of its writer, in its account. */
function isOpen(outgoing: Outgoing): boolean {
  return useSession().userId === outgoing.userId && useAccounts().accountId === outgoing.accountId
}

function hasArrived({ conversationId, clientMessageId }: Outgoing): boolean {
  return useMessages()
    .listOf(conversationId)
    .some((message) => !message.local && message.clientMessageId === clientMessageId)
}

function inputOf(outgoing: Outgoing, expected: string | undefined) {
  const { accountId, conversationId, clientMessageId, content, private: isPrivate, pictures = [] } = outgoing
  const expectedLastMessageId = expected ?? null
  const attachmentIds = pictures.map(({ id }) => id)
  return {
    accountId,
    conversationId,
    clientMessageId,
    content,
    private: isPrivate,
    expectedLastMessageId,
    attachmentIds,
    inReplyToId: outgoing.quoted?.id ?? null,
  }
}
