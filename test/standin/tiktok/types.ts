export interface Business {
  /** `open_id` of the token answer, `business_id` everywhere else (TikTok wire reference §0.3). */
  openId: string
  username: string
  displayName: string
  region: string
  /** A path below the stand-in, or any absolute address. */
  avatarUrl: string
  /** Its own posts, the only ones that SHARE_POST may name. */
  posts: string[]
  /** Somebody's private account: it can consent, and gets no messages by the API. */
  personal?: boolean
}

export interface Person {
  /** `unique_identifier`: stable across TikTok's APIs. */
  id: string
  username: string
  displayName: string
  /** ISO country code; EEA, CH and GB give stripped webhooks. */
  region: string
  avatarUrl: string
  isFollower: boolean
}

export interface TemplateButton {
  type: 'REPLY'
  title: string
  id?: string
}

export interface Template {
  type: 'QA_BUTTON_CARD' | 'QA_LINK_CARD'
  title: string
  buttons: TemplateButton[]
}

/** A picture or film that somebody sent, or that a business has handed over. */
export interface Medium {
  businessId: string
  mime: string
  bytes: Buffer
  /** Of what a business handed over, ms; what people sent stays. */
  expiresAt?: number
}

export type MessageContent =
  | { type: 'text'; body: string; tap?: { messageId: string; buttonId: string } }
  | { type: 'image'; mediaId: string }
  | { type: 'video'; mediaId: string }
  | { type: 'share_post'; videoId: string }
  | { type: 'sticker'; url: string }
  | { type: 'emoji'; url: string }
  | { type: 'template'; template: Template }
  /** Anything the documents do not name, voice notes for one. REST lists it as OTHER. */
  | { type: 'unknown'; kind: string; payload?: unknown }

export type MessageSource = 'APP' | 'WEB' | 'API' | 'OTHERS' | 'UNKNOWN_SOURCE'
export type AutoMessageType = 'WELCOME_MESSAGE' | 'SUGGESTED_QUESTION' | 'AUTO_REPLY'

/** An emoji, or the address of an AI emoji's picture. */
export type Sign = { emoji: string } | { aiEmojiUrl: string }

export type Reaction = Sign & {
  /** Who put it there: the person's id, or the business's. */
  authorId: string
  at: number
}

/** Where a person came from, as webhooks tell it; `ad.timestamp` in ms. */
export type Referral =
  | {
      source: 'ad'
      ad: {
        ad_id: string
        ad_name: string
        advertiser_id: string
        embed_url: string
        message_material_id: string
        timestamp: number
      }
    }
  | {
      source: 'short_link'
      short_link: { ref: string; prefilled_message: string; prefilled_message_audit_status: 'PASS' | 'REJECT' }
    }

export interface Message {
  id: string
  conversationId: string
  /** Order of arrival; breaks ties of `at`. */
  seq: number
  /** Provider time, ms. */
  at: number
  from: 'business' | 'person'
  source: MessageSource
  content: MessageContent
  quoteOf?: string
  autoType?: AutoMessageType
  reactions: Reaction[]
}

export interface Conversation {
  id: string
  businessId: string
  personId: string
  /** STRANGER until the business replies for the first time, SINGLE from then on. */
  type: 'STRANGER' | 'SINGLE'
  createdAt: number
  updatedAt: number
  /** High-water marks, ms. */
  personReadUpTo: number
  businessReadUpTo: number
  typingUntil: number
  /** The person blocked the business. */
  blocked: boolean
  /** The latest one. */
  referral?: Referral
  /** Oldest first, by provider time and then arrival. */
  messages: Message[]
}

export type BusinessRef = Business | string
export type PersonRef = Person | string
