import { toSeconds } from '../clock.ts'
import { httpPost } from '../http-post.ts'
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

interface Delivery {
  webhookId: number
  /** What was published before a reset is neither delivered nor written down any more. */
  generation: number
  url: string
  rawBody: string
  /** t of the first attempt, kept for retries when resignRetries is off. */
  t?: number
}

const DUPLICATE_WITHIN_MS = 150

export function createOutbox(ctx: Omit<TikTokContext, 'outbox'>): Outbox {
  const { knobs, ledger, scheduler, jitter, clock, options } = ctx
  /** First attempts of one thread go out one after the other, unless reorderWebhooks says otherwise. */
  const chains = new Map<string, Promise<void>>()
  let nextId = 1
  let generation = 0
  let gate: { opened: Promise<void>; open: () => void } | null = null

  const sign: Outbox['sign'] = (rawBody, { t = toSeconds(clock.now()), secret = options.appSecret } = {}) =>
    options.dialect === 'gateway_v2'
      ? signGatewayBody(rawBody, t, secret)
      : signWebhookBody(rawBody, t, secret, knobs.signatureStyle)

  const attempt = async (delivery: Delivery, number: number): Promise<void> => {
    while (gate) await gate.opened
    if (delivery.generation !== generation) return
    delivery.t = knobs.resignRetries ? toSeconds(clock.now()) : (delivery.t ?? toSeconds(clock.now()))
    const signature = sign(delivery.rawBody, { t: delivery.t })
    const started = performance.now()
    const headers = {
      'Content-Type': 'application/json',
      ...signature.headers,
      'webhook-schema-version': '1.0',
      'x-tt-logid': ctx.ids.requestId(clock.now()),
    }
    const answer = await httpPost(delivery.url, delivery.rawBody, headers, knobs.webhookTimeoutMs)
    if (delivery.generation !== generation) return
    const wait = knobs.retryScheduleMs[number - 1]
    const delivered = answer.status === 200
    ledger.append({
      kind: 'attempt',
      webhookId: delivery.webhookId,
      attempt: number,
      url: delivery.url,
      signature: signature.value,
      status: answer.status,
      ...(answer.error !== undefined && { error: answer.error }),
      durationMs: Math.round(performance.now() - started),
      result: delivered ? 'delivered' : wait === undefined ? 'given_up' : 'retry',
    })
    if (!delivered && wait !== undefined) scheduler.after(wait, () => attempt(delivery, number + 1))
  }

  const fateOf = (event: WebhookEvent, url: string | undefined): WebhookFate => {
    const consent = event.evenWithoutGrant || !knobs.webhooksNeedGrant || ctx.tokens.hasLiveGrant(event.businessId)
    if (!consent) return 'no_grant'
    if (url === undefined) return 'not_subscribed'
    if (knobs.dropNextWebhooks > 0) {
      knobs.dropNextWebhooks--
      return 'dropped'
    }
    return jitter.chance(knobs.dropWebhooks) ? 'dropped' : 'queued'
  }

  const record = (event: WebhookEvent, rawBody: string, fate: WebhookFate, duplicateOf?: number): number => {
    const webhookId = nextId++
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

  const inTurn = (event: WebhookEvent, delivery: Delivery): Promise<void> => {
    const key = event.conversationId ?? event.businessId
    const before = chains.get(key)
    const delay = before ? 0 : knobs.webhookDelayMs
    const turn = (before ?? scheduler.sleep(delay)).then(() => attempt(delivery, 1))
    chains.set(key, turn)
    void turn.then(() => {
      if (chains.get(key) === turn) chains.delete(key)
    })
    return turn
  }

  const outOfTurn = async (delivery: Delivery, withinMs: number): Promise<void> => {
    if (await scheduler.sleep(jitter.int(1, Math.max(1, withinMs)))) await attempt(delivery, 1)
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

  const publish = async (event: WebhookEvent): Promise<void> => {
    await Promise.all(wireOf(event).map(({ event: name, rawBody }) => deliver({ ...event, event: name }, rawBody)))
  }

  const deliver = (event: WebhookEvent, rawBody: string): Promise<void> => {
    const url = ctx.subscriptions.get('DIRECT_MESSAGE')
    const fate = fateOf(event, url)
    const webhookId = record(event, rawBody, fate)
    if (fate !== 'queued' || url === undefined) return Promise.resolve()
    const delivery = { webhookId, generation, url, rawBody }
    const first = jitter.chance(knobs.reorderWebhooks)
      ? outOfTurn(delivery, knobs.reorderDelayMs)
      : inTurn(event, delivery)
    scheduler.track(first)
    if (jitter.chance(knobs.duplicateWebhooks)) {
      const copy = record(event, rawBody, 'queued', webhookId)
      scheduler.track(outOfTurn({ ...delivery, webhookId: copy }, DUPLICATE_WITHIN_MS))
    }
    return first
  }

  return {
    publish,
    sign,
    paused: () => gate !== null,
    pause: () => {
      if (gate) return
      let open = (): void => {}
      const opened = new Promise<void>((resolve) => (open = resolve))
      gate = { opened, open }
    },
    resume: () => {
      gate?.open()
      gate = null
    },
    clear: () => {
      generation++
      chains.clear()
      gate?.open()
      gate = null
    },
  }
}
