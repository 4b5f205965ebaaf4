import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Deps } from '../../server/deps.ts'
import type { Business, Person } from '../standin/tiktok/types.ts'
import type { Loopback } from '../standin/loopback.ts'
import type { Standin } from '../standin/standin.ts'
import { Feed } from './feed.ts'
import {
  AcceptInvitationDocument,
  ConnectChannelDocument,
  ConversationDocument,
  ConversationsDocument,
  InboxesDocument,
  InboxHistoryDocument,
  InboxWebhookDocument,
  InviteMemberDocument,
  LogInDocument,
  SendMessageDocument,
  SetWebhookKeysDocument,
  SignUpDocument,
  StartConnectionDocument,
  type ConversationFilter,
  type SendMessageInput,
  type TypedDocumentString,
} from './generated.ts'
import { readMail } from './mails.ts'
import { until } from './until.ts'

export interface ActorWorld {
  url: string
  app: FastifyInstance
  deps: Deps
  standin: Standin
  loopback?: Loopback
  /** Whether workers run here. */
  works?: boolean
}

/** An answer with errors, with what was asked: a failed test explains itself. */
export class GraphqlFailure extends Error {
  readonly code: string
  readonly details: Record<string, unknown>

  constructor(
    document: string,
    errors: { message: string; extensions?: { code?: string; details?: Record<string, unknown> } }[],
  ) {
    super(`${errors.map((error) => `${error.extensions?.code}: ${error.message}`).join('; ')}\n${document}`)
    this.code = errors[0]?.extensions?.code ?? ''
    this.details = errors[0]?.extensions?.details ?? {}
  }
}

export interface Connected {
  inboxId: string
  business: Business
}

/** Somebody who uses Parley over HTTP and sockets, as the client does. */
export class Actor {
  readonly world: ActorWorld
  token = ''
  userId = ''
  accountId = ''
  email = ''
  readonly cookies = new Map<string, string>()

  constructor(world: ActorWorld) {
    this.world = world
  }

  static readonly password = 'correct horse battery'

  static async signUp(world: ActorWorld, name = `Business ${randomUUID().slice(0, 8)}`): Promise<Actor> {
    const actor = new Actor(world)
    const email = `${randomUUID().slice(0, 12)}@example.com`
    const input = { accountName: name, name: 'Mali Kittisak', email, password: Actor.password }
    const { signUp } = await actor.gql(SignUpDocument, { input })
    return actor.#signedIn(signUp, email)
  }

  static async logIn(world: ActorWorld, email: string): Promise<Actor> {
    const actor = new Actor(world)
    const { logIn } = await actor.gql(LogInDocument, { input: { email, password: Actor.password } })
    return actor.#signedIn(logIn, email)
  }

