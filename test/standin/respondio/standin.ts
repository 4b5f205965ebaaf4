import type { FastifyInstance } from 'fastify'
import { serveMedium } from '../cdn.ts'
import type { Controllable } from '../control.ts'
import { knobControl } from '../control.ts'
import type { PostResult } from '../http-post.ts'
import { httpPost } from '../http-post.ts'
import { createLanes } from '../lanes.ts'
import { createLedger } from '../ledger.ts'
import { createPrng } from '../prng.ts'
import type { ProviderHost } from '../provider-host.ts'
import { createScheduler } from '../scheduler.ts'
import type { TikTokStandin } from '../tiktok/standin.ts'
import type { Actors } from './actors.ts'
import { createActors } from './actors.ts'
import { mountContacts } from './contact-routes.ts'
import type { RespondIoContext, RespondIoOptions } from './context.ts'
import { mountConversations } from './conversation-routes.ts'
import { API_PATH } from './endpoint.ts'
import { createIds } from './ids.ts'
import type { Fault, FaultKind, Knobs } from './knobs.ts'
import { defaultKnobs } from './knobs.ts'
import type { RespondIoEntries, RespondIoLedger } from './ledger.ts'
import { RouteLimiter } from './limiter.ts'
import { mountMessages } from './message-routes.ts'
import { createOutbox } from './outbox.ts'
import type { Settings } from './settings.ts'
import { createSettings } from './settings.ts'
import type { WebhookSignature } from './signature.ts'
import { mountSpace } from './space-routes.ts'
import { createTie } from './tie.ts'
import type { ContactRef, Message } from './types.ts'
import type { World, WorldDump } from './world.ts'
import { createWorld } from './world.ts'

export interface RespondIoStandin extends Actors, Settings, Controllable<Knobs, Fault | FaultKind> {
  /** What RESPONDIO_API_URL must be. */
  readonly apiUrl: string
  /** Live: writing to it takes effect at once. */
  readonly knobs: Knobs
  readonly ledger: RespondIoLedger
  readonly world: World
  /** The provider's truth, oldest first; what has not surfaced yet is among it. */
  messages(contact: ContactRef): Message[]
  signWebhook(rawBody: string | Buffer, key: string): WebhookSignature
  /** Posts bytes as they are; with a `key` it signs them. */
  postRaw(
    rawBody: string | Buffer,
    options: { url: string; key?: string; headers?: Record<string, string> },
  ): Promise<PostResult>
}

interface Saved {
  boots: number
  world: WorldDump
}

function createContext(
  host: ProviderHost,
  options: RespondIoOptions,
  boots: number,
  tiktok: TikTokStandin,
): RespondIoContext {
  const { clock, seed, baseUrl } = host
  const partial = {
    ...{ options, clock, baseUrl },
    // Streams of its own, away from TikTok's.
    ids: createIds(createPrng(seed, boots * 2 + 1_000_000), boots),
    jitter: createPrng(seed, boots * 2 + 1_000_001),
    knobs: { ...defaultKnobs(), ...options.knobs },
    scheduler: createScheduler(),
    world: createWorld(),
    ledger: createLedger<RespondIoEntries>(clock.now, ({ httpStatus, fault }) => httpStatus === 200 && !fault),
    limiter: new RouteLimiter(options.limiterNow),
    lanes: createLanes(),
  }
  const withOutbox = { ...partial, outbox: createOutbox(partial) }
  return { ...withOutbox, tie: createTie(withOutbox, tiktok) }
}

function stop(ctx: RespondIoContext): void {
  ctx.outbox.clear()
  ctx.scheduler.clear()
  ctx.lanes.clear()
}

function reset(ctx: RespondIoContext): void {
  stop(ctx)
  ctx.world.clear()
  ctx.ledger.clear()
  ctx.limiter.reset()
  ctx.clock.reset()
  Object.assign(ctx.knobs, defaultKnobs(), ctx.options.knobs)
}

function control(ctx: RespondIoContext, boots: number, tiktok: TikTokStandin): RespondIoStandin {
  const { knobs, outbox, world } = ctx
  return {
    ...createActors(ctx),
    ...createSettings(ctx, (ref) => tiktok.world.business(ref).openId),
    ...knobControl(knobs, () => ({ ...defaultKnobs(), ...ctx.options.knobs })),
    ...{ world, ledger: ctx.ledger, clock: ctx.clock },
    get apiUrl() {
      return ctx.baseUrl() + API_PATH
    },
    pauseWebhooks: outbox.pause,
    resumeWebhooks: outbox.resume,
    webhooksPaused: outbox.paused,
    settled: ctx.scheduler.settled,
    messages: (contact) => [...world.contact(contact).messages],
    signWebhook: outbox.sign,
    postRaw: (rawBody, { url, key, headers = key === undefined ? {} : outbox.sign(rawBody, key).headers }) =>
      httpPost(url, rawBody, { 'Content-Type': 'application/json', ...headers }, knobs.webhookTimeoutMs),
    save: () => ({ boots, world: world.dump() }),
    reset: () => reset(ctx),
  }
}

/** Errors of the API itself, in its envelope: bodies that are no JSON, paths that lead nowhere. */
function mountApi(app: FastifyInstance, ctx: RespondIoContext): void {
  void app.register(
    (api, _options, done) => {
      api.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        const { statusCode = 500, message } = error
        if (statusCode >= 500) throw error
        return reply.code(statusCode).send({ code: statusCode, message })
      })
      api.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: 404, message: 'Not found' }))
      mountSpace(api, ctx)
      mountContacts(api, ctx)
      mountConversations(api, ctx)
      mountMessages(api, ctx)
      done()
    },
    { prefix: API_PATH },
  )
}

/** Mounts respond.io's side on `app` and returns its control. Its TikTok channels may be tied to `tiktok`'s businesses. */
export function mountRespondIo(
  app: FastifyInstance,
  host: ProviderHost,
  tiktok: TikTokStandin,
  options: RespondIoOptions = {},
): RespondIoStandin {
  const saved = host.saved as Saved | undefined
  const boots = (saved?.boots ?? 0) + 1
  const ctx = createContext(host, options, boots, tiktok)
  if (saved) ctx.world.load(saved.world)
  mountApi(app, ctx)
  // No token, no end (§5.1): whoever knows the address may read.
  app.get('/respondio/cdn/:id/:file', (request, reply) => {
    const medium = ctx.world.media.get((request.params as { id: string }).id)
    const isThere = medium && medium.readyAt <= ctx.clock.now()
    return isThere
      ? serveMedium(ctx.knobs.cdn, request, reply, medium)
      : reply.code(404).type('text/plain').send('not found')
  })
  app.addHook('onClose', () => stop(ctx))
  return control(ctx, boots, tiktok)
}
