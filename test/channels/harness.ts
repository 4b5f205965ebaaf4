import type { Channel, Connection, FormValues, RawDelivery } from '../../server/channels/contract.ts'

export type Fault =
  'rejected' | 'rate_limited' | 'server_error' | 'timeout_after_commit' | 'truncated_answer' | 'not_json' | 'reset'

/** What somebody wrote at the provider, and the delivery that told of it. */
export interface Told {
  body: Buffer
  threadRef: string
  externalId: string
}

/** A provider's stand-in seen from a channel: people act, deliveries come out, faults go in. */
export interface ChannelHarness {
  readonly channel: Channel
  /** The same channel where nobody listens. */
  readonly unreachable: Channel
  /** The same channel without patience, for what its time-out does. */
  readonly impatient: Channel
  readonly accountRef: string
  /** What deliveries to the inbox are signed with; for channels whose inboxes have their own. */
  readonly keys?: readonly string[]
  readonly person: { ref: string; username?: string; name?: string }
  /** The provider's clock, which is the channel's too. */
  now(): Date
  advance(ms: number): void

  /** A consent as the browser brings it back; a code for channels with OAuth. */
  newCode(scopes?: readonly string[]): { code: string; redirectUri: string }
  /** What somebody enters into the form; for channels with one. */
  newFields?(): FormValues
  connect(): Promise<Connection>

  customerWrites(text: string, options?: { quotes?: string }): Told
  /** So many others write for the first time; their threads. */
  strangersWrite(count: number): string[]
  businessWritesInApp(text: string): Told
  automationWrites(text: string): Told | Promise<Told>
  customerSendsUnknownKind(): Told & { kind: string }
  /** The delivery of what somebody wrote whom the provider may not name; for channels with such people. */
  unnamedWrites(text: string): Buffer
  /** The delivery that tells of it; for channels with such deliveries. */
  customerReads(upTo: Date): Buffer | undefined
  /** The delivery that echoes a message sent through the API. */
  echoOf(externalId: string): Promise<Buffer>
  /** Deliveries that make no sense, by what is wrong with them. */
  readonly strange: Readonly<Record<string, Buffer>>

  /** Signs as the provider does; `secret` signs as somebody else. */
  sign(body: Buffer, options?: { at?: Date; secret?: string }): RawDelivery
  /** What the provider holds of the thread, sent by the business through the API, oldest first. */
  sent(threadRef: string): { externalId: string; text: string; quotes?: string; image?: string }[]
  /** What the customer of the thread is shown. */
  shown(threadRef: string): { typing: boolean; read: boolean }
  /** The next call of this kind fails. */
  fault(fault: Fault, operation: 'connect' | 'send' | 'signal' | 'read' | 'list' | 'upload' | 'renew'): void
  expireAccess(): void
  expireConsent(): void
  revokeConsent(): void
  close(): Promise<void>
}

export interface ChannelTraits {
  start(): Promise<ChannelHarness>
  connect: 'oauth' | 'form'
  /** How old a signed delivery may be; null: it does not age. */
  freshForS: number | null
  /** What the wire keeps of a time. */
  precisionMs: number
  /** Whether deliveries say which business they are for. */
  namesBusiness: boolean
  /** Whether deliveries tell what the business wrote. */
  echoes: boolean
  /** `received`: customers may quote, and the business may not. */
  quotes: boolean | 'received'
  /** Where the provider tells that the customer has read. */
  receipts: 'deliveries' | 'lists'
  /** Whether customers can be shown that somebody types, and has read. */
  signals: boolean
  /** Whether there are people whom deliveries may not name. */
  unnamed: boolean
  /** How pictures are sent; false: not at all. */
  images: 'upload' | 'address' | false
  /** What a list says of a message that went through the API. */
  listedVia: 'api' | 'app'
  /** Whether a list tells people's names and pictures. */
  namesPeople: boolean
  /** What a refresh says once the consent is over; none where access does not end. */
  endedConsent?: 'CONSENT_ENDED' | 'REFRESH_REFUSED'
}
