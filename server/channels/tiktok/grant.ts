import { z } from 'zod'
import { systemClock } from '../../kit/clock.ts'
import { ChannelError } from '../contract.ts'
import type { ChannelOAuth, Connection, Credentials } from '../contract.ts'
import { answerFailure } from './errors.ts'
import type { Operation } from './errors.ts'
import type { TikTokSettings } from './settings.ts'
import type { Json } from '../../kit/json.ts'

const secondsLeft = z.number().min(0).max(1e10)

/** The token and refresh answers of both dialects (TikTok wire reference §2.3, §2.4, §3). */
const tokenData = z.object({
  access_token: z.string().min(1),
  expires_in: secondsLeft,
  refresh_token: z.string().min(1).optional(),
  /** The Business API's name of it, and Login Kit's. */
  refresh_token_expires_in: secondsLeft.optional(),
  refresh_expires_in: secondsLeft.optional(),
  open_id: z.string().min(1).optional(),
  scope: z.string().optional(),
})

/** To whom, how and when something was granted. */
interface Grant {
  dialect: TikTokSettings['dialect']
  appId: string
  now: Date
}

/** The app is named by whoever asked: it may change before the answer comes. */
export function granting({ clock = systemClock, dialect }: TikTokSettings) {
  return (appId: string): Grant => ({ dialect, appId, now: clock.now() })
}

const dateAfter = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)

/**
 * What a token answer says, with what was known before in the places that it leaves open. The consent counts down from
 * its first day: renewing does not extend it (TikTok wire reference §2.4), and neither does silence.
 */
export function connectionOf(
  answer: Json,
  operation: Operation,
  { dialect, appId, now }: Grant,
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
  const left = tokens.refresh_token_expires_in ?? tokens.refresh_expires_in
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
    dialect,
    appId,
  }
}

/** The app's id and secret, as they are now. Throws ChannelError when the installation has none. */
export function appOf({ appId, appSecret }: TikTokSettings): { appId: string; appSecret: string } {
  if (!appId || !appSecret) throw new ChannelError('misconfigured', 'APP_MISCONFIGURED')
  return { appId, appSecret }
}

/** How the consent page is addressed, and where it leads back to. */
export function consentPage(
  settings: TikTokSettings,
  extra: Readonly<Record<string, string>> = {},
): Pick<ChannelOAuth, 'callbackPaths' | 'authorize'> {
  return {
    callbackPaths: ['/tiktok/callback', '/auth/callback'],
    authorize: {
      url: settings.authorizeUrl,
      get clientId() {
        return settings.appId ?? ''
      },
      clientIdParameter: 'client_key',
      scopeSeparator: ',',
      extra,
    },
  }
}

/** Waits for a withdrawal. A token that is refused has no grant any more: done. */
export async function withdrawn(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof ChannelError && error.kind === 'unauthorized')) throw error
  }
}
