import { systemClock } from '../../../kit/clock.ts'
import { ChannelError } from '../../contract.ts'
import type { ChannelOAuth, Connection, Credentials, OAuthScope } from '../../contract.ts'
import { appOf, connectionOf, consentPage, granting, withdrawn } from '../grant.ts'
import type { TikTokSettings } from '../settings.ts'
import { asRecord, asText, asUrl } from '../../../kit/json.ts'
import type { Api } from './api.ts'

const SCOPES: readonly OAuthScope[] = [
  { scope: 'user.info.basic', required: false, costs: 'PROFILE' },
  { scope: 'im.message.read', required: true, costs: 'RECEIVING' },
  { scope: 'im.message.write', required: true, costs: 'SENDING' },
]
/** How long a consent lasts when the answer does not say, as the gateway's reference has it. */
const CONSENT_S = 365 * 86_400

function appFields(settings: TikTokSettings) {
  const { appId, appSecret } = appOf(settings)
  return { client_key: appId, client_secret: appSecret }
}

/** How a business connects by Login Kit v2 (TikTok wire reference §3). */
export function createOAuth(settings: TikTokSettings, api: Api): ChannelOAuth {
  const grantOf = granting(settings)
  return {
    ...consentPage(settings),
    scopes: SCOPES,
    redirectError: ({ error }) => (error === 'invalid_scope' ? 'OAUTH_INVALID_SCOPE' : 'OAUTH_DENIED'),
    async exchange(code, redirectUri) {
      const app = appFields(settings)
      const fields = { ...app, code, grant_type: 'authorization_code', redirect_uri: redirectUri }
      const answer = await api.form('exchange', '/v2/oauth/token/', fields)
      return connectionOf({ refresh_expires_in: CONSENT_S, ...answer }, 'exchange', grantOf(app.client_key))
    },
    async profile(credentials) {
      const query = { fields: 'open_id,union_id,avatar_url,display_name' }
      const data = await api.open({ operation: 'read', method: 'GET', path: '/v2/user/info/', query, credentials })
      const user = asRecord(data.user)
      const avatarUrl = asUrl(user?.avatar_url)
      return { name: asText(user?.display_name) ?? 'TikTok', ...(avatarUrl && { avatarUrl }) }
    },
  }
}

/** Fresh tokens; the refresh token rotates. `reauth` when it is refused, by its own time CONSENT_ENDED. */
export function createRenew(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<Connection> {
  const clock = settings.clock ?? systemClock
  const grantOf = granting(settings)
  return async (credentials) => {
    const { refreshToken, consentExpiresAt = '' } = credentials
    if (!refreshToken) throw new ChannelError('reauth', 'REFRESH_REFUSED')
    const app = appFields(settings)
    const fields = { ...app, refresh_token: refreshToken, grant_type: 'refresh_token' }
    try {
      const answer = await api.form('renew', '/v2/oauth/token/', fields)
      return connectionOf(answer, 'renew', grantOf(app.client_key), credentials)
    } catch (error) {
      const refused = error instanceof ChannelError && error.code === 'REFRESH_REFUSED'
      if (refused && Date.parse(consentExpiresAt) <= clock.now().getTime())
        throw new ChannelError('reauth', 'CONSENT_ENDED', { cause: error })
      throw error
    }
  }
}

/** Withdraws the grant. */
export function createRevoke(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<void> {
  return async ({ accessToken = '' }) => {
    await withdrawn(api.form('revoke', '/v2/oauth/revoke/', { ...appFields(settings), token: accessToken }))
  }
}