  #signedIn(session: { accessToken: string; user: { id: string }; account: { id: string } }, email: string): Actor {
    this.token = session.accessToken
    this.userId = session.user.id
    this.accountId = session.account.id
    this.email = email
    return this
  }

  /** Sends a document; throws GraphqlFailure when the answer has errors. */
  async gql<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
    const { errors, data } = await this.raw(document.toString(), variables)
    if (errors?.length) throw new GraphqlFailure(document.toString(), errors)
    return data as Data
  }

  async raw(query: string, variables: unknown = {}) {
    const response = await fetch(`${this.world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers() },
      body: JSON.stringify({ query, variables }),
    })
    this.#keepCookies(response)
    return (await response.json()) as {
      data?: unknown
      errors?: { message: string; extensions?: { code?: string; details?: Record<string, unknown> } }[]
    }
  }

  headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return { ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...(cookie ? { cookie } : {}) }
  }

  #keepCookies(response: Response): void {
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';')
      const place = pair.indexOf('=')
      this.cookies.set(pair.slice(0, place), pair.slice(place + 1))
    }
  }

  /** Connects a TikTok business through the real consent page and callback. */
  async connect(username = `shop.${randomUUID().slice(0, 8)}`): Promise<Connected> {
    const { tiktok } = this.world.standin
    const business = tiktok.addBusiness({ username, displayName: `The ${username}` })
    const location = await this.authorize({ business })
    const inboxId = /inboxes\/([0-9a-f-]{36})\?connected=1$/.exec(location)?.[1]
    if (!inboxId) throw new Error(`not connected: ${location}`)
    if (this.world.works) await until(() => this.#pastIsRead(inboxId), 'the past of the new inbox is read')
    return { inboxId, business }
  }

  async #pastIsRead(id: string): Promise<boolean> {
    const { inbox } = await this.gql(InboxHistoryDocument, { accountId: this.accountId, id })
    return inbox.history?.state === 'DONE'
  }

  /** Connects a shop of the loop-back by its form, and has it deliver here; answers the inbox's id. */
  async connectByForm(shop: { id: string; name: string }): Promise<string> {
    const fields = { apiToken: this.world.loopback?.issueToken([shop]) }
    const input = { accountId: this.accountId, channelType: 'loopback', fields }
    const { id } = (await this.gql(ConnectChannelDocument, { input })).connectChannel
    await this.hookUp(id, shop.id)
    return id
  }

  /** Enters the inbox's address at the loop-back and its key here, as somebody would by hand; answers the two. */
  async hookUp(inboxId: string, shopId: string): Promise<{ url: string; key: string }> {
    const { accountId } = this
    const { inbox } = await this.gql(InboxWebhookDocument, { accountId, id: inboxId })
    const url = this.world.url + new URL(inbox.webhook?.url ?? '').pathname
    const key = this.world.loopback?.hookUp(shopId, url) ?? ''
    await this.gql(SetWebhookKeysDocument, { input: { accountId, inboxId, keys: [key] } })
    return { url, key }
  }

  /** Goes through the consent page; answers where Parley sends the browser then. */
  async authorize(options: {
    business: Business
    inboxId?: string
    decision?: 'approve' | 'deny'
    scopes?: string[]
  }): Promise<string> {
    const { business, inboxId, decision = 'approve', scopes } = options
    const input = { accountId: this.accountId, channelType: 'tiktok', ...(inboxId ? { inboxId } : {}) }
    const { startConnection } = await this.gql(StartConnectionDocument, { input })
    const back = this.world.standin.tiktok.authorize(startConnection.url, {
      decision,
      business,
      ...(scopes ? { scopes } : {}),
    })
    return this.visit(back)
  }

  /** Opens an address of Parley with this browser's cookies; answers its redirect. */
  async visit(address: string): Promise<string> {
    const { pathname, search } = new URL(address)
    const response = await fetch(this.world.url + pathname + search, { redirect: 'manual', headers: this.headers() })
    return response.headers.get('location') ?? ''
  }

  /** Invites somebody and accepts in their name. */
  async invite(role: 'ADMINISTRATOR' | 'AGENT', inboxIds: string[] = []): Promise<Actor> {
    const email = `${randomUUID().slice(0, 12)}@example.com`
    await this.gql(InviteMemberDocument, { input: { accountId: this.accountId, email, role, inboxIds } })
    const mail = await readMail(this.world.deps.config.dataDir, email)
    const token = /token=([\w-]+)/.exec(mail.text)?.[1] ?? ''
    const agent = new Actor(this.world)
    const input = { token, name: 'Anan Srisuk', password: Actor.password }
    const { acceptInvitation } = await agent.gql(AcceptInvitationDocument, { input })
    return agent.#signedIn(acceptInvitation, email)
  }

  /** The same person at another of their accounts, or at one that is not theirs. */
  as(accountId: string): Actor {
    const other = new Actor(this.world)
    Object.assign(other, { token: this.token, userId: this.userId, email: this.email, accountId })
    for (const [name, value] of this.cookies) other.cookies.set(name, value)
    return other
  }

  /** Invites somebody who has a user already and accepts as that user. */
  async inviteKnown(role: 'ADMINISTRATOR' | 'AGENT', known: Actor, inboxIds: string[] = []): Promise<Actor> {
    const { email } = known
    await this.gql(InviteMemberDocument, { input: { accountId: this.accountId, email, role, inboxIds } })
    const mail = await readMail(this.world.deps.config.dataDir, email, /invit/i)
    const input = { token: /token=([\w-]+)/.exec(mail.text)?.[1] ?? '', password: Actor.password }
    const member = new Actor(this.world)
    const { acceptInvitation } = await member.gql(AcceptInvitationDocument, { input })
    return member.#signedIn(acceptInvitation, email)
  }

  async conversations(filter: ConversationFilter = {}) {
    const { conversations } = await this.gql(ConversationsDocument, { accountId: this.accountId, filter, first: 50 })
    return conversations.nodes
  }

  async conversation(id: string, last = 50) {
    return (await this.gql(ConversationDocument, { accountId: this.accountId, id, last })).conversation
  }

  async messages(conversationId: string) {
    return (await this.conversation(conversationId, 100)).messages.nodes
  }

  async inbox(id: string) {
    const { inboxes } = await this.gql(InboxesDocument, { accountId: this.accountId })
    const inbox = inboxes.find((row) => row.id === id)
    if (!inbox) throw new Error('no such inbox')
    return inbox
  }

  async send(conversationId: string, content: string, more: Partial<SendMessageInput> = {}) {
    const input = { accountId: this.accountId, conversationId, clientMessageId: randomUUID(), content, ...more }
    return (await this.gql(SendMessageDocument, { input })).sendMessage
  }

  /** A customer writes to a connected business; resolves with the conversation that it shows up in. */
  async customerWrites(business: Business, text = 'Hello', person?: Person) {
    const { tiktok } = this.world.standin
    const writer =
      person ?? tiktok.addPerson({ username: `alice.${randomUUID().slice(0, 8)}`, displayName: 'Alice Demo' })
    const { messageId, conversationId: threadRef } = tiktok.customerWrites({ business, person: writer, text })
    const conversation = await until(async () => {
      for (const row of await this.conversations()) {
        const messages = await this.messages(row.id)
        if (messages.some((message) => message.externalId === messageId)) return row
      }
      return undefined
    }, `the message ${messageId} shows up`)
    return { conversation, person: writer, messageId, threadRef }
  }

  subscribe(after?: string): Promise<Feed> {
    return Feed.open(this, after)
  }
}
