import { WebSocket } from 'ws'
import type { Actor } from './actor.ts'
import { AccountEventsDocument, type AccountEventsSubscription } from './generated.ts'
import { until } from './until.ts'

export type FeedEvent = AccountEventsSubscription['accountEvents']

/** One socket with one subscription to the actor's account, speaking graphql-transport-ws by hand. */
export class Feed {
  readonly events: FeedEvent[] = []
  readonly errors: unknown[] = []
  readonly socket: WebSocket
  closed: { code: number; reason: string } | undefined
  completed = false

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  static async open(actor: Actor, after?: string): Promise<Feed> {
    const socket = new WebSocket(`${actor.world.url.replace(/^http/, 'ws')}/graphql/ws`, 'graphql-transport-ws')
    const feed = new Feed(socket)
    socket.on('close', (code, reason) => (feed.closed = { code, reason: reason.toString() }))
    socket.on('error', () => {})
    socket.on('message', (data) => feed.#receive(actor, after, JSON.parse(String(data))))
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${actor.token}` } }))
    })
    await until(() => feed.events.length || feed.errors.length || feed.closed, 'the feed answers')
    return feed
  }

  #receive(actor: Actor, after: string | undefined, frame: { type: string; payload?: unknown }): void {
    if (frame.type === 'ping') this.socket.send(JSON.stringify({ type: 'pong' }))
    if (frame.type === 'connection_ack') {
      const variables = { accountId: actor.accountId, ...(after ? { after } : {}) }
      const payload = { query: AccountEventsDocument.toString(), variables }
      this.socket.send(JSON.stringify({ id: 'feed', type: 'subscribe', payload }))
    }
    if (frame.type === 'complete') this.completed = true
    if (frame.type === 'error') this.errors.push(frame.payload)
    if (frame.type !== 'next') return
    const { data, errors } = frame.payload as { data?: { accountEvents: FeedEvent }; errors?: unknown[] }
    if (errors) this.errors.push(...errors)
    if (data) this.events.push(data.accountEvents)
  }

  get cursor(): string {
    return this.events.at(-1)?.cursor ?? ''
  }

  until(match: (event: FeedEvent) => boolean, what: string): Promise<FeedEvent> {
    return until(() => this.events.find(match), what)
  }

  close(): void {
    this.socket.close()
  }
}
