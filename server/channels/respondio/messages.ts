import { asId, asRecord, asText } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import type { InboundEvent, MessageContent, PersonRef } from '../contract.ts'
import { readContent } from './content.ts'
import { deliveryOf } from './delivery.ts'
import { asNumericId, asTime, externalIdOf, timeOf } from './values.ts'
import { asWritten } from './variables.ts'

export type MessageEvent = Extract<InboundEvent, { kind: 'message' | 'echo' }>
type Via = Extract<InboundEvent, { kind: 'echo' }>['via']

/** What is known of a message from where it stands. */
export interface Frame {
  person: PersonRef
  /** Beside the message in webhooks, within it in lists. */
  sender?: Json | undefined
  /** By the event's name, for what does not say its direction itself. */
  writer?: 'contact' | 'business' | undefined
}

/** Who wrote for the business (respond.io wire reference §5.1). `echo` is the channel's own app, `user` respond.io's. */
const VIA: ReadonlyMap<string, Via> = new Map([
  ['user', 'app'],
  ['echo', 'app'],
  ['api', 'api'],
  ...['workflow', 'bot', 'broadcast', 'ai_agent', 'zapier', 'make', 'n8n'].map(
    (source) => [source, 'automation'] as const,
  ),
])

/** The direction decides, then the sender, then the event. Undefined: it is none of the two, as an internal comment is. */
function writerOf(traffic: unknown, source: string, { writer }: Frame): Frame['writer'] {
  if (traffic === 'outgoing') return 'business'
  if (traffic === 'incoming') return VIA.has(source) ? undefined : 'contact'
  if (asText(traffic) !== undefined) return undefined
  if (source === 'contact') return 'contact'
  return VIA.has(source) ? 'business' : writer
}

/** Webhooks of the wrapped form have what the message says in its own place (respond.io wire reference §10.3). */
function contentOf(message: Json, contactId: string): MessageContent {
  const content = readContent(asRecord(message.message) ?? message)
  const quoted = asNumericId(asRecord(message.replyTo)?.messageId)
  return { ...content, ...(quoted && { quotes: externalIdOf(contactId, quoted) }) }
}

const unescaped = ({ text, ...rest }: MessageContent): MessageContent => ({
  ...rest,
  ...(text !== undefined && { text: asWritten(text) }),
})

/** What a message of a webhook or of a list says, or a code of why it says nothing. Never throws. */
export function readMessage(message: Json, frame: Frame): MessageEvent | string {
  const { person } = frame
  const messageId = asNumericId(message.messageId)
  const at = messageId && (timeOf(messageId) ?? asTime(message.timestamp))
  if (!messageId || !at) return 'WRONG_SHAPE'
  const source = asText((frame.sender ?? asRecord(message.sender))?.source) ?? ''
  const writer = writerOf(message.traffic, source, frame)
  if (!writer) return 'UNKNOWN_DIRECTION'
  // TikTok's own id, when TikTok has it; a number for some channels.
  const known = message.channelMessageId
  const alsoKnownAs = asId(typeof known === 'number' ? String(known) : known)
  const content = contentOf(message, person.ref)
  const common = {
    ...{ externalId: externalIdOf(person.ref, messageId), threadRef: person.ref, at, person },
    ...(alsoKnownAs && { alsoKnownAs }),
  }
  if (writer === 'contact') return { kind: 'message', ...common, content }
  const delivery = deliveryOf(message.status)
  // A source that is not known may be the API's, whose echo is held until that is known.
  const via = VIA.get(source) ?? 'api'
  return { kind: 'echo', ...common, content: unescaped(content), via, ...(delivery && { delivery }) }
}
