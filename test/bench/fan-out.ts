import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket, WebSocketServer } from 'ws'

export interface FanOutContext {
  /** ws://…/graphql/ws of the app under test. */
  url: string
  /** Access tokens of members who see the event; a user may have 20 sockets, so 10,000 take 500 users. */
  tokens: readonly string[]
  accountId: string
  /** Commits one event that all of them see. */
  publish: () => Promise<unknown>
  /** The subscription; `$accountId` is its variable. */
  document?: string
  /** How many statements the server has sent to Postgres so far. */
  statements?: () => number | Promise<number>
  /** Default 1,000 and 10,000. */
  sockets?: readonly number[]
}

export interface FanOutRow {
  sockets: number
  /** From before the commit until the last socket has the event, in ms. */
  lastSocketP50: number
  lastSocketP99: number
  /** Of every single delivery, in ms. */
  deliveryP99: number
  deliveriesPerSecond: number
  statementsPerEvent: number | undefined
}

export interface FanOutResult {
  feed: FanOutRow[]
  /** One frame of the same size, serialised once and sent in a bare loop. */
  raw: FanOutRow[]
  /** The smallest number of sockets again, with one more that reads nothing. */
  stalled: FanOutRow
  /** Deliveries per second against the bare loop, for each number of sockets. */
  ratios: number[]
}

interface Round {
  /** When each socket got its first event, in ms since the epoch. */
  firsts: number[]
  frames: number
  last: number
  failures: number
  sample: string
}

type Order =
  { kind: 'connect'; url: string; tokens: readonly string[]; count: number; subscribe?: object } | { kind: OrderKind }
type OrderKind = 'arm' | 'report' | 'stall' | 'resume' | 'close'

const DOCUMENT = `subscription ($accountId: ID!) {
  accountEvents(accountId: $accountId) { cursor type data message { id content } }
}`
const ROUNDS = 30
const BURST = 40
const QUIET_MS = 150

/** One event to many sockets, the clients in a process of their own, against a bare ws loop in the same run. */
export async function benchFanOut(context: FanOutContext): Promise<FanOutResult> {
  const feed: FanOutRow[] = []
  const raw: FanOutRow[] = []
  let stalled: FanOutRow | undefined
  for (const count of context.sockets ?? [1_000, 10_000]) {
    const clients = new Clients()
    await clients.connect(context.url, context.tokens, count, {
      query: context.document ?? DOCUMENT,
      variables: { accountId: context.accountId },
    })
    feed.push(await measure(clients, count, context.publish, context.statements))
    if (!stalled) {
      await clients.order({ kind: 'stall' })
      stalled = await measure(clients, count - 1, context.publish, context.statements)
      await clients.order({ kind: 'resume' })
    }
    await clients.close()
    raw.push(await measureRaw(count, clients.sample))
  }
  if (!stalled) throw new Error('no number of sockets given')
  const ratios = feed.map((row, place) => row.deliveriesPerSecond / (raw[place]?.deliveriesPerSecond ?? NaN))
  return { feed, raw, stalled, ratios }
}

async function measure(
  clients: Clients,
  sockets: number,
  publish: () => Promise<unknown>,
  statements?: FanOutContext['statements'],
): Promise<FanOutRow> {
  const lasts: number[] = []
  const all: number[] = []
  for (let round = 0; round < (sockets > 5_000 ? ROUNDS / 3 : ROUNDS); round += 1) {
    await clients.order({ kind: 'arm' })
    const start = now()
    await publish()
    const { firsts } = await clients.settled(sockets)
    lasts.push(Math.max(...firsts) - start)
    for (const first of firsts) all.push(first - start)
  }
  const burst = sockets > 5_000 ? BURST / 4 : BURST
  await clients.order({ kind: 'arm' })
  const before = await statements?.()
  const start = now()
  for (let event = 0; event < burst; event += 1) await publish()
  const { frames, last } = await clients.settled(sockets * burst)
  const after = await statements?.()
  return {
    sockets,
    lastSocketP50: percentile(lasts, 50),
    lastSocketP99: percentile(lasts, 99),
    deliveryP99: percentile(all, 99),
    deliveriesPerSecond: frames / ((last - start) / 1_000),
    statementsPerEvent: after === undefined || before === undefined ? undefined : (after - before) / burst,
  }
}

async function measureRaw(count: number, frame: string): Promise<FanOutRow> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const clients = new Clients()
  await clients.connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, [''], count)
  const row = await measure(clients, count, async () => {
    for (const socket of server.clients) socket.send(frame)
    await setImmediate()
  })
  await clients.close()
  server.close()
  return row
}

