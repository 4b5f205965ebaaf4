import { createHash } from 'node:crypto'
import type { Routing } from '../../contract.ts'
import { asId, asList, asRecord, asText } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import type { Json } from '../../../kit/json.ts'
import { readEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'

const digest = (body: Buffer | string) => createHash('sha256').update(body).digest('base64url')

const millis = (value: unknown) => asDate(value)?.getTime()

/** What makes a sign that sign; the address of a picture is signed anew each time. */
function signOf(sign: unknown) {
  const { operation, emoji, ai_emoji_url, timestamp, original_msg_id } = asRecord(sign) ?? {}
  const picture = asText(ai_emoji_url)?.split('?')[0]
  return [asText(operation), asText(emoji), picture, millis(timestamp), asId(original_msg_id)]
}

const signsOf = (reaction: unknown): string | undefined => {
  const signs = asList(reaction).map(signOf)
  return signs.length ? digest(JSON.stringify(signs)) : undefined
}

/** What makes an event that event besides its business; undefined parts mean that the body itself must do. */
type Identity = (content: Json) => readonly (string | number | undefined)[]

const ofMessage: Identity = ({ message_id, type, conversation_id, reaction }) =>
  // Nothing says that a reaction has a message id of its own, or another one when it is taken back.
  asText(type)?.toLowerCase() === 'reaction' ? [asId(conversation_id), signsOf(reaction)] : [asId(message_id)]

/** TikTok wire reference §15.5. */
const identities = new Map<string, Identity>([
  ['im_receive_msg', ofMessage],
  ['im_send_msg', ofMessage],
  [
    'im_mark_read_msg',
    ({ conversation_id, read }) => [asId(conversation_id), millis(asRecord(read)?.last_read_timestamp)],
  ],
  ['im_referral_msg', ({ conversation_id, timestamp }) => [asId(conversation_id), millis(timestamp)]],
  ['im_receive_msg_eu', ({ timestamp }) => [millis(timestamp)]],
])

function identityOf({ event, business, content }: Envelope): string | undefined {
  const parts = content && business ? identities.get(event)?.(content) : undefined
  return !parts || parts.includes(undefined) ? undefined : [event, business, ...parts].join(' ')
}

/** What is of one conversation has one key. */
export const conversationKey = (business: string, conversation: string) => `tiktok:${business}:${conversation}`

function threadKeyOf({ business, content }: Envelope, body: Buffer): string {
  if (!business) return `tiktok:#${digest(body)}`
  const conversation = asId(content?.conversation_id)
  return conversation ? conversationKey(business, conversation) : `tiktok:${business}`
}

/**
 * Where a delivery belongs. Keys are short, printable and the same for every delivery of one event, whatever its
 * signature. Never throws, whatever the bytes.
 */
export function routeDelivery(body: Buffer, appId: string | undefined): Routing {
  const envelope = readEnvelope(body, appId)
  const eventKey = identityOf(envelope) ?? `sha256 ${digest(body)}`
  const routing = { eventKey, accountRef: envelope.business, threadKey: threadKeyOf(envelope, body) }
  return envelope.code ? { ...routing, code: envelope.code } : routing
}
