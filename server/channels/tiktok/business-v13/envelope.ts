import { WRONG_APP } from '../../contract.ts'
import { asId, asText, parseObject } from '../../../kit/json.ts'
import { asDate, contentOf } from '../values.ts'
import type { Json } from '../../../kit/json.ts'

/** One webhook request, as far as it could be read (TikTok wire reference §6.1). */
export interface Envelope {
  event: string
  /** `user_openid`, which is the business and never the sender; '' when it is missing or unusable. */
  business: string
  createdAt?: Date | undefined
  content?: Json | undefined
  /** What is strange about it. */
  code?: string | undefined
}

/** Stored before the installation changed its dialect. */
export const OTHER_DIALECT = 'OTHER_DIALECT'
const isOfGateway = (event: string) => /^(direct_message|conversation)\./.test(event)

function strangeness(envelope: Envelope, clientKey: unknown, appId: string | undefined): string | undefined {
  if (!envelope.event) return 'WRONG_SHAPE'
  if (isOfGateway(envelope.event)) return OTHER_DIALECT
  if (clientKey !== undefined && appId && clientKey !== appId) return WRONG_APP
  if (!envelope.business) return 'NO_BUSINESS'
  return envelope.content ? undefined : 'CONTENT_UNREADABLE'
}

/** Reads any bytes. `content` is JSON text on the wire; integrators saw it as an object too (§6.1). Never throws. */
export function readEnvelope(body: Buffer, appId?: string): Envelope {
  const parsed = parseObject(body.toString('utf8'))
  if (!parsed.ok) return { event: '', business: '', code: parsed.code }
  const { event, user_openid, create_time, client_key, content } = parsed.value
  const name = asText(event) ?? ''
  const envelope: Envelope = {
    event: name,
    // The gateway's names whoever wrote.
    business: isOfGateway(name) ? '' : (asId(user_openid) ?? ''),
    createdAt: asDate(create_time),
    content: contentOf(content),
  }
  return { ...envelope, code: strangeness(envelope, client_key, appId) }
}
