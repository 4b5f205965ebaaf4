import type { FastifyInstance } from 'fastify'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Deps } from '../deps.ts'
import { AppError, publicError } from '../kit/errors.ts'
import { settled } from '../kit/settled.ts'
import { openWithToken } from '../modules/api-tokens/api-tokens.service.ts'
import { LONGEST_REF, sendChat } from '../modules/gateway/gateway.service.ts'
import type { Hub } from '../realtime/hub.ts'
import { RateWindow } from '../realtime/rate-window.ts'
import { accountOf, dropWhenSlow, GatewayListeners } from './gateway-listeners.ts'
import { addressOf, GATEWAY_PER_MINUTE, SignIns, tokenOf } from './gateway-sign-in.ts'
import { divertUpgrades } from './upgrades.ts'

const PATH = '/socket.io/'
const MAX_PAYLOAD = 64 * 1024
/** To say who one is. */
const SIGN_IN_MS = 5_000
/** Requests of one socket that wait for their turn. */
const MOST_WAITING = 100
/** For replies that were taken when the process stops, and then for the answers to go out. */
const FINISH_MS = 4_000
const HANG_UP_MS = 500

interface Options {
  deps: Deps
  hub: Hub
}

/** Replies that are being taken, of all sockets. */
interface Work {
  readonly turns: Set<Promise<unknown>>
  stopping: boolean
}

type Answer = (answer: unknown) => void

/**
 * Socket.IO as the message-gateway speaks it: `message` for everything that happens while one is connected, `send_message`
 * for replies. Reached through a server of its own that listens nowhere, so that neither its requests nor its upgrades
 * meet those of others. Needs limitsPlugin, and comes before what closes the hub.
 */
export function registerGatewaySocket(app: FastifyInstance, options: Options): void {
  const { deps, hub } = options
  const handshakes = new RateWindow({ limit: GATEWAY_PER_MINUTE.handshakes, perMs: 60_000 })
  const inner = createServer()
  const work: Work = { turns: new Set(), stopping: false }
  const listeners = new GatewayListeners(deps, hub, (accountId, event, payload) =>
    io.to(accountId).emit(event, payload),
  )
  const io: Server = new Server(inner, {
    path: PATH,
    cors: { origin: '*', methods: ['GET', 'POST'] },
    maxHttpBufferSize: MAX_PAYLOAD,
    connectTimeout: SIGN_IN_MS,
    destroyUpgrade: false,
    allowRequest: ({ headers, socket }: IncomingMessage, decide) =>
      decide(null, handshakes.take(addressOf(headers, socket.remoteAddress, deps.config.trustProxyHops))),
  })
  // Whatever is asked is answered: who does not take the answers may ask nothing more.
  io.engine.on('connection', (conn: Socket['conn']) => conn.on('data', () => dropWhenSlow(conn)))
  const signIns = new SignIns(deps, listeners)
  io.use((socket, next) => void signIns.take(socket, next))
  io.on('connection', (socket) => {
    void socket.join(accountOf(socket))
    deps.metrics.sockets.inc()
    socket.once('disconnect', () => deps.metrics.sockets.dec())
    serve(app, deps, socket, work)
  })
  // Once whoever else takes upgrades is there.
  app.addHook('onReady', async () => divertUpgrades(app.server, PATH, (...one) => void inner.emit('upgrade', ...one)))
  passRequests(app, (request, response) => void inner.emit('request', request, response))
  app.addHook('preClose', async () => {
    work.stopping = true
    await settled(Promise.all(work.turns), FINISH_MS)
    listeners.close()
    await settled(hangUp(io), HANG_UP_MS)
    await io.close()
  })
}

/** Closes the connections once what waits for them is taken. */
const hangUp = (io: Server) =>
  Promise.all(
    [...io.sockets.sockets.values()].map(({ conn }) => {
      const closed = new Promise((done) => conn.once('close', done))
      conn.close()
      return closed
    }),
  )

/** Its requests pass our hooks and are its own to read and to answer. */
function passRequests(app: FastifyInstance, pass: (request: IncomingMessage, response: ServerResponse) => void): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const helmet = { crossOriginResourcePolicy: { policy: 'cross-origin' as const } }
    scope.route({
      method: ['GET', 'POST', 'OPTIONS'],
      url: `${PATH}*`,
      logLevel: 'warn',
      helmet,
      handler: (request, reply) => {
        reply.hijack()
        pass(request.raw, reply.raw)
      },
    })
  })
}

/** One request of a socket after the other: replies go out in the order in which they came. */
function serve(app: FastifyInstance, deps: Deps, socket: Socket, work: Work): void {
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()
  socket.on('send_message', (payload: unknown, answer: unknown) => {
    const tell: Answer = (said) => {
      dropWhenSlow(socket.conn)
      if (typeof answer === 'function') (answer as Answer)(said)
    }
    if (work.stopping) return refuse(deps, socket, { payload, tell }, goingAway())
    if (waiting >= MOST_WAITING) return refuse(deps, socket, { payload, tell }, tooFast())
    waiting += 1
    const mine = turn
      .then(() => send(app, deps, socket, payload))
      .then(tell, (error: unknown) => refuse(deps, socket, { payload, tell }, error))
      .finally(() => {
        waiting -= 1
        work.turns.delete(mine)
      })
    work.turns.add(mine)
    turn = mine
  })
}

const goingAway = () => new AppError('RATE_LIMITED', 'The server is going away; send it again')
const tooFast = () => new AppError('RATE_LIMITED', 'Too many messages; wait for the answers')

async function send(app: FastifyInstance, deps: Deps, socket: Socket, payload: unknown) {
  const { scope } = await openWithToken(deps, tokenOf(socket))
  await app.limit('apiSend', scope.accountId)
  const { id, status } = await sendChat(deps, scope, payload)
  return { ok: true, messageId: id, status }
}

/** Why it was not sent: to whoever asked for an answer, and as an event, which programs of the gateway do not know. */
function refuse(deps: Deps, socket: Socket, asked: { payload: unknown; tell: Answer }, error: unknown): void {
  const { code, message, details } = publicError(error)
  if (code === 'INTERNAL') deps.log.error({ err: error, ...details }, 'a program’s message could not be sent')
  const reason = { code, message, ...(details && { details }) }
  asked.tell({ ok: false, error: reason })
  const { conversationId } = (asked.payload ?? {}) as { conversationId?: unknown }
  const isRef = typeof conversationId === 'string' && conversationId.length <= LONGEST_REF
  socket.emit('send_error', { ...(isRef && { conversationId }), ...reason })
}