/** The process that holds the client sockets. */
class Clients {
  readonly #child: ChildProcess
  /** A frame as it came. */
  sample = ''

  constructor() {
    const execArgv = ['--import', import.meta.resolve('tsx')]
    this.#child = fork(fileURLToPath(import.meta.url), ['--fan-out-clients'], { execArgv })
  }

  async connect(url: string, tokens: readonly string[], count: number, subscribe?: object): Promise<void> {
    const { connected } = await this.order<{ connected: number }>({ kind: 'connect', url, tokens, count, subscribe })
    if (connected < count) throw new Error(`only ${connected} of ${count} sockets could be opened`)
  }

  async order<Answer>(order: Order): Promise<Answer> {
    this.#child.send(order)
    const [answer] = (await once(this.#child, 'message')) as [Answer]
    return answer
  }

  /** Waits for at least so many frames and then for silence; one publication may make several events. */
  async settled(atLeast: number): Promise<Round> {
    const deadline = Date.now() + 60_000
    for (;;) {
      const round = await this.order<Round>({ kind: 'report' })
      if (round.failures)
        throw new Error(`${round.failures} frames carried errors or came after the end: ${round.sample}`)
      if (round.frames >= atLeast && now() - round.last > QUIET_MS) {
        this.sample = round.sample
        return round
      }
      if (Date.now() > deadline) throw new Error(`${round.frames} of ${atLeast} frames came within a minute`)
      await pause(50)
    }
  }

  async close(): Promise<void> {
    await this.order({ kind: 'close' })
    this.#child.kill()
  }
}

const now = () => performance.timeOrigin + performance.now()

function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? NaN
}

/** The child's side. */
function runClients() {
  const sockets: WebSocket[] = []
  const round: Round = { firsts: [], frames: 0, last: 0, failures: 0, sample: '' }
  let stalled: WebSocket | undefined

  const take = (place: number, data: Buffer) => {
    if (data.includes('"feed.heartbeat"')) return
    round.frames += 1
    round.last = now()
    round.firsts[place] ??= round.last
    if (round.frames === 1) round.sample = String(data)
    if (data.includes('"errors":') || data.includes('"feed.reset"')) round.failures += 1
  }
  const handlers: Record<Order['kind'], (order: Order) => Promise<unknown> | unknown> = {
    connect: async (order) => {
      if (order.kind !== 'connect') return undefined
      // In portions, so that no queue of connections overflows.
      for (let start = 0; start < order.count; start += 100) {
        const places = Array.from({ length: Math.min(100, order.count - start) }, (_, index) => start + index)
        sockets.push(...(await Promise.all(places.map((place) => openSocket(order, place, take)))))
      }
      return { connected: sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length }
    },
    arm: () => Object.assign(round, { firsts: [], frames: 0, last: 0, failures: 0 }),
    report: () => ({ ...round, firsts: round.firsts.filter((first) => first !== undefined) }),
    stall: () => {
      stalled = sockets[0]
      stalled?.pause()
      return {}
    },
    resume: () => {
      stalled?.terminate()
      return {}
    },
    close: () => {
      for (const socket of sockets) socket.terminate()
      return {}
    },
  }
  process.on('message', (order: Order) => {
    void Promise.resolve(handlers[order.kind](order)).then((answer) => process.send?.(answer ?? {}))
  })
}

/** Open and, where there is something to subscribe to, subscribed; or closed. */
async function openSocket(
  order: Order,
  place: number,
  take: (place: number, data: Buffer) => void,
): Promise<WebSocket> {
  if (order.kind !== 'connect') throw new Error('not an order to connect')
  const { url, subscribe, tokens } = order
  // One address may open 6,000 connections a minute; this many clients have many addresses.
  const headers = { 'x-forwarded-for': `10.1.${Math.floor(place / 250)}.${place % 250}` }
  const socket = new WebSocket(url, subscribe ? 'graphql-transport-ws' : [], { headers })
  socket.on('error', () => {})
  await Promise.race([once(socket, 'open'), once(socket, 'close')]).catch(() => {})
  if (subscribe && socket.readyState === WebSocket.OPEN) {
    const token = tokens[place % tokens.length] ?? ''
    const first = once(socket, 'message')
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }))
    await Promise.race([first, once(socket, 'close')])
    const heartbeat = once(socket, 'message')
    if (socket.readyState === WebSocket.OPEN)
      socket.send(JSON.stringify({ id: `socket-${place}`, type: 'subscribe', payload: subscribe }))
    await Promise.race([heartbeat, once(socket, 'close')])
  }
  socket.on('message', (data: Buffer) => take(place, data))
  return socket
}

if (process.argv.includes('--fan-out-clients')) runClients()
