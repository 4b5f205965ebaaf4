import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RateLimit } from '../../server/channels/respondio/rate-limit.ts'
import type { Credentials } from '../../server/channels/contract.ts'
import type { FaultKind, Knobs, Operation } from '../standin/respondio/knobs.ts'
import { failureOf } from './contract-support.ts'
import { startRespondIoHarness } from './respondio-harness.ts'

type World = Awaited<ReturnType<typeof startRespondIoHarness>>

let world: World
let seen: RateLimit[]
let credentials: Credentials
let threadRef: string

beforeEach(async () => {
  seen = []
  world = await startRespondIoHarness({ onRateLimit: (limit) => void seen.push(limit) })
  credentials = (await world.connect()).credentials
  threadRef = String(world.contact.id)
})
afterEach(() => world.close())

const fault = (kind: FaultKind, operation: Operation) => world.respondio.fault({ kind, operations: [operation] })
const inspect = (apiToken: string) => world.channel.form?.inspect({ apiToken }) ?? expect.unreachable('no form')
const send = (text = 'Hi', to = threadRef) => {
  const { accountRef, channel } = world
  return channel.send(credentials, { accountRef, threadRef: to, content: { type: 'text', text } })
}
const read = async () => (await world.channel.readThread(credentials, threadRef)).messages
const polling = () => world.channel.polling ?? expect.unreachable('it is not polled')

async function listAll(): Promise<string[]> {
  const found: string[] = []
  for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
    const listed = await polling().list(credentials, page === undefined ? {} : { page })
    found.push(...listed.people.map((person) => person.threadRef))
    page = listed.next
  }
  return found
}

describe('connecting', () => {
  it('makes no call with what no header takes, and one with whatever else a token may be', async () => {
    const { respondio, space } = world
    const [token = ''] = space.tokens
    const before = respondio.ledger.calls().length
    for (const wrong of ['', `Bearer ${token}`, `${token}\n`, 'ก.ข.ค'])
      expect(await failureOf(inspect(wrong))).toMatchObject({ kind: 'rejected', code: 'TOKEN_REFUSED' })
    credentials = { ...credentials, apiToken: 'half a token' }
    expect(await failureOf(send())).toMatchObject({ kind: 'unauthorized', code: 'TOKEN_REFUSED' })
    expect(respondio.ledger.calls()).toHaveLength(before)
    const opaque = 'rio_k3y/of+another=shape~!'
    expect(await failureOf(inspect(opaque))).toMatchObject({ kind: 'rejected', code: 'TOKEN_REFUSED' })
    expect(respondio.ledger.calls()).toHaveLength(before + 1)
    space.tokens.push(opaque)
    expect((await inspect(opaque))?.choices).toHaveLength(1)
  })

  it('offers the workspace’s TikTok channels, however their source is spelt, and no others', async () => {
    const { respondio, space, accountRef } = world
    const more = ['tiktok', 'TikTok_Business_Messaging'].map((source) =>
      respondio.addChannel({ space, source, name: source }),
    )
    for (const source of ['whatsapp_cloud', 'custom_channel']) respondio.addChannel({ space, source })
    respondio.addChannel({ space: respondio.addSpace({ name: 'Another' }) })
    expect(await inspect(respondio.newToken(space))).toEqual({
      choices: [
        { ref: accountRef, name: 'TikTok Business messaging' },
        ...more.map(({ id, name }) => ({ ref: String(id), name })),
      ],
      notes: ['WEBHOOKS_NEED_PLAN'],
    })
  })

  it('says so when the workspace has no TikTok channel', async () => {
    const { respondio } = world
    const space = respondio.addSpace({ name: 'Another' })
    respondio.addChannel({ space, source: 'whatsapp_cloud' })
    const error = await failureOf(inspect(respondio.newToken(space)))
    expect(error).toMatchObject({ kind: 'rejected', code: 'NO_TIKTOK_CHANNEL' })
  })

  it('keeps the same id for the business whichever token it is connected by', async () => {
    const again = await world.connect()
    expect(again.externalId).toBe(world.accountRef)
    expect(again.credentials).not.toEqual(credentials)
    expect(again.accessExpiresAt).toBeUndefined()
  })
})

