import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ValidationRule } from 'graphql'
import { handleProtocols, makeServer, type Context, type ServerOptions } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Config } from '../config.ts'
import { AppError, publicError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import type { Metrics } from '../kit/metrics.ts'
import type { Connection } from '../realtime/connection.ts'
import { codedError, Documents, Refusal } from '../realtime/documents.ts'
import type { Hub } from '../realtime/hub.ts'
import { CLOSE, type FeedSession } from '../realtime/types.ts'
import { RateWindow } from '../realtime/rate-window.ts'
import { isSameOrigin } from './same-origin.ts'

export interface GraphqlSocketOptions {
  deps: { config: Pick<Config, 'publicUrl'>; log: Logger }
  hub: Hub
  auth: {
    /** The session of an access token; undefined when it is not, or no longer, good. */
    authenticate(token: string): Promise<FeedSession | undefined>
  }
  /** On top of the specified ones. */
  validationRules?: readonly ValidationRule[]
  /** Counts the open ones. */
  sockets?: Pick<Metrics['sockets'], 'inc' | 'dec'>
  /** `connection_init`s per session and minute. */
  initsPerMinute?: number
}

interface Peer {
  readonly socket: WebSocket
  readonly messages: RateWindow
  connection: Connection | undefined
  heardAt: number
}

const MAX_PAYLOAD = 64 * 1024
const INIT_WITHIN_MS = 5_000
const INITS_PER_MINUTE = 120
const MESSAGES = { limit: 100, perMs: 10_000 }
/** Documents of a user that were not seen before: each is validated, or refused, anew. */
const NEW_DOCUMENTS = { limit: 60, perMs: 60_000 }
const MAX_ID = 200
const SWEEP_MS = 5_000
const PING_AFTER_MS = 15_000
const DEAD_AFTER_MS = 45_000
const INTERNAL_ERROR = 1011

/**
 * Serves subscriptions at /graphql/ws in graphql-transport-ws. graphql-ws keeps the protocol: time to say who one is,
 * ids, validation; the hub keeps what is subscribed and writes the events itself. Closes the hub with the app.
 */
export async function registerGraphqlSocket(app: FastifyInstance, options: GraphqlSocketOptions): Promise<void> {
  const { hub, deps } = options
  const peers = new Set<Peer>()
  const server = makeServer<Record<string, unknown>, Peer>(protocol(options))
  const sweeper = setInterval(() => sweep(peers), SWEEP_MS)
  // Before the plugin's own hook, which closes sockets without a word.
  app.addHook('preClose', async () => {
    clearInterval(sweeper)
    await hub.close()
    for (const { socket } of peers) socket.close(CLOSE.goingAway, 'Going away')
  })
  app.addHook('onClose', () => {
    for (const { socket } of peers) socket.terminate()
  })
  await useWebsockets(app, deps.log)
  const preValidation = originCheck(deps.config.publicUrl)
  app.get('/graphql/ws', { websocket: true, preValidation }, (socket) => {
    options.sockets?.inc()
    socket.on('close', () => options.sockets?.dec())
    serve(server, socket, peers, deps.log)
  })
  app.addHook('onReady', () => hub.start())
}

async function useWebsockets(app: FastifyInstance, log: Logger) {
  if (!app.hasDecorator('websocketServer'))
    await app.register(fastifyWebsocket, {
      options: { maxPayload: MAX_PAYLOAD },
      // ws has closed the socket by itself; an error of ours has not.
      errorHandler: (error, socket) => {
        log.debug({ err: error }, 'websocket')
        socket.close(INTERNAL_ERROR, 'Internal error')
      },
    })
  app.websocketServer.options.handleProtocols = handleProtocols
}

function originCheck(publicUrl: string) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (isSameOrigin(request, publicUrl)) return
    await reply.code(403).send({ error: { code: 'FORBIDDEN', message: 'Origin not allowed' } })
  }
}

function serve(
  server: ReturnType<typeof makeServer<Record<string, unknown>, Peer>>,
  socket: WebSocket,
  peers: Set<Peer>,
  log: Logger,
) {
  const peer: Peer = { socket, messages: new RateWindow(MESSAGES), connection: undefined, heardAt: Date.now() }
  peers.add(peer)
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (data) => (socket.readyState === socket.OPEN ? socket.send(data) : undefined),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) => {
        socket.on('message', (data) => {
          if (!hear(peer)) return
          handle(String(data)).catch((error: unknown) => fail(peer, error, log))
        })
      },
    },
    peer,
  )
  socket.on('ping', () => hear(peer))
  socket.on('pong', () => hear(peer))
  socket.on('close', (code, reason) => {
    peers.delete(peer)
    peer.connection?.gone()
    closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'websocket'))
  })
}

