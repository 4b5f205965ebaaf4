import type { GraphQLSchema } from 'graphql'
import { setTimeout } from 'node:timers/promises'
import type { Sql } from '../db/client.ts'
import type { Scopes } from '../db/scope.ts'
import type { Clock } from '../kit/clock.ts'
import { notFound } from '../kit/errors.ts'
import { parseId } from '../kit/ids.ts'
import type { Logger } from '../kit/log.ts'
import { AccessWatcher, type AccessChange } from './access.ts'
import { Connection } from './connection.ts'
import { parseCursor } from './cursor.ts'
import type { Arguments, Prepared } from './documents.ts'
import { WakeHints } from './hints.ts'
import { Loader, Slots } from './loader.ts'
import { FeedLog } from './log.ts'
import { Members } from './members.ts'
import { Renderer, type Group } from './renderer.ts'
import { Room } from './room.ts'
import type { Stamper, Wake } from './stamper.ts'
import type { FeedStats } from './stats.ts'
import { Subscriber } from './subscriber.ts'
import { Tails } from './tails.ts'
import {
  CLOSE,
  DEFAULT_TUNING,
  type FeedSession,
  type FeedSocket,
  type FindViewer,
  type Hydrate,
  type Tuning,
  type Viewer,
} from './types.ts'

export interface HubDeps {
  scopes: Pick<Scopes, 'system'>
  system: { sql: Sql }
  stamper: Pick<Stamper, 'onWake' | 'channel'>
  redisUrl: string
  clock: Clock
  log: Logger
  hydrate: Hydrate
  findViewer: FindViewer
  /** Asked when it is needed, since the schema is built after the hub. */
  schema: () => GraphQLSchema
  tuning?: Partial<Tuning>
}

const TICK_MS = 250
const POLL_MS = 1_000
const REPLAYS_AT_ONCE = 4
const FLUSH_MS = 2_000

/** The account feeds of this process: who listens, and what wakes them. */
export class Hub {
  readonly schema: () => GraphQLSchema
  readonly tuning: Tuning
  /** Followers that are no GraphQL subscribers. */
  readonly tails: Tails
  /** Told of changes of access as the hub is, and asked again when they could not use them. */
  readonly onAccess = new Set<(changes: readonly AccessChange[]) => Promise<void>>()
  readonly #deps: HubDeps
  readonly #feedLog: FeedLog
  readonly #renderer: Renderer
  readonly #members: Members
  readonly #access: AccessWatcher
  readonly #slots = new Slots(REPLAYS_AT_ONCE)
  readonly #rooms = new Map<string, { room: Room; loader: Loader; opened: Promise<void> }>()
  readonly #connections = new Map<string, Set<Connection>>()
  readonly #stats: FeedStats
  #hints: WakeHints | undefined
  #stopListening: (() => void) | undefined
  #timers: NodeJS.Timeout[] = []
  #polling: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(deps: HubDeps) {
    this.#deps = deps
    this.schema = deps.schema
    this.tuning = { ...DEFAULT_TUNING, ...deps.tuning }
    this.#stats = { reads: 0, deliveries: 0, resets: 0, fallenBehind: 0, bufferLimit: this.tuning.bufferLimit }
    this.#feedLog = new FeedLog(deps.scopes, deps.system.sql)
    this.tails = new Tails(this.#feedLog, deps.log)
    this.#renderer = new Renderer(deps.schema, deps.log)
    this.#members = new Members(deps.findViewer)
    this.#access = new AccessWatcher(deps.system.sql, deps.log, (changes) => this.#applyAccess(changes))
  }