describe('a refusal', () => {
  it.each<[FaultKind, object]>([
    ['400', { kind: 'rejected', code: 'INVALID_MESSAGE' }],
    ['404', { kind: 'rejected', code: 'THREAD_GONE' }],
    ['409', { kind: 'rejected', code: 'INVALID_MESSAGE' }],
    ['401', { kind: 'unauthorized', code: 'TOKEN_REFUSED' }],
    ['403', { kind: 'rejected', code: 'BLOCKED_BY_PROVIDER' }],
    ['403_html', { kind: 'misconfigured', code: 'REQUEST_BLOCKED' }],
    ['404_html', { kind: 'misconfigured', code: 'APP_MISCONFIGURED' }],
    ['429', { kind: 'rate_limited', code: 'RATE_LIMITED', retryAfterMs: 1000 }],
    ['449', { kind: 'unavailable', code: 'CONTACT_NOT_READY', retryAfterMs: 10_000 }],
    ['500', { kind: 'unknown', code: 'PROVIDER_UNAVAILABLE' }],
    ['503', { kind: 'unknown', code: 'PROVIDER_UNAVAILABLE' }],
    ['200_error', { kind: 'unknown', code: 'PROVIDER_UNAVAILABLE' }],
    ['html', { kind: 'unknown', code: 'BAD_ANSWER' }],
  ])('of a send is translated: %s', async (kind, failure) => {
    fault(kind, 'send')
    expect(await failureOf(send())).toMatchObject(failure)
  })

  it.each<[FaultKind, object, object]>([
    ['401', { kind: 'unauthorized', code: 'TOKEN_REFUSED' }, { kind: 'rejected', code: 'TOKEN_REFUSED' }],
    ['403', { kind: 'misconfigured', code: 'NOT_PERMITTED' }, { kind: 'misconfigured', code: 'NOT_PERMITTED' }],
    ['403_html', { kind: 'misconfigured', code: 'REQUEST_BLOCKED' }, { code: 'REQUEST_BLOCKED' }],
    ['404', { kind: 'rejected', code: 'THREAD_GONE' }, { kind: 'misconfigured', code: 'APP_MISCONFIGURED' }],
    ['404_html', { kind: 'rejected', code: 'CONTACT_PAGE_GONE' }, { kind: 'misconfigured', code: 'APP_MISCONFIGURED' }],
    ['200_error', { kind: 'unavailable', code: 'PROVIDER_UNAVAILABLE' }, { kind: 'unavailable' }],
    ['html', { kind: 'unavailable', code: 'BAD_ANSWER' }, { kind: 'unavailable', code: 'BAD_ANSWER' }],
  ])('of a list and of the form is translated: %s', async (kind, ofList, ofForm) => {
    fault(kind, 'message_list')
    expect(await failureOf(read())).toMatchObject(ofList)
    fault(kind, 'user_list')
    expect(await failureOf(inspect(world.respondio.newToken(world.space)))).toMatchObject(ofForm)
  })

  it('is about the address when there is no API behind it, and about the thread when it names none', async () => {
    world.respondio.setKnobs({ closedWindow: '400' })
    expect(await failureOf(send())).toMatchObject({ kind: 'rejected', code: 'BLOCKED_BY_PROVIDER' })
    expect(await failureOf(send('Hi', '../space'))).toMatchObject({ kind: 'rejected', code: 'THREAD_GONE' })
    expect(await failureOf(send('Hi', '999'))).toMatchObject({ kind: 'rejected', code: 'THREAD_GONE' })
  })

  it('tells each time what is still allowed, by token and route', async () => {
    world.customerWrites('Hello')
    world.respondio.setKnobs({ rateLimit: 2, rateWindowMs: 60_000 })
    await send()
    await send()
    expect(await failureOf(send())).toMatchObject({ kind: 'rate_limited', retryAfterMs: 1000 })
    const route = 'POST /contact/{contact}/message'
    expect(seen).toMatchObject([
      { route, exceeded: false, limit: 2, remaining: 1 },
      { route, exceeded: false, limit: 2, remaining: 0 },
      { route, exceeded: true, retryAfterMs: 1000 },
    ])
    expect(JSON.stringify(seen)).not.toContain(credentials['apiToken'])
    expect(new Set(seen.map((one) => one.scope)).size).toBe(1)
    expect(seen[0]?.scope).toMatch(/^[\w-]{22}$/)
    world.respondio.setKnobs({ rateLimit: 0, rateLimitHeaders: false, retryAfterS: null })
    expect((await failureOf(read())).retryAfterMs).toBeUndefined()
    expect(seen.at(-1)).toMatchObject({ exceeded: true })
  })
})

