import { slug } from '../tiktok/ids.ts'
import { underEuRules } from '../tiktok/regions.ts'
import type { TikTokStandin } from '../tiktok/standin.ts'
import type * as TikTok from '../tiktok/types.ts'
import type { Exchange } from '../tiktok/windows.ts'
import type { NewContact } from './contacts.ts'
import { createContact, presenceIn } from './contacts.ts'
import type { RespondIoContext } from './context.ts'
import type { Knobs } from './knobs.ts'
import { receive } from './messages.ts'
import type { File } from './sending.ts'
import { echo, readUpTo } from './sending.ts'
import type { Channel, Contact, Json, Message, MessageContent } from './types.ts'

export interface Tie {
  /** TikTok's conversation behind a contact, and what its window goes by; undefined: the channel is not tied. */
  exchange(contact: Contact, channel: Channel): (Exchange & { policy: Knobs['windowPolicy'] }) | undefined
  /** Posts in TikTok's conversation; answers TikTok's id of the message. */
  handOver(contact: Contact, channel: Channel, message: Message, file: File | undefined): string | undefined
  /** Writes as the customer on TikTok; what comes of it comes here by itself. */
  customerWrites(channel: Channel, from: Contact | NewContact, writing: TiedWriting): { messageId: string }
  customerReads(contact: Contact, channel: Channel, upTo: number | undefined): void
  /** Blocks the businesses behind all tied channels of a contact. */
  blocks(contact: Contact, blocked: boolean): void
  /** Writes in TikTok's own app; answers what respond.io made of it, if the channel is tied. */
  businessWrites(contact: Contact, channel: Channel, content: MessageContent): Message | undefined
}

export interface TiedWriting {
  content: MessageContent
  at?: number | undefined
  /** TikTok's id of the quoted message. */
  quoteOf?: string | undefined
}

interface Bond {
  business: string
  person: string
}

const isImage = (mime: string): boolean => mime.startsWith('image/')

/** What TikTok's app shows of a message that respond.io hands over. */
function toTikTok(tiktok: TikTokStandin, bond: Bond, content: MessageContent, file?: File): TikTok.MessageContent {
  if (file) {
    const mediaId = tiktok.addMedium({ business: bond.business, ...file })
    return { type: isImage(file.mime) ? 'image' : 'video', mediaId }
  }
  if (content.type === 'text') return { type: 'text', body: String(content['text']) }
  if (content.type === 'quick_reply') {
    const buttons = (content['replies'] as string[]).map((title) => ({ type: 'REPLY' as const, title }))
    return { type: 'template', template: { type: 'QA_BUTTON_CARD', title: String(content['title']), buttons } }
  }
  return { type: 'unknown', kind: content.type, payload: content }
}

/** What respond.io makes of a message in TikTok's conversation. */
function fromTikTok(ctx: RespondIoContext, tiktok: TikTokStandin, content: TikTok.MessageContent): MessageContent {
  switch (content.type) {
    case 'text':
      return { type: 'text', text: content.body }
    case 'template':
      return { type: 'text', text: content.template.title }
    case 'share_post':
      return { type: 'post', post: { url: `https://www.tiktok.com/player/v1/${content.videoId}` } }
    case 'image':
    case 'video': {
      const medium = tiktok.world.media.get(content.mediaId)
      if (!medium) return { type: 'unsupported' }
      const mediaId = ctx.ids.medium()
      const { mime, bytes } = medium
      const fileName = `${mediaId}.${mime.split('/')[1] ?? 'bin'}`
      const readyAt = ctx.clock.now() + ctx.knobs.attachmentPendingMs
      ctx.world.media.set(mediaId, { mime, bytes, fileName, readyAt })
      return { type: 'stored', attachment: { type: content.type, mediaId } }
    }
    default:
      return { type: 'unsupported' }
  }
}

const knownAs = ({ world }: RespondIoContext, channel: Channel, personId: string): Contact | undefined =>
  world.contactsOf(channel.spaceId).find((contact) => world.presence(contact, channel.id)?.personId === personId)

/** Finds the contact that is this person, or makes one of them. */
function contactOf(ctx: RespondIoContext, channel: Channel, person: TikTok.Person): Contact {
  const known = knownAs(ctx, channel, person.id)
  if (known) return known
  const { displayName: firstName, avatarUrl: profilePic } = person
  const contact = createContact(ctx, ctx.world.space(channel.spaceId), { firstName, profilePic })
  presenceIn(ctx, contact, channel).personId = person.id
  return contact
}

