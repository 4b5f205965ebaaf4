import Fastify from 'fastify'
import { setTimeout } from 'node:timers/promises'
import type { Standin, StandinOptions } from './standin.ts'
import { startStandin } from './standin.ts'
import type { Business, Person } from './tiktok/types.ts'

export interface Received {
  event: string
  content: Record<string, unknown>
  raw: string
  headers: Record<string, string | string[] | undefined>
  rawHeaders: string[]
}

/** Takes a webhook's body apart. */
type Reading = (raw: string) => { event: string; content: Record<string, unknown> }

const readTikTok: Reading = (raw) => {
  const { event, content } = JSON.parse(raw) as { event: string; content: string }
  return { event, content: JSON.parse(content) as Record<string, unknown> }
}

/** A program's webhook endpoint that writes down what comes and answers what it is told to. */
export async function startReceiver(read = readTikTok): Promise<{
  url: string
  received: Received[]
  statuses: number[]
  /** How long it takes to answer. */
  delayMs: number
  close(): Promise<void>
}> {
  const received: Received[] = []
  const statuses: number[] = []
  const app = Fastify({ forceCloseConnections: true })
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.post('/hook', async (request, reply) => {
    const raw = String(request.body)
    received.push({ ...read(raw), raw, headers: request.headers, rawHeaders: request.raw.rawHeaders })
    if (receiver.delayMs > 0) await setTimeout(receiver.delayMs)
    return reply.code(statuses.shift() ?? 200).send('ok')
  })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const receiver = { url: `${address}/hook`, received, statuses, delayMs: 0, close: () => app.close() }
  return receiver
}

/** Every field that some `data` may have; which of them are there is what the tests look at. */
export interface WireData {
  message: { message_id: string }
  messages: Record<string, unknown>[]
  participants: { profile_image: string }[]
  conversations: unknown[]
  capability_infos: unknown[]
  has_more: boolean
  cursor: number
  refresh_token: string
  refresh_token_expires_in: number
  callback_url?: string
}

export interface Envelope {
  code: number
  message: string
  request_id: string
  data: WireData
}

const API = '/open_api/v1.3'

/** A world with one business that has consented, one person, a receiver, and calls over HTTP. */
export async function startWorld(options: StandinOptions = {}) {
  const receiver = await startReceiver()
  const standin: Standin = await startStandin({ ...options, tiktok: { webhookUrl: receiver.url, ...options.tiktok } })
  const { tiktok } = standin
  tiktok.setKnobs({ qps: Infinity })
  const business: Business = tiktok.addBusiness({ username: 'acme.shop', displayName: 'Acme' })
  const person: Person = tiktok.addPerson({ username: 'alice.demo', displayName: 'Alice' })
  const token = tiktok.grant(business)

  const post = async (path: string, body: unknown, accessToken?: string): Promise<Envelope> => {
    const response = await fetch(standin.url + API + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(accessToken && { 'access-token': accessToken }) },
      body: JSON.stringify(body),
    })
    return (await response.json()) as Envelope
  }
  const get = async (path: string, query: Record<string, string>, accessToken = token.access_token) => {
    const response = await fetch(`${standin.url}${API}${path}?${new URLSearchParams(query)}`, {
      headers: { 'access-token': accessToken },
    })
    return (await response.json()) as Envelope
  }
  const sendBody = (conversationId: string, extra: Record<string, unknown>) => ({
    business_id: business.openId,
    recipient_type: 'CONVERSATION',
    recipient: conversationId,
    ...extra,
  })
  return {
    standin,
    tiktok,
    receiver,
    business,
    person,
    token,
    post,
    get,
    write: (text = 'Hello') => tiktok.customerWrites({ business, person, text }),
    send: (conversationId: string, extra: Record<string, unknown>) =>
      post('/business/message/send/', sendBody(conversationId, extra), token.access_token),
    sendText: (conversationId: string, body = 'Hi') =>
      post(
        '/business/message/send/',
        sendBody(conversationId, { message_type: 'TEXT', text: { body } }),
        token.access_token,
      ),
    close: async () => {
      await standin.close()
      await receiver.close()
    },
  }
}

export type TestWorld = Awaited<ReturnType<typeof startWorld>>
