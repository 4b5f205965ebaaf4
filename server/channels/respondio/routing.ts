import { createHash } from 'node:crypto'
import type { Routing } from '../contract.ts'
import { deliveryOf } from './delivery.ts'
import { readEnvelope, tellsOfMessage } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import { asNumericId, threadKeyOf } from './values.ts'

const digest = (body: Buffer): string => createHash('sha256').update(body).digest('base64url')

/**
 * Several webhooks may tell of one message, each under an event id of its own (respond.io wire reference §7.1): the
 * message is what makes the event, with what has become of it.
 */
function identityOf(envelope: Envelope): string | undefined {
  const { event, eventId, contactId, channelId, message } = envelope
  if (!tellsOfMessage(envelope)) return event && eventId && `${event} ${eventId}`
  const messageId = asNumericId(message?.messageId)
  if (!messageId || !contactId || !channelId) return undefined
  return ['message', channelId, contactId, messageId, deliveryOf(message?.status)?.state ?? 'new'].join(' ')
}

/**
 * Where a delivery belongs. The business is the channel, where the body names one: deliveries of other channels of the
 * same workspace are for nobody here. Keys are short, printable and the same for every delivery of one event. Never
 * throws, whatever the bytes.
 */
export function routeDelivery(body: Buffer): Routing {
  const envelope = readEnvelope(body)
  const { channelId = '', contactId, code } = envelope
  return {
    eventKey: identityOf(envelope) || `sha256 ${digest(body)}`,
    accountRef: channelId,
    threadKey: contactId ? threadKeyOf(channelId, contactId) : `respondio:#${digest(body)}`,
    ...(code && { code }),
  }
}
