/** What a channel says has happened: the provider's words in one shape. */

/** A person at the provider; `ref` is stable, the rest is not. */
export interface PersonRef {
  ref: string
  username?: string
  name?: string
  avatarUrl?: string
}

export interface MessageContent {
  /** text, image, share_post, sticker, video, emoji, template, unsupported … */
  contentType: string
  text?: string
  /** Small facts for a placeholder: { kind }. */
  details?: Record<string, unknown>
  /** Kept for kinds that we cannot show. */
  raw?: unknown
  /** External id of the quoted message. */
  quotes?: string
  /** What is fetched and kept, in order. */
  media?: readonly MediaRef[]
}

/** A picture or film that the message carries: by the provider's id, to be located first, or by its address. */
export interface MediaRef {
  kind: 'image' | 'video' | 'sticker' | 'emoji'
  ref?: string
  url?: string
  /** The provider has not stored it yet: it is asked for again until it has, also without an address. */
  pending?: true
}

/** Where a customer came from. */
export interface Referral {
  source: 'ad' | 'short_link' | 'other'
  /** Small facts in the provider's words: ad name, reference, prefilled text, address. */
  facts: Readonly<Record<string, string>>
}

/** The same, told by a list. Without `at` the list does not say when: it is the delivery of the same facts, or was lost. */
export interface ListedReferral {
  referral: Referral
  at?: Date
}

/** What has become of a message of the business, as far as the provider says. */
export interface Delivery {
  state: 'sent' | 'delivered' | 'read' | 'failed'
  at?: Date
  /** Why it failed, as `ChannelError` has it. */
  code?: string
}

interface ThreadEvent {
  threadRef: string
  /** The provider's time, milliseconds kept. */
  at: Date
}

interface WrittenEvent extends ThreadEvent {
  externalId: string
  /** What the message is called behind the provider, where that is only a go-between: it stays in a swap of providers. */
  alsoKnownAs?: string
  person: PersonRef
  content: MessageContent
}

export type InboundEvent =
  /** The customer wrote. */
  | ({ kind: 'message' } & WrittenEvent)
  /** The business wrote: through us (`api`), in the provider's app, or the provider's automation. */
  | ({ kind: 'echo'; via: 'api' | 'app' | 'automation'; delivery?: Delivery } & WrittenEvent)
  /** Somebody put a sign on a message, or took it away. The latest `at` of one person and sign wins. */
  | ({
      kind: 'reaction'
      operation: 'add' | 'remove'
      /** External id of the message it is on. */
      on: string
      by: 'contact' | 'business'
      person: PersonRef
      /** An emoji, or the address of a picture. */
      emoji?: string
      url?: string
    } & ThreadEvent)
  | ({ kind: 'referral'; person: PersonRef; referral: Referral } & ThreadEvent)
  /** Somebody wrote, and the provider may not say who or what; the lists may tell. */
  | { kind: 'unnamed'; at: Date }
  /** Something was written there, and the delivery does not tell what: the thread has to be read. `code` says why. */
  | { kind: 'hint'; of: string; code: string }
  /** The customer has read everything up to `readUpTo`. */
  | ({ kind: 'read'; readUpTo: Date } & ThreadEvent)
  /** The business withdrew its consent. */
  | { kind: 'authorization_removed'; at: Date; reason: string }
  /** Nothing to do; `code` says why and stands on the row. */
  | { kind: 'ignored'; code: string }
