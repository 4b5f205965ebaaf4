export type Json = Record<string, unknown>

/** A workspace: what a token opens (respond.io wire reference §1). */
export interface Space {
  id: number
  orgId: number
  name: string
  /** Revoked ones are taken out. */
  tokens: string[]
  tags: SpaceTag[]
  customFields: CustomField[]
  closingNotes: { category: string; description: string }[]
}

export interface SpaceTag {
  name: string
  description?: string | undefined
  colorCode?: string | undefined
  emoji?: string | undefined
}

export interface CustomField {
  id: number
  name: string
  slug: string
  description: string
  dataType: string
  allowedValues?: string[] | undefined
}

export interface User {
  id: number
  spaceId: number
  firstName: string
  lastName: string
  email: string
  role: 'agent' | 'manager' | 'owner'
}

export interface Channel {
  id: number
  spaceId: number
  name: string
  /** `tiktok_business` for TikTok (§4.2). */
  source: string
  createdAt: number
  /** The business of TikTok's side whose messages come through here too. */
  business?: string
}

/** A contact's presence in one channel. */
export interface Presence {
  contactChannelId: number
  channelId: number
  createdAt: number
  lastMessageAt: number | null
  lastIncomingAt: number | null
  /** Of TikTok's side, when the channel is tied to it. */
  personId?: string
}

/** What a conversation.closed tells of the conversation that ends. Times in ms. */
export interface Conversation {
  openedAt: number
  openedBy: string
  firstResponseAt: number | null
  lastAssignmentAt: number | null
  incoming: number
  outgoing: number
}

/** Fields that the API writes as they are (§4.2 ContactFields). */
export interface ContactFields {
  firstName: string
  lastName: string
  phone: string | null
  email: string | null
  language: string | null
  countryCode: string | null
  profilePic: string | null
  customFields: { name: string; value: unknown }[]
}

export interface Contact extends ContactFields {
  id: number
  spaceId: number
  open: boolean
  /** The person blocked the business in the channel's own app. */
  blocked: boolean
  tags: string[]
  assigneeId: number | null
  lifecycle: string | null
  createdAt: number
  /** Until then calls for it are answered 449 (§2.1). */
  readyAt: number
  presences: Presence[]
  conversation: Conversation | null
  /** By message id. */
  messages: Message[]
}

export type SenderSource =
  'contact' | 'user' | 'ai_agent' | 'workflow' | 'api' | 'echo' | 'broadcast' | 'bot' | 'zapier' | 'make' | 'n8n'

export interface StatusStamp {
  value: 'pending' | 'sent' | 'delivered' | 'read' | 'failed'
  timestamp: number
  message?: string
}

export interface StoredAttachment {
  type: 'image' | 'video' | 'audio' | 'file'
  mediaId: string
}

/** As on the wire, but for attachments that lie here. */
export type MessageContent = { type: 'stored'; attachment: StoredAttachment } | (Json & { type: string })

export interface Message {
  /** µs since the epoch; unique within its contact only (§5.1). */
  messageId: number
  contactId: number
  channelId: number
  /** The provider's id; null until the provider has it. */
  channelMessageId: string | null
  traffic: 'incoming' | 'outgoing'
  content: MessageContent
  sender: { source: SenderSource; userId: number | null }
  replyTo: number | null
  status: StatusStamp[]
  /** Provider time, ms. */
  at: number
  /** It has not surfaced yet: neither listed nor told. */
  hidden?: true
}

export interface Medium {
  mime: string
  fileName: string
  bytes: Buffer
  /** Not stored yet until then: `isPending` (§5.1). */
  readyAt: number
}

/** One webhook of the settings: one event, one address, one key (§7.1). */
export interface Subscription {
  id: number
  spaceId: number
  event: string
  url: string
  key: string
  enabled: boolean
  /** Only these senders, for the events of messages. */
  sources?: SenderSource[]
  /** When deliveries failed, ms. */
  errors: number[]
}

export type SpaceRef = Space | number
export type ChannelRef = Channel | number
export type ContactRef = Contact | number
export type UserRef = User | number
