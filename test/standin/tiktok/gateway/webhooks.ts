import { createHmac, randomUUID } from 'node:crypto'
import { toSeconds } from '../../clock.ts'
import type { TikTokContext } from '../context.ts'
import type { WebhookEvent } from '../outbox.ts'
import type { WebhookSignature } from '../signature.ts'
import type { Conversation } from '../types.ts'
import { kindAndContent } from './content.ts'

type Json = Record<string, unknown>
type Context = Omit<TikTokContext, 'outbox'>

/** Over the body alone. */
export function signGatewayBody(rawBody: string | Buffer, t: number, secret: string): WebhookSignature {
  const s = createHmac('sha256', secret).update(rawBody).digest('hex')
  const value = `sha256=${s}`
  return { t, s, value, headers: { 'X-TT-Webhook-Signature': value } }
}

function bodyOf(ctx: Context, conversation: Conversation, event: string, content: Json): WireEvent {
  const business = ctx.knobs.gatewayNamesBusiness ? { business_id: conversation.businessId } : {}
  const rawBody = JSON.stringify({
    client_key: ctx.options.appId,
    event,
    create_time: toSeconds(ctx.clock.now()),
    user_openid: conversation.personId,
    content: JSON.stringify({ ...content, ...business }),
  })
  return { event, rawBody }
}

export interface WireEvent {
  event: string
  rawBody: string
}

/**
 * What this dialect tells of an event: what customers write and read, and that a conversation begins. It has no word for
 * what the business writes, nor for the end of a consent.
 */
export function gatewayWire(
  ctx: Context,
  { event, content, conversationId = '', messageId = '' }: WebhookEvent,
): WireEvent[] {
  const conversation = ctx.world.conversations.get(conversationId)
  if (!conversation) return []
  const body = (name: string, more: Json) => bodyOf(ctx, conversation, name, more)
  const place = { conversation_id: conversation.id }
  if (event === 'im_mark_read_msg') {
    const upTo = Number((content['read'] as Json)['last_read_timestamp'])
    return [body('direct_message.read', { ...place, create_time: toSeconds(upTo) })]
  }
  const message = ctx.world.message(messageId)
  if (event !== 'im_receive_msg' || !message) return []
  const received = body('direct_message.receive', {
    message_id: message.id,
    ...place,
    ...kindAndContent(message),
    create_time: toSeconds(message.at),
  })
  const isFirst = conversation.messages.length === 1
  return [
    ...(isFirst ? [body('conversation.created', { ...place, create_time: toSeconds(message.at) })] : []),
    received,
  ]
}

/** What the portal does before it takes an address: whether it gives the challenge back to who knows the token. */
export async function checkCallback(url: string, verifyToken: string): Promise<boolean> {
  const challenge = randomUUID()
  const query = new URLSearchParams({ verify_token: verifyToken, challenge })
  const answer = await fetch(`${url}?${query}`)
  return answer.status === 200 && (await answer.text()) === challenge
}
