import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AuthorizeRefusal } from './authorize.ts'
import { schemas } from './control-schemas.ts'
import { faultSchema, knobsSchema } from './knobs.ts'
import type { TikTokStandin } from './standin.ts'
import { UnknownObject } from './world.ts'

const BASE = '/standin/api'
const BEAT_MS = 150

type Json = Record<string, unknown>
type Command = (body: unknown) => unknown

const command =
  <T>(schema: z.ZodType<T>, run: (input: T) => unknown): Command =>
  (body) =>
    run(schema.parse(body ?? {}))

/** JSON drops undefined optionals anyway; the control's own types ask for them to be absent. */
const present = <T extends object>(input: T): { [K in keyof T]-?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as never

function peopleCommands(tiktok: TikTokStandin): Record<string, Command> {
  return {
    businesses: command(schemas.business, tiktok.addBusiness),
    people: command(schemas.person, tiktok.addPerson),
    'customer-writes': command(schemas.writing, tiktok.customerWrites),
    'business-writes-in-app': command(schemas.inApp, tiktok.businessWritesInApp),
    'customer-reads': command(schemas.reads, tiktok.customerReads),
    'unknown-kind': command(schemas.unknownKind, tiktok.unknownKind),
    taps: command(schemas.tap, tiktok.taps),
    reacts: command(schemas.reacts, tiktok.reacts),
    arrives: command(schemas.arrives, tiktok.arrives),
    blocks: command(schemas.blocks, tiktok.blocks),
    revoke: command(schemas.revoke, ({ business, ...rest }) => tiktok.revoke(business, rest)),
  }
}

function machineCommands(tiktok: TikTokStandin): Record<string, Command> {
  return {
    grant: command(schemas.grant, ({ business, scopes }) => tiktok.grant(business, scopes)),
    authorize: command(schemas.authorize, ({ url, ...decision }) => ({ redirectUrl: tiktok.authorize(url, decision) })),
    'expire-access-tokens': command(schemas.businessOnly, ({ business }) => tiktok.expireAccessTokens(business)),
    'expire-refresh-tokens': command(schemas.businessOnly, ({ business }) => tiktok.expireRefreshTokens(business)),
    knobs: command(knobsSchema, (knobs) => {
      tiktok.setKnobs(present(knobs) as Partial<TikTokStandin['knobs']>)
      return tiktok.knobs
    }),
    'knobs/reset': command(schemas.nothing, () => {
      tiktok.resetKnobs()
      return tiktok.knobs
    }),
    faults: command(faultSchema, (fault) => {
      tiktok.fault(present(fault))
      return tiktok.knobs.sendFault
    }),
    'faults/clear': command(schemas.nothing, () => tiktok.clearFaults()),
    'webhooks/url': command(schemas.webhookUrl, ({ url }) => tiktok.setWebhookUrl(url ?? undefined)),
    'webhooks/pause': command(schemas.nothing, () => tiktok.pauseWebhooks()),
    'webhooks/resume': command(schemas.nothing, () => tiktok.resumeWebhooks()),
    'webhooks/sign': command(schemas.sign, ({ rawBody, ...rest }) => tiktok.signWebhook(rawBody, present(rest))),
    'webhooks/post-raw': command(schemas.postRaw, ({ rawBody, ...rest }) => tiktok.postRaw(rawBody, present(rest))),
    settled: command(schemas.nothing, () => tiktok.settled()),
    clock: command(schemas.clock, ({ advanceMs }) => {
      tiktok.clock.advance(advanceMs)
      return { now: tiktok.clock.now() }
    }),
    reset: command(schemas.nothing, () => tiktok.reset()),
  }
}

function stateOf(tiktok: TikTokStandin): Json {
  return {
    appId: tiktok.appId,
    now: tiktok.clock.now(),
    clockOffsetMs: tiktok.clock.offset(),
    webhookUrl: tiktok.webhookUrl() ?? null,
    webhooksPaused: tiktok.webhooksPaused(),
    knobs: tiktok.knobs,
    businesses: [...tiktok.world.businesses.values()].map((one) => ({ ...one, connected: tiktok.connected(one) })),
    people: [...tiktok.world.people.values()],
    conversations: tiktok.conversations().map(({ messages, ...rest }) => ({ ...rest, count: messages.length })),
  }
}

/** Tells the page that something happened; what it was is fetched. Bursts are told once. */
function streamChanges(tiktok: TikTokStandin, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  reply.raw.write('retry: 1000\n\n')
  let timer: NodeJS.Timeout | undefined
  const stop = tiktok.ledger.onAppend(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      reply.raw.write('data: changed\n\n')
    }, BEAT_MS)
  })
  request.raw.socket.once('close', () => {
    clearTimeout(timer)
    stop()
  })
}

/** What the page's customer picks and sees: bytes, in and out. */
function mountMediaControl(app: FastifyInstance, tiktok: TikTokStandin): void {
  app.addContentTypeParser(/^(image|video)\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/media', (request) => {
    const { business } = schemas.businessOnly.parse(request.query)
    const mime = request.headers['content-type'] ?? ''
    return { mediaId: tiktok.addMedium({ business, mime, bytes: request.body as Buffer }) }
  })
  app.get('/media', (request, reply) => {
    const { id } = z.object({ id: z.string() }).parse(request.query)
    const medium = tiktok.world.media.get(id)
    if (!medium) throw new UnknownObject(`no medium "${id}" here`)
    return reply.type(medium.mime).send(medium.bytes)
  })
}

function explain(error: Error): { status: number; message: string } | undefined {
  if (error instanceof z.ZodError) return { status: 400, message: z.prettifyError(error) }
  if (error instanceof UnknownObject) return { status: 404, message: error.message }
  if (error instanceof AuthorizeRefusal) return { status: 400, message: `wrong ${error.message}` }
  return undefined
}

/** Everything that the control object can do, for tests in other processes and for the page. */
export function mountControl(root: FastifyInstance, tiktok: TikTokStandin): void {
  void root.register(
    (app, _options, done) => {
      app.setErrorHandler((error: Error, _request, reply) => {
        const known = explain(error)
        if (!known) throw error
        return reply.code(known.status).send({ error: known.message })
      })
      for (const [name, run] of Object.entries({ ...peopleCommands(tiktok), ...machineCommands(tiktok) })) {
        app.post(`/${name}`, async (request) => (await run(request.body)) ?? { ok: true })
      }
      mountMediaControl(app, tiktok)
      app.get('/state', () => stateOf(tiktok))
      app.get('/knobs', () => tiktok.knobs)
      app.get('/messages', (request) => {
        const { conversation_id: id } = z.object({ conversation_id: z.string() }).parse(request.query)
        return tiktok.messages(id)
      })
      app.get('/ledger', (request) => {
        const { since } = z.object({ since: z.coerce.number().default(0) }).parse(request.query)
        return tiktok.ledger.since(since)
      })
      app.get('/webhooks', () => tiktok.ledger.webhooks())
      app.get('/events', (request, reply) => streamChanges(tiktok, request, reply))
      done()
    },
    { prefix: BASE },
  )
}
