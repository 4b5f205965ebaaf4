import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'socket.io'
import type { Deps } from '../deps.ts'
import { AppError, publicError } from '../kit/errors.ts'
import { RateWindow } from '../realtime/rate-window.ts'
import type { GatewayListeners } from './gateway-listeners.ts'

/** What one address on the network may do in a minute. Mutable for tests. */
export const GATEWAY_PER_MINUTE = { handshakes: 600, signIns: 600 }
/** After that a connection is closed. */
const MOST_FAILURES = 3

type Connection = Socket['conn']

/**
 * Lets sockets in with `auth.token`. Each try asks the database, and Socket.IO takes as many as come: so there is one at a
 * time of a connection, few that fail, and so many of an address.
 */
export class SignIns {
  readonly #deps: Deps
  readonly #listeners: GatewayListeners
  readonly #ofAddress = new RateWindow({ limit: GATEWAY_PER_MINUTE.signIns, perMs: 60_000 })
  readonly #pending = new WeakSet<Connection>()
  readonly #failures = new WeakMap<Connection, number>()

  constructor(deps: Deps, listeners: GatewayListeners) {
    this.#deps = deps
    this.#listeners = listeners
  }

  /** What is ours to mend only breaks the line, so that the client comes again. */
  async take(socket: Socket, next: (error?: Error) => void): Promise<void> {
    const { conn } = socket
    if (this.#pending.has(conn) || (this.#failures.get(conn) ?? 0) >= MOST_FAILURES) return void conn.close(true)
    this.#pending.add(conn)
    try {
      this.#count(conn)
      await this.#listeners.add(socket, tokenOf(socket))
      next()
    } catch (error) {
      this.#failures.set(conn, (this.#failures.get(conn) ?? 0) + 1)
      const { code, message, details } = publicError(error)
      if (code !== 'INTERNAL') return next(Object.assign(new Error(message), { data: { code, details } }))
      this.#deps.log.warn({ err: error }, 'a socket could not be signed in')
      conn.close()
    } finally {
      this.#pending.delete(conn)
    }
  }

  #count({ request, remoteAddress }: Connection): void {
    const address = addressOf(request.headers, remoteAddress, this.#deps.config.trustProxyHops)
    if (!this.#ofAddress.take(address)) throw new AppError('RATE_LIMITED', 'Too many sockets; try again later')
  }
}

export const tokenOf = (socket: Socket): unknown => (socket.handshake.auth as { token?: unknown }).token

/** Whom the last of the proxies that may say so saw: an upgrade passes none of our hooks, and so has no `request.ip`. */
export function addressOf(headers: IncomingHttpHeaders, remoteAddress = '', hops: number): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').reverse()
  const seen = [remoteAddress, ...forwarded.map((address) => address.trim()).filter(Boolean)]
  return seen[Math.min(hops, seen.length - 1)] ?? ''
}
