import { createHash } from 'node:crypto'
import type { Routing } from '../../contract.ts'
import { asId } from '../../../kit/json.ts'
import { asDate } from '../values.ts'
import { readEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'

const digest = (body: Buffer) => createHash('sha256').update(body).digest('base64url')

/** Without the business: deliveries do not name it, while lists do, and both take turns. */
export const conversationKey = (threadRef: string) => `tiktok:gateway:${threadRef}`

/** What makes an event that event; undefined parts mean that the body itself must do. */
function identityOf({ event, threadRef, person, content, createdAt }: Envelope): string | undefined {
  const parts: (string | number | undefined)[] = [event, threadRef]
  if (event === 'direct_message.receive') parts.push(asId(content?.message_id))
  else if (event === 'direct_message.read') parts.push(person, (asDate(content?.create_time) ?? createdAt)?.getTime())
  else if (event !== 'conversation.created') return undefined
  return parts.includes(undefined) ? undefined : parts.join(' ')
}

/** Where a delivery belongs; by its conversation where it does not name the business. Never throws. */
export function routeDelivery(body: Buffer, appId: string | undefined): Routing {
  const envelope = readEnvelope(body, appId)
  const { threadRef, business, code } = envelope
  return {
    eventKey: identityOf(envelope) ?? `sha256 ${digest(body)}`,
    accountRef: business,
    threadKey: threadRef ? conversationKey(threadRef) : `tiktok:gateway#${digest(body)}`,
    ...(threadRef && { threadRef }),
    ...(code && { code }),
  }
}
