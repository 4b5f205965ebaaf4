import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTikTok } from '../../server/channels/tiktok/index.ts'
import type { Routing } from '../../server/channels/contract.ts'
import { AT, BUSINESS, MESSAGE, THREAD, delivery, fromBusiness, fromPerson, text } from './tiktok-bodies.ts'
import { TEST_SETTINGS } from './tiktok-harness.ts'

const { webhook } = createTikTok(TEST_SETTINGS)

function route(body: Buffer): Routing {
  if (!webhook) throw new Error('no webhook')
  return webhook.route(body)
}

const threadKey = `tiktok:${BUSINESS}:${THREAD}`

describe('keys of events (TikTok wire reference §15.5)', () => {
  it.each([
    ['a message', 'im_receive_msg', fromPerson(text()), `im_receive_msg ${BUSINESS} ${MESSAGE}`, threadKey],
    ['an echo', 'im_send_msg', fromBusiness(text()), `im_send_msg ${BUSINESS} ${MESSAGE}`, threadKey],
    [
      'a read receipt',
      'im_mark_read_msg',
      fromPerson({ read: { last_read_timestamp: AT + 1 } }),
      `im_mark_read_msg ${BUSINESS} ${THREAD} ${AT + 1}`,
      threadKey,
    ],
    ['a referral', 'im_referral_msg', fromPerson(), `im_referral_msg ${BUSINESS} ${THREAD} ${AT}`, threadKey],
    [
      'an EU notice',
      'im_receive_msg_eu',
      { timestamp: AT },
      `im_receive_msg_eu ${BUSINESS} ${AT}`,
      `tiktok:${BUSINESS}`,
    ],
  ])('say what %s is and where it belongs', (_, event, content, eventKey, thread) => {
    expect(route(delivery(event, content))).toEqual({ eventKey, accountRef: BUSINESS, threadKey: thread })
  })

  it('stay the same when TikTok writes the same event down differently', () => {
    const again = delivery('im_receive_msg', fromPerson(text()), { create_time: 1_700_000_060 })
    expect(route(again)).toEqual(route(delivery('im_receive_msg', fromPerson(text()))))
  })

  it('are the body’s hash where nothing else makes the event that event', () => {
    const body = delivery('authorization.removed', { reason: 1 })
    const hash = createHash('sha256').update(body).digest('base64url')
    expect(route(body)).toEqual({ eventKey: `sha256 ${hash}`, accountRef: BUSINESS, threadKey: `tiktok:${BUSINESS}` })
    const nonsense = route(Buffer.from('nonsense'))
    expect(nonsense).toMatchObject({ accountRef: '', threadKey: expect.stringMatching(/^tiktok:#/), code: 'NOT_JSON' })
    expect(route(Buffer.from('other nonsense')).eventKey).not.toBe(nonsense.eventKey)
  })

  it('do not run into each other over ids that hold separators', () => {
    const keyOf = (business: string, message_id: string) =>
      route(delivery('im_receive_msg', fromPerson({ message_id }), { user_openid: business })).eventKey
    expect(keyOf('a b', 'c')).not.toBe(keyOf('a', 'b c'))
  })
})

const quickest = (work: () => unknown): number => {
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
  return Math.min(...times)
}

const anyJson = fc.jsonValue({ maxDepth: 4 })
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('__proto__', 'constructor', '\0', '\ud800', '\u202e', ' ', '=', 'x'.repeat(5000)),
)
const anyField = fc.oneof(anyJson, hostileText)
const fields = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, anyField])), { requiredKeys: [] })

const someContent = fc.oneof(
  fields('conversation_id', 'message_id', 'timestamp', 'type', 'text', 'read', 'from_user', 'to_user', 'message_tag'),
  fields('reason', '__proto__', 'reaction', 'template', 'timestamp', 'referenced_message_info'),
  anyField,
)
const someEvent = fc.constantFrom(
  'im_receive_msg',
  'im_send_msg',
  'im_mark_read_msg',
  'im_referral_msg',
  'im_receive_msg_eu',
  'authorization.removed',
)
const someBody = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  anyJson.map((value) => Buffer.from(JSON.stringify(value))),
  fc
    .tuple(fc.oneof(someEvent, anyField), someContent, fields('user_openid', 'create_time', 'client_key'), fc.boolean())
    .map(([event, content, extra, asText]) =>
      delivery('', null, { event, content: asText ? JSON.stringify(content) : content, ...extra }),
    ),
)

describe('any bytes', () => {
  it('are routed and parsed without an exception, into keys that an index takes', () => {
    fc.assert(
      fc.property(someBody, (body) => {
        const routing = route(body)
        for (const key of [routing.eventKey, routing.threadKey, routing.accountRef]) {
          expect(Buffer.byteLength(key)).toBeLessThan(2600)
          expect(key).not.toMatch(/[\0-\x1f]|\p{Surrogate}/u)
        }
        expect(routing.eventKey).not.toBe('')
        expect(routing.threadKey).toMatch(/^tiktok:./)
        expect(route(Buffer.from(body))).toEqual(routing)
        const events = webhook?.parse(body) ?? []
        expect(events.length).toBeGreaterThan(0)
        for (const event of events) {
          if ('at' in event) expect(event.at.getTime()).not.toBeNaN()
          if ('externalId' in event) expect(event.externalId).toMatch(/^[^\p{C}]+$/u)
          if ('threadRef' in event) expect(routing.threadKey).toBe(`tiktok:${routing.accountRef}:${event.threadRef}`)
        }
      }),
      { numRuns: 2000 },
    )
    expect(Object.prototype).not.toHaveProperty('event')
  })

  it('of a megabyte are routed in the time that reading them takes', () => {
    const body = delivery('im_receive_msg', fromPerson(text('"\\'.repeat(200_000))))
    const read = () => JSON.parse((JSON.parse(body.toString()) as { content: string }).content) as unknown
    expect(route(body).eventKey).toBe(`im_receive_msg ${BUSINESS} ${MESSAGE}`)
    expect(quickest(() => route(body))).toBeLessThan(quickest(read) * 5)
  })
})
