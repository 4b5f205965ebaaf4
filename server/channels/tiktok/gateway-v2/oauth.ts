import { z } from 'zod'
import { systemClock } from '../../../kit/clock.ts'
import { ChannelError } from '../../contract.ts'
import type { ChannelOAuth, Connection, Credentials, OAuthScope } from '../../contract.ts'
import { answerFailure } from '../business-v13/errors.ts'
import type { Operation } from '../business-v13/errors.ts'
import { asRecord, asText, asUrl } from '../business-v13/values.ts'
import type { Json } from '../business-v13/values.ts'
import type { TikTokSettings } from '../settings.ts'
import type { Api } from './api.ts'

const SCOPES: readonly OAuthScope[] = [
  { scope: 'user.info.basic', required: false, costs: 'PROFILE' },
  { scope: 'im.message.read', required: true, costs: 'RECEIVING' },
  { scope: 'im.message.write', required: true, costs: 'SENDING' },
]
/** How long a consent lasts when the answer does not say, as the gateway's reference has it. */
const CONSENT_S = 365 * 86_400

const secondsLeft = z.number().min(0).max(1e10)

const tokenData = z.object({
  access_token: z.string().min(1),
  expires_in: secondsLeft,
  refresh_token: z.string().min(1).optional(),
  refresh_expires_in: secondsLeft.optional(),
  open_id: z.string().min(1).optional(),
  scope: z.string().optional(),
})

function appFields({ appId, appSecret }: TikTokSettings) {
  if (!appId || !appSecret) throw new ChannelError('misconfigured', 'APP_MISCONFIGURED')
  return { client_key: appId, client_secret: appSecret }
}

const dateAfter = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)

/** What came back, with what was known before in the places that it leaves open; silence does not extend a consent. */
function connectionOf(
  answer: Json,
  operation: Operation,
  { appId, now }: { appId: string; now: Date },
  before: Credentials = {},
): Connection {
  const parsed = tokenData.safeParse(answer)
  if (!parsed.success) throw answerFailure(operation, 'the token fields')
  const tokens = parsed.data
  const businessId = tokens.open_id ?? before.businessId
  const refreshToken = tokens.refresh_token ?? before.refreshToken
  if (!businessId || !refreshToken) throw answerFailure(operation, 'open_id and refresh_token')
  if (before.businessId && businessId !== before.businessId) throw answerFailure(operation, 'the same open_id')
  const grantedScopes = (tokens.scope || before.scope || '').split(/[\s,]+/).filter(Boolean)
  const left = tokens.refresh_expires_in
  const kept = left === undefined ? before.consentExpiresAt : undefined
  const consentExpiresAt = kept ? new Date(kept) : dateAfter(now, left ?? CONSENT_S)
  return {
    credentials: {
      accessToken: tokens.access_token,
      refreshToken,
      businessId,
      scope: grantedScopes.join(','),
      consentExpiresAt: consentExpiresAt.toISOString(),
    },
    externalId: businessId,
    accessExpiresAt: dateAfter(now, tokens.expires_in),
    consentExpiresAt,
    grantedScopes,
    dialect: 'gateway_v2',
    appId,
  }
}

/** How a business connects by Login Kit v2 (TikTok wire reference §3). */
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
      extra: {},
    },
    scopes: SCOPES,
    redirectError: ({ error }) => (error === 'invalid_scope' ? 'OAUTH_INVALID_SCOPE' : 'OAUTH_DENIED'),
    async exchange(code, redirectUri) {
      const app = appFields(settings)
      const fields = { ...app, code, grant_type: 'authorization_code', redirect_uri: redirectUri }
      const answer = await api.form('exchange', '/v2/oauth/token/', fields)
      return connectionOf(answer, 'exchange', { appId: app.client_key, now: clock.now() })
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
  return async (credentials) => {
    const { refreshToken, consentExpiresAt = '' } = credentials
    if (!refreshToken) throw new ChannelError('reauth', 'REFRESH_REFUSED')
    const app = appFields(settings)
    const fields = { ...app, refresh_token: refreshToken, grant_type: 'refresh_token' }
    try {
      const answer = await api.form('renew', '/v2/oauth/token/', fields)
      return connectionOf(answer, 'renew', { appId: app.client_key, now: clock.now() }, credentials)
    } catch (error) {
      const refused = error instanceof ChannelError && error.code === 'REFRESH_REFUSED'
      if (refused && Date.parse(consentExpiresAt) <= clock.now().getTime())
        throw new ChannelError('reauth', 'CONSENT_ENDED', { cause: error })
      throw error
    }
  }
}

/** Withdraws the grant. A token that is refused has no grant any more: done. */
export function createRevoke(settings: TikTokSettings, api: Api): (credentials: Credentials) => Promise<void> {
  return async ({ accessToken = '' }) => {
    try {
      await api.form('revoke', '/v2/oauth/revoke/', { ...appFields(settings), token: accessToken })
    } catch (error) {
      if (!(error instanceof ChannelError && error.kind === 'unauthorized')) throw error
    }
  }
}
