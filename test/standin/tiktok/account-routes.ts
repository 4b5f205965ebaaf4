import type { FastifyInstance } from 'fastify'
import type { TikTokContext } from './context.ts'
import type { Call } from './endpoint.ts'
import { jsonArray, mountEndpoint } from './endpoint.ts'
import { ApiError, invalidParam } from './errors.ts'
import { avatarAddress } from './rest-shapes.ts'
import type { Business } from './types.ts'

type Json = Record<string, unknown>

function required(params: Json, name: string): string {
  const value = params[name]
  if (typeof value !== 'string' || value === '') throw invalidParam(`Param ${name} is required.`)
  return value
}

function checkApp(ctx: TikTokContext, params: Json, idName: 'client_id' | 'app_id', secretName: string): void {
  const id = required(params, idName)
  const secret = required(params, secretName)
  if (id !== ctx.options.appId || secret !== ctx.options.appSecret) throw new ApiError(40101)
}

function exchange(ctx: TikTokContext, params: Json): Json {
  checkApp(ctx, params, 'client_id', 'client_secret')
  if (required(params, 'grant_type') !== 'authorization_code') throw new ApiError(40108)
  return { ...ctx.tokens.exchange(required(params, 'auth_code'), required(params, 'redirect_uri')) }
}

function refresh(ctx: TikTokContext, params: Json): Json {
  checkApp(ctx, params, 'client_id', 'client_secret')
  if (required(params, 'grant_type') !== 'refresh_token') throw new ApiError(40108)
  return { ...ctx.tokens.refresh(required(params, 'refresh_token')) }
}

function revoke(ctx: TikTokContext, params: Json): Json {
  checkApp(ctx, params, 'client_id', 'client_secret')
  ctx.tokens.revokeBusiness(ctx.tokens.authenticate(required(params, 'access_token')).businessId)
  return {}
}

/** No header, no secret; `creator_id` is the business_id (§2.6). */
function inspect(ctx: TikTokContext, params: Json): Json {
  if (required(params, 'app_id') !== ctx.options.appId) throw new ApiError(40101)
  const grant = ctx.tokens.authenticate(required(params, 'access_token'))
  return { app_id: ctx.options.appId, creator_id: grant.businessId, scope: grant.scopes.join(',') }
}

/** What each field of business/get needs, and what it says (§2.7). */
const FIELDS: Record<string, { scope: string; value: (business: Business, ctx: TikTokContext) => unknown }> = {
  username: { scope: 'user.info.username', value: ({ username }) => username },
  display_name: { scope: 'user.info.basic', value: ({ displayName }) => displayName },
  profile_image: { scope: 'user.info.basic', value: (business, ctx) => avatarAddress(ctx, business) },
  is_business_account: { scope: 'user.account.type', value: ({ personal }) => !personal },
  profile_deep_link: {
    scope: 'user.info.profile',
    value: ({ username }) => `https://www.tiktok.com/@${encodeURIComponent(username)}`,
  },
  bio_description: { scope: 'user.info.profile', value: ({ displayName }) => displayName },
  is_verified: { scope: 'user.info.profile', value: () => false },
  followers_count: { scope: 'user.info.stats', value: () => 1280 },
  following_count: { scope: 'user.info.stats', value: () => 12 },
  total_likes: { scope: 'user.info.stats', value: () => 45_100 },
  videos_count: { scope: 'user.info.stats', value: ({ posts }) => posts.length },
}

function businessGet(ctx: TikTokContext, { params, grant }: Call): Json {
  const asked =
    params['fields'] === undefined ? ['display_name', 'profile_image'] : jsonArray(params['fields'], 'fields')
  const business = ctx.world.business(grant.businessId)
  const data: Json = {}
  for (const name of asked) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
    if (!field) throw invalidParam(`Param fields is invalid: ${name}.`)
    if (grant.scopes.includes(field.scope)) data[name] = field.value(business, ctx)
  }
  return data
}

const CATEGORIES: ReadonlySet<string> = new Set(['DIRECT_MESSAGE', 'COMMENT', 'VIDEO', 'BRAND_MENTION', 'DEFAULT'])

function category(ctx: TikTokContext, params: Json): string {
  checkApp(ctx, params, 'app_id', 'secret')
  const type = required(params, 'event_type')
  if (!CATEGORIES.has(type)) throw invalidParam('Param event_type is invalid.')
  return type
}

function updateWebhook(ctx: TikTokContext, params: Json): Json {
  const type = category(ctx, params)
  const url = required(params, 'callback_url')
  if (!URL.canParse(url)) throw invalidParam('Param callback_url is invalid.')
  ctx.subscriptions.set(type, url)
  return { app_id: ctx.options.appId, callback_url: url, event_type: type }
}

/** An absent callback_url means: not subscribed (§5). */
function listWebhook(ctx: TikTokContext, params: Json): Json {
  const type = category(ctx, params)
  const url = ctx.subscriptions.get(type)
  return { app_id: ctx.options.appId, event_type: type, ...(url !== undefined && { callback_url: url }) }
}

function deleteWebhook(ctx: TikTokContext, params: Json): Json {
  const type = category(ctx, params)
  ctx.subscriptions.delete(type)
  return { app_id: ctx.options.appId, event_type: type }
}

/** App-level calls: they carry the app's secret in place of a token. */
export function mountAccounts(app: FastifyInstance, ctx: TikTokContext): void {
  const appLevel = [
    ['token', 'POST', '/tt_user/oauth2/token/', exchange],
    ['refresh', 'POST', '/tt_user/oauth2/refresh_token/', refresh],
    ['token_revoke', 'POST', '/tt_user/oauth2/revoke/', revoke],
    ['token_info', 'POST', '/tt_user/token_info/get/', inspect],
    ['webhook_update', 'POST', '/business/webhook/update/', updateWebhook],
    ['webhook_list', 'GET', '/business/webhook/list/', listWebhook],
    ['webhook_delete', 'POST', '/business/webhook/delete/', deleteWebhook],
  ] as const
  for (const [operation, method, path, run] of appLevel) {
    mountEndpoint(app, ctx, {
      operation,
      method,
      path,
      scope: 'none',
      run: ({ params }) => ({ data: run(ctx, params) }),
    })
  }
  mountEndpoint(app, ctx, {
    operation: 'business_get',
    method: 'GET',
    path: '/business/get/',
    scope: null,
    run: (call) => ({ data: businessGet(ctx, call) }),
  })
}
