import { UnknownObject } from '../unknown-object.ts'
import type { NewContact } from './contacts.ts'
import { assign, changeTags, closeConversation, createContact, openConversation, presenceIn } from './contacts.ts'
import type { RespondIoContext } from './context.ts'
import { place, receive, tellMessage } from './messages.ts'
import { echo, handOver, readUpTo } from './sending.ts'
import type { Channel, ChannelRef, Contact, ContactRef, MessageContent, SenderSource, UserRef } from './types.ts'

interface Content {
  /** `text`, or a whole content. */
  text?: string | undefined
  content?: MessageContent | undefined
}

export interface CustomerWriting extends Content {
  channel: ChannelRef
  /** Somebody new becomes a contact by writing. */
  contact: ContactRef | NewContact
  /** Provider time in ms; default: now. Two contacts who write at the same time get the same message id. */
  at?: number | undefined
  /** A message id of this contact's. */
  quoteOf?: number | undefined
  channelMessageId?: string | undefined
}

export interface BusinessWriting extends Content {
  channel: ChannelRef
  contact: ContactRef
  /** Default: user. `echo` is the channel's own app. */
  source?: Exclude<SenderSource, 'contact'> | undefined
  user?: UserRef | undefined
}

export interface Written {
  contactId: number
  messageId: number
}

export interface Closing {
  contact: ContactRef
  user?: UserRef | undefined
  source?: string | undefined
  category?: string | undefined
  summary?: string | undefined
}

function contentOf({ text, content }: Content): MessageContent {
  if (content) return content
  if (text === undefined) throw new UnknownObject('a message needs text or content')
  return { type: 'text', text }
}

const isRef = (contact: ContactRef | NewContact): contact is ContactRef =>
  typeof contact === 'number' || contact.id !== undefined

/** What customers do in the channel's app, and what it brings to respond.io. */
function customerActors(ctx: RespondIoContext) {
  const { world, tie } = ctx

  const writesOnTikTok = (channel: Channel, from: Contact | NewContact, writing: CustomerWriting): Written => {
    const quoted =
      from.id !== undefined && writing.quoteOf !== undefined ? world.message(from, writing.quoteOf) : undefined
    const quoteOf = quoted?.channelMessageId ?? undefined
    const { messageId } = tie.customerWrites(channel, from, { content: contentOf(writing), at: writing.at, quoteOf })
    const messages = world.contactsOf(channel.spaceId).flatMap((contact) => contact.messages)
    const message = messages.find(({ channelMessageId }) => channelMessageId === messageId)
    if (!message) throw new UnknownObject('TikTok keeps what this person writes to itself')
    return { contactId: message.contactId, messageId: message.messageId }
  }

  const customerWrites = (writing: CustomerWriting): Written => {
    const channel = world.channel(writing.channel)
    const from = isRef(writing.contact) ? world.contact(writing.contact) : writing.contact
    if (channel.business !== undefined) return writesOnTikTok(channel, from, writing)
    const contact = from.id === undefined ? createContact(ctx, world.space(channel.spaceId), from) : from
    const { messageId } = receive(ctx, contact, channel, {
      content: contentOf(writing),
      at: writing.at ?? ctx.clock.now(),
      channelMessageId: writing.channelMessageId ?? ctx.ids.channelMessage(),
      replyTo: writing.quoteOf ?? null,
    })
    return { contactId: contact.id, messageId }
  }

  return {
    customerWrites,
    customerReads: ({ contact: ref, channel: channelRef, upTo }: CustomerReading): void => {
      const [contact, channel] = [world.contact(ref), world.channel(channelRef)]
      if (channel.business === undefined) readUpTo(ctx, contact, channel.id, upTo ?? ctx.clock.now())
      else tie.customerReads(contact, channel, upTo)
    },
    blocks: ({ contact: ref, blocked = true }: { contact: ContactRef; blocked?: boolean | undefined }): void => {
      const contact = world.contact(ref)
      contact.blocked = blocked
      tie.blocks(contact, blocked)
      ctx.ledger.append({ kind: 'action', action: blocked ? 'blocks' : 'unblocks', contactId: contact.id })
    },
  }
}

export interface CustomerReading {
  contact: ContactRef
  channel: ChannelRef
  /** ms; default: now. */
  upTo?: number | undefined
}

/** What people and machines do inside respond.io, or in the channel's own app. */
function businessActors(ctx: RespondIoContext) {
  const { world } = ctx
  const idOf = (user: UserRef | undefined): number | null => (user === undefined ? null : world.user(user).id)

  const businessWrites = (writing: BusinessWriting): Written => {
    const { source = 'user' } = writing
    const [contact, channel] = [world.contact(writing.contact), world.channel(writing.channel)]
    const content = contentOf(writing)
    if (source === 'echo') {
      const { messageId } =
        ctx.tie.businessWrites(contact, channel, content) ?? echo(ctx, contact, channel, { content })
      return { contactId: contact.id, messageId }
    }
    const message = place(ctx, contact, channel, { content, source, userId: idOf(writing.user) })
    const handedOver = handOver(ctx, contact, channel, message)
    ctx.scheduler.track(handedOver.then(() => tellMessage(ctx, contact, message)))
    return { contactId: contact.id, messageId: message.messageId }
  }

  return {
    businessWrites,
    closes: ({ contact, user, source = 'user', ...rest }: Closing): void =>
      closeConversation(ctx, world.contact(contact), { source, userId: idOf(user), ...rest }),
    opens: ({ contact, source = 'user' }: { contact: ContactRef; source?: string | undefined }): void =>
      openConversation(ctx, world.contact(contact), source),
    assigns: ({ contact, user }: { contact: ContactRef; user: UserRef | null }): void =>
      assign(ctx, world.contact(contact), user === null ? null : world.user(user).id),
    tags: ({ contact, tags, action = 'add' }: Tagging): void => changeTags(ctx, world.contact(contact), action, tags),
    /** Somebody imports a contact who has not written yet; `channel` gives them an address there. */
    addContact: ({ channel: ref, ...fields }: NewContact & { channel: ChannelRef }): Contact => {
      const channel = world.channel(ref)
      const contact = createContact(ctx, world.space(channel.spaceId), fields)
      presenceIn(ctx, contact, channel)
      return contact
    },
  }
}

export interface Tagging {
  contact: ContactRef
  tags: string[]
  action?: 'add' | 'remove' | undefined
}

export const createActors = (ctx: RespondIoContext) => ({ ...customerActors(ctx), ...businessActors(ctx) })

export type Actors = ReturnType<typeof createActors>
