import { createRespondIo } from '../../server/channels/respondio/index.ts'
import type { RespondIoSettings } from '../../server/channels/respondio/index.ts'
import type { Fault as StandinFault, FaultKind, Operation } from '../standin/respondio/knobs.ts'
import { startStandin } from '../standin/standin.ts'
import type { ChannelHarness, Fault, Told } from './harness.ts'

const faults = {
  rejected: '400',
  rate_limited: '429',
  server_error: '502',
  timeout_after_commit: 'timeout_after_commit',
  truncated_answer: 'truncated_json',
  not_json: 'html',
  reset: 'reset',
} as const satisfies Record<Fault, FaultKind>

const operations: Partial<Record<Parameters<ChannelHarness['fault']>[1], Operation>> = {
  connect: 'user_list',
  send: 'send',
  read: 'message_list',
  list: 'contact_list',
}

const never = () => {
  throw new Error('respond.io has no such thing')
}

const message = {
  messageId: 1771831909270000,
  channelId: 1,
  traffic: 'incoming',
  message: { type: 'text', text: 'Hi' },
}

const body = (fields: object): Buffer =>
  Buffer.from(JSON.stringify({ event_type: 'message.received', event_id: 'e', ...fields }))

const strange = {
  empty: Buffer.alloc(0),
  'not JSON': Buffer.from('event_type=message.received'),
  'not UTF-8': Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
  'another shape': Buffer.from('[null]'),
  'no event': Buffer.from('{"contact":{"id":1}}'),
  'an unknown event': body({ event_type: 'call.ended', contact: { id: 1 } }),
  'no message': body({ contact: { id: 1 }, channel: { id: 1 } }),
  'no contact': body({ message }),
  'no channel': body({ message: { ...message, channelId: null }, contact: { id: 1 } }),
  'no time': body({ message: { ...message, messageId: 5 }, contact: { id: 1 } }),
  'an id that no double holds': body({ message: { ...message, messageId: 2 ** 60 }, contact: { id: 1 } }),
  'ids of another type': body({ message: { ...message, messageId: {} }, contact: { id: [1] }, channel: { id: true } }),
  'an internal comment': body({ message: { ...message, traffic: 'internal' }, contact: { id: 1 } }),
  'a huge id': body({ event_id: 'x'.repeat(100_000), event_type: 'y'.repeat(100_000), contact: { id: 1 } }),
  'a NUL and half a pair': body({ event_type: 'contact.\0updated', event_id: '\ud800', contact: { id: 1 } }),
  'a prototype': Buffer.from('{"__proto__":{"event_type":"message.received"},"message":{"__proto__":{}}}'),
  'a deep one': Buffer.from('['.repeat(50_000) + ']'.repeat(50_000)),
}

/** respond.io's stand-in over HTTP with one workspace, one TikTok channel and one contact who is in it. */
export async function startRespondIoHarness(more: Partial<RespondIoSettings> = {}) {
  const standin = await startStandin()
  const { respondio } = standin
  respondio.setKnobs({ rateLimit: Infinity, disableAfterErrors: Infinity })
  const space = respondio.addSpace({ name: 'Acme' })
  const channel = respondio.addChannel({ space })
  const contact = respondio.addContact({ channel, firstName: 'Alice', lastName: 'Demo' })
  const [received, sent] = (['message.received', 'message.sent'] as const).map((event) =>
    respondio.subscribe({ space, event, url: 'http://127.0.0.1:1/' }),
  )
  const settings = { apiUrl: respondio.apiUrl, timeoutMs: 3_000, ...more }
  const respondIo = createRespondIo(settings)
  const pair = { channel, contact }
  const now = () => new Date(respondio.clock.now())

  const bodyOf = (messageId: number): Buffer => {
    const found = respondio.ledger.webhooks({ messageId }).at(-1)
    return Buffer.from(found?.rawBody ?? never())
  }
  const told = ({ contactId, messageId }: { contactId: number; messageId: number }): Told => ({
    ...{ body: bodyOf(messageId), threadRef: String(contactId), externalId: `${contactId}:${messageId}` },
  })
  const messageOf = (externalId: string): number => Number(externalId.split(':')[1])
  const newFields = () => ({ apiToken: respondio.newToken(space) })

  const harness: ChannelHarness = {
    channel: respondIo,
    unreachable: createRespondIo({ ...settings, apiUrl: 'http://127.0.0.1:1/v2' }),
    impatient: createRespondIo({ ...settings, timeoutMs: 500 }),
    accountRef: String(channel.id),
    keys: [received?.key ?? '', sent?.key ?? ''],
    person: { ref: String(contact.id), name: 'Alice Demo' },
    now,
    advance: respondio.clock.advance,
    ...{ newCode: never, unnamedWrites: never, shown: never, expireConsent: never },
    newFields,
    connect: async () => {
      const connected = await respondIo.form?.connect(newFields(), String(channel.id))
      return connected?.connection ?? never()
    },
    customerWrites: (text, { quotes } = {}) =>
      told(respondio.customerWrites({ ...pair, text, ...(quotes !== undefined && { quoteOf: messageOf(quotes) }) })),
    strangersWrite: (count) =>
      Array.from({ length: count }, (_, place) => {
        const stranger = { firstName: `Stranger ${place}` }
        return String(respondio.customerWrites({ channel, contact: stranger, text: 'Hello' }).contactId)
      }),
    businessWritesInApp: (text) => told(respondio.businessWrites({ ...pair, text, source: 'echo' })),
    automationWrites: async (text) => {
      const written = respondio.businessWrites({ ...pair, text, source: 'workflow' })
      await respondio.settled()
      return told(written)
    },
    customerSendsUnknownKind: () => {
      const content = { type: 'voice', seconds: 3 }
      return { ...told(respondio.customerWrites({ ...pair, content })), kind: 'voice' }
    },
    customerReads: (upTo) => {
      respondio.customerReads({ ...pair, upTo: upTo.getTime() })
      return undefined
    },
    echoOf: async (externalId) => {
      await respondio.settled()
      return bodyOf(messageOf(externalId))
    },
    strange,
    sign: (signed, { secret = sent?.key ?? '' } = {}) => ({
      headers: { 'content-type': 'application/json', ...respondio.signWebhook(signed, secret).headers },
      body: signed,
    }),
    sent: (threadRef) =>
      respondio
        .messages(Number(threadRef))
        .filter(({ sender }) => sender.source === 'api')
        .map(({ messageId, content }) => ({
          externalId: `${threadRef}:${messageId}`,
          text: content.type === 'text' && 'text' in content ? String(content.text) : '',
          ...(content.type === 'attachment' && { image: (content['attachment'] as { url: string }).url }),
        })),
    fault: (fault, operation) => {
      const broken: StandinFault = { kind: faults[fault], operations: [operations[operation] ?? never()] }
      respondio.fault({ ...broken, holdMs: 10_000 })
    },
    expireAccess: () => respondio.revokeTokens(space),
    revokeConsent: () => respondio.revokeTokens(space),
    close: standin.close,
  }
  return { ...harness, respondio, space, tiktok: channel, contact }
}
