import type { TikTokContext } from './context.ts'
import type { BusinessRef } from './types.ts'
import { UnknownObject } from '../unknown-object.ts'

/** Every scope that TikTok's own sample answer lists, and with them all that DM inboxes ask for (§2.1). */
const SCOPES: ReadonlySet<string> = new Set(
  (
    'message.list.manage,video.list,video.insights,user.insights,user.info.basic,comment.list,biz.brand.insights,' +
    'biz.spark.auth,tcm.order.update,comment.list.manage,video.upload,video.publish,biz.ads.recommend,' +
    'user.account.type,biz.creator.info,user.info.username,message.list.send,user.info.profile,user.info.stats,' +
    'message.list.read,biz.creator.insights'
  ).split(','),
)

const DM_SCOPES = [
  'user.info.basic',
  'user.info.username',
  'user.account.type',
  'message.list.read',
  'message.list.send',
  'message.list.manage',
]

const GATEWAY_SCOPES = ['user.info.basic', 'im.message.read', 'im.message.write']

/** What an app of this kind can be approved for, and what messaging asks for. */
export const scopesOf = ({ options }: TikTokContext): { known: ReadonlySet<string>; asked: string[] } =>
  options.dialect === 'gateway_v2'
    ? { known: new Set(GATEWAY_SCOPES), asked: GATEWAY_SCOPES }
    : { known: SCOPES, asked: DM_SCOPES }

export interface AuthorizeRequest {
  clientKey: string
  redirectUri: string
  scopes: string[]
  state: string
  skipAutoAuth: boolean
}

/** Shown on a page of TikTok's own: without a redirect_uri that can be trusted there is nowhere to send it. */
export class AuthorizeRefusal extends Error {}

export function parseAuthorize(ctx: TikTokContext, query: Record<string, unknown>): AuthorizeRequest {
  const get = (name: string): string => (typeof query[name] === 'string' ? query[name] : '')
  if (get('client_key') !== ctx.options.appId) throw new AuthorizeRefusal('client_key')
  const redirectUri = get('redirect_uri')
  const registered = ctx.options.redirectUris
  const usable = URL.canParse(redirectUri) && /^https?:$/.test(new URL(redirectUri).protocol)
  if (!usable || (registered && !registered.includes(redirectUri))) throw new AuthorizeRefusal('redirect_uri')
  if (get('response_type') !== 'code') throw new AuthorizeRefusal('response_type')
  const scopes = get('scope').split(',').filter(Boolean)
  if (scopes.length === 0) throw new AuthorizeRefusal('scope')
  return {
    clientKey: get('client_key'),
    redirectUri,
    scopes,
    state: get('state'),
    skipAutoAuth: get('disable_auto_auth') === '1',
  }
}

function redirectWith(request: AuthorizeRequest, params: Record<string, string>): string {
  const url = new URL(request.redirectUri)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  if (request.state) url.searchParams.set('state', request.state)
  return url.href
}

/** One scope that the app was not approved for refuses the whole request; it is not dropped (§2.1). */
export function refusedScope(ctx: TikTokContext, request: AuthorizeRequest): string | undefined {
  const { known } = scopesOf(ctx)
  return request.scopes.find((scope) => !known.has(scope) || ctx.knobs.unauthorizedScopes.includes(scope))
}

export interface Decision {
  decision: 'approve' | 'deny' | 'invalid_scope'
  business?: BusinessRef | undefined
  /** Scopes left ticked; default: all that were asked for. */
  scopes?: string[] | undefined
}

/** The address that the browser is sent back to (§2.2). */
export function decide(ctx: TikTokContext, request: AuthorizeRequest, decision: Decision): string {
  if (decision.decision === 'invalid_scope' || refusedScope(ctx, request) !== undefined) {
    return redirectWith(request, {
      error: 'invalid_scope',
      error_type: 'scope',
      error_description: 'The requested scope is invalid, unknown, or malformed.',
    })
  }
  if (decision.decision === 'deny') {
    return redirectWith(request, {
      error: 'access_denied',
      error_type: 'access_denied',
      error_description: 'User denied the authorization request.',
    })
  }
  if (decision.business === undefined) throw new UnknownObject('choose the business that approves')
  const { openId } = ctx.world.business(decision.business)
  const ticked = decision.scopes ?? request.scopes
  const scopes = request.scopes.filter((scope) => ticked.includes(scope))
  const code = ctx.tokens.createCode({ businessId: openId, scopes, redirectUri: request.redirectUri })
  ctx.ledger.append({ kind: 'action', action: 'authorize', businessId: openId })
  return redirectWith(request, { code, scopes: scopes.join(',') })
}
