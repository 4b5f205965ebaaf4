import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Commands } from '../control.ts'
import { CONTROL_BASE, command, commonCommands, mountControl, present } from '../control.ts'
import { UnknownObject } from '../unknown-object.ts'
import { AuthorizeRefusal } from './authorize.ts'
import { schemas } from './control-schemas.ts'
import { faultSchema, knobsSchema } from './knobs.ts'
import type { TikTokStandin } from './standin.ts'

type Json = Record<string, unknown>

function peopleCommands(tiktok: TikTokStandin): Commands {
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

function machineCommands(tiktok: TikTokStandin): Commands {
  return {
    ...commonCommands(tiktok, { knobs: knobsSchema, fault: faultSchema }),
    grant: command(schemas.grant, ({ business, scopes }) => tiktok.grant(business, scopes)),
    authorize: command(schemas.authorize, ({ url, ...decision }) => ({ redirectUrl: tiktok.authorize(url, decision) })),
    'expire-access-tokens': command(schemas.businessOnly, ({ business }) => tiktok.expireAccessTokens(business)),
    'expire-refresh-tokens': command(schemas.businessOnly, ({ business }) => tiktok.expireRefreshTokens(business)),
    'webhooks/url': command(schemas.webhookUrl, ({ url }) => tiktok.setWebhookUrl(url ?? undefined)),
    'webhooks/sign': command(schemas.sign, ({ rawBody, ...rest }) => tiktok.signWebhook(rawBody, present(rest))),
    'webhooks/post-raw': command(schemas.postRaw, ({ rawBody, ...rest }) => tiktok.postRaw(rawBody, present(rest))),
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

export function mountTikTokControl(root: FastifyInstance, tiktok: TikTokStandin): void {
  mountControl(root, {
    prefix: CONTROL_BASE,
    commands: { ...peopleCommands(tiktok), ...machineCommands(tiktok) },
    ledger: tiktok.ledger,
    explain: (error) =>
      error instanceof AuthorizeRefusal ? { status: 400, message: `wrong ${error.message}` } : undefined,
    more: (app) => {
      mountMediaControl(app, tiktok)
      app.get('/state', () => stateOf(tiktok))
      app.get('/knobs', () => tiktok.knobs)
      app.get('/messages', (request) => {
        const { conversation_id: id } = z.object({ conversation_id: z.string() }).parse(request.query)
        return tiktok.messages(id)
      })
    },
  })
}