describe('a delivery', () => {
  it.each<Partial<Knobs>>([
    { webhookForm: 'data', webhookSender: 'both' },
    { webhookSender: 'message', webhookTimestamp: 'us', senderNulls: false },
    { escapeUnicode: true, webhookTimestamp: 's' },
  ])('says the same, signed as it comes, in every form that it may have: %j', async (knobs) => {
    const written = () => [world.customerWrites('สวัสดี 🙏'), world.businessWritesInApp('จากแอป')]
    const { verify, parse } = world.channel.webhook ?? expect.unreachable('no webhook')
    const same = { externalId: expect.any(String) as string, at: expect.any(Date) as Date }
    const read = () =>
      written().map(({ body }) => ({ ...parse(body)[0], ...same, alsoKnownAs: '', delivery: undefined }))
    const usual = read()
    world.respondio.setKnobs(knobs)
    expect(read()).toEqual(usual)
    const { body } = world.customerWrites('Hello')
    expect(verify(world.sign(body), world.now(), world.keys)).toEqual({ ok: true })
  })
})

describe('sending', () => {
  it('never leaves the choice of the channel to respond.io', async () => {
    world.customerWrites('Hello')
    credentials = { apiToken: credentials['apiToken'] ?? '' }
    expect(await failureOf(send())).toMatchObject({ kind: 'misconfigured', code: 'APP_MISCONFIGURED' })
  })

  it('says what the agent wrote, variables and all, and knows it again', async () => {
    world.customerWrites('Hello')
    const text = 'Write {{$contact.name}} or {{ $contact.email }}'
    const { externalId } = await send(text)
    const stored = world.respondio.messages(world.contact.id).at(-1)
    expect(String((stored?.content as { text?: unknown }).text).replaceAll('\u2060', '')).toBe(text)
    expect(world.channel.webhook?.parse(await world.echoOf(externalId))).toMatchObject([{ content: { text } }])
    expect((await read()).at(-1)).toMatchObject({ externalId, content: { text } })
  })

  it('takes a text as long as it may be, in characters, and what keeps it from being a variable with it', async () => {
    world.customerWrites('Hello')
    const text = `{{$contact.name}}${'🙏'.repeat(world.channel.manifest.limits.textLength - 17)}`
    const { externalId } = await send(text)
    expect((await read()).at(-1)).toMatchObject({ externalId, content: { text } })
    expect(await failureOf(send(`${text}.`))).toMatchObject({ kind: 'rejected', code: 'INVALID_MESSAGE' })
  })

  it('stays in its channel, whichever the contact used last', async () => {
    const { respondio, space, contact } = world
    world.customerWrites('Hello')
    const whatsapp = respondio.addChannel({ space, source: 'whatsapp_cloud' })
    respondio.clock.advance(1000)
    respondio.customerWrites({ channel: whatsapp, contact, text: 'over there' })
    await send()
    expect(respondio.messages(contact).at(-1)?.channelId).toBe(world.tiktok.id)
    expect((await read()).map(({ content }) => content.text)).toEqual(['Hello', 'Hi'])
  })

  it('was taken, and failed afterwards, when the window is closed', async () => {
    world.customerWrites('Hello')
    world.advance(49 * 3_600_000)
    const { externalId } = await send()
    await world.respondio.settled()
    const delivery = { state: 'failed', code: 'BLOCKED_BY_PROVIDER', at: expect.any(Date) as Date }
    expect((await read()).at(-1)).toMatchObject({ kind: 'echo', externalId, delivery })
  })
})

describe('reading', () => {
  it.each<FaultKind>(['numbers_as_strings', 'missing_members', 'unknown_status', 'repeat_cursor'])(
    'makes the same of an answer that is written oddly: %s',
    async (kind) => {
      world.customerWrites('Hello')
      await send()
      await world.respondio.settled()
      const usual = (await read()).map(({ externalId, content }) => [externalId, content])
      for (const operation of ['message_list', 'contact_get'] as const) fault(kind, operation)
      expect((await read()).map(({ externalId, content }) => [externalId, content])).toEqual(usual)
      fault(kind, 'contact_list')
      fault(kind, 'contact_channels')
      expect(await listAll()).toEqual([threadRef])
      fault(kind, 'channel_list')
      expect((await inspect(world.respondio.newToken(world.space))).choices).toHaveLength(1)
    },
  )

  it('takes one page at a time, and of that what its own channel tells', async () => {
    const { respondio, space, contact } = world
    const whatsapp = respondio.addChannel({ space, source: 'whatsapp_cloud' })
    for (let count = 0; count < 50; count++) world.customerWrites('here')
    world.advance(2_000)
    for (let count = 0; count < 45; count++) respondio.customerWrites({ channel: whatsapp, contact, text: 'elsewhere' })
    const before = respondio.ledger.calls('message_list').length
    expect(await read()).toHaveLength(5)
    expect(respondio.ledger.calls('message_list').length - before).toBe(1)
  })
})
