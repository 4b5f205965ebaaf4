import type { Business, MessageContent, Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import {
  AssignConversationDocument,
  ConversationCountsDocument,
  MarkConversationReadDocument,
  SetConversationStatusDocument,
} from '../support/generated.ts'
import { until } from '../support/until.ts'
import type { Stage } from './browser.ts'

interface WritingOptions {
  minutesAgo?: number
  /** TikTok's id of another message. */
  quoting?: string
}

/** A business with a connected inbox, and its customers. */
export class Shop {
  readonly admin: Actor
  readonly business: Business
  readonly inboxId: string
  readonly #people = new Map<string, Person>()

  constructor(admin: Actor, connected: { business: Business; inboxId: string }) {
    this.admin = admin
    this.business = connected.business
    this.inboxId = connected.inboxId
  }

  static async open(stage: Stage, name?: string): Promise<Shop> {
    const admin = await stage.world.business(name)
    return new Shop(admin, await admin.connect())
  }

  get #tiktok() {
    return this.admin.world.standin.tiktok
  }

  customer(name: string): Person {
    const known = this.#people.get(name)
    if (known) return known
    const username = `customer.${this.#people.size}.${this.business.username}`
    const person = this.#tiktok.addPerson({ username, displayName: name })
    this.#people.set(name, person)
    return person
  }

  /** Does not wait until it has arrived; answers TikTok's id of the message. */
  writes(name: string, what: string | MessageContent, { minutesAgo = 0, quoting }: WritingOptions = {}): string {
    const written = typeof what === 'string' ? { text: what } : { content: what }
    const at = minutesAgo ? { at: Date.now() - minutesAgo * 60_000 } : {}
    const pair = { business: this.business, person: this.customer(name) }
    return this.#tiktok.customerWrites({ ...pair, ...written, ...at, quoteOf: quoting }).messageId
  }

  reacts(name: string, messageId: string, emoji: string, operation: 'ADD' | 'REMOVE' = 'ADD'): void {
    this.#tiktok.reacts({ business: this.business, person: this.customer(name), messageId, emoji, operation })
  }

  /** The customer follows an ad, and writes nothing yet. */
  comesByAd(name: string, ad: string): void {
    this.#tiktok.arrives({ business: this.business, person: this.customer(name), ad: { name: ad } })
  }

  /** The customer taps a button of the card that was sent last. */
  taps(name: string, buttonId: string): void {
    const card = this.#sent(name).findLast(({ content }) => content.type === 'template')
    this.#tiktok.taps({ business: this.business, person: this.customer(name), messageId: card?.id ?? '', buttonId })
  }

  reads(name: string): void {
    this.#tiktok.customerReads({ business: this.business, person: this.customer(name) })
  }

  /** The conversation with this customer, once this many of the customer's messages are in it. */
  conversation(name: string, inbound = 1) {
    return until(async () => {
      const found = await this.admin.conversations({ query: this.customer(name).username })
      return found.find((one) => one.inboundCount >= inbound)
    }, `${name} has written ${inbound}`)
  }

  /** Writes and waits; answers the conversation's id. */
  async talk(name: string, ...texts: string[]): Promise<string> {
    for (const text of texts) this.writes(name, text)
    return (await this.conversation(name, texts.length)).id
  }

  /** What TikTok has of this customer's conversation. */
  atTikTok(name: string): string[] {
    return this.#sent(name).map(({ content }) => (content.type === 'text' ? content.body : content.type))
  }

  #sent(name: string) {
    const [conversation] = this.#tiktok
      .conversations(this.business)
      .filter((one) => one.personId === this.customer(name).id)
    return conversation?.messages ?? []
  }

  async assign(conversationId: string, assigneeId: string | null): Promise<void> {
    const input = { accountId: this.admin.accountId, conversationId, assigneeId }
    await this.admin.gql(AssignConversationDocument, { input })
  }

  async resolve(conversationId: string): Promise<void> {
    const input = { accountId: this.admin.accountId, conversationId, status: 'RESOLVED' as const }
    await this.admin.gql(SetConversationStatusDocument, { input })
  }

  async markRead(conversationId: string): Promise<void> {
    const input = { accountId: this.admin.accountId, conversationId }
    await this.admin.gql(MarkConversationReadDocument, { input })
  }

  async countOpen(): Promise<number> {
    const { conversationCounts } = await this.admin.gql(ConversationCountsDocument, { accountId: this.admin.accountId })
    return conversationCounts.all
  }

  async speaks(locale: 'en' | 'th'): Promise<void> {
    await this.admin.raw('mutation ($locale: String!) { updateProfile(input: { locale: $locale }) { id } }', { locale })
  }

  path(conversationId = '', folder = 'all'): string {
    return `/a/${this.admin.accountId}/${folder}/${conversationId}`
  }
}