/** Whether to go on listening: not to a socket that talks without end, or that does not take the answers. */
function hear(peer: Peer): boolean {
  peer.heardAt = Date.now()
  if (peer.connection) peer.connection.heardAt = peer.heardAt
  if (peer.socket.readyState !== peer.socket.OPEN) return false
  if (peer.messages.take() && peer.socket.bufferedAmount < 2 * MAX_BUFFER) return true
  closePeer(peer, CLOSE.tooMany, 'Too many messages')
  return false
}

const MAX_BUFFER = 1 << 20

function closePeer(peer: Peer, code: number, reason: string) {
  if (peer.connection) peer.connection.close(code, reason)
  else peer.socket.close(code, reason)
}

function fail(peer: Peer, error: unknown, log: Logger) {
  log.error({ err: error }, 'a message over the websocket could not be handled')
  closePeer(peer, INTERNAL_ERROR, 'Internal error')
}

/** Pings who has been silent, and gives up on who stays so: a broken line is not always reported. */
function sweep(peers: ReadonlySet<Peer>) {
  const now = Date.now()
  for (const { socket, heardAt } of peers) {
    if (now - heardAt > DEAD_AFTER_MS) socket.terminate()
    else if (now - heardAt > PING_AFTER_MS && socket.readyState === socket.OPEN) socket.ping()
  }
}

type Protocol = ServerOptions<Record<string, unknown>, Peer>
type SocketContext = Context<Record<string, unknown>, Peer>

function protocol({ hub, auth, deps, validationRules = [], initsPerMinute }: GraphqlSocketOptions): Protocol {
  const documents = new Documents(hub.schema, validationRules)
  const inits = new RateWindow({ limit: initsPerMinute ?? INITS_PER_MINUTE, perMs: 60_000 })
  const unknown = new RateWindow(NEW_DOCUMENTS)
  return {
    connectionInitWaitTimeout: INIT_WITHIN_MS,
    onConnect: async ({ connectionParams, extra }) => {
      const session = await identify(hub, auth, bearerToken(connectionParams?.authorization), deps.log)
      if (session === 'unavailable') extra.socket.close(CLOSE.tryAgainLater, 'Try again later')
      if (!session || session === 'unavailable') return false
      if (!inits.take(session.sessionId)) extra.socket.close(CLOSE.tooMany, 'Too many connections')
      extra.connection = hub.connect(extra.socket, session)
      return extra.connection !== undefined
    },
    onSubscribe: async ({ extra }, id, { query, operationName, variables }) => {
      try {
        if (!extra.connection?.open) throw new AppError('UNAUTHENTICATED', 'The socket is closing')
        if (id.length > MAX_ID) throw new AppError('INVALID', 'The id is too long')
        if (!documents.knows(query) && !unknown.take(extra.connection.session.userId))
          throw new AppError('RATE_LIMITED', 'Too many different documents; try again later')
        const prepared = documents.prepare(query, operationName)
        const args = documents.readArguments(prepared, variables)
        const contextValue = await hub.join(extra.connection, id, prepared, args)
        return { schema: hub.schema(), document: prepared.document, contextValue }
      } catch (error) {
        return refuse(error, extra, deps.log)
      }
    },
    // The hub has subscribed; this only hands its stream over.
    subscribe: ({ contextValue }) => contextValue as AsyncGenerator<never>,
  } satisfies Protocol
}

function bearerToken(authorization: unknown): string | undefined {
  return typeof authorization === 'string' ? /^Bearer ([^\s]{1,8192})$/i.exec(authorization)?.[1] : undefined
}

async function identify(hub: Hub, auth: GraphqlSocketOptions['auth'], token: string | undefined, log: Logger) {
  if (!token) return undefined
  try {
    return await hub.steady(() => auth.authenticate(token))
  } catch (error) {
    if (error instanceof AppError && error.code !== 'INTERNAL') return undefined
    log.warn({ err: error }, 'a websocket could not be authenticated')
    return 'unavailable' as const
  }
}

/** Errors of the asking side go into an `error` frame; ours close the socket, so that the client comes again. */
function refuse(error: unknown, { connection }: SocketContext['extra'], log: Logger) {
  if (error instanceof Refusal) return [...error.errors]
  if (publicError(error).code === 'INTERNAL') {
    log.warn({ err: error }, 'a subscription could not be started')
    connection?.close(CLOSE.tryAgainLater, 'Try again later')
  }
  return [codedError(error)]
}
