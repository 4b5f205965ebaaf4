import type { InboundEvent } from '../contract.ts'
import { readPerson } from './contacts.ts'
import { readEnvelope, tellsOfMessage } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import { readMessage } from './messages.ts'
import type { Frame } from './messages.ts'

const ignored = (code: string): InboundEvent => ({ kind: 'ignored', code })

const hint = (contactId: string, code: string): InboundEvent => ({ kind: 'hint', of: contactId, code })

/** respond.io wire reference §7.3. Its conversations, assignees and comments are not ours. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['conversation', 'CONVERSATION_EVENT'],
  ['contact', 'CONTACT_EVENT'],
  ['comment', 'COMMENT'],
])

const WRITERS: Readonly<Record<string, Frame['writer']>> = { 'message.received': 'contact', 'message.sent': 'business' }

function readWritten({ event, contact, contactId, channelId, message, sender }: Envelope): InboundEvent {
  if (!message || !contactId) return ignored('WRONG_SHAPE')
  // It may be of any channel of the workspace: whether it is of this one the contact's messages tell.
  if (!channelId) return hint(contactId, 'NO_CHANNEL')
  const frame = { person: readPerson(contactId, contact), sender, writer: WRITERS[event] }
  const read = readMessage(message, frame)
  if (typeof read !== 'string') return read
  return read === 'WRONG_SHAPE' ? hint(contactId, read) : ignored(read)
}

/** What a delivery says: one event. Never throws; what cannot be used is `ignored`. */
export function parseDelivery(body: Buffer): InboundEvent[] {
  const envelope = readEnvelope(body)
  const { code, contactId, message } = envelope
  // The wrapped form as one repository has it names neither the event nor the message (respond.io wire reference §10.3).
  if (code) return [contactId && message ? hint(contactId, code) : ignored(code)]
  if (tellsOfMessage(envelope)) return [readWritten(envelope)]
  return [ignored(OTHERS.get(envelope.event.split('.')[0] ?? '') ?? 'UNKNOWN_EVENT')]
}
