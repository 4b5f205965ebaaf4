import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { Deps } from '../deps.ts'
import { AppError } from '../kit/errors.ts'
import { openWithToken } from '../modules/api-tokens/api-tokens.service.ts'
import { readStatus, writeChats } from '../modules/gateway/gateway.service.ts'
import { RememberedCounts } from '../modules/gateway/remembered-counts.ts'

/** Who takes nothing for so long has gone. */
const STALLED_MS = 60_000
/** Answers with chats that are under way at a time, of one account in one process. */
const MOST_STREAMS = 4

/**
 * `GET /api/status` and `GET /api/chats`, for dashboards of the message-gateway. They are pages of other origins: any may
 * ask, since what lets one in is a token in a header, which no browser adds by itself, and never a cookie.
 */
export function registerGatewayApi(app: FastifyInstance, deps: Deps): void {
  const streams = new Map<string, number>()
  const counts = new RememberedCounts()
  const open = async (request: FastifyRequest) => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    return (await openWithToken(deps, token)).scope
  }
  void app.register(async (api) => {
    api.addHook('onRequest', allowOrigins)
    api.options('/api/*', (_request, reply) => reply.code(204).send())
    api.get('/api/status', async (request) => {
      const scope = await open(request)
      await request.limit('apiStatus', scope.accountId)
      return readStatus(scope, counts)
    })
    api.get('/api/chats', { exposeHeadRoute: false }, async (request, reply) => {
      const scope = await open(request)
      await request.limit('apiChats', scope.accountId)
      countStream(streams, scope.accountId, request, reply)
      endWhenStalled(reply)
      return reply.type('application/json; charset=utf-8').send(Readable.from(writeChats(scope), { objectMode: false }))
    })
  })
}

/** @throws AppError RATE_LIMITED when too many are under way */
function countStream(
  streams: Map<string, number>,
  accountId: string,
  { raw: { socket } }: FastifyRequest,
  { raw }: FastifyReply,
): void {
  // Nothing would tell any more that it ends.
  if (raw.destroyed || socket.destroyed) return
  const open = streams.get(accountId) ?? 0
  if (open >= MOST_STREAMS) throw new AppError('RATE_LIMITED', 'The chats are being read already; wait for the answers')
  streams.set(accountId, open + 1)
  const release = () => {
    raw.off('close', release)
    socket.off('close', release)
    const left = (streams.get(accountId) ?? 1) - 1
    if (left) streams.set(accountId, left)
    else streams.delete(accountId)
  }
  raw.once('close', release)
  // An answer that waits its turn behind another one's hears nothing of its connection's end.
  socket.once('close', release)
}

async function allowOrigins(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.headers({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '86400',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'no-store',
  })
}

function endWhenStalled({ raw }: FastifyReply): void {
  raw.setTimeout(STALLED_MS, () => raw.destroy())
  raw.once('close', () => raw.socket?.setTimeout(0))
}
