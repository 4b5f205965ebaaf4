import { serverNow } from './kit/server-time.ts'

export type FeedState = 'live' | 'catching-up' | 'offline' | 'refused'

export interface FeedEvent {
  cursor: string
  type: string
}

export interface FeedOptions<Event extends FeedEvent> {
  url: string
  document: string
  variables: Record<string, unknown>
  token: () => { value: string; expiresAt: number } | undefined
  renewToken: () => Promise<'renewed' | 'ended' | 'unreachable'>
  onEvent: (event: Event) => void
  onState: (state: FeedState) => void
  onRefused: () => void
  WebSocket?: typeof globalThis.WebSocket
  random?: () => number
}

interface Frame<Event> {
  type: string
  payload?: { data?: { accountEvents?: Event }; errors?: unknown }
}

/** A line that says nothing for so long is asked, and given up when it does not answer: together less than 10 s (I13). */
const QUIET_MS = 4_000
const ANSWER_MS = 4_000
const CONNECT_MS = 10_000
/** A heartbeat ends the replay; should it not come, this much silence after the last event does. */
const SETTLED_MS = 2_000
const RENEW_AHEAD_MS = 30_000
const RENEW_RETRY_MS = 5_000
/** Tokens live for minutes: a shorter wait comes from a wrong clock. */
const RENEW_SOONEST_MS = 10_000
const LONGEST_TIMER_MS = 2_000_000_000
const BACKOFF_MS = { first: 500, most: 8_000 }
const SESSION_ENDED = 4401
const REFUSED = 4403
const WEBSOCKET_OPEN = 1

/**
 * Holds one graphql-transport-ws subscription open for ever: it resumes after the last cursor, replaces the socket before
 * its token ends, and treats 4401 (session over) and 4403 (refused) the way the server means them: both may only mean
 * that the token was too old, so a fresh one is tried before the feed stops.
 */
export class Feed<Event extends FeedEvent> {
  readonly #options: FeedOptions<Event>
  readonly #Socket: typeof globalThis.WebSocket
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #socket: WebSocket | undefined
  /** Still delivers while the socket that takes its place connects. */
  #replaced: WebSocket | undefined
  #tokenInUse: string | undefined
  /** A token that the server did not take; unset once it took a later one. */
  #spentToken: string | undefined
  #renewing = false
  #cursor: string | undefined
  #failures = 0
  #state: FeedState | undefined
  #closed = false

  constructor(options: FeedOptions<Event>) {
    this.#options = options
    this.#Socket = options.WebSocket ?? globalThis.WebSocket
    this.#setState('catching-up')
    this.#connect()
  }

  close(): void {
    this.#closed = true
    this.#releaseAll()
  }

