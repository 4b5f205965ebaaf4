import { toSeconds } from '../clock.ts'
import type { RespondIoContext } from './context.ts'
import {
  channelShape,
  contactCore,
  contentShape,
  lastTimes,
  quoteShape,
  senderShape,
  toldChannelMessageId,
  userShape,
} from './shapes.ts'
import type { Contact, Conversation, Json, Message } from './types.ts'

type Context = Omit<RespondIoContext, 'outbox' | 'tie'>

const UNIT = { s: 1 / 1000, ms: 1, us: 1000 }

function messageBlock(ctx: Context, message: Message): Json {
  const { messageId, contactId, channelId, traffic, status } = message
  return {
    ...{ messageId, channelMessageId: toldChannelMessageId(ctx, message), contactId, channelId, traffic },
    timestamp: Math.floor(message.at * UNIT[ctx.knobs.webhookTimestamp]),
    message: contentShape(ctx, message),
    replyTo: quoteShape(ctx, message) ?? {},
    ...(traffic === 'outgoing' && { status }),
    ...(ctx.knobs.webhookSender !== 'top' && { sender: senderShape(ctx, message) }),
  }
}

/** `message.received` or `message.sent` (§7.4): the contact comes without tags and custom fields. */
export function messageEvent(ctx: Context, contact: Contact, message: Message): Json {
  const presence = ctx.world.presence(contact, message.channelId)
  const user = message.sender.userId === null ? undefined : ctx.world.users.get(message.sender.userId)
  const outgoing = message.traffic === 'outgoing'
  return {
    contact: contactCore(ctx, contact, 'webhook'),
    message: messageBlock(ctx, message),
    channel: {
      ...channelShape(ctx.world.channel(message.channelId)),
      meta: '{}',
      ...(outgoing && presence && lastTimes(ctx, presence)),
    },
    ...(ctx.knobs.webhookSender !== 'message' && { sender: senderShape(ctx, message) }),
    ...(outgoing && user && { user: userShape(user) }),
  }
}

export const contactEvent = (ctx: Context, contact: Contact, more: Json = {}): Json => ({
  ...more,
  contact: { ...contactCore(ctx, contact, 'webhook'), tags: contact.tags },
})

export const openedEvent = (ctx: Context, contact: Contact): Json => ({
  contact: contactCore(ctx, contact, 'webhook'),
  conversation: {
    source: contact.conversation?.openedBy ?? 'contact',
    openedTime: toSeconds(contact.conversation?.openedAt ?? 0),
  },
})

export const newConversation = (openedAt: number, openedBy: string): Conversation => ({
  ...{ openedAt, openedBy, firstResponseAt: null, lastAssignmentAt: null, incoming: 0, outgoing: 0 },
})

export interface Closing {
  source: string
  userId: number | null
  category?: string | undefined
  summary?: string | undefined
}

export function closedEvent(ctx: Context, contact: Contact, { source, userId, category, summary }: Closing): Json {
  const now = ctx.clock.now()
  const told = contact.conversation ?? newConversation(now, 'contact')
  const user = userId === null ? undefined : ctx.world.users.get(userId)
  return {
    contact: contactCore(ctx, contact, 'webhook'),
    conversation: {
      category: category ?? null,
      summary: summary ?? null,
      openedTime: toSeconds(told.openedAt),
      openedBySource: told.openedBy,
      closedTime: toSeconds(now),
      closedBy: user ? userShape(user) : {},
      closedBySource: source,
      firstResponseTime: toSeconds((told.firstResponseAt ?? told.openedAt) - told.openedAt),
      resolutionTime: toSeconds(now - told.openedAt),
      incomingMessageCount: told.incoming,
      outgoingMessageCount: told.outgoing,
      assigneeTeam: '',
      lastAssignmentTime: toSeconds(told.lastAssignmentAt ?? 0),
    },
  }
}
