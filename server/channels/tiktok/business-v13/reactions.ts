import type { InboundEvent, PersonRef } from '../../contract.ts'
import { asId, asRecord, asText, asUrl } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'

export type ReactionEvent = Extract<InboundEvent, { kind: 'reaction' }>

/** Where signs were put on, as far as it is known from around them. */
export interface ReactionPlace {
  threadRef: string
  /** The customer of the thread, whoever put the sign. */
  person: PersonRef
  /** When a sign has no time of its own. */
  at: Date
  /** By the event's name; undefined in lists, where each sign names its author. */
  writer?: 'person' | 'business' | undefined
  /** The message that lists them; webhooks name it in each sign. */
  on?: string
}

type Author = ReactionEvent['by']

// An event says by its name whose it is; its identifiers cannot be trusted on echoes (TikTok wire reference §6.4).
function authorOf(sign: Json, { writer, person }: ReactionPlace): Author | undefined {
  if (writer) return writer === 'person' ? 'contact' : 'business'
  const ref = asId(sign.unique_identifier)
  if (!ref) return undefined
  return ref === person.ref ? 'contact' : 'business'
}

const LONGEST_EMOJI = 64
/** With two ids of their greatest length it still fits into an index entry. */
const MOST_BYTES = 1000

function signOf({ emoji, ai_emoji_url }: Json): { emoji: string } | { url: string } | undefined {
  const text = asText(emoji)
  if (text && text.length <= LONGEST_EMOJI) return { emoji: text }
  const url = asUrl(ai_emoji_url)
  return url && Buffer.byteLength(url) <= MOST_BYTES ? { url } : undefined
}

function readReaction(sign: Json, place: ReactionPlace): ReactionEvent | undefined {
  const operation = place.on ? 'ADD' : asText(sign.operation)
  const on = place.on ?? asId(sign.original_msg_id)
  const by = authorOf(sign, place)
  const shown = signOf(sign)
  if (!on || !by || !shown || (operation !== 'ADD' && operation !== 'REMOVE')) return undefined
  const { threadRef, person } = place
  const at = asDate(sign.timestamp) ?? place.at
  return {
    kind: 'reaction',
    threadRef,
    person,
    at,
    on,
    by,
    operation: operation === 'ADD' ? 'add' : 'remove',
    ...shown,
  }
}

/** `reaction[]` of a webhook, or `reactions[]` of a listed message, which are all there (TikTok wire reference §4.3, §6.4). */
export const readReactions = (signs: readonly unknown[], place: ReactionPlace): ReactionEvent[] =>
  signs.flatMap((sign) => readReaction(asRecord(sign) ?? {}, place) ?? [])
