import type { InboundEvent } from '../../contract.ts'
import { OTHER_DIALECT } from '../business-v13/envelope.ts'
import { asId } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'
import { readEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import { readContent } from './messages.ts'

type Translate = (content: Json, envelope: Envelope) => InboundEvent

const ignored = (code: string): InboundEvent => ({ kind: 'ignored', code })

const received: Translate = (content, { threadRef, person, createdAt }) => {
  const externalId = asId(content.message_id)
  const at = asDate(content.create_time) ?? createdAt
  if (!threadRef || !externalId || !person || !at) return ignored('WRONG_SHAPE')
  return { kind: 'message', threadRef, externalId, at, person: { ref: person }, content: readContent(content) }
}

const read: Translate = (content, { threadRef, createdAt }) => {
  const upTo = asDate(content.create_time) ?? createdAt
  if (!threadRef || !upTo) return ignored('WRONG_SHAPE')
  // The wire has whole seconds: whatever was written in that one is read.
  return { kind: 'read', threadRef, readUpTo: new Date(upTo.getTime() + 999), at: createdAt ?? upTo }
}

/** Nobody has written yet. */
const opened: Translate = () => ignored('CONVERSATION_OPENED')

const translations = new Map<string, Translate>([
  ['direct_message.receive', received],
  ['direct_message.read', read],
  ['conversation.created', opened],
])

/** What a delivery says: one event. Never throws; what cannot be used is `ignored`, the other dialect's is left unread. */
export function parseDelivery(body: Buffer): InboundEvent[] {
  const envelope = readEnvelope(body)
  if (envelope.code === OTHER_DIALECT) return []
  if (envelope.code || !envelope.content) return [ignored(envelope.code ?? 'CONTENT_UNREADABLE')]
  const translate = translations.get(envelope.event)
  return [translate ? translate(envelope.content, envelope) : ignored('UNKNOWN_EVENT')]
}
