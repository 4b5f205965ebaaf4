import { toSeconds } from '../clock.ts'
import type { RespondIoContext } from './context.ts'
import type { Channel, Contact, Json, Message, Presence, StoredAttachment, User } from './types.ts'

type Context = Pick<RespondIoContext, 'knobs' | 'world' | 'clock' | 'baseUrl'>

const seconds = (ms: number | null): number | null => (ms === null ? null : toSeconds(ms))

const NOBODY = { id: null, firstName: null, lastName: null, email: null }

type Place = 'rest' | 'webhook'

function assigneeShape({ knobs, world }: Context, { assigneeId }: Contact, place: Place): Json | null {
  const user = assigneeId === null ? undefined : world.users.get(assigneeId)
  const isObject = knobs.unassigned === 'object' || (knobs.unassigned === 'object_in_webhooks' && place === 'webhook')
  if (!user) return isObject ? NOBODY : null
  const { id, firstName, lastName, email } = user
  return { id, firstName, lastName, email }
}

/** What REST and webhooks have in common (§4.1, §7.4). */
export function contactCore(ctx: Context, contact: Contact, place: Place): Json {
  const { id, firstName, lastName, phone, email, language, countryCode, profilePic, lifecycle } = contact
  return {
    ...{ id, firstName, lastName, phone, email, language },
    profilePic: profilePic === null ? null : new URL(profilePic, ctx.baseUrl()).href,
    countryCode,
    status: contact.open ? 'open' : ctx.knobs.closedWord,
    lifecycle,
    assignee: assigneeShape(ctx, contact, place),
    created_at: toSeconds(contact.createdAt),
  }
}

export const contactShape = (ctx: Context, contact: Contact): Json => ({
  ...contactCore(ctx, contact, 'rest'),
  locale: null,
  isBlocked: false,
  tags: contact.tags,
  // Checkboxes come back as text (§4.1).
  custom_fields: contact.customFields.map(({ name, value }) => ({
    name,
    value: typeof value === 'boolean' ? String(value) : value,
  })),
})

export const channelShape = ({ id, name, source, createdAt }: Channel): Json => ({
  ...{ id, name, source },
  created_at: toSeconds(createdAt),
})

/** The unit of these two is nowhere stated (§4.2). */
export function lastTimes({ knobs }: Context, { lastMessageAt, lastIncomingAt }: Presence): Json {
  const unit = (ms: number | null): number | null => (knobs.channelTimes === 's' ? seconds(ms) : ms)
  return { lastMessageTime: unit(lastMessageAt), lastIncomingMessageTime: unit(lastIncomingAt) }
}

export function presenceShape(ctx: Context, presence: Presence): Json {
  const { id, name, source } = ctx.world.channel(presence.channelId)
  const { contactChannelId, createdAt } = presence
  return {
    ...{ id, name, source, contactChannelId, meta: null },
    ...lastTimes(ctx, presence),
    created_at: toSeconds(createdAt),
  }
}

export const userShape = ({ id, firstName, lastName, email, role }: User): Json => ({
  ...{ id, firstName, lastName, email, role },
  team: null,
  restrictions: [],
})

function attachmentShape(ctx: Context, { type, mediaId }: StoredAttachment): Json {
  const medium = ctx.world.media.get(mediaId)
  const { fileName = 'file', mime = 'application/octet-stream', bytes = Buffer.alloc(0), readyAt = 0 } = medium ?? {}
  const isPending = readyAt > ctx.clock.now()
  const url = `${ctx.baseUrl()}/respondio/cdn/${mediaId}/${encodeURIComponent(fileName)}`
  return {
    type,
    ...((!isPending || ctx.knobs.pendingAttachmentUrl === 'told') && { url }),
    ...{ fileName, mime },
    ext: fileName.split('.').at(-1) ?? '',
    size: String(bytes.length),
    isPending,
  }
}

export function contentShape(ctx: Context, { content }: Message): Json {
  if (content.type !== 'stored') return content
  return { type: 'attachment', attachment: attachmentShape(ctx, content.attachment as StoredAttachment) }
}

const isThere = ([, value]: [string, unknown]): boolean => value !== null

export function senderShape({ knobs }: Context, { sender }: Message): Json {
  const { source, userId } = sender
  const all = { source, userId, teamId: null, workflowId: null, broadcastHistoryId: null }
  return knobs.senderNulls ? all : Object.fromEntries(Object.entries(all).filter(isThere))
}

export function quoteShape(ctx: Context, { contactId, replyTo }: Message): Json | null {
  const quoted = ctx.world.contacts.get(contactId)?.messages.find(({ messageId }) => messageId === replyTo)
  return quoted ? { messageId: quoted.messageId, message: contentShape(ctx, quoted) } : null
}

/** The channel's own id of a message, as far as respond.io tells it. */
export const toldChannelMessageId = ({ knobs }: Context, { contactId, channelMessageId }: Message): string | null =>
  knobs.channelMessageIds === 'told' || (knobs.channelMessageIds === 'even_contacts' && contactId % 2 === 0)
    ? channelMessageId
    : null

const namesChannel = ({ knobs }: Context, { traffic }: Message): boolean =>
  knobs.listedChannelId === 'all' || (knobs.listedChannelId === 'outgoing' && traffic === 'outgoing')

/** As listed (§5.1): no time but the one in its id. */
export const messageShape = (ctx: Context, message: Message): Json => ({
  messageId: message.messageId,
  channelMessageId: toldChannelMessageId(ctx, message),
  contactId: message.contactId,
  ...(namesChannel(ctx, message) && { channelId: message.channelId }),
  traffic: message.traffic,
  message: contentShape(ctx, message),
  sender: senderShape(ctx, message),
  replyTo: quoteShape(ctx, message),
  status: message.status,
})
