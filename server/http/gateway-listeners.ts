import type { Socket } from 'socket.io'
import type { Deps } from '../deps.ts'
import { AppError } from '../kit/errors.ts'
import { unsafeListGoodTokenIds } from '../modules/api-tokens/api-tokens.queries.ts'
import { openWithToken, type TokenAccess } from '../modules/api-tokens/api-tokens.service.ts'
import { findChats } from '../modules/gateway/chats.queries.ts'
import { failureText } from '../modules/messages/failures.ts'
import type { Hub } from '../realtime/hub.ts'
import { RateWindow } from '../realtime/rate-window.ts'
import type { LogEntry } from '../realtime/types.ts'

/** Of one account, in one process. */
const MOST_SOCKETS = 100
/** Packets that may wait for one socket. */
const MOST_WAITING = 1_000

interface Audience {
  /** Socket → the token that it came in with. */
  readonly sockets: Map<Socket, string>
  readonly following: Promise<() => void>
}

/** Tells everybody who listens to the account. */
type Emit = (accountId: string, event: 'message' | 'send_error', payload: unknown) => void

/** Who listens to which account over Socket.IO: each account's log is followed once, however many there are. */
export class GatewayListeners {
  readonly #deps: Deps
  readonly #hub: Hub
  readonly #emit: Emit
  /** Several changes of a message may be read when it has failed already: it is told once. */
  readonly #failures = new RateWindow({ limit: 1, perMs: 60_000 })
  readonly #audiences = new Map<string, Audience>()

  constructor(deps: Deps, hub: Hub, emit: Emit) {
    this.#deps = deps
    this.#hub = hub
    this.#emit = emit
    hub.onAccess.add(async (changes) => {
      const concerned = new Set(changes.flatMap(({ kind, accountId }) => (kind === 'account' ? (accountId ?? []) : [])))
      await Promise.all([...concerned].map((accountId) => this.#review(accountId)))
    })
  }

  /**
   * Takes a socket in with its token; it misses nothing from then on, and is known from before the last look at the token.
   * @throws AppError for a token that is none, RATE_LIMITED when the account has too many sockets
   */
  async add(socket: Socket, token: unknown): Promise<void> {
    const leave = () => {
      socket.conn.off('close', leave)
      this.#leave(socket)
    }
    socket.conn.once('close', leave)
    socket.once('disconnect', leave)
    try {
      await this.#hub.steady(async () => this.#enter(socket, await openWithToken(this.#deps, token)))
      await this.#audiences.get(accountOf(socket))?.following
    } catch (error) {
      leave()
      throw error
    }
  }

  close(): void {
    for (const { following } of this.#audiences.values()) void following.then((end) => end()).catch(() => {})
    this.#audiences.clear()
  }

  #gather(accountId: string): Audience {
    const sockets = new Map<Socket, string>()
    const take = (entries: readonly LogEntry[]) => this.#tell(accountId, entries)
    const following = this.#hub.tails.follow(accountId, take)
    const audience = { sockets, following }
    following.catch(() => {
      if (this.#audiences.get(accountId) === audience) this.#audiences.delete(accountId)
    })
    this.#audiences.set(accountId, audience)
    return audience
  }

  #enter(socket: Socket, { scope, tokenId }: TokenAccess): void {
    const { accountId } = scope
    // Nothing would tell any more that it leaves.
    if (socket.conn.readyState !== 'open') throw new AppError('UNAUTHENTICATED', 'The socket has closed')
    const { sockets } = this.#audiences.get(accountId) ?? this.#gather(accountId)
    if (!sockets.has(socket) && sockets.size >= MOST_SOCKETS)
      throw new AppError('RATE_LIMITED', 'Too many sockets of this account')
    Object.assign(socket.data, { accountId })
    sockets.set(socket, tokenId)
  }

  #leave(socket: Socket): void {
    const accountId = accountOf(socket)
    const audience = this.#audiences.get(accountId)
    if (!audience?.sockets.delete(socket) || audience.sockets.size) return
    this.#audiences.delete(accountId)
    void audience.following.then((end) => end()).catch(() => {})
  }

  /** Everything is read before anything is told, so that what fails can be taken again. */
  async #tell(accountId: string, entries: readonly LogEntry[]): Promise<void> {
    const spoken = entries.filter(({ type }) => type === 'message.created' || type === 'message.updated')
    const ids = spoken.flatMap(({ messageId }) => messageId ?? [])
    if (!ids.length) return
    const found = await this.#deps.scopes.system(accountId).read((tx) => findChats(tx, ids))
    this.#dropSlow(accountId)
    for (const { type, messageId } of spoken) {
      const { chat, history, failure } = found.get(messageId ?? '') ?? {}
      if (!chat || history) continue
      if (type === 'message.created') this.#emit(accountId, 'message', chat)
      else if (failure && this.#failures.take(failure.attempt))
        this.#emit(accountId, 'send_error', failed(chat.conversationId, failure.code))
    }
  }

  /** They come again by themselves, and read in /api/chats what they missed. */
  #dropSlow(accountId: string): void {
    for (const { conn } of this.#audiences.get(accountId)?.sockets.keys() ?? []) dropWhenSlow(conn)
  }

  /** Shuts out who came in with a token that is no good any more. */
  async #review(accountId: string): Promise<void> {
    const audience = this.#audiences.get(accountId)
    if (!audience) return
    const good = await unsafeListGoodTokenIds(this.#deps.system, accountId)
    for (const [socket, tokenId] of audience.sockets) if (!good.has(tokenId)) shutOut(socket)
  }
}

/** The account whose room a socket is in; '' before it has said who it is. */
export const accountOf = (socket: Socket): string => (socket.data as { accountId?: string }).accountId ?? ''

const failed = (conversationId: string, code: string) => ({ conversationId, code, message: failureText(code) })

/** Closes a connection whose other side does not take what it is told. */
export function dropWhenSlow(conn: Socket['conn']): void {
  const { length } = (conn as unknown as { writeBuffer: unknown[] }).writeBuffer
  if (length > MOST_WAITING) conn.close(true)
}

function shutOut(socket: Socket): void {
  if (socket.connected) socket.disconnect(true)
  else socket.conn.close()
}
