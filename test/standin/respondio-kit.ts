import type { EventName } from './respondio/settings.ts'
import { EVENTS } from './respondio/settings.ts'
import type { Channel, Contact } from './respondio/types.ts'
import type { StandinOptions } from './standin.ts'
import { startStandin } from './standin.ts'
import { startReceiver } from './test-kit.ts'

type Json = Record<string, unknown>

/** Every member that some answer may have; which of them are there is what the tests look at. */
export interface WireAnswer extends Json {
  messageId: number
  contactId: number
  status: { value: string; timestamp: number; message?: string }[]
  items: (Json & { id: number; messageId: number })[]
  pagination: { next: string | null; previous: string | null }
}

export interface Answer {
  status: number
  headers: Headers
  body: WireAnswer
}

const readFlat = (raw: string) => {
  const body = JSON.parse(raw) as Json
  return { event: String(body['event_type'] ?? body['event']), content: body }
}

/** A workspace with one TikTok channel, a receiver that every event goes to, and calls over HTTP. */
export async function startSpace(options: StandinOptions = {}) {
  const receiver = await startReceiver(readFlat)
  const standin = await startStandin(options)
  const { respondio } = standin
  respondio.setKnobs({ rateLimit: Infinity })
  const space = respondio.addSpace({ name: 'Acme' })
  const channel = respondio.addChannel({ space })
  const subscribe = (...events: EventName[]) =>
    events.map((event) => respondio.subscribe({ space, event, url: receiver.url }))
  const [token = ''] = space.tokens

  const call = async (method: string, path: string, body?: unknown, bearer = token): Promise<Answer> => {
    const response = await fetch(respondio.apiUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as WireAnswer }
  }
  const write = (contact: Contact | number | { firstName: string }, text = 'Hello', more: Json = {}) =>
    respondio.customerWrites({ channel, contact, text, ...more })
  const everyone = { search: '', timezone: 'Asia/Bangkok', filter: { $and: [] as unknown[] } }

  return {
    ...{ standin, respondio, receiver, space, channel, token, call, write, everyone },
    subscribe,
    subscribeAll: () => subscribe(...EVENTS),
    get: (path: string, bearer?: string) => call('GET', path, undefined, bearer),
    post: (path: string, body: unknown, bearer?: string) => call('POST', path, body, bearer),
    newcomer: (firstName = 'Ploy', at?: number) => write({ firstName }, 'Hello', { at }),
    sendText: (contactId: number, text = 'Hi', to: Channel = channel) =>
      call('POST', `/contact/id:${contactId}/message`, { channelId: to.id, message: { type: 'text', text } }),
    list: async (contactId: number, query = '') =>
      (await call('GET', `/contact/id:${contactId}/message/list?${query}`)).body,
    find: async (conditions: unknown[], more: Json = {}) => {
      const body = { ...everyone, filter: { $and: conditions }, ...more }
      return call('POST', '/contact/list?limit=100', body)
    },
    close: async () => {
      await standin.close()
      await receiver.close()
    },
  }
}

export type TestSpace = Awaited<ReturnType<typeof startSpace>>
