import type { Clock } from '../clock.ts'
import { ApiError, invalidParam } from './errors.ts'
import type { Ids } from './ids.ts'
import type { Knobs } from './knobs.ts'

export interface Grant {
  businessId: string
  scopes: string[]
  refreshExpiresAt: number
  refreshToken: string
  revoked: boolean
}

/** `data` of the token and refresh answers (§2.3, §2.4). */
export interface TokenData {
  access_token: string
  token_type: 'Bearer'
  scope: string
  /** Seconds left. */
  expires_in: number
  refresh_token: string
  /** Seconds left; counts down from the first consent, refreshing does not extend it. */
  refresh_token_expires_in: number
  open_id: string
}

/** What a restart of the stand-in keeps: consents and tokens, but no open authorisation. */
export interface TokenDump {
  grants: Grant[]
  /** Token, index of its grant, ms. */
  access: [string, number, number][]
}

interface AuthCode {
  businessId: string
  scopes: string[]
  redirectUri: string
  expiresAt: number
  used: boolean
}

export interface TokenStore {
  createCode(consent: { businessId: string; scopes: string[]; redirectUri: string }): string
  exchange(code: string, redirectUri: string): TokenData
  refresh(refreshToken: string): TokenData
  /** A consent without the browser. */
  grant(businessId: string, scopes: string[]): TokenData
  /** Throws 40104, 40105 or the knob's code for an expired one. */
  authenticate(accessToken: string | undefined): Grant
  revokeBusiness(businessId: string): void
  hasLiveGrant(businessId: string): boolean
  /** The business takes single scopes back; the answer to the next refresh says so. */
  narrow(businessId: string, scopes: string[]): void
  /** Makes every access token of a business expire now. */
  expireAccess(businessId: string): void
  /** Makes every refresh token of a business expire now. */
  expireRefresh(businessId: string): void
  dump(): TokenDump
  load(dump: TokenDump): void
  clear(): void
}

export function createTokenStore(deps: { clock: Clock; ids: Ids; knobs: Knobs }): TokenStore {
  const { clock, ids, knobs } = deps
  const codes = new Map<string, AuthCode>()
  const access = new Map<string, { grant: Grant; expiresAt: number }>()
  const refreshes = new Map<string, Grant>()
  const grants = new Map<string, Grant[]>()

  const issue = (grant: Grant): TokenData => {
    const accessToken = ids.accessToken()
    access.set(accessToken, { grant, expiresAt: clock.now() + knobs.accessTokenTtlS * 1000 })
    refreshes.set(grant.refreshToken, grant)
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      scope: grant.scopes.join(','),
      expires_in: knobs.accessTokenTtlS,
      refresh_token: grant.refreshToken,
      // To the nearest: what was granted a moment ago has all of its time.
      refresh_token_expires_in: Math.round((grant.refreshExpiresAt - clock.now()) / 1000),
      open_id: grant.businessId,
    }
  }

  const grant = (businessId: string, scopes: string[]): TokenData => {
    const made: Grant = {
      businessId,
      scopes,
      refreshExpiresAt: clock.now() + knobs.refreshTokenTtlS * 1000,
      refreshToken: ids.refreshToken(),
      revoked: false,
    }
    grants.set(businessId, [...(grants.get(businessId) ?? []), made])
    return issue(made)
  }

  const exchange = (value: string, redirectUri: string): TokenData => {
    const code = codes.get(value)
    if (!code || code.used || code.expiresAt <= clock.now()) throw new ApiError(40110)
    if (code.redirectUri !== redirectUri) throw invalidParam('Param redirect_uri is invalid.')
    code.used = true
    return grant(code.businessId, code.scopes)
  }

  const refresh = (value: string): TokenData => {
    const found = refreshes.get(value)
    if (!found || found.revoked || found.refreshToken !== value) throw new ApiError(40107)
    if (found.refreshExpiresAt <= clock.now()) throw new ApiError(40103)
    if (knobs.refreshRotates) found.refreshToken = ids.refreshToken()
    return issue(found)
  }

  const authenticate = (value: string | undefined): Grant => {
    if (!value) throw new ApiError(40104)
    const found = access.get(value)
    if (!found || found.grant.revoked) throw new ApiError(40105)
    if (found.expiresAt <= clock.now()) throw new ApiError(knobs.expiredTokenCode)
    return found.grant
  }

  return {
    createCode: (consent) => {
      const code = ids.authCode()
      codes.set(code, { ...consent, expiresAt: clock.now() + knobs.authCodeTtlS * 1000, used: false })
      return code
    },
    exchange,
    refresh,
    grant,
    authenticate,
    revokeBusiness: (businessId) => {
      for (const live of grants.get(businessId) ?? []) live.revoked = true
      grants.delete(businessId)
    },
    hasLiveGrant: (businessId) =>
      (grants.get(businessId) ?? []).some((one) => !one.revoked && one.refreshExpiresAt > clock.now()),
    narrow: (businessId, scopes) => {
      for (const live of grants.get(businessId) ?? []) live.scopes = live.scopes.filter((one) => scopes.includes(one))
    },
    expireAccess: (businessId) => {
      for (const entry of access.values()) if (entry.grant.businessId === businessId) entry.expiresAt = 0
    },
    expireRefresh: (businessId) => {
      for (const live of grants.get(businessId) ?? []) live.refreshExpiresAt = clock.now()
    },
    dump: () => {
      const all = [...grants.values()].flat()
      const live = [...access].map(([token, one]) => [token, all.indexOf(one.grant), one.expiresAt] as const)
      return { grants: all, access: live.filter(([, index]) => index >= 0).map((entry) => [...entry]) }
    },
    load: (dump) => {
      for (const one of dump.grants) {
        grants.set(one.businessId, [...(grants.get(one.businessId) ?? []), one])
        refreshes.set(one.refreshToken, one)
      }
      for (const [token, index, expiresAt] of dump.access) {
        const owner = dump.grants[index]
        if (owner) access.set(token, { grant: owner, expiresAt })
      }
    },
    clear: () => {
      for (const map of [codes, access, refreshes, grants]) map.clear()
    },
  }
}
