import { asId, asRecord, parseObject } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import { asNumericId } from './values.ts'

/** One webhook request, as far as it could be read (respond.io wire reference §7.4, and §10.3 for the wrapped form). */
export interface Envelope {
  /** '' when the body does not say. */
  event: string
  eventId?: string | undefined
  contactId?: string | undefined
  /** Webhooks tell of all channels of the workspace. */
  channelId?: string | undefined
  contact: Json
  message?: Json | undefined
  sender?: Json | undefined
  /** What is strange about it. */
  code?: string | undefined
}

/** Reads any bytes. Never throws. */
export function readEnvelope(body: Buffer): Envelope {
  const parsed = parseObject(body.toString('utf8'))
  if (!parsed.ok) return { event: '', contact: {}, code: parsed.code }
  const { event_type, event, event_id, data } = parsed.value
  const told = asRecord(data) ?? parsed.value
  const message = asRecord(told.message)
  const contact = asRecord(told.contact) ?? {}
  const name = asId(event_type) ?? asId(event) ?? ''
  return {
    event: name,
    eventId: asId(event_id),
    contactId: asNumericId(contact.id) ?? asNumericId(message?.contactId),
    channelId: asNumericId(asRecord(told.channel)?.id) ?? asNumericId(message?.channelId),
    ...{ contact, message },
    sender: asRecord(told.sender) ?? asRecord(message?.sender),
    ...(!name && { code: 'WRONG_SHAPE' }),
  }
}

/** `message.received`, `message.sent`, and `message.created` of the wrapped form (respond.io wire reference §7.3, §10.4). */
export const tellsOfMessage = ({ event }: Envelope): boolean => /^message\.(received|sent|created)$/.test(event)
