import type { RespondIoContext } from './context.ts'
import { openConversation, presenceIn } from './contacts.ts'
import type { Channel, Contact, Message, MessageContent, SenderSource } from './types.ts'
import { messageEvent } from './webhook-content.ts'

const SECOND = 1000

export const isTikTok = ({ source }: Channel): boolean => source.startsWith('tiktok')

/** What has surfaced, oldest first. */
export const visible = ({ messages }: Contact): Message[] => messages.filter(({ hidden }) => !hidden)

export function tellMessage(ctx: RespondIoContext, contact: Contact, message: Message): Promise<void> {
  const { messageId, traffic, sender } = message
  // Of a channel that was removed meanwhile nothing is told.
  if (!ctx.world.channels.has(message.channelId)) return Promise.resolve()
  if (message.status.at(-1)?.value === 'failed' && !ctx.knobs.tellFailedSends) return Promise.resolve()
  return ctx.outbox.publish({
    event: traffic === 'incoming' ? 'message.received' : 'message.sent',
    spaceId: contact.spaceId,
    contactId: contact.id,
    messageId,
    source: sender.source,
    content: messageEvent(ctx, contact, message),
  })
}

/** §5.1: the channel's own time, padded with zeros. */
function incomingId({ knobs }: RespondIoContext, channel: Channel, at: number): number {
  const unit = knobs.incomingIdUnit === 'by_source' ? (isTikTok(channel) ? 'ms' : 's') : knobs.incomingIdUnit
  return (unit === 'ms' ? at : Math.floor(at / SECOND) * SECOND) * 1000
}

function surface(ctx: RespondIoContext, contact: Contact, channel: Channel, message: Message): void {
  delete message.hidden
  const presence = presenceIn(ctx, contact, channel)
  presence.lastMessageAt = Math.max(presence.lastMessageAt ?? 0, message.at)
  presence.lastIncomingAt = Math.max(presence.lastIncomingAt ?? 0, message.at)
  openConversation(ctx, contact, 'contact')
  if (contact.conversation) contact.conversation.incoming++
  void tellMessage(ctx, contact, message)
}

export interface Incoming {
  content: MessageContent
  at: number
  channelMessageId: string
  replyTo: number | null
}

/** A customer's message comes in, at once or later than its id says. */
export function receive(ctx: RespondIoContext, contact: Contact, channel: Channel, incoming: Incoming): Message {
  const late = ctx.jitter.chance(ctx.knobs.lateArrivals)
  presenceIn(ctx, contact, channel)
  const message = ctx.world.insert(contact, {
    ...incoming,
    messageId: incomingId(ctx, channel, incoming.at),
    ...{ contactId: contact.id, channelId: channel.id, traffic: 'incoming', status: [] },
    sender: { source: 'contact', userId: null },
    ...(late && { hidden: true }),
  })
  ctx.ledger.append({
    kind: 'action',
    action: 'customer_writes',
    ...{ spaceId: contact.spaceId, contactId: contact.id, messageId: message.messageId },
  })
  if (late) ctx.scheduler.after(ctx.knobs.lateArrivalMs, () => surface(ctx, contact, channel, message))
  else surface(ctx, contact, channel, message)
  return message
}

export interface Outgoing {
  content: MessageContent
  source: SenderSource
  userId?: number | null | undefined
  /** Only of what was written in the channel's own app: it is there already. */
  channelMessageId?: string | undefined
  at?: number | undefined
}

/** A message of the business takes its place; handing it over is another matter. */
export function place(ctx: RespondIoContext, contact: Contact, channel: Channel, outgoing: Outgoing): Message {
  const now = outgoing.at ?? ctx.clock.now()
  const { content, source, userId = null, channelMessageId = null } = outgoing
  const message = ctx.world.insert(contact, {
    messageId: ctx.ids.micros(now),
    ...{ contactId: contact.id, channelId: channel.id, channelMessageId, traffic: 'outgoing', content },
    sender: { source, userId },
    replyTo: null,
    status: ctx.knobs.pendingStatus ? [{ value: 'pending', timestamp: ctx.clock.now() }] : [],
    at: now,
  })
  const presence = presenceIn(ctx, contact, channel)
  presence.lastMessageAt = Math.max(presence.lastMessageAt ?? 0, now)
  if (contact.conversation) {
    contact.conversation.outgoing++
    contact.conversation.firstResponseAt ??= now
  }
  return message
}
