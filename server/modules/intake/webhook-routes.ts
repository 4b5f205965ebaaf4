import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Channel, ChannelWebhook, Routing } from '../../channels/contract.ts'
import type { Deps } from '../../deps.ts'
import { openWebhookKeys } from '../inboxes/credentials.ts'
import { inboxWebhookPath } from '../inboxes/inbox-webhook.ts'
import { unsafeFindAddressed } from '../inboxes/inboxes.queries.ts'
import { EventStore } from './event-store.ts'
import { inboxKeyPrefix } from './intake.queries.ts'
import { InboxRefusals } from './inbox-refusals.ts'
import { RejectionCounts } from './rejection-counts.ts'
import { noteRejectedDelivery } from './rejections.ts'

const MAX_BODY = 1024 * 1024
/** Providers wait five seconds for an answer, and count what comes later as an error. */
const ANSWER_MS = 4_000
const TOKEN = /^[\w-]{20,100}$/

/**
 * `POST /webhooks/:channel`: verifies the raw bytes, stores them, answers 200; `POST /webhooks/:channel/:inboxToken` does
 * so with the inbox's own keys. Outside helmet and rate limiting; Redis is not on the path. Answers: 401 for a signature
 * that is missing, wrong, stale or ahead; 413 over 1 MB; 503 when nothing could be stored within 4 s, so that the provider
 * comes again; 404 for an unknown channel or inbox. `GET` is the channel's handshake.
 */
export function registerWebhooks(app: FastifyInstance, deps: Deps): void {
  const store = new EventStore(deps)
  const rejections = new RejectionCounts(deps)
  const refusals = new InboxRefusals(deps)
  app.addHook('onClose', async () => void (await Promise.all([rejections.close(), refusals.close()])))
  app.register(async (scope) => {
    // Bytes are bytes: what a sender calls them decides nothing, least of all whether they are kept.
    scope.addHook('onRequest', (request, _reply, done) => {
      request.headers['content-type'] = 'application/octet-stream'
      done()
    })
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY }, (_request, body, done) =>
      done(null, body),
    )
    for (const channel of deps.channels.all()) {
      const { webhook, manifest } = channel
      if (!webhook) continue
      const intake = { deps, store, rejections, refusals, channel, webhook }
      const options = { bodyLimit: MAX_BODY, logLevel: 'warn' } as const
      for (const path of manifest.webhookPaths) {
        scope.post(path, options, (request, reply) => receive(intake, { request, reply }))
        scope.get(path, { logLevel: 'warn' }, (request, reply) => shakeHands(webhook, request, reply))
      }
      if (!manifest.inboxWebhook) continue
      scope.post<ToInbox>(inboxWebhookPath(manifest.id), options, (request, reply) =>
        receiveForInbox(intake, request, reply),
      )
    }
  })
}

interface ToInbox {
  Params: { inboxToken: string }
}

/** 405 where nothing is asked before the provider delivers; what comes back is text and never a page. */
function shakeHands({ handshake }: ChannelWebhook, request: FastifyRequest, reply: FastifyReply) {
  if (!handshake) return reply.code(405).header('allow', 'POST').send()
  const { status, body } = handshake(request.query as Record<string, unknown>)
  return reply.code(status).type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff').send(body)
}

interface Intake {
  deps: Deps
  store: EventStore
  rejections: RejectionCounts
  refusals: InboxRefusals
  channel: Channel
  webhook: ChannelWebhook
}

interface Arrival {
  request: FastifyRequest
  reply: FastifyReply
  keys?: readonly string[]
  /** Until when it has to be answered, as `performance.now()` has it. */
  answerBy?: number
  /** The inbox whose own address it came to. */
  inbox?: { accountId: string; id: string; externalId: string; webhookToken: string; webhookKeys: string | null }
}

/**
 * To an inbox's own address. One without a key cannot tell anything from a forgery, and one that is disconnected has none:
 * what comes is taken and forgotten, since a provider that is refused too often stops for good.
 */
async function receiveForInbox(intake: Intake, request: FastifyRequest<ToInbox>, reply: FastifyReply) {
  const { deps, channel } = intake
  const answerBy = performance.now() + ANSWER_MS
  try {
    const { inboxToken } = request.params
    const inbox =
      TOKEN.test(inboxToken) &&
      (await before(answerBy, unsafeFindAddressed(deps.addresses, channel.manifest.id, inboxToken)))
    if (!inbox) return await reply.code(404).send({ error: { code: 'NOT_FOUND', message: 'No such address' } })
    const keys = openWebhookKeys(deps, inbox)
    return keys.length
      ? await receive(intake, { request, reply, keys, answerBy, inbox: { ...inbox, webhookToken: inboxToken } })
      : await reply.code(200).send('ok')
  } catch (error) {
    return notStored(intake, error, reply)
  }
}

async function receive(intake: Intake, arrival: Arrival) {
  const { request, reply, keys, inbox, answerBy = performance.now() + ANSWER_MS } = arrival
  const { deps, store, channel, webhook } = intake
  const { id: channelType } = channel.manifest
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const headers = request.headers as Record<string, string | undefined>
  const now = deps.clock.now()
  const verdict = webhook.verify({ headers, body }, now, keys)
  if (!verdict.ok) {
    deps.metrics.rejectedWebhooks.inc({ channel: channelType, reason: verdict.reason })
    // At an inbox's own address it is that inbox's affair: the channel's number is on everybody's page (I10).
    if (inbox) intake.refusals.add(inbox, verdict.reason, now)
    else intake.rejections.add(channelType, verdict.reason, now)
    if (verdict.reason === 'stale') {
      noteRejectedDelivery(deps, channel, { body, addressed: inbox?.externalId }, verdict.signedAt ?? now)
    }
    return reply.code(401).send({ error: { code: 'UNAUTHENTICATED', message: `Signature ${verdict.reason}` } })
  }
  try {
    const routing = inbox ? within(inbox, webhook.route(body)) : webhook.route(body)
    if (routing) await store.store({ channelType, raw: body, ...routing }, answerBy - performance.now())
    return await reply.code(200).send('ok')
  } catch (error) {
    return notStored(intake, error, reply)
  }
}

/**
 * An inbox's key is somebody's own, so what it signs is for that inbox alone, whatever the body says, and can take the
 * place of nobody else's event (I10). Nothing, when it is about another business: a provider may tell each address of all.
 */
function within({ id, externalId }: NonNullable<Arrival['inbox']>, routing: Routing): Routing | undefined {
  if (routing.accountRef && routing.accountRef !== externalId) return undefined
  return { ...routing, accountRef: externalId, eventKey: inboxKeyPrefix(id) + routing.eventKey }
}

/** Rejects when it takes longer than that. */
async function before<T>(answerBy: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('a delivery took too long')), answerBy - performance.now())
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function notStored({ deps, channel }: Intake, error: unknown, reply: FastifyReply) {
  deps.log.error({ err: error, channel: channel.manifest.id }, 'a delivery could not be stored')
  return reply.code(503).send({ error: { code: 'INTERNAL', message: 'Not stored; deliver again' } })
}
