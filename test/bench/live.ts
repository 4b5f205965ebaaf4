import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { WebSocket } from 'ws'
import type { BenchContext } from './context.ts'
import { bodyOf, requestOf, type Target } from './deliveries.ts'
import { clientDocument } from './documents.ts'
import { percentile, spread, type Figure } from './report.ts'
import { seedAccounts, seedMembers } from './seed.ts'

interface Order {
  url: string
  token: string
  accountId: string
  document: string
  targets: Target[]
  perSecond: number
  seconds: number
}

const ROUNDS = 3

/**
 * From the webhook's first byte to the frame in a subscriber's hands, at 50 messages a second. Sender and subscriber are
 * one process with one clock, neither Parley's nor the bench's; the subscription is the client's own.
 */
export async function benchLive(context: BenchContext): Promise<Figure[]> {
  const sql = postgres(context.databaseUrl, { max: 1, onnotice: () => {} })
  const [account] = await seedAccounts(sql, 1, 60)
  if (!account) throw new Error('no account')
  const members = await seedMembers(sql, account.accountId, 1)
  const [web] = await Promise.all([context.web(), context.worker()])
  await sql.end()
  const measured: number[][] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const [token = ''] = await context.stack.sign(members)
    const targets = account.threads.map((thread) => ({ business: account.business, ...thread }))
    const { accountId } = account
    const order = { url: web.url, token, accountId, document: clientDocument('AccountEvents'), targets, perSecond: 50 }
    measured.push(await inChild({ ...order, seconds: 8 }))
  }
  const latencies = measured.flat()
  const p95 = percentile(latencies, 95)
  return [
    {
      figure: 'webhook to subscriber at 50/s, ms: p50 / p95 / p99',
      measured: `${spread(latencies)} (p95 ${measured.map((round) => percentile(round, 95).toFixed(0)).join(', ')})`,
      target: 'p95 < 60 ms',
      ok: p95 < 60,
    },
  ]
}

async function inChild(order: Order): Promise<number[]> {
  const execArgv = ['--import', import.meta.resolve('tsx')]
  const child = fork(fileURLToPath(import.meta.url), ['--live'], { execArgv })
  try {
    child.send(order)
    const [answer] = (await once(child, 'message')) as [number[] | { error: string }]
    if ('error' in answer) throw new Error(answer.error)
    return answer
  } finally {
    child.kill()
  }
}

/** The child's side. The first second warms up and does not count. */
async function measure(order: Order): Promise<number[]> {
  const sentAt = new Map<string, number>()
  const latencies: number[] = []
  const socket = await subscribe(order, (content) => {
    const sent = sentAt.get(content)
    if (sent !== undefined) latencies.push(performance.now() - sent)
    sentAt.delete(content)
  })
  const http = new URL(order.url)
  const count = order.perSecond * (order.seconds + 1)
  const start = performance.now()
  const posts: Promise<void>[] = []
  for (let place = 0; place < count; place += 1) {
    const due = start + (place * 1_000) / order.perSecond
    await new Promise((done) => setTimeout(done, Math.max(due - performance.now(), 0)))
    const text = `live ${process.pid} ${place}`
    const target = order.targets[(place * 7) % order.targets.length] as Target
    if (place >= order.perSecond) sentAt.set(text, performance.now())
    posts.push(post(http, bodyOf(target, `live-${process.pid}-${place}`, text)))
  }
  await Promise.all(posts)
  const deadline = performance.now() + 10_000
  while (sentAt.size && performance.now() < deadline) await new Promise((done) => setTimeout(done, 20))
  socket.terminate()
  if (sentAt.size) throw new Error(`${sentAt.size} messages never reached the subscriber`)
  return latencies
}

async function post(url: URL, body: Buffer): Promise<void> {
  const signature = /tiktok-signature: (\S+)/.exec(requestOf(body).toString('latin1'))?.[1] ?? ''
  const headers = { 'content-type': 'application/json', 'tiktok-signature': signature }
  const response = await fetch(new URL('/webhooks/tiktok', url), {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  })
  await response.text()
  if (response.status !== 200) throw new Error(`a webhook was answered with ${response.status}`)
}

interface Frame {
  type: string
  payload?: { data?: { accountEvents: { message?: { content: string } | null } }; errors?: unknown[] }
}

async function subscribe(order: Order, onContent: (content: string) => void): Promise<WebSocket> {
  const { url, token, accountId, document } = order
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql/ws`, 'graphql-transport-ws')
  await once(socket, 'open')
  const say = (frame: object) => socket.send(JSON.stringify(frame))
  await new Promise<void>((subscribed, failed) => {
    socket.on('close', (code) => failed(new Error(`the socket was closed with ${code}`)))
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data)) as Frame
      if (type === 'ping') say({ type: 'pong' })
      if (type === 'error' || payload?.errors) failed(new Error(`the feed answers with errors: ${String(data)}`))
      if (type === 'connection_ack') {
        say({ id: 'feed', type: 'subscribe', payload: { query: document, variables: { accountId } } })
      }
      if (type === 'next') subscribed()
      const content = payload?.data?.accountEvents.message?.content
      if (content) onContent(content)
    })
    say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
  })
  return socket
}

if (process.argv.includes('--live')) {
  process.on('message', (order: Order) => {
    measure(order).then(
      (latencies) => process.send?.(latencies),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
}
