import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'

export interface Frame {
  id?: string
  type: string
  payload?: {
    data?: { accountEvents: { cursor: string; type: string; data?: Record<string, unknown>; message?: { id: string } } }
    errors?: { message: string; extensions?: { code?: string } }[]
  }
}

export const FEED = `subscription Feed($accountId: ID!, $after: String) {
  accountEvents(accountId: $accountId, after: $after) { cursor type data message { id content } }
}`

/** One socket in graphql-transport-ws that keeps every frame. */
export class FeedClient {
  readonly socket: WebSocket
  readonly frames: Frame[] = []
  closed: { code: number; reason: string } | undefined

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, 'graphql-transport-ws', { headers })
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Frame))
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: String(reason) }))
    this.socket.on('error', () => {})
  }

  /** Opened and acknowledged, or closed. */
  static async connect(url: string, token: string, headers?: Record<string, string>): Promise<FeedClient> {
    const client = new FeedClient(url, headers)
    await once(client.socket, 'open')
    client.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
    await client.until(() => client.closed || client.frames.some((frame) => frame.type === 'connection_ack'))
    return client
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** Subscribes and, without `after`, waits for the first heartbeat. */
  async subscribe(accountId: string, after?: string, id = 'feed', query = FEED): Promise<void> {
    this.send({ id, type: 'subscribe', payload: { query, variables: { accountId, ...(after && { after }) } } })
    if (after === undefined) await this.until(() => this.ofType('feed.heartbeat', id).length)
  }

  events(id = 'feed') {
    return this.frames
      .filter((frame) => frame.id === id && frame.type === 'next')
      .map((frame) => frame.payload?.data?.accountEvents)
      .filter((event) => event !== undefined)
  }

  ofType(type: string, id = 'feed') {
    return this.events(id).filter((event) => event.type === type)
  }

  /** Ids of the messages that arrived, in order. */
  messages(id = 'feed'): string[] {
    return this.ofType('message.created', id).map((event) => event.message?.id ?? '')
  }

  /** The position after everything that arrived. */
  get cursor(): string {
    return this.events().at(-1)?.cursor ?? ''
  }

  errorCode(id = 'feed'): string | undefined {
    const frame = this.frames.find((candidate) => candidate.id === id && candidate.type === 'error')
    return (frame?.payload as unknown as { extensions: { code: string } }[] | undefined)?.[0]?.extensions.code
  }

  async until(condition: () => unknown, withinMs = 10_000): Promise<void> {
    const deadline = Date.now() + withinMs
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`not within ${withinMs} ms; closed: ${JSON.stringify(this.closed)}, last: ${this.last()}`)
      await pause(5)
    }
  }

  async untilClosed(withinMs?: number): Promise<number> {
    await this.until(() => this.closed, withinMs)
    return this.closed?.code ?? 0
  }

  close(): void {
    this.socket.terminate()
  }

  private last() {
    return JSON.stringify(this.frames.slice(-3)).slice(0, 600)
  }
}

export const seqOf = (cursor: string): number =>
  Number((JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[])[1])

export const cursorAt = (like: string, seq: number): string => {
  const [installation] = JSON.parse(Buffer.from(like, 'base64url').toString()) as unknown[]
  return Buffer.from(JSON.stringify([installation, seq])).toString('base64url')
}
