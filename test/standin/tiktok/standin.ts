import type { FastifyInstance } from 'fastify'
import type { Controllable } from '../control.ts'
import { knobControl } from '../control.ts'
import type { PostResult } from '../http-post.ts'
import { httpPost } from '../http-post.ts'
import { createLedger } from '../ledger.ts'
import { identicon } from '../png.ts'
import { createPrng } from '../prng.ts'
import type { ProviderHost } from '../provider-host.ts'
import { createScheduler } from '../scheduler.ts'
import { mountAccounts } from './account-routes.ts'
import type { Actors } from './actors.ts'
import { createActors } from './actors.ts'
import type { Decision } from './authorize.ts'
import { decide, parseAuthorize, scopesOf } from './authorize.ts'
import { mountAuthorize } from './authorize-routes.ts'
import type { TikTokContext, TikTokOptions } from './context.ts'
import { mountGateway } from './gateway/routes.ts'
import { createIds } from './ids.ts'
import type { Fault, FaultKind, Knobs } from './knobs.ts'
import { defaultKnobs } from './knobs.ts'
import type { TikTokEntries, TikTokLedger } from './ledger.ts'
import { mountMedia } from './media-routes.ts'
import { mountMessages } from './message-routes.ts'
import { createOutbox } from './outbox.ts'
import type { WebhookSignature } from './signature.ts'
import type { TokenData, TokenDump } from './tokens.ts'
import { createTokenStore } from './tokens.ts'
import type { BusinessRef, Conversation, Message } from './types.ts'
import { DailyCap, QpsBucket } from './windows.ts'
import type { World, WorldDump } from './world.ts'
import { createWorld } from './world.ts'

export interface TikTokStandin extends Actors, Controllable<Knobs, Fault | FaultKind> {
  readonly appId: string
  readonly appSecret: string
  /** Live: writing to it takes effect at once. */
  readonly knobs: Knobs
  readonly ledger: TikTokLedger
  readonly world: World
  /** Consent without a browser: tokens as the token endpoint would give them. */
  grant(business: BusinessRef, scopes?: string[]): TokenData
  /** Whether the business has consented and not revoked. */
  connected(business: BusinessRef): boolean
  /** What the browser would do on the authorize page; gives the address it is sent back to. */
  authorize(url: string, decision: Decision): string
  /** Takes the scopes back that are not among these. */
  narrowScopes(business: BusinessRef, scopes: string[]): void
  expireAccessTokens(business: BusinessRef): void
  expireRefreshTokens(business: BusinessRef): void
  webhookUrl(): string | undefined
  setWebhookUrl(url: string | undefined): void
  /** The provider's truth, oldest first. */
  messages(conversationId: string): Message[]
  conversations(business?: BusinessRef): Conversation[]
  signWebhook(rawBody: string | Buffer, options?: { t?: number; secret?: string }): WebhookSignature
  /** Posts bytes to the callback as they are; without headers of its own it is signed properly. */
  postRaw(rawBody: string | Buffer, options?: { headers?: Record<string, string>; url?: string }): Promise<PostResult>
}

function createContext(host: ProviderHost, options: TikTokOptions, boots: number): TikTokContext {
  const { clock } = host
  const knobs: Knobs = { ...defaultKnobs(), ...options.knobs }
  const ids = createIds(createPrng(host.seed, boots * 2))
  const partial = {
    options,
    clock,
    ids,
    knobs,
    jitter: createPrng(host.seed, boots * 2 + 1),
    scheduler: createScheduler(),
    world: createWorld(ids),
    tokens: createTokenStore({ clock, ids, knobs }),
    ledger: createLedger<TikTokEntries>(clock.now, ({ code }) => code === 0),
    qps: new QpsBucket(),
    dailyCap: new DailyCap(),
    subscriptions: new Map<string, string>(),
    baseUrl: host.baseUrl,
  }
  return { ...partial, outbox: createOutbox(partial) }
}

interface Saved {
  boots: number
  world: WorldDump
  tokens: TokenDump
  subscriptions: [string, string][]
}

const dump = (ctx: TikTokContext): Omit<Saved, 'boots'> => ({
  world: ctx.world.dump(),
  tokens: ctx.tokens.dump(),
  subscriptions: [...ctx.subscriptions],
})

function load(ctx: TikTokContext, saved: Saved): void {
  ctx.world.load(saved.world)
  ctx.tokens.load(saved.tokens)
  for (const [category, url] of saved.subscriptions) ctx.subscriptions.set(category, url)
}

