import { slug } from '../tiktok/ids.ts'
import type { RespondIoContext } from './context.ts'
import type { Channel, Contact, ContactFields, Json, Presence, Space } from './types.ts'
import { closedEvent, contactEvent, newConversation, openedEvent } from './webhook-content.ts'
import type { Closing } from './webhook-content.ts'

export interface NewContact extends Partial<Omit<ContactFields, 'firstName'>> {
  firstName: string
  /** What tells it from a contact. */
  id?: undefined
}

/** Makes a contact and tells of it. */
export function createContact(ctx: RespondIoContext, space: Space, fields: NewContact): Contact {
  const id = ctx.ids.number()
  const now = ctx.clock.now()
  const contact: Contact = {
    ...{ lastName: '', phone: null, email: null, language: null, countryCode: null, customFields: [] },
    ...(fields as ContactFields),
    profilePic: fields.profilePic ?? `/cdn/avatars/${slug(String(id))}.png`,
    ...{ id, spaceId: space.id, open: false, blocked: false, tags: [], assigneeId: null, lifecycle: null },
    ...{ createdAt: now, readyAt: now, presences: [], conversation: null, messages: [] },
  }
  ctx.world.contacts.set(id, contact)
  tellOf(ctx, 'contact.created', contact)
  return contact
}

export function presenceIn(ctx: RespondIoContext, contact: Contact, channel: Channel): Presence {
  const known = ctx.world.presence(contact, channel.id)
  if (known) return known
  const presence: Presence = {
    contactChannelId: ctx.ids.number(),
    channelId: channel.id,
    createdAt: ctx.clock.now(),
    lastMessageAt: null,
    lastIncomingAt: null,
  }
  contact.presences.push(presence)
  return presence
}

function tellOf(ctx: RespondIoContext, event: string, contact: Contact, more: Json = {}): void {
  const content = contactEvent(ctx, contact, more)
  void ctx.outbox.publish({ event, spaceId: contact.spaceId, contactId: contact.id, content })
}

export function updateContact(ctx: RespondIoContext, contact: Contact, fields: Partial<ContactFields>): void {
  const { customFields = [], ...rest } = fields
  const kept = contact.customFields.filter(({ name }) => !customFields.some((one) => one.name === name))
  Object.assign(contact, rest, { customFields: [...kept, ...customFields] })
  tellOf(ctx, 'contact.updated', contact)
}

export function openConversation(ctx: RespondIoContext, contact: Contact, source: string): void {
  if (contact.open) return
  contact.open = true
  contact.conversation = newConversation(ctx.clock.now(), source)
  const content = openedEvent(ctx, contact)
  void ctx.outbox.publish({ event: 'conversation.opened', spaceId: contact.spaceId, contactId: contact.id, content })
}

export function closeConversation(ctx: RespondIoContext, contact: Contact, closing: Closing): void {
  if (!contact.open) return
  contact.open = false
  const content = closedEvent(ctx, contact, closing)
  contact.conversation = null
  void ctx.outbox.publish({ event: 'conversation.closed', spaceId: contact.spaceId, contactId: contact.id, content })
}

export function assign(ctx: RespondIoContext, contact: Contact, userId: number | null): void {
  contact.assigneeId = userId
  if (contact.conversation) contact.conversation.lastAssignmentAt = ctx.clock.now()
  tellOf(ctx, 'contact.assignee.updated', contact)
}

export function changeTags(ctx: RespondIoContext, contact: Contact, action: 'add' | 'remove', tags: string[]): void {
  for (const tag of tags) {
    if (contact.tags.includes(tag) === (action === 'add')) continue
    contact.tags = action === 'add' ? [...contact.tags, tag] : contact.tags.filter((one) => one !== tag)
    tellOf(ctx, 'contact.tag.updated', contact, { tag, action })
  }
}

export function setLifecycle(ctx: RespondIoContext, contact: Contact, lifecycle: string | null): void {
  const oldLifecycle = contact.lifecycle
  contact.lifecycle = lifecycle
  tellOf(ctx, 'contact.lifecycle.updated', contact, { lifecycle, oldLifecycle, action: 'update' })
}

export function comment(ctx: RespondIoContext, contact: Contact, text: string, userId: number | null): Json {
  const made = { contactId: contact.id, text, created_at: Math.floor(ctx.clock.now() / 1000) }
  tellOf(ctx, 'comment.created', contact, { comment: { id: ctx.ids.number(), ...made, userId } })
  return made
}

/** The second one's messages, tags and channels become the first one's. */
export function merge(ctx: RespondIoContext, primary: Contact, secondary: Contact): void {
  ctx.world.contacts.delete(secondary.id)
  for (const message of secondary.messages) ctx.world.insert(primary, { ...message, contactId: primary.id })
  const fresh = secondary.presences.filter(({ channelId }) => !ctx.world.presence(primary, channelId))
  primary.presences.push(...fresh)
  primary.tags = [...new Set([...primary.tags, ...secondary.tags])]
  tellOf(ctx, 'contact.updated', primary)
}
