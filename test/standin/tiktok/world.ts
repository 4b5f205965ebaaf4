import { UnknownObject } from '../unknown-object.ts'
import type { Ids } from './ids.ts'
import { slug } from './ids.ts'
import type { Business, BusinessRef, Conversation, Medium, Message, Person, PersonRef } from './types.ts'

export interface WorldDump {
  businesses: Business[]
  people: Person[]
  conversations: Conversation[]
  /** Id, medium and its bytes in base64. */
  media?: [string, Omit<Medium, 'bytes'>, string][]
}

export interface World {
  businesses: Map<string, Business>
  people: Map<string, Person>
  conversations: Map<string, Conversation>
  media: Map<string, Medium>
  addMedium(id: string, medium: Medium): string
  business(ref: BusinessRef): Business
  person(ref: PersonRef): Person
  conversation(id: string): Conversation
  between(business: Business, person: Person): Conversation | undefined
  conversationsOf(businessId: string): Conversation[]
  addConversation(business: Business, person: Person, init: { id?: string | undefined; at: number }): Conversation
  /** Takes its place by provider time; later ones of the same ms stand behind earlier ones. */
  insert(message: Omit<Message, 'seq'>): Message
  message(id: string): Message | undefined
  dump(): WorldDump
  load(dump: WorldDump): void
  clear(): void
}

const pairKey = (businessId: string, personId: string): string => `${businessId} ${personId}`

function place(list: Message[], message: Message): void {
  let index = list.length
  while (index > 0 && (list[index - 1]?.at ?? 0) > message.at) index--
  list.splice(index, 0, message)
}

export function createWorld(ids: Ids): World {
  const businesses = new Map<string, Business>()
  const people = new Map<string, Person>()
  const conversations = new Map<string, Conversation>()
  const media = new Map<string, Medium>()
  const pairs = new Map<string, Conversation>()
  const owned = new Map<string, Conversation[]>()
  const messages = new Map<string, Message>()
  let seq = 0

  const find = <T extends { username: string }>(map: Map<string, T>, ref: string, what: string): T => {
    const found = map.get(ref) ?? [...map.values()].find((item) => item.username === ref)
    if (!found) throw new UnknownObject(`no ${what} "${ref}" here`)
    return found
  }
  const conversation = (id: string): Conversation => {
    const found = conversations.get(id)
    if (!found) throw new UnknownObject(`no conversation "${id}" here`)
    return found
  }

  const index = (made: Conversation): void => {
    conversations.set(made.id, made)
    pairs.set(pairKey(made.businessId, made.personId), made)
    const list = owned.get(made.businessId) ?? []
    list.push(made)
    owned.set(made.businessId, list)
  }

  return {
    businesses,
    people,
    conversations,
    media,
    addMedium: (id, medium) => {
      media.set(id, medium)
      return id
    },
    conversation,
    business: (ref) => find(businesses, typeof ref === 'string' ? ref : ref.openId, 'business'),
    person: (ref) => find(people, typeof ref === 'string' ? ref : ref.id, 'person'),
    between: (business, person) => pairs.get(pairKey(business.openId, person.id)),
    conversationsOf: (businessId) => owned.get(businessId) ?? [],
    addConversation: (business, person, { id = ids.short(), at }) => {
      const made: Conversation = {
        id,
        businessId: business.openId,
        personId: person.id,
        type: 'STRANGER',
        createdAt: at,
        updatedAt: at,
        personReadUpTo: 0,
        businessReadUpTo: 0,
        typingUntil: 0,
        blocked: false,
        messages: [],
      }
      index(made)
      return made
    },
    insert: (draft) => {
      if (messages.has(draft.id)) throw new UnknownObject(`message id "${draft.id}" is taken`)
      const message: Message = { ...draft, seq: ++seq }
      const home = conversation(draft.conversationId)
      messages.set(message.id, message)
      place(home.messages, message)
      home.updatedAt = Math.max(home.updatedAt, message.at)
      if (message.from === 'business') home.type = 'SINGLE'
      return message
    },
    message: (id) => messages.get(id),
    dump: () => ({
      businesses: [...businesses.values()],
      people: [...people.values()],
      conversations: [...conversations.values()],
      media: [...media].map(([id, { bytes, ...rest }]) => [id, rest, bytes.toString('base64')]),
    }),
    load: (dump) => {
      for (const one of dump.businesses) businesses.set(one.openId, one)
      for (const one of dump.people) people.set(one.id, one)
      for (const [id, rest, bytes] of dump.media ?? []) media.set(id, { ...rest, bytes: Buffer.from(bytes, 'base64') })
      for (const one of dump.conversations) {
        index(one)
        for (const message of one.messages) {
          messages.set(message.id, message)
          seq = Math.max(seq, message.seq)
        }
      }
    },
    clear: () => {
      for (const map of [businesses, people, conversations, media, pairs, owned, messages]) map.clear()
      seq = 0
    },
  }
}

export const avatarPath = (id: string): string => `/cdn/avatars/${slug(id)}.png`
