import { ChannelError } from '../../contract.ts'
import type { BusinessProfile, ChannelOAuth, Connection, Credentials, OAuthScope } from '../../contract.ts'
import { appOf, connectionOf, consentPage, granting, withdrawn } from '../grant.ts'
import type { TikTokSettings } from '../settings.ts'
import { asText, asUrl } from '../../../kit/json.ts'
import type { Api } from './api.ts'

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

/** These calls take the app as client_id and client_secret (§2.6). */
function appFields(settings: TikTokSettings): { client_id: string; client_secret: string } {
  const { appId, appSecret } = appOf(settings)
  return { client_id: appId, client_secret: appSecret }
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
  const grantOf = granting(settings)
  return {
    // Without it a browser that once consented is sent straight back with the last account (§2.1).
    ...consentPage(settings, { disable_auto_auth: '1' }),
    scopes: SCOPES,
    redirectError: ({ error, error_type }) =>
      error === 'invalid_scope' || error_type === 'scope' ? 'OAUTH_INVALID_SCOPE' : 'OAUTH_DENIED',
    async exchange(code, redirectUri) {
      const app = appFields(settings)
      const body = { ...app, grant_type: 'authorization_code', auth_code: code, redirect_uri: redirectUri }
      const data = await api({ operation: 'exchange', method: 'POST', path: '/tt_user/oauth2/token/', body })
      return connectionOf(data, 'exchange', grantOf(app.client_id))
    },
    profile: (credentials, externalId) => readProfile(api, credentials, externalId),
  }
}

/**
 * Fresh tokens (TikTok wire reference §2.4). The refresh token usually rotates: store what comes back before using it.
 * @throws ChannelError `reauth` when the refresh token is refused or the consent has ended
 */
export function createRenew(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<Connection> {
  const grantOf = granting(settings)
  return async (credentials) => {
    const { refreshToken } = credentials
    if (!refreshToken) throw new ChannelError('reauth', 'REFRESH_REFUSED')
    const app = appFields(settings)
    const body = { ...app, grant_type: 'refresh_token', refresh_token: refreshToken }
    const data = await api({ operation: 'renew', method: 'POST', path: '/tt_user/oauth2/refresh_token/', body })
    return connectionOf(data, 'renew', grantOf(app.client_id), credentials)
  }
}

/** Withdraws the grant (TikTok wire reference §2.5). */
export function createRevoke(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<void> {
  return async ({ accessToken = '' }) => {
    const body = { ...appFields(settings), access_token: accessToken }
    await withdrawn(api({ operation: 'revoke', method: 'POST', path: '/tt_user/oauth2/revoke/', body }))
  }
}