function subscribe(ctx: TikTokContext, url: string | undefined): void {
  if (url === undefined) ctx.subscriptions.delete('DIRECT_MESSAGE')
  else ctx.subscriptions.set('DIRECT_MESSAGE', url)
}

function reset(ctx: TikTokContext): void {
  ctx.outbox.clear()
  ctx.scheduler.clear()
  ctx.world.clear()
  ctx.tokens.clear()
  ctx.ledger.clear()
  ctx.qps.reset()
  ctx.clock.reset()
  ctx.subscriptions.clear()
  subscribe(ctx, ctx.options.webhookUrl)
  Object.assign(ctx.knobs, defaultKnobs(), ctx.options.knobs)
}

function control(ctx: TikTokContext, boots: number): TikTokStandin {
  const { knobs, outbox, tokens, world, options } = ctx
  const openIdOf = (ref: BusinessRef): string => world.business(ref).openId
  return {
    ...createActors(ctx),
    appId: options.appId,
    appSecret: options.appSecret,
    ...knobControl(knobs, () => ({ ...defaultKnobs(), ...options.knobs })),
    world,
    ledger: ctx.ledger,
    clock: ctx.clock,
    grant: (business, scopes = scopesOf(ctx).asked) => {
      const given = tokens.grant(openIdOf(business), scopes)
      ctx.ledger.append({ kind: 'action', action: 'grant', businessId: given.open_id })
      return given
    },
    connected: (business) => tokens.hasLiveGrant(openIdOf(business)),
    authorize: (url, decision) =>
      decide(ctx, parseAuthorize(ctx, Object.fromEntries(new URL(url).searchParams)), decision),
    narrowScopes: (business, scopes) => tokens.narrow(openIdOf(business), scopes),
    expireAccessTokens: (business) => tokens.expireAccess(openIdOf(business)),
    expireRefreshTokens: (business) => tokens.expireRefresh(openIdOf(business)),
    webhookUrl: () => ctx.subscriptions.get('DIRECT_MESSAGE'),
    setWebhookUrl: (url) => subscribe(ctx, url),
    pauseWebhooks: outbox.pause,
    resumeWebhooks: outbox.resume,
    webhooksPaused: outbox.paused,
    settled: ctx.scheduler.settled,
    messages: (conversationId) => [...world.conversation(conversationId).messages],
    conversations: (business) =>
      business === undefined ? [...world.conversations.values()] : [...world.conversationsOf(openIdOf(business))],
    signWebhook: outbox.sign,
    postRaw: (rawBody, { headers, url = ctx.subscriptions.get('DIRECT_MESSAGE') } = {}) => {
      if (url === undefined) return Promise.resolve({ status: null, body: '', error: 'no webhook URL is set' })
      const sent = headers ?? outbox.sign(rawBody).headers
      return httpPost(url, rawBody, { 'Content-Type': 'application/json', ...sent }, knobs.webhookTimeoutMs)
    },
    save: () => ({ boots, ...dump(ctx) }),
    reset: () => reset(ctx),
  }
}

/** Mounts TikTok's side on `app` and returns its control. */
export function mountTikTok(
  app: FastifyInstance,
  host: ProviderHost,
  given: Partial<TikTokOptions> = {},
): TikTokStandin {
  const options: TikTokOptions = { appId: '7000000000000000001', appSecret: 'sim-app-secret', ...given }
  const saved = host.saved as Saved | undefined
  // Each start draws from a stream of its own: the same ids again would collide with those that were saved.
  const boots = (saved?.boots ?? 0) + 1
  const ctx = createContext(host, options, boots)
  if (saved) load(ctx, saved)
  if (options.webhookUrl !== undefined) subscribe(ctx, options.webhookUrl)
  if (options.dialect === 'gateway_v2') mountGateway(app, ctx)
  else {
    mountAccounts(app, ctx)
    mountMessages(app, ctx)
    mountMedia(app, ctx)
  }
  mountAuthorize(app, ctx)
  app.get('/cdn/avatars/:file', (request, reply) => {
    const { file } = request.params as { file: string }
    return reply.type('image/png').header('cache-control', 'public, max-age=3600').send(identicon(file))
  })
  app.addHook('onClose', () => {
    ctx.outbox.clear()
    ctx.scheduler.clear()
  })
  return control(ctx, boots)
}
