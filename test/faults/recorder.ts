import { setTimeout as pause } from 'node:timers/promises'
import type { Actor } from '../support/actor.ts'
import { Feed, type FeedEvent } from '../support/feed.ts'

export const seqOf = (cursor: string): number =>
  Number((JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[])[1])

export interface SeenMessage {
  status: string | null
  content: string | null
  externalId: string | null
  createdAt: string
  failure: string | null
}

export interface SeenConversation {
  status: string
  assigneeId: string | null
  unread: number
  lastMessageId: string | null
  lastActivityAt: string
}

interface Facts {
  conversationId?: string
  messageId?: string
  readCount?: number
}

/** A client that never gives up: it resumes with its cursor whenever its socket is gone, and keeps what it saw. */
export class Recorder {
  readonly #actor: Actor
  readonly events: FeedEvent[] = []
  readonly errors: unknown[] = []
  reconnects = -1
  #feed: Feed | undefined
  #running = true
  #loop: Promise<void> | undefined

  private constructor(actor: Actor) {
    this.#actor = actor
  }

  static async start(actor: Actor): Promise<Recorder> {
    const recorder = new Recorder(actor)
    recorder.#loop = recorder.#follow()
    while (!recorder.cursor) await pause(20)
    return recorder
  }

  get cursor(): string | undefined {
    return this.events.at(-1)?.cursor
  }

  get position(): number {
    return this.cursor ? seqOf(this.cursor) : 0
  }

  /** Everything but heartbeats, which only move the cursor. */
  get told(): FeedEvent[] {
    return this.events.filter((event) => event.type !== 'feed.heartbeat')
  }

  /** The messages as this client shows them. */
  get messages(): Map<string, SeenMessage> {
    const seen = new Map<string, SeenMessage>()
    for (const { type, message, data } of this.events) {
      if (type === 'message.removed') seen.delete((data as Facts).messageId ?? '')
      if (!message) continue
      const { status, content, externalId, createdAt, failure } = message
      seen.set(message.id, {
        status,
        content,
        externalId,
        createdAt: String(createdAt),
        failure: failure?.code ?? null,
      } as SeenMessage)
    }
    return seen
  }

  /** The conversations as this client shows them. */
  get conversations(): Map<string, SeenConversation> {
    const seen = new Map<string, SeenConversation>()
    const read = new Map<string, number>()
    for (const { type, conversation, data } of this.events) {
      const facts = (data ?? {}) as Facts
      const id = conversation?.id ?? facts.conversationId ?? ''
      if (type === 'conversation.read') read.set(id, Math.max(read.get(id) ?? 0, facts.readCount ?? 0))
      if (!conversation) continue
      seen.set(id, {
        status: conversation.status,
        assigneeId: conversation.assignee?.id ?? null,
        unread: conversation.inboundCount,
        lastMessageId: conversation.lastMessage?.id ?? null,
        lastActivityAt: String(conversation.lastActivityAt),
      })
    }
    for (const [id, row] of seen) row.unread = Math.max(row.unread - (read.get(id) ?? 0), 0)
    return seen
  }

  /** The line breaks, without a farewell. */
  cut(): void {
    this.#feed?.socket.terminate()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#feed?.close()
    await this.#loop
  }

  async #follow(): Promise<void> {
    while (this.#running) {
      const feed = await Feed.open(this.#actor, this.cursor).catch(() => undefined)
      if (!feed) continue
      this.#feed = feed
      this.reconnects += 1
      await this.#drain(feed)
      await pause(50)
    }
  }

  async #drain(feed: Feed): Promise<void> {
    const take = () => this.events.push(...feed.events.splice(0))
    while (!feed.closed && this.#running) {
      take()
      await pause(10)
    }
    take()
    this.errors.push(...feed.errors)
    feed.socket.terminate()
  }
}