  /** Begins to listen; the stamper is started by whoever owns it. */
  start(): void {
    if (this.#timers.length || this.#closing) return
    const { redisUrl, stamper, log } = this.#deps
    const wake = (which: Wake) => {
      this.#rooms.get(which.accountId)?.room.wake(which.lastSeq)
      this.tails.wake(which)
    }
    this.#stopListening = stamper.onWake(wake)
    this.#hints = new WakeHints(redisUrl, stamper.channel, log, { wake, back: () => this.#poll() })
    this.#access.start()
    this.#timers = [setInterval(() => this.#tick(), TICK_MS), setInterval(() => this.#poll(), POLL_MS)]
  }

  /** Hands out what is being handed out, then closes every socket with 1001; done within some seconds. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close() {
    for (const timer of this.#timers) clearInterval(timer)
    this.#stopListening?.()
    this.#hints?.close()
    this.tails.close()
    const settled = Promise.allSettled([
      this.#access.close(),
      ...[...this.#rooms.values()].map(({ room }) => room.close()),
    ])
    await Promise.race([settled, setTimeout(FLUSH_MS)])
    const connections = this.#allConnections()
    for (const connection of connections) connection.close(CLOSE.goingAway, 'Going away')
    const deadline = Date.now() + FLUSH_MS
    while (connections.some((connection) => connection.lingering) && Date.now() < deadline) await setTimeout(20)
    for (const connection of connections) connection.terminate()
    this.#rooms.clear()
  }

  /** Reads something about access so that no change made meanwhile is missed. */
  steady<T>(read: () => Promise<T>): Promise<T> {
    return this.#access.steady(read)
  }

  /** Takes a socket in that has said who it is; undefined, and closed, when there are too many of that user. */
  connect(socket: FeedSocket, session: FeedSession): Connection | undefined {
    const known = this.#connections.get(session.userId) ?? new Set()
    const connection = new Connection(socket, session, () => {
      known.delete(connection)
      if (known.size === 0) this.#connections.delete(session.userId)
    })
    // Sockets of a broken line linger for a while; they must not lock their owner out.
    const silent = [...known].find(({ heardAt }) => Date.now() - heardAt > this.tuning.silentMs)
    if (known.size >= this.tuning.socketsPerUser) silent?.close(CLOSE.tooMany, 'Replaced')
    this.#connections.set(session.userId, known.add(connection))
    if (this.#closing) connection.close(CLOSE.goingAway, 'Going away')
    else if (known.size > this.tuning.socketsPerUser) connection.close(CLOSE.tooMany, 'Too many sockets')
    if (connection.open) return connection
    connection.gone()
    return undefined
  }

  /**
   * Subscribes. What comes back yields nothing and ends with the subscription; frames go straight to the socket.
   * @throws AppError NOT_FOUND for an account that is not the user's, INVALID for a malformed cursor
   */
  async join(connection: Connection, id: string, prepared: Prepared, args: Arguments): Promise<AsyncGenerator<never>> {
    connection.reserve(id, this.tuning.subscriptionsPerSocket)
    try {
      const accountId = parseId(args.accountId, 'Account')
      const { userId } = connection.session
      if (!(await this.#members.find(accountId, userId))) throw notFound('Account')
      const room = await this.#room(accountId)
      const resume = await this.#resumePoint(room, args.after)
      const viewer = await this.steady(() => this.#members.find(accountId, userId))
      if (!viewer) throw notFound('Account')
      return this.#enter(room, connection, id, room.group(prepared, args.variables), viewer, resume)
    } catch (error) {
      connection.subscribers.delete(id)
      throw error
    }
  }

  async #resumePoint(room: Room, after: string | undefined) {
    if (after === undefined) return undefined
    const extent = await this.#feedLog.extent(room.accountId)
    room.wake(extent.head)
    return parseCursor(after, await this.#feedLog.installationId(), extent)
  }

  // Awaits nothing: no change and no event can slip in between.
  #enter(
    room: Room,
    connection: Connection,
    id: string,
    group: Group,
    viewer: Viewer,
    resume: ReturnType<typeof parseCursor> | undefined,
  ) {
    if (this.#rooms.get(room.accountId)?.room !== room) throw new Error('the room was dropped meanwhile')
    this.#members.apply(room, viewer.userId, viewer)
    const subscriber = new Subscriber(connection, id, group, viewer, () => {
      room.remove(subscriber)
      connection.subscribers.delete(id)
    })
    room.add(subscriber)
    subscriber.position = resume && 'seq' in resume ? resume.seq : room.position
    const stream = subscriber.stream()
    if (!connection.open) subscriber.leave()
    else connection.subscribers.set(id, subscriber)
    if (resume && 'reset' in resume) room.follower.reset(subscriber, resume.reset)
    else room.follower.follow(subscriber, resume ? undefined : { type: 'feed.heartbeat' }, Boolean(resume))
    return stream
  }

  get stats() {
    const connections = this.#allConnections()
    const subscriptions = [...this.#rooms.values()].reduce((sum, { room }) => sum + room.subscribers.size, 0)
    const { executions } = this.#renderer
    return { ...this.#stats, executions, rooms: this.#rooms.size, connections: connections.length, subscriptions }
  }

  #allConnections(): Connection[] {
    return [...this.#connections.values()].flatMap((connections) => [...connections])
  }

  async #room(accountId: string): Promise<Room> {
    const known = this.#rooms.get(accountId) ?? this.#openRoom(accountId)
    await known.opened
    // Its time to linger starts anew, so that it is not dropped while somebody is coming in.
    if (known.room.emptySince !== undefined) known.room.emptySince = Date.now()
    return known.room
  }

  #openRoom(accountId: string) {
    const loader = new Loader(accountId, this.#feedLog, this.#deps.hydrate, this.#slots)
    const { log } = this.#deps
    const shared = { feedLog: this.#feedLog, renderer: this.#renderer, stats: this.#stats, tuning: this.tuning }
    const room = new Room(accountId, { ...shared, log, loader })
    const opened = room.open()
    opened.catch(() => this.#rooms.delete(accountId))
    const entry = { room, loader, opened }
    this.#rooms.set(accountId, entry)
    return entry
  }

  /** Four times a second: who has expired, who is slow, who is quiet. */
  #tick() {
    const now = Date.now()
    const moment = this.#deps.clock.now()
    let waiting = 0
    for (const connection of this.#allConnections()) {
      if (connection.session.expiresAt <= moment) connection.close(CLOSE.sessionEnded, 'Token expired')
      waiting += connection.waiting
    }
    const { bufferLimit, totalBufferLimit, lingerMs } = this.tuning
    this.#stats.bufferLimit = waiting > totalBufferLimit ? bufferLimit / 16 : bufferLimit
    for (const [accountId, { room, loader }] of this.#rooms) {
      for (const subscriber of room.subscribers) room.follower.check(subscriber, now)
      loader.forgetOld(now)
      if (room.emptySince !== undefined && now - room.emptySince > lingerMs) this.#rooms.delete(accountId)
    }
  }

  #poll() {
    this.#polling ??= Promise.all([this.#pollHeads(), this.tails.poll()])
      .then(() => {})
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'feed heads could not be read'))
      .finally(() => (this.#polling = undefined))
  }

  async #pollHeads() {
    const before = new Map([...this.#rooms].map(([accountId, { room }]) => [accountId, room.position]))
    if (!before.size) return
    const heads = await this.#feedLog.unsafeHeads([...before.keys()])
    for (const [accountId, position] of before) {
      const room = this.#rooms.get(accountId)?.room
      const head = heads.get(accountId) ?? 0
      if (head < position) room?.rewind(head)
      else room?.wake(head)
    }
  }

  async #applyAccess(changes: readonly AccessChange[]) {
    for (const connection of this.#allConnections())
      if (changes.some((change) => endsSession(change, connection.session)))
        connection.close(CLOSE.sessionEnded, 'Session ended')
    const reloads = [...this.#rooms.values()].map(async ({ room }) => {
      const own = changes.filter((change) => change.kind !== 'session' && change.accountId === room.accountId)
      if (own.length) await this.#members.reload(room, own)
    })
    await Promise.all([...reloads, ...[...this.onAccess].map((hear) => hear(changes))])
  }
}

/** A change without a session's id ends all sessions of its user. */
function endsSession(change: AccessChange, session: FeedSession): boolean {
  if (change.kind !== 'session') return false
  return change.sessionId === null ? change.userId === session.userId : change.sessionId === session.sessionId
}
