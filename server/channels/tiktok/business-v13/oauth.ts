import { z } from 'zod'
import { systemClock } from '../../../kit/clock.ts'
import { ChannelError } from '../../contract.ts'
import type { BusinessProfile, ChannelOAuth, Connection, Credentials, OAuthScope } from '../../contract.ts'
import type { TikTokSettings } from '../settings.ts'
import type { Api } from './api.ts'
import { answerFailure } from './errors.ts'
import type { Operation } from './errors.ts'
import { asText, asUrl } from './values.ts'
import type { Json } from './values.ts'

/** What messaging needs and no more: one scope that the app lacks fails the whole consent (§2.1). */
export const READ_SCOPE = 'message.list.read'
export const SEND_SCOPE = 'message.list.send'
const ACCOUNT_TYPE_SCOPE = 'user.account.type'
const SCOPES: readonly OAuthScope[] = [
  { scope: READ_SCOPE, required: true, costs: 'RECEIVING' },
  { scope: SEND_SCOPE, required: true, costs: 'SENDING' },
  { scope: 'message.list.manage', required: false, costs: 'READ_SIGNS' },
  { scope: 'user.info.basic', required: false, costs: 'PROFILE' },
  { scope: 'user.info.username', required: false, costs: 'HANDLE' },
  { scope: ACCOUNT_TYPE_SCOPE, required: false, costs: 'ACCOUNT_TYPE' },
]

const secondsLeft = z.number().min(0).max(1e10)

/** `data` of the token and refresh answers (TikTok wire reference §2.3, §2.4). */
const tokenData = z.object({
  access_token: z.string().min(1),
  expires_in: secondsLeft,
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: secondsLeft.optional(),
  open_id: z.string().min(1).optional(),
  scope: z.string().optional(),
})

/** The app's own name and secret; these three calls take them as client_id and client_secret (§2.6). */
function appFields({ appId, appSecret }: TikTokSettings) {
  if (!appId || !appSecret) throw new ChannelError('misconfigured', 'APP_MISCONFIGURED')
  return { client_id: appId, client_secret: appSecret }
}

const dateAfter = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)

/** What came back, with what was known before in the places that it leaves open. */
function connectionOf(
  data: Json,
  operation: Operation,
  { appId, now }: { appId: string; now: Date },
  before: Credentials = {},
): Connection {
  const parsed = tokenData.safeParse(data)
  if (!parsed.success) throw answerFailure(operation, 'the token fields')
  const tokens = parsed.data
  const businessId = tokens.open_id ?? before.businessId
  const refreshToken = tokens.refresh_token ?? before.refreshToken
  if (!businessId || !refreshToken) throw answerFailure(operation, 'open_id and refresh_token')
  if (before.businessId && businessId !== before.businessId) throw answerFailure(operation, 'the same open_id')
  const grantedScopes = (tokens.scope || before.scope || '').split(/[\s,]+/).filter(Boolean)
  // Counts down from the first consent; renewing does not extend it (§2.4).
  const left = tokens.refresh_token_expires_in
  const consentEnd = left === undefined ? before.consentExpiresAt : dateAfter(now, left).toISOString()
  return {
    credentials: {
      accessToken: tokens.access_token,
      refreshToken,
      businessId,
      scope: grantedScopes.join(','),
      ...(consentEnd && { consentExpiresAt: consentEnd }),
    },
    externalId: businessId,
    accessExpiresAt: dateAfter(now, tokens.expires_in),
    ...(consentEnd && { consentExpiresAt: new Date(consentEnd) }),
    grantedScopes,
    dialect: 'business_v13',
    appId,
  }
}

/**
 * Array parameters are JSON text in the query; `data` holds only what is permitted (§2.7). Messages go to business
 * accounts alone, so a personal one would be an inbox that stays empty.
 */
async function readProfile(api: Api, credentials: Credentials, businessId: string): Promise<BusinessProfile> {
  const tellsType = credentials.scope?.split(',').includes(ACCOUNT_TYPE_SCOPE)
  const fields = ['username', 'display_name', 'profile_image', ...(tellsType ? ['is_business_account'] : [])]
  const data = await api({
    operation: 'read',
    method: 'GET',
    path: '/business/get/',
    query: { business_id: businessId, fields: JSON.stringify(fields) },
    credentials,
  })
  if (data.is_business_account === false) throw new ChannelError('rejected', 'NOT_A_BUSINESS')
  const username = asText(data.username)
  const avatarUrl = asUrl(data.profile_image)
  return {
    name: asText(data.display_name) ?? username ?? 'TikTok',
    ...(username && { handle: `@${username}` }),
    ...(avatarUrl && { avatarUrl }),
  }
}

/**
 * How a business connects (TikTok wire reference §2). The authorize page tells by `error` what went wrong; the code of
 * `exchange` lives 10 minutes, works once, and is taken as the query parser decoded it. A partial grant is returned as
 * it is: holding it against `scopes` is the core's part.
 */
export function createOAuth(settings: TikTokSettings, api: Api): ChannelOAuth {
  const clock = settings.clock ?? systemClock
  return {
    callbackPaths: ['/tiktok/callback', '/auth/callback'],
    authorize: {
      url: settings.authorizeUrl,
      get clientId() {
        return settings.appId ?? ''
      },
      clientIdParameter: 'client_key',
      scopeSeparator: ',',
      // Without it a browser that once consented is sent straight back with the last account (§2.1).
      extra: { disable_auto_auth: '1' },
    },
    scopes: SCOPES,
    redirectError: ({ error, error_type }) =>
      error === 'invalid_scope' || error_type === 'scope' ? 'OAUTH_INVALID_SCOPE' : 'OAUTH_DENIED',
    async exchange(code, redirectUri) {
      const app = appFields(settings)
      const body = { ...app, grant_type: 'authorization_code', auth_code: code, redirect_uri: redirectUri }
      const data = await api({ operation: 'exchange', method: 'POST', path: '/tt_user/oauth2/token/', body })
      return connectionOf(data, 'exchange', { appId: app.client_id, now: clock.now() })
    },
    profile: (credentials, externalId) => readProfile(api, credentials, externalId),
  }
}

/**
 * Fresh tokens (TikTok wire reference §2.4). The refresh token usually rotates: store what comes back before using it.
 * @throws ChannelError `reauth` when the refresh token is refused or the consent has ended
 */
export function createRenew(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<Connection> {
  const clock = settings.clock ?? systemClock
  return async (credentials) => {
    const { refreshToken } = credentials
    if (!refreshToken) throw new ChannelError('reauth', 'REFRESH_REFUSED')
    const app = appFields(settings)
    const body = { ...app, grant_type: 'refresh_token', refresh_token: refreshToken }
    const data = await api({ operation: 'renew', method: 'POST', path: '/tt_user/oauth2/refresh_token/', body })
    return connectionOf(data, 'renew', { appId: app.client_id, now: clock.now() }, credentials)
  }
}

/** Withdraws the grant (TikTok wire reference §2.5). A token that is refused has no grant any more: done. */
export function createRevoke(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<void> {
  return async ({ accessToken = '' }) => {
    const body = { ...appFields(settings), access_token: accessToken }
    try {
      await api({ operation: 'revoke', method: 'POST', path: '/tt_user/oauth2/revoke/', body })
    } catch (error) {
      if (!(error instanceof ChannelError && error.kind === 'unauthorized')) throw error
    }
  }
}
