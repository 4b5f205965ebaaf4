import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { LOOPBACK_PERSON, SIGNING_KEY, startLoopback, type LoopbackFault } from '../standin/loopback.ts'
import type { ChannelHarness, Fault, Told } from './harness.ts'
import { createLoopback } from './loopback/index.ts'

const SHOP = 'shop-1'
const THREAD = 'thread-1'

const never = () => {
  throw new Error('the loop-back has no such thing')
}

const answers = (status: number, text: string) => (raw: ServerResponse) => raw.writeHead(status).end(text)

const faults: Readonly<Record<Fault, LoopbackFault>> = {
  rejected: ({ raw }) => answers(400, '{}')(raw),
  rate_limited: ({ raw }) => answers(429, '{}')(raw),
  server_error: ({ raw }) => answers(502, '<html>')(raw),
  not_json: ({ raw }) => answers(200, '<html>')(raw),
  truncated_answer: ({ raw, answer }) => answers(200, JSON.stringify(answer()).slice(0, -3))(raw),
  timeout_after_commit: async ({ raw, answer }) => {
    answer()
    await pause(2_000)
    raw.destroy()
  },
  reset: ({ raw }) => raw.destroy(),
}

/** The loop-back's provider over HTTP with one shop, one person and one thread. */
export async function startLoopbackHarness(): Promise<ChannelHarness> {
  const provider = await startLoopback()
  const settings = { apiUrl: provider.url }
  const channel = createLoopback(settings)
  const shops = [{ id: SHOP, name: 'The shop' }]
  const told = ({ body, thread, id }: ReturnType<typeof provider.write>): Told => ({
    ...{ body, threadRef: thread, externalId: id },
  })
  return {
    channel,
    unreachable: createLoopback({ ...settings, apiUrl: 'http://127.0.0.1:2' }),
    impatient: createLoopback({ ...settings, timeoutMs: 500 }),
    accountRef: SHOP,
    keys: ['another key', SIGNING_KEY],
    person: { ref: LOOPBACK_PERSON.id, name: LOOPBACK_PERSON.name },
    now: () => new Date(provider.now()),
    advance: provider.advance,
    newCode: never,
    unnamedWrites: never,
    shown: never,
    expireConsent: never,
    newFields: () => ({ apiToken: provider.issueToken(shops) }),
    connect: async () => {
      const connected = await channel.form?.connect({ apiToken: provider.issueToken(shops) }, SHOP)
      if (!connected) throw new Error('no form')
      return connected.connection
    },
    customerWrites: (text) => told(provider.write(SHOP, THREAD, { text })),
    strangersWrite: (count) =>
      Array.from({ length: count }, (_, place) => provider.write(SHOP, `stranger-${place}`, { text: 'Hello' }).thread),
    businessWritesInApp: (text) => told(provider.write(SHOP, THREAD, { event: 'echo', text, via: 'app' })),
    automationWrites: (text) => told(provider.write(SHOP, THREAD, { event: 'echo', text, via: 'automation' })),
    customerSendsUnknownKind: () => ({ ...told(provider.write(SHOP, THREAD, { kind: 'voice' })), kind: 'voice' }),
    customerReads: (upTo) =>
      provider.tell({ event: 'read', shop: SHOP, thread: THREAD, at: provider.now(), readUpTo: upTo.getTime() }),
    echoOf: async (externalId) =>
      Buffer.from(JSON.stringify(provider.messages(SHOP, THREAD).find(({ id }) => id === externalId))),
    strange: {
      empty: Buffer.alloc(0),
      'not JSON': Buffer.from('event=message'),
      'another shape': Buffer.from('[null]'),
      'an unknown event': Buffer.from('{"event":"new","shop":"s","thread":"t","at":1}'),
      'ids that are none': Buffer.from('{"event":"read","shop":"a\\u0000b","thread":"t","at":1,"readUpTo":1}'),
      'a deep one': Buffer.from('['.repeat(50_000) + ']'.repeat(50_000)),
    },
    sign: (body, { secret } = {}) => ({ body, headers: provider.sign(body, secret) }),
    sent: (threadRef) =>
      provider
        .messages(SHOP, threadRef)
        .filter(({ via }) => via === 'api')
        .map(({ id, text = '' }) => ({ externalId: id, text })),
    fault: (fault, operation) => provider.fault(operation, faults[fault]),
    expireAccess: provider.endTokens,
    revokeConsent: provider.endTokens,
    close: provider.close,
  }
}
