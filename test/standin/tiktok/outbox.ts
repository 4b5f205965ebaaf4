import { toSeconds } from '../clock.ts'
import { createCourier } from '../courier.ts'
import type { TikTokContext } from './context.ts'
import type { WireEvent } from './gateway/webhooks.ts'
import { gatewayWire, signGatewayBody } from './gateway/webhooks.ts'
import type { WebhookFate } from './ledger.ts'
import type { WebhookSignature } from './signature.ts'
import { signWebhookBody } from './signature.ts'

export interface WebhookEvent {
  event: string
  businessId: string
  content: Record<string, unknown>
  conversationId?: string
  messageId?: string
  /** authorization.removed comes when the consent is already gone. */
  evenWithoutGrant?: boolean
}

export interface Outbox {
  /** Resolves when the first attempt is over, or at once when nothing is to be delivered. */
  publish(event: WebhookEvent): Promise<void>
  pause(): void
  resume(): void
  paused(): boolean
  sign(rawBody: string | Buffer, options?: { t?: number; secret?: string }): WebhookSignature
  clear(): void
}

export function createOutbox(ctx: Omit<TikTokContext, 'outbox'>): Outbox {
  const { knobs, ledger, clock, options } = ctx
  const courier = createCourier(ctx)

  const sign: Outbox['sign'] = (rawBody, { t = toSeconds(clock.now()), secret = options.appSecret } = {}) =>
    options.dialect === 'gateway_v2'
      ? signGatewayBody(rawBody, t, secret)
      : signWebhookBody(rawBody, t, secret, knobs.signatureStyle)

  const fateOf = (event: WebhookEvent, url: string | undefined): WebhookFate => {
    const consent = event.evenWithoutGrant || !knobs.webhooksNeedGrant || ctx.tokens.hasLiveGrant(event.businessId)
    if (!consent) return 'no_grant'
    if (url === undefined) return 'not_subscribed'
    return courier.loses() ? 'dropped' : 'queued'
  }

  const record = (event: WebhookEvent, rawBody: string, fate: WebhookFate, duplicateOf?: number): number => {
    const webhookId = courier.nextWebhookId()
    ledger.append({
      kind: 'webhook',
      webhookId,
      event: event.event,
      businessId: event.businessId,
      ...(event.conversationId !== undefined && { conversationId: event.conversationId }),
      ...(event.messageId !== undefined && { messageId: event.messageId }),
      rawBody,
      fate,
      ...(duplicateOf !== undefined && { duplicateOf }),
    })
    return webhookId
  }

  /** Retries are signed anew; with resignRetries off they keep the t of the first attempt. */
  const signedHeaders = (rawBody: string) => {
    let t: number | undefined
    return () => {
      t = knobs.resignRetries ? toSeconds(clock.now()) : (t ?? toSeconds(clock.now()))
      const { value, headers } = sign(rawBody, { t })
      const more = { 'webhook-schema-version': '1.0', 'x-tt-logid': ctx.ids.requestId(clock.now()) }
      return { signature: value, headers: { ...headers, ...more } }
    }
  }

  const wireOf = (event: WebhookEvent): WireEvent[] => {
    if (options.dialect === 'gateway_v2') return gatewayWire(ctx, event)
    const rawBody = JSON.stringify({
      client_key: options.appId,
      event: event.event,
      create_time: toSeconds(clock.now()),
      user_openid: event.businessId,
      content: JSON.stringify(event.content),
    })
    return [{ event: event.event, rawBody }]
  }

  const deliver = (event: WebhookEvent, rawBody: string): Promise<void> => {
    const url = ctx.subscriptions.get('DIRECT_MESSAGE')
    const fate = fateOf(event, url)
    const webhookId = record(event, rawBody, fate)
    if (fate !== 'queued' || url === undefined) return Promise.resolve()
    const lane = event.conversationId ?? event.businessId
    const parcel = { webhookId, url, rawBody, lane, headers: signedHeaders(rawBody) }
    return courier.deliver({ ...parcel, accepted: (status) => status === 200 }, () =>
      record(event, rawBody, 'queued', webhookId),
    )
  }

  return {
    publish: async (event) => {
      await Promise.all(wireOf(event).map(({ event: name, rawBody }) => deliver({ ...event, event: name }, rawBody)))
    },
    sign,
    pause: courier.pause,
    resume: courier.resume,
    paused: courier.paused,
    clear: courier.clear,
  }
}
