import { WRONG_APP } from '../../contract.ts'
import { OTHER_DIALECT } from '../business-v13/envelope.ts'
import { asId, asText, parseObject } from '../../../kit/json.ts'
import { asDate, contentOf } from '../values.ts'
import type { Json } from '../../../kit/json.ts'

/** One webhook request, as far as it could be read. */
export interface Envelope {
  event: string
  /** `content.business_id`; '' when the delivery names only its sender, as it mostly does. */
  business: string
  /** `user_openid`, which is the sender here (TikTok wire reference §14). */
  person?: string | undefined
  threadRef?: string | undefined
  createdAt?: Date | undefined
  content?: Json | undefined
  /** What is strange about it. */
  code?: string | undefined
}

function strangeness(envelope: Envelope, clientKey: unknown, appId: string | undefined): string | undefined {
  if (!envelope.event) return 'WRONG_SHAPE'
  if (envelope.event.startsWith('im_')) return OTHER_DIALECT
  if (clientKey !== undefined && appId && clientKey !== appId) return WRONG_APP
  // Nothing tells how old it is, so that it may be a repetition of anything.
  if (!envelope.createdAt) return 'NO_TIME'
  return envelope.content ? undefined : 'CONTENT_UNREADABLE'
}

/** Reads any bytes; `content` is JSON text on the wire. Never throws. */
export function readEnvelope(body: Buffer, appId?: string): Envelope {
  const parsed = parseObject(body.toString('utf8'))
  if (!parsed.ok) return { event: '', business: '', code: parsed.code }
  const { event, user_openid, create_time, client_key } = parsed.value
  const content = contentOf(parsed.value.content)
  const envelope: Envelope = {
    event: asText(event) ?? '',
    business: asId(content?.business_id) ?? '',
    person: asId(user_openid),
    threadRef: asId(content?.conversation_id),
    createdAt: asDate(create_time),
    content,
  }
  return { ...envelope, code: strangeness(envelope, client_key, appId) }
}
