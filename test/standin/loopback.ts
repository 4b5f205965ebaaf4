import Fastify from 'fastify'
import type { ServerResponse } from 'node:http'
import { createHmac, randomUUID } from 'node:crypto'
import { httpPost } from './http-post.ts'

export interface LoopbackMessage {
  event: 'message' | 'echo'
  shop: string
  thread: string
  id: string
  at: number
  kind: string
  text?: string
  person: { id: string; name: string }
  via?: 'api' | 'app' | 'automation'
  alsoKnownAs?: string
  delivery?: { state: 'sent' | 'delivered' | 'read' | 'failed'; code?: string }
}

export type LoopbackFault = (api: { answer: () => unknown; raw: ServerResponse }) => unknown

export const SIGNING_KEY = 'the loop-back signs with this'
export const LOOPBACK_PERSON = { id: 'alice', name: 'Alice Demo' }

/** The provider behind the loop-back channel: it keeps what is said and tells it to whoever listens. */
export async function startLoopback() {
  const app = Fastify({ forceCloseConnections: true })
  const tokens = new Map<string, { shops: readonly { id: string; name: string }[]; plan: string }>()
  const threads = new Map<string, LoopbackMessage[]>()
  const faults: { operation: string; fail: LoopbackFault }[] = []
  let passed = 0
  const hooks = new Map<string, { url: string; key: string }>()
  const now = () => Date.now() + passed
  const newId = () => randomUUID()
  const sign = (body: Buffer, key = SIGNING_KEY) => ({
    'x-loopback-signature': createHmac('sha256', key).update(body).digest('hex'),
  })

  function tell(told: { shop: string } & Record<string, unknown>): Buffer {
    const body = Buffer.from(JSON.stringify(told))
    const hook = hooks.get(told.shop)
    if (hook) void httpPost(hook.url, body, sign(body, hook.key), 5_000)
    return body
  }

  function write(shop: string, thread: string, what: Partial<LoopbackMessage>) {
    const told: LoopbackMessage = {
      ...{ event: 'message', shop, thread, id: newId(), at: now(), kind: 'text', person: LOOPBACK_PERSON },
      ...what,
    }
    threads.set(`${shop} ${thread}`, [...(threads.get(`${shop} ${thread}`) ?? []), told])
    return { ...told, body: tell({ ...told }) }
  }

  app.setErrorHandler((_error, _request, reply) => reply.code(500).send('broken'))
  app.addHook('onRequest', async (request, reply) => {
    if (!tokens.has(tokenOf(request.headers.authorization))) return reply.code(401).send({})
    return undefined
  })
  app.addHook('preHandler', async (request, reply) => {
    const operation = operationOf(request)
    const place = faults.findIndex((fault) => fault.operation === operation)
    const fault = place < 0 ? undefined : faults.splice(place, 1)[0]
    if (!fault) return
    reply.hijack()
    fault.fail({ raw: reply.raw, answer: () => (request.method === 'POST' ? answerSend(request as Sending) : {}) })
  })
  app.get('/shops', (request) => tokens.get(tokenOf(request.headers.authorization)))
  app.get<{ Params: Params }>('/shops/:shop/threads', ({ params: { shop } }) => ({
    threads: [...threads]
      .filter(([key]) => key.startsWith(`${shop} `))
      .map(([key, said]) => ({ id: key.slice(shop.length + 1), updatedAt: said.at(-1)?.at })),
  }))
  app.get<{ Params: Params }>('/shops/:shop/threads/:thread', async ({ params }, reply) => {
    const messages = threads.get(`${params.shop} ${params.thread}`)
    return messages ? { person: messages[0]?.person, messages } : reply.code(404).send({})
  })
  app.post<{ Params: Params; Body: { text: string } }>('/shops/:shop/threads/:thread', (request) => answerSend(request))

  interface Sending {
    params: Params
    body: { text: string }
  }
  const answerSend = ({ params: { shop, thread }, body }: Sending) => ({
    id: write(shop, thread, { event: 'echo', text: body.text, via: 'api' }).id,
  })

  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    now,
    sign,
    tell,
    write,
    advance: (ms: number) => void (passed += ms),
    /** Delivers what happens in a shop; answers the key that it is signed with. */
    hookUp(shop: string, url: string): string {
      const key = `key_${newId()}`
      hooks.set(shop, { url, key })
      return key
    },
    messages: (shop: string, thread: string): readonly LoopbackMessage[] => threads.get(`${shop} ${thread}`) ?? [],
    /** A new token that sees these shops. */
    issueToken(shops: readonly { id: string; name: string }[], plan = 'pro'): string {
      const token = `loopback_${newId()}`
      tokens.set(token, { shops, plan })
      return token
    },
    endTokens: () => tokens.clear(),
    fault: (operation: string, fail: LoopbackFault) => void faults.push({ operation, fail }),
    close: () => app.close(),
  }
}

export type Loopback = Awaited<ReturnType<typeof startLoopback>>

interface Params {
  shop: string
  thread: string
}

function operationOf({ method, url }: { method: string; url: string }): string {
  if (method === 'POST') return 'send'
  if (url === '/shops') return 'connect'
  return url.endsWith('/threads') ? 'list' : 'read'
}

const tokenOf = (authorization = '') => authorization.replace('Bearer ', '')
