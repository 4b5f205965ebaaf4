import type { Courier } from '../courier.ts'
import { createCourier } from '../courier.ts'
import type { RespondIoContext } from './context.ts'
import type { WebhookFate } from './ledger.ts'
import type { WebhookSignature } from './signature.ts'
import { signWebhookBody } from './signature.ts'
import type { Json, SenderSource, Subscription } from './types.ts'

export interface WebhookEvent {
  event: string
  spaceId: number
  contactId: number
  messageId?: number
  /** Of the events of messages. */
  source?: SenderSource
  /** Beside event_type and event_id. */
  content: Json
}

export interface Outbox extends Pick<Courier, 'pause' | 'resume' | 'paused' | 'clear'> {
  /** Resolves when the first attempts are over, or at once when nobody wants it. */
  publish(event: WebhookEvent): Promise<void>
  sign(rawBody: string | Buffer, key: string): WebhookSignature
}

const ERRORS_WITHIN_MS = 30 * 60_000

const escaped = (json: string): string =>
  json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The form of one repository: wrapped, named differently, the text one level up (§10.3). */
function wrapped(event: string, eventId: string, { contact, message, ...rest }: Json): Json {
  const name = event === 'message.received' || event === 'message.sent' ? 'message.created' : event
  const { message: content, ...facts } = (message ?? {}) as Json
  const flat = message === undefined ? {} : { message: { ...facts, ...(content as Json) } }
  const conversationId = (contact as Json)['id']
  return { event: name, event_id: eventId, data: { contact, ...flat, conversationId, ...rest } }
}

/** The example of one reference to the letter: no event, no ids, and of the contact the few members that a poller uses. */
function bare({ contact, message }: Json): Json {
  const { id, firstName, lastName, profilePic } = contact as Json
  const { type, text } = ((message as Json | undefined)?.['message'] ?? {}) as Json
  const words = message === undefined ? {} : { message: { type, text } }
  return { data: { contact: { id, firstName, lastName, profilePic }, ...words, conversationId: String(id) } }
}

/** Too many errors within half an hour, and nothing comes until somebody switches it on again (§7.1). */
function countError(subscription: Subscription, now: number, limit: number): boolean {
  subscription.errors = [...subscription.errors.filter((at) => at > now - ERRORS_WITHIN_MS), now]
  if (subscription.errors.length > limit) subscription.enabled = false
  return subscription.enabled
}

export function createOutbox(ctx: Omit<RespondIoContext, 'outbox' | 'tie'>): Outbox {
  const { knobs, ledger, world, clock, ids } = ctx
  const courier = createCourier(ctx)
  const sign: Outbox['sign'] = (rawBody, key) => signWebhookBody(rawBody, key, knobs)

  const bodyOf = ({ event, content }: WebhookEvent, eventId: string): string => {
    const forms = {
      flat: () => ({ event_type: event, event_id: eventId, ...content }),
      data: () => wrapped(event, eventId, content),
      bare: () => bare(content),
    }
    const json = JSON.stringify(forms[knobs.webhookForm]())
    return knobs.escapeUnicode ? escaped(json) : json
  }

  const deliver = (event: WebhookEvent, subscription: Subscription): Promise<void> => {
    const { id: subscriptionId, url, key } = subscription
    const eventId = ids.event()
    const rawBody = bodyOf(event, eventId)
    const record = (fate: WebhookFate, duplicateOf?: number): number => {
      const webhookId = courier.nextWebhookId()
      const { event: name, spaceId, contactId, messageId } = event
      ledger.append({
        kind: 'webhook',
        ...{ webhookId, subscriptionId, event: name, eventId, spaceId, contactId, rawBody, fate },
        ...(messageId !== undefined && { messageId }),
        ...(duplicateOf !== undefined && { duplicateOf }),
      })
      return webhookId
    }
    const fate = !subscription.enabled ? 'disabled' : courier.loses() ? 'dropped' : 'queued'
    const webhookId = record(fate)
    if (fate !== 'queued') return Promise.resolve()
    const parcel = {
      ...{ webhookId, url, rawBody, lane: `${subscriptionId} ${event.contactId}` },
      headers: () => {
        const { value, headers } = sign(rawBody, key)
        return { signature: value, headers }
      },
      accepted: (status: number) => status >= 200 && status < 300,
      onAttempt: (delivered: boolean) => delivered || countError(subscription, clock.now(), knobs.disableAfterErrors),
    }
    return courier.deliver(parcel, () => record('queued', webhookId))
  }

  const wants = ({ spaceId, event, sources }: Subscription, told: WebhookEvent): boolean =>
    spaceId === told.spaceId && event === told.event && (!sources || !told.source || sources.includes(told.source))

  return {
    publish: async (event) => {
      const wanted = [...world.subscriptions.values()].filter((subscription) => wants(subscription, event))
      await Promise.all(wanted.map((subscription) => deliver(event, subscription)))
    },
    sign,
    pause: courier.pause,
    resume: courier.resume,
    paused: courier.paused,
    clear: courier.clear,
  }
}
