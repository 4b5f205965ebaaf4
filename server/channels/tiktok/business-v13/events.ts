import type { InboundEvent } from '../../contract.ts'
import { asId, asRecord, asText } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'
import { OTHER_DIALECT, readEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import { readEvents, readPlace } from './messages.ts'
import { readReferral } from './referral.ts'

type Translate = (content: Json, envelope: Envelope) => InboundEvent | InboundEvent[]

const ignored = (code: string): InboundEvent => ({ kind: 'ignored', code })

const ignore =
  (code: string): Translate =>
  () =>
    ignored(code)

const written =
  (writer: 'person' | 'business'): Translate =>
  (content, { business, createdAt }) => {
    const events = readEvents(content, { business, writer, fallbackAt: createdAt })
    return events.length ? events : ignored('WRONG_SHAPE')
  }

const referred: Translate = (content, { business, createdAt }) => {
  const place = readPlace(content, { business, writer: 'person', fallbackAt: createdAt })
  const told = readReferral(content.referral)
  if (!place || !told) return ignored('WRONG_SHAPE')
  const { threadRef, at, person } = place
  return { kind: 'referral', threadRef, at, person, ...told }
}

const read: Translate = (content, { business, createdAt }) => {
  const from = asRecord(content.from_user)
  if (from?.id === business || asText(from?.role)?.toLowerCase() === 'business_account') return ignored('OWN_READ')
  const threadRef = asId(content.conversation_id)
  const readUpTo = asDate(asRecord(content.read)?.last_read_timestamp)
  if (!threadRef || !readUpTo) return ignored('WRONG_SHAPE')
  return { kind: 'read', threadRef, readUpTo, at: asDate(content.timestamp) ?? createdAt ?? readUpTo }
}

/** TikTok wire reference §6.4, `authorization.removed`; the number is the place. */
const REASONS = [
  'UNKNOWN',
  'USER_DISCONNECTED',
  'ACCOUNT_DELETED',
  'AGE_CHANGED',
  'ACCOUNT_BANNED',
  'DEVELOPER_REVOKED',
] as const

const unnamed: Translate = ({ timestamp }, { createdAt }) => {
  const at = asDate(timestamp) ?? createdAt
  return at ? { kind: 'unnamed', at } : ignored('WRONG_SHAPE')
}

const removed: Translate = ({ reason }, { createdAt }) => {
  if (!createdAt) return ignored('WRONG_SHAPE')
  return {
    kind: 'authorization_removed',
    at: createdAt,
    reason: (typeof reason === 'number' && REASONS[reason]) || 'UNKNOWN',
  }
}

/** The events of TikTok wire reference §6.4. */
const translations = new Map<string, Translate>([
  ['im_receive_msg', written('person')],
  ['im_send_msg', written('business')],
  ['im_mark_read_msg', read],
  ['im_referral_msg', referred],
  ['authorization.removed', removed],
  ['im_receive_msg_eu', unnamed],
  ['im_receive_high_intent_comment', ignore('COMMENT')],
  ['im_auto_message_config_update', ignore('AUTO_MESSAGE')],
  ['im_auto_message_audit_update', ignore('AUTO_MESSAGE')],
])

/**
 * What a delivery says: one event, since TikTok sends no batches; only signs on messages come several at once. Never
 * throws; what cannot be used is `ignored`, and what the gateway's dialect alone can read is left unread.
 */
export function parseDelivery(body: Buffer): InboundEvent[] {
  const envelope = readEnvelope(body)
  if (envelope.code === OTHER_DIALECT) return []
  if (envelope.code || !envelope.content) return [ignored(envelope.code ?? 'CONTENT_UNREADABLE')]
  const translate = translations.get(envelope.event) ?? ignore('UNKNOWN_EVENT')
  return [translate(envelope.content, envelope)].flat()
}
