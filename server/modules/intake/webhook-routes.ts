import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Channel, ChannelWebhook, Verification } from '../../channels/contract.ts'
import type { Deps } from '../../deps.ts'
import { EventStore } from './event-store.ts'
import { RejectionCounts } from './rejection-counts.ts'
import { noteRejectedDelivery } from './rejections.ts'

const MAX_BODY = 1024 * 1024

/**
 * `POST /webhooks/:channel`: verifies the raw bytes, stores them, answers 200. Outside helmet and rate limiting; no
 * tenant is known here and Redis is not on the path. Answers: 401 for a signature that is missing, wrong, stale or ahead;
 * 413 over 1 MB; 503 when nothing could be stored, so that the provider comes again; 404 for an unknown channel. `GET` is
 * the channel's handshake.
 */
export function registerWebhooks(app: FastifyInstance, deps: Deps): void {
  const store = new EventStore(deps)
  const rejections = new RejectionCounts(deps)
  app.addHook('onClose', () => rejections.close())
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
      for (const path of manifest.webhookPaths) {
        scope.post(path, { bodyLimit: MAX_BODY, logLevel: 'warn' }, (request, reply) =>
          receive({ deps, store, rejections, channel }, request, reply),
        )
        scope.get(path, { logLevel: 'warn' }, (request, reply) => shakeHands(webhook, request, reply))
      }
    }
  })
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
  channel: Channel
}

async function receive({ deps, store, rejections, channel }: Intake, request: FastifyRequest, reply: FastifyReply) {
  const { webhook, manifest } = channel
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const headers = request.headers as Record<string, string | undefined>
  const now = deps.clock.now()
  const verdict: Verification = webhook?.verify({ headers, body }, now) ?? { ok: false, reason: 'wrong' }
  if (!verdict.ok) {
    deps.metrics.rejectedWebhooks.inc({ channel: manifest.id, reason: verdict.reason })
    rejections.add(manifest.id, verdict.reason, now)
    if (verdict.reason === 'stale' && webhook) {
      noteRejectedDelivery(deps, channel, body, verdict.signedAt ?? now)
    }
    return reply.code(401).send({ error: { code: 'UNAUTHENTICATED', message: `Signature ${verdict.reason}` } })
  }
  try {
    const routing = webhook?.route(body)
    if (routing) await store.store({ channelType: manifest.id, raw: body, ...routing })
    return await reply.code(200).send('ok')
  } catch (error) {
    deps.log.error({ err: error, channel: manifest.id }, 'a delivery could not be stored')
    return reply.code(503).send({ error: { code: 'INTERNAL', message: 'Not stored; deliver again' } })
  }
}