  /** The network may have changed, or somebody looks again: tries at once, or asks the socket whether it still lives. */
  nudge(): void {
    if (this.#closed) return
    if (this.#socket) this.#ask(this.#socket)
    else this.#connect()
  }

  #connect(): void {
    if (this.#closed || this.#socket) return
    clearTimeout(this.#timers.get('retry'))
    const token = this.#options.token()
    if (token && token.value !== this.#spentToken && token.expiresAt > serverNow()) this.#open()
    else void this.#renewAndOpen()
  }

  async #renewAndOpen(): Promise<void> {
    if (this.#renewing) return
    this.#renewing = true
    const outcome = await this.#options.renewToken()
    this.#renewing = false
    if (this.#closed || this.#socket) return
    if (outcome === 'renewed') this.#open()
    else if (outcome === 'ended') this.close()
    else this.#retry()
  }

  #open(): void {
    const next = new this.#Socket(this.#options.url, 'graphql-transport-ws')
    this.#release(this.#replaced)
    this.#replaced = this.#socket
    this.#socket = next
    this.#tokenInUse = this.#options.token()?.value
    const authorization = `Bearer ${this.#tokenInUse}`
    clearTimeout(this.#timers.get('quiet'))
    this.#later('deadline', CONNECT_MS, () => this.#lost(0))
    next.onopen = () => send(next, { type: 'connection_init', payload: { authorization } })
    next.onmessage = (frame) => this.#receive(next, String(frame.data))
    next.onclose = (event) => this.#ended(next, event.code)
  }

  #receive(from: WebSocket, text: string): void {
    const frame = JSON.parse(text) as Frame<Event>
    if (frame.type === 'ping') send(from, { type: 'pong' })
    if (frame.type === 'next' && frame.payload?.data?.accountEvents) this.#take(frame.payload.data.accountEvents)
    if (from !== this.#socket) return
    this.#heard()
    if (frame.type === 'connection_ack') this.#subscribe(from)
    else if (frame.type === 'error') this.#refuse()
    else if (frame.type === 'complete' || frame.payload?.errors) this.#lost(0)
  }

  #heard(): void {
    clearTimeout(this.#timers.get('deadline'))
    this.#later('quiet', QUIET_MS, () => this.#socket && this.#ask(this.#socket))
  }

  /** A socket that went silent may never say that it closed. */
  #ask(socket: WebSocket): void {
    clearTimeout(this.#timers.get('quiet'))
    this.#later('deadline', ANSWER_MS, () => this.#lost(0))
    send(socket, { type: 'ping' })
  }

  #subscribe(on: WebSocket): void {
    if (!this.#replaced) this.#setState('catching-up')
    // The old socket goes first, so that no event arrives on both.
    this.#release(this.#replaced)
    this.#replaced = undefined
    const { document, variables } = this.#options
    const resumed = this.#cursor === undefined ? variables : { ...variables, after: this.#cursor }
    send(on, { id: 'feed', type: 'subscribe', payload: { query: document, variables: resumed } })
    this.#later('settled', SETTLED_MS, () => this.#becomeLive())
    const expiresAt = this.#options.token()?.expiresAt
    if (expiresAt === undefined) return
    const renewIn = Math.max(RENEW_SOONEST_MS, expiresAt - serverNow() - RENEW_AHEAD_MS)
    this.#later('renew', Math.min(renewIn, LONGEST_TIMER_MS), () => void this.#renew())
  }

  #take(event: Event): void {
    this.#cursor = event.cursor
    if (event.type === 'feed.heartbeat') this.#becomeLive()
    else if (this.#state !== 'live') this.#later('settled', SETTLED_MS, () => this.#becomeLive())
    this.#options.onEvent(event)
  }

  #becomeLive(): void {
    clearTimeout(this.#timers.get('settled'))
    this.#failures = 0
    this.#spentToken = undefined
    this.#setState('live')
  }

  async #renew(): Promise<void> {
    const renewed =
      this.#options.token()?.value !== this.#tokenInUse || (await this.#options.renewToken()) === 'renewed'
    if (this.#closed || !this.#socket) return
    if (renewed) this.#open()
    else this.#later('renew', RENEW_RETRY_MS, () => void this.#renew())
  }

  #ended(which: WebSocket, code: number): void {
    if (which === this.#socket) return this.#lost(code)
    this.#replaced = undefined
    this.#setState('catching-up')
  }

  #lost(code: number): void {
    this.#releaseAll()
    if (code === REFUSED && this.#spentToken !== undefined && this.#spentToken !== this.#tokenInUse) {
      return this.#refuse()
    }
    if (code === SESSION_ENDED || code === REFUSED) this.#spentToken = this.#tokenInUse
    this.#retry()
  }

  #retry(): void {
    // One quick attempt is part of catching up; when that fails too we are offline.
    this.#setState(this.#failures === 0 ? 'catching-up' : 'offline')
    const wait = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#failures)
    this.#failures += 1
    this.#later('retry', wait * (0.5 + (this.#options.random ?? Math.random)() / 2), () => this.#connect())
  }

  #refuse(): void {
    this.close()
    this.#setState('refused')
    this.#options.onRefused()
  }

  #setState(next: FeedState): void {
    if (this.#state === next) return
    this.#state = next
    this.#options.onState(next)
  }

  #later(name: string, ms: number, work: () => void): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.set(name, setTimeout(work, ms))
  }

  #releaseAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#release(this.#replaced)
    this.#release(this.#socket)
    this.#replaced = this.#socket = undefined
  }

  #release(old: WebSocket | undefined): void {
    if (!old) return
    old.onclose = old.onmessage = old.onopen = null
    old.close(1000)
  }
}

function send(on: WebSocket, frame: unknown): void {
  if (on.readyState === WEBSOCKET_OPEN) on.send(JSON.stringify(frame))
}
