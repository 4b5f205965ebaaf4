import { randomUUID } from 'node:crypto'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import type { Actor } from './actor.ts'
import { CreateApiTokenDocument } from './generated.ts'
import { until } from './until.ts'
import type { World } from './world.ts'

/** An item of /api/chats, as the message-gateway's reference shows it. */
export interface ChatItem {
  type: string
  direction: string
  conversationId: string
  timestamp: string
  user: { id: string; username: string; nickname: string; avatar: string }
  message: { type: string; content: string }
}

export interface Ack {
  ok: boolean
  messageId?: string
  error?: { code: string; message: string; details?: Record<string, unknown> }
}

/** A token of the actor's account. */
export async function tokenOf(actor: Actor, name = 'Dashboard') {
  const { createApiToken } = await actor.gql(CreateApiTokenDocument, { input: { accountId: actor.accountId, name } })
  return { token: createApiToken.token, id: createApiToken.apiToken.id }
}

/** A dashboard of the message-gateway: knows its reference and a token, and nothing of Parley. */
export class Dashboard {
  readonly url: string
  readonly token: string
  readonly messages: ChatItem[] = []
  readonly errors: { conversationId?: string; code: string }[] = []
  readonly sockets: Socket[] = []

  constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, { headers: { authorization: `Bearer ${this.token}`, ...headers } })
  }

  async chats(): Promise<ChatItem[]> {
    return (await (await this.get('/api/chats')).json()) as ChatItem[]
  }

  /** Opened, or refused: then the error's code. */
  async connect(options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Socket> {
    const socket = io(this.url, { auth: { token: this.token }, forceNew: true, ...options })
    this.sockets.push(socket)
    let refused: (Error & { data?: { code: string } }) | undefined
    socket.on('message', (item: ChatItem) => this.messages.push(item))
    socket.on('send_error', (error: { code: string }) => this.errors.push(error))
    socket.on('connect_error', (error) => (refused = error))
    await until(() => socket.connected || refused, 'the socket is open or refused')
    if (refused) throw new Error(refused.data?.code ?? refused.message)
    return socket
  }

  send(socket: Socket, payload: unknown): Promise<Ack> {
    return socket.timeout(10_000).emitWithAck('send_message', payload) as Promise<Ack>
  }

  close(): void {
    for (const socket of this.sockets) socket.disconnect()
  }
}

/** Socket.IO's polling by hand, for what its client does not do. */
export class PollingLine {
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  static async open(url: string): Promise<PollingLine> {
    const address = `${url}/socket.io/?EIO=4&transport=polling`
    const { sid } = JSON.parse((await (await fetch(address)).text()).slice(1)) as { sid: string }
    return new PollingLine(`${address}&sid=${sid}`)
  }

  post(packets: readonly string[]): Promise<Response> {
    return fetch(this.#url, { method: 'POST', body: packets.join('\u001e') })
  }

  poll(): Promise<Response> {
    return fetch(this.#url)
  }
}

/** The dashboards of a test, closed together. */
export class Dashboards {
  readonly #all: Dashboard[] = []

  open(url: string, token: string): Dashboard {
    const dashboard = new Dashboard(url, token)
    this.#all.push(dashboard)
    return dashboard
  }

  /** A connected business with a customer who has written, and a dashboard of it. */
  async shop(world: World) {
    const { tiktok } = world.standin
    const admin = await world.business()
    const { inboxId, business } = await admin.connect()
    const person = tiktok.addPerson({ username: `nina.${randomUUID().slice(0, 8)}`, displayName: 'Nina' })
    const { conversation } = await admin.customerWrites(business, 'Hello', person)
    await until(async () => (await admin.conversation(conversation.id)).contact.name === 'Nina', 'she has a name')
    const { token, id: tokenId } = await tokenOf(admin)
    const says = (text: string) => tiktok.customerWrites({ business, person, text })
    const dashboard = this.open(world.url, token)
    return { admin, inboxId, business, person, conversation, says, token, tokenId, dashboard }
  }

  close(): void {
    for (const dashboard of this.#all.splice(0)) dashboard.close()
  }
}
