import oauth2, { type OAuth2Namespace } from '@fastify/oauth2'
import type {} from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Channel } from '../channels/contract.ts'
import type { Deps } from '../deps.ts'
import { deriveKey } from '../kit/crypto.ts'
import { isId } from '../kit/ids.ts'
import { STATE_LIFETIME_S, type StateClaims } from '../modules/inboxes/start-connection.ts'
import { finishConnection, type CallbackRequest } from './oauth-callback.ts'

const AUDIENCE = 'parley:oauth-state'

/** Makes the provider's authorize URL of a prepared connection and sets the cookie that its callback checks. */
export type AuthorizationUrl = (claims: StateClaims, request: FastifyRequest, reply: FastifyReply) => Promise<string>

declare module 'fastify' {
  interface FastifyInstance {
    authorizationUrl: AuthorizationUrl
  }
}

const pluginName = (channel: Channel) => `oauth2_${channel.manifest.id}`

/**
 * OAuth of every channel that has it. @fastify/oauth2 makes the authorize URL and the state's cookie; the state is a JWT
 * in the style of leadchat's integration helper, with an end, a use, a user and a browser (I16). The exchange is the
 * channel's own: TikTok's takes JSON with `auth_code`, which the plugin's cannot do.
 */
export async function registerOAuth(app: FastifyInstance, deps: Deps): Promise<void> {
  await app.register(jwt, {
    namespace: 'oauthState',
    secret: deriveKey(deps.config.jwtSecret, 'oauth-state'),
    sign: { algorithm: 'HS256', aud: AUDIENCE },
    verify: { algorithms: ['HS256'], allowedAud: AUDIENCE, ignoreExpiration: true },
  })
  const { oauthState } = app.jwt as unknown as { oauthState: jwt.JWT }
  const prepared = new WeakMap<FastifyRequest, StateClaims>()
  const signState = (request: FastifyRequest) => {
    const claims = prepared.get(request)
    if (!claims) throw new Error('no connection was prepared for this request')
    return oauthState.sign(toJwt(claims))
  }
  for (const channel of deps.channels.all()) {
    if (!channel.oauth) continue
    await registerAuthorizePage(app, deps, channel, signState)
    for (const path of channel.oauth.callbackPaths) {
      app.get(path, { logLevel: 'warn' }, (request, reply) => {
        const callback = readCallback(request, cookieName(deps), (state) => readState(oauthState, state, deps))
        return finishConnection(deps, channel, callback, reply)
      })
    }
  }
  app.decorate('authorizationUrl', (claims, request, reply) => {
    prepared.set(request, claims)
    const channel = deps.channels.get(claims.channelType)
    const plugin = (app as unknown as Record<string, OAuth2Namespace>)[pluginName(channel)]
    if (!plugin) throw new Error(`no OAuth for ${claims.channelType}`)
    return plugin.generateAuthorizationUri(request, reply)
  })
}

const isSecure = (deps: Deps) => deps.config.publicUrl.startsWith('https:')
const cookieName = (deps: Deps) => (isSecure(deps) ? '__Host-parley_oauth' : 'parley_oauth')

async function registerAuthorizePage(
  app: FastifyInstance,
  deps: Deps,
  channel: Channel,
  signState: (request: FastifyRequest) => string,
): Promise<void> {
  if (!channel.oauth) return
  const { authorize, callbackPaths, scopes } = channel.oauth
  const { origin, pathname } = new URL(authorize.url)
  await app.register(oauth2, {
    name: pluginName(channel),
    // One text: the plugin's own separator is a space.
    scope: [scopes.map(({ scope }) => scope).join(authorize.scopeSeparator)],
    credentials: {
      // The secret stays in the channel: nothing is exchanged here. The plugin keeps the id of its registration, while
      // parameters are read for each address and go before it: so the id is one of them.
      client: { id: 'live', secret: 'unused', idParamName: authorize.clientIdParameter },
      auth: { authorizeHost: origin, authorizePath: pathname, tokenHost: origin },
    },
    callbackUri: `${deps.config.publicUrl}${callbackPaths[0]}`,
    callbackUriParams: Object.defineProperty({ ...authorize.extra }, authorize.clientIdParameter, {
      get: () => authorize.clientId,
      enumerable: true,
    }),
    generateStateFunction: (request: FastifyRequest) => signState(request),
    checkStateFunction: () => false,
    redirectStateCookieName: cookieName(deps),
    cookie: { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(deps), maxAge: STATE_LIFETIME_S },
  })
}

const toJwt = (claims: StateClaims) => {
  const iat = Math.floor(claims.issuedAt.getTime() / 1_000)
  return {
    sub: claims.accountId,
    iat,
    exp: iat + STATE_LIFETIME_S,
    jti: claims.jti,
    uid: claims.userId,
    chn: claims.channelType,
    ...(claims.inboxId ? { ibx: claims.inboxId } : {}),
  }
}

/** The claims of a state that we signed, with whether it has run out; undefined for anything else. */
function readState(signer: jwt.JWT, state: string, deps: Deps): CallbackRequest['state'] {
  try {
    const { sub, jti, uid, chn, ibx, iat, exp } = signer.verify<Record<string, unknown>>(state)
    const ids = [sub, jti, uid]
    if (!ids.every((id) => typeof id === 'string' && isId(id)) || typeof chn !== 'string') return undefined
    if (typeof exp !== 'number' || typeof iat !== 'number') return undefined
    return {
      claims: {
        accountId: String(sub),
        jti: String(jti),
        userId: String(uid),
        channelType: chn,
        issuedAt: new Date(iat * 1_000),
        ...(typeof ibx === 'string' ? { inboxId: ibx } : {}),
      },
      expired: exp * 1_000 <= deps.clock.now().getTime(),
    }
  } catch {
    return undefined
  }
}

function readCallback(
  request: FastifyRequest,
  cookie: string,
  read: (state: string) => CallbackRequest['state'],
): CallbackRequest {
  const query = Object.fromEntries(
    Object.entries(request.query as Record<string, unknown>).map(([key, value]) => [key, String(value)]),
  )
  return { query, state: read(query['state'] ?? ''), stateCookie: request.cookies[cookie], cookies: request.cookies }
}
