import type {
  ChannelForm,
  ChannelOAuth,
  Connection,
  Credentials,
  FormManifest,
  GatewayEnvironment,
  InboxWebhookManifest,
} from './contract-connecting.ts'
import type { InboundEvent, ListedReferral, MediaRef, PersonRef } from './contract-events.ts'
import type {
  MediaPlace,
  OutboundContent,
  OutboundImage,
  OutboundMessage,
  SendReceipt,
  ThreadPlaceRef,
  UploadReceipt,
} from './contract-outbound.ts'
import type { ChannelPolling } from './contract-polling.ts'

export type * from './contract-connecting.ts'
export type * from './contract-events.ts'
export type * from './contract-outbound.ts'
export type * from './contract-polling.ts'

/**
 * What a channel is: one folder that knows a provider's wire and nothing of ours. Bytes in, data out; it opens no
 * database and no queue. The core reads limits, labels, window and capabilities from the manifest, never the name.
 */
export interface Channel {
  readonly manifest: ChannelManifest
  /** Channels that connect by OAuth. */
  readonly oauth?: ChannelOAuth
  /** Channels that connect by a form. */
  readonly form?: ChannelForm
  readonly webhook?: ChannelWebhook
  /** Time-out below 10 s. Throws ChannelError. */
  send(credentials: Credentials, message: OutboundMessage): Promise<SendReceipt>
  /** The newest messages of a thread and who takes part. Throws ChannelError. */
  readThread(credentials: Credentials, threadRef: string): Promise<ThreadSnapshot>
  /** The business's threads, a page at a time; `page` is what the page before named as its next. Throws ChannelError. */
  listThreads?(credentials: Credentials, page?: string): Promise<ThreadPage>
  /** Channels whose provider may deliver nothing by itself: it is asked. */
  readonly polling?: ChannelPolling
  readonly media?: ChannelMedia
  /** The same as `media.locate`, of channels without `media` whose messages may come before their files do. */
  locateMedium?: ChannelMedia['locate']
  /** Channels that send `share_post`. */
  readonly posts?: ChannelPosts
  /** Shows the customer that somebody types, or has read; nothing is lost when it fails. Throws ChannelError. */
  signal?(credentials: Credentials, place: ThreadPlaceRef, signal: ThreadSignal): Promise<void>
  /**
   * What a message is called here that the provider calls so on this thread; channels whose provider's names are unique
   * within a thread only. Undefined: by the provider's name.
   */
  externalIdOf?(threadRef: string, messageId: string): string
  /** What the provider's limits count for these credentials alone; no secret. Undefined: they count for the whole app. */
  rateScope?(credentials: Credentials): string
  /** Renewed credentials, ahead of their end, where they have one. `reauth` when the provider refuses for good. */
  renew?(credentials: Credentials): Promise<Connection>
  /** Ends what was granted; failures do not stop a disconnection. */
  revoke?(credentials: Credentials): Promise<void>
}

export interface ChannelManifest {
  /** Stable: stored in inbox rows, used in URLs and in the client. */
  readonly id: string
  readonly label: string
  /** The account's feature flag that this channel needs. */
  readonly featureFlag: string
  readonly connect: 'oauth' | 'form'
  /** What the form asks for. */
  readonly form?: FormManifest
  /** Paths below PUBLIC_URL that take its webhooks. None: nothing is delivered, or to each inbox by itself. */
  readonly webhookPaths: readonly string[]
  /** Each inbox has an address of its own and takes in what comes there alone, signed with one of up to so many keys. */
  readonly inboxWebhook?: InboxWebhookManifest
  /** Channels that the message-gateway had too. */
  readonly gateway?: GatewayEnvironment
  /** Whether the installation holds what the channel needs now, for instance the app's credentials. */
  readonly configured: boolean
  readonly limits: {
    /** Characters (code points) of a text. */
    readonly textLength: number
  }
  /** Which kinds of content `send` takes. */
  readonly sends: readonly OutboundContent['type'][]
  /** Kinds of message (`contentType`) that a text may quote. */
  readonly quotable: readonly string[]
  /** Pictures that the provider takes as they are; others are converted first. Undefined: none. */
  readonly images?: {
    /** Handed over (`media.upload`), or fetched by the provider from a public address that is good for an hour. */
    readonly by: 'upload' | 'address'
    readonly types: readonly string[]
    readonly maxBytes: number
  }
  /** How long a `card` may be, in characters. Undefined: none. */
  readonly card?: { readonly title: number; readonly buttons: number; readonly button: number; readonly link: number }
  /** Hosts whose player may be shown in a frame. */
  readonly playerHosts: readonly string[]
  /** Origins that pictures may come from although their address is private: a stand-in's. */
  readonly trustedOrigins: readonly string[]
  /** What inboxes are connected by; one of another dialect has to be connected again. */
  readonly dialect?: string
  /** The app that the channel acts as now; the same goes for inboxes of another one. Undefined: none is set. */
  readonly appId?: string | undefined
  /** What `signal` can show. */
  readonly signals: readonly ThreadSignal[]
  /** Undefined: one may always write. */
  readonly window?: WindowPolicy
  /** Of sends, and of everything that has no limit of its own in `rates`. */
  readonly rate: Rate
  readonly rates?: Readonly<Partial<Record<RatedCall, Rate>>>
}

/** Calls per second, over everything that shares `bucket`. */
export interface Rate {
  readonly bucket: string
  readonly perSecond: number
  readonly burst: number
}

/** Which limit a call counts by: `check` asks whether anything was written, `list` who there is. */
export type RatedCall = 'send' | 'read' | 'check' | 'list'

