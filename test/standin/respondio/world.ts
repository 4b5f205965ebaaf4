import { UnknownObject } from '../unknown-object.ts'
import type {
  Channel,
  ChannelRef,
  Contact,
  ContactRef,
  Medium,
  Message,
  Presence,
  Space,
  SpaceRef,
  Subscription,
  User,
  UserRef,
} from './types.ts'

export interface WorldDump {
  spaces: Space[]
  users: User[]
  channels: Channel[]
  contacts: Contact[]
  subscriptions: Subscription[]
  /** Id, medium and its bytes in base64. */
  media: [string, Omit<Medium, 'bytes'>, string][]
}

export interface World {
  spaces: Map<number, Space>
  users: Map<number, User>
  channels: Map<number, Channel>
  contacts: Map<number, Contact>
  subscriptions: Map<number, Subscription>
  media: Map<string, Medium>
  space(ref: SpaceRef): Space
  user(ref: UserRef): User
  channel(ref: ChannelRef): Channel
  contact(ref: ContactRef): Contact
  spaceOfToken(token: string): Space | undefined
  usersOf(spaceId: number): User[]
  channelsOf(spaceId: number): Channel[]
  /** By id. */
  contactsOf(spaceId: number): Contact[]
  presence(contact: Contact, channelId: number): Presence | undefined
  /** Takes its place by message id; an id that the contact has already becomes the next one that is free. */
  insert(contact: Contact, message: Message): Message
  message(contact: Contact, messageId: number): Message
  dump(): WorldDump
  load(dump: WorldDump): void
  clear(): void
}

type Numbered = { id: number }

function find<T extends Numbered>(map: Map<number, T>, ref: T | number, what: string): T {
  const id = typeof ref === 'number' ? ref : ref.id
  const found = map.get(id)
  if (!found) throw new UnknownObject(`no ${what} ${id} here`)
  return found
}

const fill = <T extends Numbered>(map: Map<number, T>, list: T[]): void => {
  for (const one of list) map.set(one.id, one)
}

function insert(contact: Contact, draft: Message): Message {
  const list = contact.messages
  const message = { ...draft }
  let index = list.length
  while (index > 0 && (list[index - 1]?.messageId ?? 0) > message.messageId) index--
  const before = list[index - 1]
  if (before?.messageId === message.messageId) return insert(contact, { ...message, messageId: message.messageId + 1 })
  list.splice(index, 0, message)
  return message
}

export function createWorld(): World {
  const spaces = new Map<number, Space>()
  const users = new Map<number, User>()
  const channels = new Map<number, Channel>()
  const contacts = new Map<number, Contact>()
  const subscriptions = new Map<number, Subscription>()
  const media = new Map<string, Medium>()
  const ofSpace = <T extends { spaceId: number }>(map: Map<number, T>, spaceId: number): T[] =>
    [...map.values()].filter((one) => one.spaceId === spaceId)

  return {
    spaces,
    users,
    channels,
    contacts,
    subscriptions,
    media,
    space: (ref) => find(spaces, ref, 'space'),
    user: (ref) => find(users, ref, 'user'),
    channel: (ref) => find(channels, ref, 'channel'),
    contact: (ref) => find(contacts, ref, 'contact'),
    spaceOfToken: (token) => [...spaces.values()].find(({ tokens }) => tokens.includes(token)),
    usersOf: (spaceId) => ofSpace(users, spaceId),
    channelsOf: (spaceId) => ofSpace(channels, spaceId),
    contactsOf: (spaceId) => ofSpace(contacts, spaceId).sort((a, b) => a.id - b.id),
    presence: (contact, channelId) => contact.presences.find((one) => one.channelId === channelId),
    insert,
    message: (contact, messageId) => {
      const found = contact.messages.find((one) => one.messageId === messageId)
      if (!found) throw new UnknownObject(`contact ${contact.id} has no message ${messageId}`)
      return found
    },
    dump: () => ({
      spaces: [...spaces.values()],
      users: [...users.values()],
      channels: [...channels.values()],
      contacts: [...contacts.values()],
      subscriptions: [...subscriptions.values()],
      media: [...media].map(([id, { bytes, ...rest }]) => [id, rest, bytes.toString('base64')]),
    }),
    load: (dump) => {
      fill(spaces, dump.spaces)
      fill(users, dump.users)
      fill(channels, dump.channels)
      fill(contacts, dump.contacts)
      fill(subscriptions, dump.subscriptions)
      for (const { messages } of dump.contacts) for (const message of messages) delete message.hidden
      for (const [id, rest, bytes] of dump.media) media.set(id, { ...rest, bytes: Buffer.from(bytes, 'base64') })
    },
    clear: () => {
      for (const map of [spaces, users, channels, contacts, subscriptions, media]) map.clear()
    },
  }
}