/** A message of TikTok's conversation comes out of the channel, written by the customer or in TikTok's own app. */
function mirror(ctx: RespondIoContext, tiktok: TikTokStandin, channel: Channel, message: TikTok.Message): void {
  const { personId } = tiktok.world.conversation(message.conversationId)
  const person = tiktok.world.person(personId)
  if (message.from === 'person' && underEuRules(tiktok.knobs, person.region)) return
  const contact = contactOf(ctx, channel, person)
  const content = fromTikTok(ctx, tiktok, message.content)
  const { id: channelMessageId, at, quoteOf } = message
  if (message.from === 'person') {
    const quoted = contact.messages.find((one) => quoteOf !== undefined && one.channelMessageId === quoteOf)
    receive(ctx, contact, channel, { content, at, channelMessageId, replyTo: quoted?.messageId ?? null })
    return
  }
  echo(ctx, contact, channel, { content, channelMessageId, at })
}

type Follower = (entry: TikTokStandin['ledger']['entries'][number]) => void

/** Follows what happens on TikTok's side. `quiet` names the channel whose own message is on its way there. */
function follower(ctx: RespondIoContext, tiktok: TikTokStandin, quiet: () => Channel | null): Follower {
  return (entry) => {
    if (entry.kind !== 'action' && entry.kind !== 'send') return
    const conversation = tiktok.world.conversations.get(entry.conversationId ?? '')
    if (!conversation) return
    const tied = [...ctx.world.channels.values()].filter(({ business }) => business === conversation.businessId)
    for (const channel of tied) {
      if (channel === quiet()) continue
      const message = entry.messageId ? tiktok.world.message(entry.messageId) : undefined
      const action = entry.kind === 'send' ? 'send' : entry.action
      if (message && ['send', 'customer_writes', 'business_writes_in_app'].includes(action))
        mirror(ctx, tiktok, channel, message)
      const reader = action === 'customer_reads' && knownAs(ctx, channel, conversation.personId)
      if (reader) readUpTo(ctx, reader, channel.id, conversation.personReadUpTo)
    }
  }
}

/** Ties channels of respond.io to businesses of TikTok's side: both see the same messages under the same ids. */
export function createTie(ctx: Omit<RespondIoContext, 'tie'>, tiktok: TikTokStandin): Tie {
  let sending: Channel | null = null
  const bondOf = (contact: Contact, channel: Channel): Bond | undefined => {
    const person = ctx.world.presence(contact, channel.id)?.personId
    const { businesses, people } = tiktok.world
    if (channel.business === undefined || person === undefined) return undefined
    // TikTok's side may have been reset.
    return businesses.has(channel.business) && people.has(person) ? { business: channel.business, person } : undefined
  }
  const personFor = (channel: Channel, from: Contact | NewContact): string => {
    const known = from.id === undefined ? undefined : ctx.world.presence(from, channel.id)?.personId
    const displayName = [from.firstName, from.lastName].filter(Boolean).join(' ')
    return known ?? tiktok.addPerson({ username: slug(displayName + ctx.ids.medium()).slice(0, 12), displayName }).id
  }

  const tie: Tie = {
    exchange: (contact, channel) => {
      const bond = bondOf(contact, channel)
      const found = bond && tiktok.world.between(tiktok.world.business(bond.business), tiktok.world.person(bond.person))
      return found && { ...found, policy: tiktok.knobs.windowPolicy }
    },
    handOver: (contact, channel, message, file) => {
      const bond = bondOf(contact, channel)
      if (!bond) return undefined
      sending = channel
      try {
        const content = toTikTok(tiktok, bond, message.content, file)
        return tiktok.businessWritesInApp({ ...bond, content, source: 'API' }).messageId
      } finally {
        sending = null
      }
    },
    customerWrites: (channel, from, { content, at, quoteOf }) => {
      const bond = { business: String(channel.business), person: personFor(channel, from) }
      if (from.id !== undefined) presenceIn(whole, from, channel).personId = bond.person
      const stored =
        content.type === 'stored' ? ctx.world.media.get((content.attachment as Json)['mediaId'] as string) : undefined
      return tiktok.customerWrites({ ...bond, content: toTikTok(tiktok, bond, content, stored), at, quoteOf })
    },
    customerReads: (contact, channel, upTo) => {
      const bond = bondOf(contact, channel)
      if (bond) tiktok.customerReads({ ...bond, upTo })
    },
    blocks: (contact, blocked) => {
      for (const { channelId } of contact.presences) {
        const channel = ctx.world.channels.get(channelId)
        const bond = channel && bondOf(contact, channel)
        if (bond) tiktok.blocks({ ...bond, blocked })
      }
    },
    businessWrites: (contact, channel, content) => {
      const bond = bondOf(contact, channel)
      if (!bond) return undefined
      const { messageId } = tiktok.businessWritesInApp({ ...bond, content: toTikTok(tiktok, bond, content) })
      return contact.messages.find(({ channelMessageId }) => channelMessageId === messageId)
    },
  }
  const whole: RespondIoContext = { ...ctx, tie }
  tiktok.ledger.onAppend(follower(whole, tiktok, () => sending))
  return tie
}
