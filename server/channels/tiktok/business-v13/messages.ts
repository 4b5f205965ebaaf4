import type { InboundEvent, PersonRef } from '../../contract.ts'
import { asId, asList, asRecord, asText } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'
import { kindOf, readContent } from './content.ts'
import { readReactions } from './reactions.ts'
import type { ReactionEvent } from './reactions.ts'

export type MessageEvent = Extract<InboundEvent, { kind: 'message' | 'echo' }>

/** What is known of a message from where it stands. */
export interface Frame {
  business: string
  /** By the event's name; undefined in lists, where the roles tell. */
  writer?: 'person' | 'business'
  threadRef?: string
  /** When the message has no time of its own. */
  fallbackAt?: Date | undefined
  people?: ReadonlyMap<string, PersonRef>
}

interface Side {
  id: string | undefined
  role: string
  username: string | undefined
}

const sideOf = (user: unknown, username: unknown): Side => {
  const { id, role } = asRecord(user) ?? {}
  return { id: asId(id), role: asText(role)?.toLowerCase() ?? '', username: asText(username) }
}

/** Usernames are `from`/`to` in webhooks and `sender`/`recipient` in lists (TikTok wire reference §4.3, §6.4). */
function sidesOf(message: Json): [Side, Side] {
  return [
    sideOf(message.from_user, message.from ?? message.sender),
    sideOf(message.to_user, message.to ?? message.recipient),
  ]
}

// The role decides: `unique_identifier` cannot be trusted on echoes (§6.4).
function personalSide(sides: [Side, Side], business: string): Side | undefined {
  const named = sides.find(({ id, role }) => id && role === 'personal_account')
  return named ?? sides.find(({ id, role }) => id && id !== business && role !== 'business_account')
}

function personOf(side: Side | undefined, message: Json, frame: Frame): PersonRef | undefined {
  const ref = side?.id ?? (frame.writer === 'person' ? asId(message.unique_identifier) : undefined)
  if (!ref) return undefined
  const username = side?.username
  return { ref, ...frame.people?.get(ref), ...(username && { username }) }
}

function viaOf(message: Json): 'api' | 'app' | 'automation' {
  const source = asText(asRecord(message.message_tag)?.source)
  if (asText(message.auto_message_type) || source === 'OTHERS') return 'automation'
  // Anything but the provider's own apps may be the echo of a call of ours, and is held until that is known.
  return source === 'APP' || source === 'WEB' ? 'app' : 'api'
}

/** Of which thread and person a content speaks, whatever else it says. */
export interface Place {
  threadRef: string
  at: Date
  person: PersonRef
  writer: 'person' | 'business'
}

export function readPlace(message: Json, frame: Frame): Place | undefined {
  const threadRef = frame.threadRef ?? asId(message.conversation_id)
  const at = asDate(message.timestamp) ?? frame.fallbackAt
  const sides = sidesOf(message)
  const side = personalSide(sides, frame.business)
  const person = personOf(side, message, frame)
  if (!threadRef || !at || !person) return undefined
  return { threadRef, at, person, writer: frame.writer ?? (side === sides[0] ? 'person' : 'business') }
}

/**
 * What a message of a webhook or of a list says, in one shape: the message and the signs on it, or only signs, for a
 * reaction is no message. Empty when it lacks an id, a thread, a time or a person.
 */
export function readEvents(message: Json, frame: Frame): (MessageEvent | ReactionEvent)[] {
  const place = readPlace(message, frame)
  if (!place) return []
  const { writer, ...common } = place
  if (kindOf(message) === 'reaction')
    return readReactions(asList(message.reaction), { ...common, writer: frame.writer ?? writer })
  const externalId = asId(message.message_id)
  if (!externalId) return []
  const written = { externalId, ...common, content: readContent(message) }
  return [
    writer === 'person' ? { kind: 'message', ...written } : { kind: 'echo', via: viaOf(message), ...written },
    ...readReactions(asList(message.reactions), { ...common, on: externalId }),
  ]
}
