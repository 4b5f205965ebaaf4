import type { FastifyInstance } from 'fastify'
import type { TikTokContext } from './context.ts'
import { echoOf } from './echo.ts'
import type { Call, CallResult } from './endpoint.ts'
import { jsonArray, mountEndpoint } from './endpoint.ts'
import { ApiError, invalidParam } from './errors.ts'
import { imagesAllowed } from './regions.ts'
import { contentList, conversationList } from './rest-shapes.ts'
import { conversationFor, validateSend } from './send-validation.ts'
import type { Conversation } from './types.ts'
import { enforceWindow } from './windows.ts'

type Json = Record<string, unknown>

const TYPING_MS = 5000

function send(ctx: TikTokContext, { params, grant }: Call): CallResult {
  const now = ctx.clock.now()
  const order = validateSend(ctx, grant.businessId, params)
  const { conversation, messageType } = order
  const entry = { kind: 'send', businessId: grant.businessId, conversationId: conversation.id, messageType } as const
  if ('action' in order) {
    if (order.action === 'TYPING') conversation.typingUntil = now + TYPING_MS
    else conversation.businessReadUpTo = now
    ctx.ledger.append({ ...entry, messageId: '', body: params })
    return { data: { message: { message_id: '' } } }
  }
  if (order.content.type === 'image' && !takesImages(ctx, conversation)) throw new ApiError(40064)
  enforceWindow(ctx.knobs.windowPolicy, conversation, now)
  ctx.dailyCap.check(grant.businessId, conversation.id, now, ctx.knobs.dailyCap)
  const message = ctx.world.insert({
    id: ctx.ids.short(),
    conversationId: conversation.id,
    at: now,
    from: 'business',
    source: 'API',
    content: order.content,
    reactions: [],
    ...(order.quoteOf !== undefined && { quoteOf: order.quoteOf }),
  })
  ctx.dailyCap.count(grant.businessId, conversation.id, now)
  ctx.ledger.append({ ...entry, messageId: message.id, body: params })
  return { data: { message: { message_id: message.id } }, ...echoOf(ctx, conversation, message) }
}

function integer(value: unknown, name: string, fallback: number, max = Infinity): number {
  if (value === undefined) return fallback
  const number = Number(value)
  if (!Number.isInteger(number) || number < (max === Infinity ? 0 : 1) || number > max)
    throw invalidParam(`Param ${name} is invalid.`)
  return number
}

function conversationType(value: unknown): 'STRANGER' | 'SINGLE' {
  if (value !== 'STRANGER' && value !== 'SINGLE') throw invalidParam('Param conversation_type is invalid.')
  return value
}

function listConversations(ctx: TikTokContext, { params, grant }: Call): Json {
  return conversationList(ctx, {
    businessId: grant.businessId,
    type: conversationType(params['conversation_type']),
    limit: integer(params['limit'], 'limit', 100, 100),
    cursor: integer(params['cursor'], 'cursor', 0),
  })
}

const takesImages = ({ world }: TikTokContext, { businessId, personId }: Conversation): boolean =>
  imagesAllowed(world.business(businessId).region, world.person(personId).region)

function capabilities(ctx: TikTokContext, { params, grant }: Call): Json {
  const conversation = conversationFor(ctx, grant.businessId, params['conversation_id'])
  conversationType(params['conversation_type'])
  const types = jsonArray(params['capability_types'], 'capability_types')
  if (types.some((type) => type !== 'IMAGE_SEND')) throw invalidParam('Param capability_types is invalid.')
  const allowed = takesImages(ctx, conversation)
  return { capability_infos: types.map((type) => ({ capability_type: type, capability_result: allowed })) }
}

export function mountMessages(app: FastifyInstance, ctx: TikTokContext): void {
  mountEndpoint(app, ctx, {
    operation: 'send',
    method: 'POST',
    path: '/business/message/send/',
    scope: 'message.list.send',
    run: (call) => send(ctx, call),
  })
  mountEndpoint(app, ctx, {
    operation: 'conversation_list',
    method: 'GET',
    path: '/business/message/conversation/list/',
    scope: 'message.list.read',
    run: (call) => ({ data: listConversations(ctx, call) }),
  })
  mountEndpoint(app, ctx, {
    operation: 'content_list',
    method: 'GET',
    path: '/business/message/content/list/',
    scope: 'message.list.read',
    run: ({ params, grant }) => ({
      data: contentList(ctx, conversationFor(ctx, grant.businessId, params['conversation_id'])),
    }),
  })
  mountEndpoint(app, ctx, {
    operation: 'capabilities',
    method: 'GET',
    path: '/business/message/capabilities/get/',
    scope: 'message.list.read',
    run: (call) => ({ data: capabilities(ctx, call) }),
  })
}
