import type { FastifyInstance, FastifyRequest } from 'fastify'
import { toSeconds } from '../../clock.ts'
import type { TikTokContext } from '../context.ts'
import type { Call } from '../endpoint.ts'
import { mountEndpoint } from '../endpoint.ts'
import { ApiError, invalidParam } from '../errors.ts'
import { avatarAddress } from '../rest-shapes.ts'
import { conversationFor } from '../send-validation.ts'
import type { TokenData } from '../tokens.ts'
import type { Conversation } from '../types.ts'
import { enforceWindow } from '../windows.ts'
import { kindAndContent } from './content.ts'
import { bearer, mountOpen } from './open-endpoint.ts'

type Json = Record<string, unknown>

const formOf = (request: FastifyRequest): URLSearchParams => new URLSearchParams(String(request.body))

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (!value) throw invalidParam(`Param ${name} is required.`)
  return value
}

function checkApp(ctx: TikTokContext, form: URLSearchParams): void {
  const isOurs =
    required(form, 'client_key') === ctx.options.appId && required(form, 'client_secret') === ctx.options.appSecret
  if (!isOurs) throw new ApiError(40101)
}

/** Exactly the fields of the gateway's reference: it says nothing of how long the consent lasts. */
const flat = ({ access_token, refresh_token, expires_in, open_id, scope }: TokenData): Json => ({
  ...{ access_token, refresh_token, expires_in, open_id, scope },
})

function token(ctx: TikTokContext, request: FastifyRequest): Json {
  const form = formOf(request)
  checkApp(ctx, form)
  const grantType = required(form, 'grant_type')
  if (grantType === 'refresh_token') return flat(ctx.tokens.refresh(required(form, 'refresh_token')))
  if (grantType !== 'authorization_code') throw new ApiError(40108)
  return flat(ctx.tokens.exchange(required(form, 'code'), required(form, 'redirect_uri')))
}

function revoke(ctx: TikTokContext, request: FastifyRequest): Json {
  const form = formOf(request)
  checkApp(ctx, form)
  ctx.tokens.revokeBusiness(ctx.tokens.authenticate(required(form, 'token')).businessId)
  return {}
}

function userInfo(ctx: TikTokContext, request: FastifyRequest): Json {
  const grant = bearer(ctx, request)
  if (!grant.scopes.includes('user.info.basic')) throw new ApiError(40001)
  const business = ctx.world.business(grant.businessId)
  const all: Json = {
    open_id: business.openId,
    union_id: `union-${business.openId}`,
    avatar_url: avatarAddress(ctx, business),
    display_name: business.displayName,
  }
  const { fields = '' } = request.query as { fields?: string }
  return { user: Object.fromEntries(fields.split(',').map((name) => [name, all[name]])) }
}

function textOf(body: unknown): { conversationId: unknown; text: string } {
  const { conversation_id: conversationId, message } = (body ?? {}) as { conversation_id?: unknown; message?: Json }
  const { type, content } = message ?? {}
  if (type !== 'text' || typeof content !== 'string' || !content) throw invalidParam('Param message is invalid.')
  return { conversationId, text: content }
}

/** No echo follows: this dialect has none. */
function send(ctx: TikTokContext, request: FastifyRequest): Json {
  const grant = bearer(ctx, request)
  if (!grant.scopes.includes('im.message.write')) throw new ApiError(40001)
  const { conversationId, text } = textOf(request.body)
  const conversation = conversationFor(ctx, grant.businessId, conversationId)
  const now = ctx.clock.now()
  enforceWindow(ctx.knobs.windowPolicy, conversation, now)
  ctx.dailyCap.check(grant.businessId, conversation.id, now, ctx.knobs.dailyCap)
  const message = ctx.world.insert({
    ...{ id: ctx.ids.short(), conversationId: conversation.id, at: now, from: 'business', source: 'API' },
    ...{ content: { type: 'text', body: text }, reactions: [] },
  })
  ctx.dailyCap.count(grant.businessId, conversation.id, now)
  const entry = { businessId: grant.businessId, conversationId: conversation.id, messageId: message.id }
  ctx.ledger.append({ kind: 'send', ...entry, messageType: 'text', body: request.body as Json })
  return { message_id: message.id }
}

/** A cursor is opaque: the place, not to be counted on. */
function page<Item>(all: Item[], { page_size, cursor }: Json): { items: Item[]; rest: Json } {
  const size = page_size === undefined ? 20 : Number(page_size)
  const start = cursor === undefined ? 0 : Number(/^at-(\d+)$/.exec(String(cursor))?.[1] ?? NaN)
  if (!Number.isInteger(size) || size < 1 || size > 100 || Number.isNaN(start)) throw invalidParam('Invalid paging.')
  const end = start + size
  const more = end < all.length
  return { items: all.slice(start, end), rest: { has_more: more, ...(more && { cursor: `at-${end}` }) } }
}

function listConversations(ctx: TikTokContext, { params, grant }: Call): Json {
  const listed = ctx.world.conversationsOf(grant.businessId).toSorted((a, b) => b.updatedAt - a.updatedAt)
  const { items, rest } = page(listed, params)
  return { conversations: items.map(conversationShape), ...rest }
}

function conversationShape({ id, personId, messages, personReadUpTo, updatedAt }: Conversation): Json {
  const last = messages.at(-1)
  const unread = messages.filter(({ from, at }) => from === 'business' && at > personReadUpTo)
  return {
    conversation_id: id,
    user_open_id: personId,
    ...(last && {
      last_message: {
        msg_type: kindAndContent(last).msg_type,
        content: last.content.type === 'text' ? last.content.body : '',
        create_time: toSeconds(last.at),
      },
    }),
    unread_count: unread.length,
    update_time: toSeconds(updatedAt),
  }
}

function listMessages(ctx: TikTokContext, { params, grant }: Call): Json {
  const conversation = conversationFor(ctx, grant.businessId, params['conversation_id'])
  const listed = params['sort_order'] === 'DESC' ? conversation.messages.toReversed() : conversation.messages
  const { items, rest } = page(listed, params)
  const messages = items.map((message) => ({
    message_id: message.id,
    conversation_id: conversation.id,
    from_open_id: message.from === 'person' ? conversation.personId : conversation.businessId,
    ...kindAndContent(message),
    create_time: toSeconds(message.at),
    direction: message.from === 'person' ? 'inbound' : 'outbound',
  }))
  return { messages, ...rest }
}

/**
 * What the gateway's reference lets an app call, Login Kit (§3) among it. Its picture upload is left out: neither its
 * answer nor how to send what was uploaded is written down anywhere.
 */
export function mountGateway(app: FastifyInstance, ctx: TikTokContext): void {
  const open = [
    { operation: 'token', method: 'POST', path: '/v2/oauth/token/', run: token, flat: true },
    { operation: 'token_revoke', method: 'POST', path: '/v2/oauth/revoke/', run: revoke, flat: true },
    { operation: 'business_get', method: 'GET', path: '/v2/user/info/', run: userInfo },
    { operation: 'send', method: 'POST', path: '/v2/im/message/send/', run: send },
  ] as const
  for (const { run, ...endpoint } of open) mountOpen(app, ctx, { ...endpoint, run: (request) => run(ctx, request) })
  const lists = [
    ['conversation_list', '/customer_service/conversation/list/', listConversations],
    ['content_list', '/customer_service/message/list/', listMessages],
  ] as const
  for (const [operation, path, run] of lists) {
    const scope = 'im.message.read'
    mountEndpoint(app, ctx, { operation, method: 'GET', path, scope, run: (call) => ({ data: run(ctx, call) }) })
  }
}