/** How long and how often one may answer after the customer's last message. */
export interface WindowPolicy {
  readonly hours: number
  /** After the customer's first message. */
  readonly messages: number
  /** After each later one; null: no limit within the hours. */
  readonly laterMessages: number | null
  /** How many more may follow once the hours are over; 0 when they close the window. */
  readonly afterwards: number
}

/** What a provider's answer said of the limit that it counted by. */
export interface RateSeen {
  /** As `Rate` has it, and what `rateScope` answers for these credentials. */
  bucket: string
  scope: string
  /** The answer was that it is too much. */
  exceeded: boolean
  /** Calls in a window of about a second. */
  limit?: number
  retryAfterMs?: number
}

export interface RawDelivery {
  headers: Readonly<Record<string, string | undefined>>
  body: Buffer
}

export type Verification =
  | { ok: true }
  /** `stale`: the signature is right and its time is not; the delivery may come again, or be lost. */
  | { ok: false; reason: 'stale'; signedAt?: Date }
  | { ok: false; reason: 'missing' | 'malformed' | 'wrong' | 'future' }

/** Where a delivery belongs, found without a database. */
export interface Routing {
  /** Same event, same key, also when delivered again with another signature. */
  eventKey: string
  /** '' when the body does not say. */
  accountRef: string
  /** The conversation, where the business may have to be found by it. */
  threadRef?: string
  /** Work on one key is serial. */
  threadKey: string
  /** What is strange about it already: NOT_JSON, WRONG_APP … (stored and acknowledged all the same). */
  code?: string
}

/** Code of a delivery that was signed rightly and names another app than the channel's of that moment. */
export const WRONG_APP = 'WRONG_APP'

export interface ChannelWebhook {
  /** Time-constant, over the raw bytes, before anything is parsed. `keys`: of the inbox, where it has its own. */
  verify(delivery: RawDelivery, now: Date, keys?: readonly string[]): Verification
  /** Pure and cheap. Never throws. */
  route(body: Buffer): Routing
  /**
   * What the delivery says, whichever app it was made for: what is worked off late may be of an earlier one. Never throws
   * for a strange one: that is an `unsupported` event, or an empty list, which makes it a dead letter.
   */
  parse(body: Buffer): InboundEvent[]
  /** What a provider gets that asks whether the address is ours before it delivers there; as text/plain. */
  handshake?(query: Readonly<Record<string, unknown>>): { status: number; body: string }
  /** Where the provider delivers to, for the whole app; channels whose provider lets it be set by a call. */
  readonly registration?: ChannelRegistration
}

export interface ChannelRegistration {
  /** Whether the provider could reach the address at all. */
  reaches(callbackUrl: string): boolean
  /** Undefined: it delivers nowhere. Throws ChannelError. */
  read(): Promise<string | undefined>
  /** Instead of what was there before. Throws ChannelError. */
  write(callbackUrl: string): Promise<void>
  /** From then on it delivers nowhere. Throws ChannelError. */
  remove(): Promise<void>
}

export interface ChannelPosts {
  /** A post by its id or its address, as a person may give it. Undefined: it is neither. Pure, and never throws. */
  read(given: string): { postRef: string; url: string } | undefined
}

/** Pictures and films, in and out. */
export interface ChannelMedia {
  /** Hands a picture over, within `manifest.images`; nothing is sent by that. Throws ChannelError, never `unknown`. */
  upload(credentials: Credentials, accountRef: string, image: OutboundImage): Promise<UploadReceipt>
  /** Whether the provider takes pictures on this thread, for instance because of a country. Throws ChannelError. */
  allowed(credentials: Credentials, place: ThreadPlaceRef): Promise<boolean>
  /** Where the bytes of a received medium are, for a while. Throws ChannelError. */
  locate(credentials: Credentials, medium: ThreadPlaceRef & { externalId: string } & MediaRef): Promise<MediaPlace>
}

/** What a customer's screen shows of us besides messages. */
export type ThreadSignal = 'typing' | 'read'

export interface ListedThread {
  threadRef: string
  /** As `Routing` has it: reading a thread and working off its deliveries take turns. */
  threadKey: string
  updatedAt: Date
  /** Where its customer came from, at the same times as deliveries tell. */
  referrals?: ListedReferral[]
}

export interface ThreadPage {
  threads: ListedThread[]
  next?: string
}

export interface ThreadSnapshot {
  participants: PersonRef[]
  /** Newest last. Of the customer and of the business, as events of the same shape as deliveries. */
  messages: Extract<InboundEvent, { kind: 'message' | 'echo' }>[]
  /** The signs that are on these messages now. */
  reactions?: Extract<InboundEvent, { kind: 'reaction' }>[]
}

export type ChannelErrorKind =
  /** The provider said no to this message, for good. */
  | 'rejected'
  /** Provably not done, may be tried again. */
  | 'unavailable'
  /** Too fast: provably not done; `retryAfterMs` when known. */
  | 'rate_limited'
  /** The access token is refused: renew once, then ask for reauthorization. */
  | 'unauthorized'
  /** Consent is gone; only connecting again helps. */
  | 'reauth'
  /** The app or the installation is set up wrongly. */
  | 'misconfigured'
  /** It may have been done: never repeated by itself (I5). */
  | 'unknown'

/** A provider's failure, translated. `code` is stable and has a sentence in channels/failures.ts; no provider text. */
export class ChannelError extends Error {
  readonly kind: ChannelErrorKind
  readonly code: string
  readonly retryAfterMs: number | undefined

  constructor(kind: ChannelErrorKind, code: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(`${kind}: ${code}`, { cause: options.cause })
    this.name = 'ChannelError'
    this.kind = kind
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
