import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { bodyOf, requestOf, type Target } from './deliveries.ts'

export interface LoadOrder {
  port: number
  targets: Target[]
  /** Makes the messages of this order unlike those of any other. */
  label: string
  connections: number
  /** Either so many requests, as fast as they are answered … */
  total?: number
  /** … or for so long: as fast as they are answered, or at `perSecond` whatever the answers do. */
  durationMs?: number
  perSecond?: number
}

export interface LoadResult {
  answered: number
  /** Answers other than 200. */
  refused: number
  elapsedMs: number
  /** In ms; with `perSecond` from the time at which the request was due. */
  p50: number
  p99: number
  max: number
}

/** Sends signed webhooks from a process of its own, so that the server's event loop is the server's. */
export class LoadGenerator {
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(fileURLToPath(import.meta.url), ['--load'], {
      execArgv: ['--import', import.meta.resolve('tsx')],
    })
  }

  async run(order: LoadOrder): Promise<LoadResult> {
    this.#child.send(order)
    const [result] = (await once(this.#child, 'message')) as [LoadResult | { error: string }]
    if ('error' in result) throw new Error(result.error)
    if (result.refused) throw new Error(`${result.refused} of ${result.answered} webhooks were not answered with 200`)
    return result
  }

  close(): void {
    this.#child.kill()
  }
}

/** One keep-alive connection with one request at a time. */
class Lane {
  readonly #socket: Socket
  #received = ''
  #done: ((status: number) => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => this.#take(String(chunk)))
    socket.on('error', () => {})
    socket.on('close', () => this.#done?.(0))
  }

  request(bytes: Buffer, done: (status: number) => void): void {
    this.#done = done
    this.#socket.write(bytes)
  }

  end(): void {
    this.#done = undefined
    this.#socket.destroy()
  }

  #take(chunk: string) {
    this.#received += chunk
    const head = this.#received.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? 0)
    if (this.#received.length < head + 4 + length) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#done?.(status)
  }
}

async function openLanes(port: number, count: number): Promise<Lane[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      return new Lane(socket)
    }),
  )
}

/** The requests of an order: made ahead, so that signing them is no part of what is measured. */
function* requestsOf({ targets, label }: LoadOrder, first: number, count: number): Generator<Buffer> {
  for (let place = first; place < first + count; place += 1) {
    const target = targets[place % targets.length]
    if (target) yield requestOf(bodyOf(target, `${label}-${place}`))
  }
}

class Tally {
  answered = 0
  refused = 0
  readonly latencies: number[] = []

  add(status: number, latency: number) {
    this.answered += 1
    if (status !== 200) this.refused += 1
    this.latencies.push(latency)
  }
}

async function saturate(order: LoadOrder, lanes: Lane[], tally: Tally): Promise<void> {
  const prepared = [...requestsOf(order, 0, order.total ?? Math.ceil(((order.durationMs ?? 0) / 1_000) * 12_000))]
  const until = performance.now() + (order.durationMs ?? Infinity)
  let next = 0
  await Promise.all(
    lanes.map(
      (lane) =>
        new Promise<void>((finished) => {
          const send = () => {
            const bytes = prepared[next]
            if (!bytes || performance.now() > until) return finished()
            next += 1
            const sentAt = performance.now()
            lane.request(bytes, (status) => {
              tally.add(status, performance.now() - sentAt)
              send()
            })
          }
          send()
        }),
    ),
  )
  if (order.durationMs && next >= prepared.length) throw new Error('the generator ran out of prepared requests')
}

/** Open loop: a slow answer delays nobody else's request, and its own wait counts from when it was due. */
async function pace(order: LoadOrder, lanes: Lane[], tally: Tally): Promise<void> {
  const count = Math.round(((order.durationMs ?? 0) / 1_000) * (order.perSecond ?? 1))
  const prepared = [...requestsOf(order, 0, count)]
  const free = [...lanes]
  const due: number[] = []
  const start = performance.now()
  let next = 0
  await new Promise<void>((finished) => {
    const send = () => {
      while (due.length && free.length) {
        const [at = 0] = due.splice(0, 1)
        const lane = free.pop() as Lane
        lane.request(prepared[next++] as Buffer, (status) => {
          tally.add(status, performance.now() - at)
          free.push(lane)
          send()
        })
      }
      if (tally.answered === count) finished()
    }
    let planned = 0
    const timer = setInterval(() => {
      while (planned < count && start + (planned * 1_000) / (order.perSecond ?? 1) <= performance.now()) {
        due.push(start + (planned * 1_000) / (order.perSecond ?? 1))
        planned += 1
      }
      if (planned === count) clearInterval(timer)
      send()
    }, 1)
  })
}

async function carryOut(order: LoadOrder): Promise<LoadResult> {
  const lanes = await openLanes(order.port, order.connections)
  const tally = new Tally()
  const start = performance.now()
  await (order.perSecond ? pace(order, lanes, tally) : saturate(order, lanes, tally))
  const elapsedMs = performance.now() - start
  for (const lane of lanes) lane.end()
  const sorted = tally.latencies.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(Math.floor((sorted.length * share) / 100), sorted.length - 1)] ?? NaN
  return { answered: tally.answered, refused: tally.refused, elapsedMs, p50: at(50), p99: at(99), max: at(100) }
}

if (process.argv.includes('--load')) {
  process.on('message', (order: LoadOrder) => {
    carryOut(order).then(
      (result) => process.send?.(result),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
}
