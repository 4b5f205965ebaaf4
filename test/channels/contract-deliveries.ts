import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { eventOf, sending, webhookOf } from './contract-support.ts'
import type { Current } from './contract-support.ts'
import type { ChannelHarness, ChannelTraits } from './harness.ts'

const timeOf = (action: () => unknown): number => {
  const started = performance.now()
  action()
  return performance.now() - started
}

export function describeSignatures(current: Current, { freshForS }: ChannelTraits) {
  it('takes the provider’s signature and refuses another, a missing one, and one for other bytes', () => {
    const harness = current()
    const { verify } = webhookOf(harness)
    const { body } = harness.customerWrites('Hello')
    const good = harness.sign(body)
    expect(verify(good, harness.now())).toEqual({ ok: true })
    expect(verify(harness.sign(body, { secret: 'somebody else' }), harness.now())).toEqual({
      ok: false,
      reason: 'wrong',
    })
    expect(verify({ headers: {}, body }, harness.now())).toEqual({ ok: false, reason: 'missing' })
    const more = { ...good, body: Buffer.concat([body, Buffer.from('x')]) }
    expect(verify(more, harness.now())).toEqual({ ok: false, reason: 'wrong' })
  })

  if (freshForS !== null)
    it('tells a stale signature and one from the future apart from a wrong one', () => {
      const harness = current()
      const { verify } = webhookOf(harness)
      const { body } = harness.customerWrites('Hello')
      const at = (seconds: number) => new Date(harness.now().getTime() + seconds * 1000)
      expect(verify(harness.sign(body, { at: at(10 - freshForS) }), harness.now())).toEqual({ ok: true })
      expect(verify(harness.sign(body, { at: at(50) }), harness.now())).toEqual({ ok: true })
      expect(verify(harness.sign(body, { at: at(-10 - freshForS) }), harness.now())).toMatchObject({
        ok: false,
        reason: 'stale',
      })
      expect(verify(harness.sign(body, { at: at(70) }), harness.now())).toEqual({ ok: false, reason: 'future' })
      const forged = harness.sign(body, { at: at(-10 - freshForS), secret: 'somebody else' })
      expect(verify(forged, harness.now())).toEqual({ ok: false, reason: 'wrong' })
    })

  it('refuses a stranger’s megabyte at about the price of hashing it', () => {
    const harness = current()
    const { verify } = webhookOf(harness)
    const body = Buffer.alloc(1024 * 1024, 'a')
    const delivery = harness.sign(body, { secret: 'somebody else' })
    const now = harness.now()
    const rounds = Array.from({ length: 15 }, () => ({
      hashing: timeOf(() => createHmac('sha256', 'secret').update(body).digest()),
      checking: timeOf(() => verify(delivery, now)),
    }))
    // The best of each: what else runs on the machine makes either of them slower, and none faster.
    const best = (of: 'hashing' | 'checking') => Math.min(...rounds.map((round) => round[of]))
    expect(best('checking')).toBeLessThan(best('hashing') * 4)
  })
}

export function describeDeliveries(current: Current, traits: ChannelTraits) {
  const { echoes, quotes, receipts, precisionMs, namesBusiness } = traits
  const wholeMs = (time: Date) => Math.floor(time.getTime() / precisionMs) * precisionMs

  it('reads a customer’s message: who, where, when as exactly as the wire tells, what', () => {
    const harness = current()
    const before = wholeMs(harness.now())
    const { body, threadRef, externalId } = harness.customerWrites('Hello, ส่งไหม 👋')
    const event = eventOf(harness, body)
    expect(event).toMatchObject({ kind: 'message', externalId, threadRef })
    if (event.kind !== 'message') return
    expect(event.content).toEqual({ contentType: 'text', text: 'Hello, ส่งไหม 👋' })
    expect(event.person.ref).toBe(harness.person.ref)
    expect(event.at.getTime()).toBeGreaterThanOrEqual(before)
    expect(event.at.getTime()).toBeLessThanOrEqual(harness.now().getTime())
  })

  it('keeps what a message quotes, or says that nothing can be quoted', () => {
    const harness = current()
    if (!quotes) return expect(harness.channel.manifest.quotable).toEqual([])
    const first = harness.customerWrites('one')
    const event = eventOf(harness, harness.customerWrites('two', { quotes: first.externalId }).body)
    expect(event).toMatchObject({ kind: 'message', content: { text: 'two', quotes: first.externalId } })
  })

  it('gives a repeated delivery the same key, whatever its signature, and other events other keys', () => {
    const harness = current()
    const { route } = webhookOf(harness)
    const first = harness.customerWrites('Hello')
    const second = harness.customerWrites('Hello')
    const later = harness.sign(first.body, { at: new Date(harness.now().getTime() + 5000) })
    expect(route(Buffer.from(later.body))).toEqual(route(first.body))
    expect(route(second.body).eventKey).not.toBe(route(first.body).eventKey)
    expect(route(second.body).threadKey).toBe(route(first.body).threadKey)
    const place = namesBusiness ? { accountRef: harness.accountRef } : { accountRef: '', threadRef: first.threadRef }
    expect(route(first.body)).toMatchObject(place)
    expect(route(first.body).code).toBeUndefined()
  })

  if (echoes)
    it('tells who echoed: the API, the provider’s app, or automation', async () => {
      const harness = current()
      const { threadRef } = harness.customerWrites('Hello')
      const { credentials } = await harness.connect()
      const { accountRef, channel } = harness
      const { externalId } = await channel.send(credentials, {
        accountRef,
        threadRef,
        content: { type: 'text', text: 'Hi' },
      })
      const echo = await harness.echoOf(externalId)
      const common = { kind: 'echo', threadRef, person: { ref: harness.person.ref } }
      expect(eventOf(harness, echo)).toMatchObject({ ...common, externalId, via: 'api', content: { text: 'Hi' } })
      const inApp = harness.businessWritesInApp('from the app')
      expect(eventOf(harness, inApp.body)).toMatchObject({ ...common, externalId: inApp.externalId, via: 'app' })
      const automatic = await harness.automationWrites('Welcome')
      expect(eventOf(harness, automatic.body)).toMatchObject({ ...common, via: 'automation' })
      const { route } = webhookOf(harness)
      expect(route(echo).threadKey).toBe(route(inApp.body).threadKey)
    })

  if (receipts === 'deliveries') describeReadEvents(current, wholeMs)
  else describeListedReceipts(current)

  it('keeps a kind that it does not know, with its raw form (I4)', () => {
    const harness = current()
    const { body, kind, externalId } = harness.customerSendsUnknownKind()
    const event = eventOf(harness, body)
    expect(event).toMatchObject({ kind: 'message', externalId })
    if (event.kind !== 'message') return
    expect(event.content).toMatchObject({ contentType: 'unsupported', details: { kind } })
    expect(JSON.stringify(event.content.raw)).toContain(kind)
  })
}

function describeReadEvents(current: Current, wholeMs: (time: Date) => number) {
  const readOf = (harness: ChannelHarness, upTo: Date) =>
    harness.customerReads(upTo) ?? expect.unreachable('nothing tells of it')

  it('reads how far the customer has read', () => {
    const harness = current()
    const { threadRef, body } = harness.customerWrites('Hello')
    const upTo = new Date(harness.now().getTime() - 1234)
    const read = readOf(harness, upTo)
    const event = eventOf(harness, read)
    expect(event).toMatchObject({ kind: 'read', threadRef })
    expect(event.kind === 'read' && wholeMs(event.readUpTo)).toBe(wholeMs(upTo))
    const { route } = webhookOf(harness)
    expect(route(read).threadKey).toBe(route(body).threadKey)
    expect(route(readOf(harness, harness.now())).eventKey).not.toBe(route(read).eventKey)
  })
}

function describeListedReceipts(current: Current) {
  it('lists of a message of the business whether the customer has read it', async () => {
    const harness = current()
    const { threadRef, credentials, send } = await sending(harness)
    const { externalId } = await send()
    await harness.echoOf(externalId)
    const listed = async () => (await harness.channel.readThread(credentials, threadRef)).messages.at(-1)
    const delivery = { state: expect.stringMatching(/^(sent|delivered)$/) as string, at: expect.any(Date) as Date }
    expect(await listed()).toMatchObject({ externalId, delivery })
    harness.customerReads(harness.now())
    expect(await listed()).toMatchObject({ externalId, delivery: { state: 'read', at: expect.any(Date) as Date } })
  })
}

export function describeStrangeDeliveries(current: Current) {
  it('routes and parses what makes no sense, without throwing', () => {
    const harness = current()
    const { route, parse, verify } = webhookOf(harness)
    expect(Object.keys(harness.strange)).not.toEqual([])
    for (const [what, body] of Object.entries(harness.strange)) {
      expect(verify(harness.sign(body), harness.now()), what).toEqual({ ok: true })
      const routing = route(body)
      expect(routing, what).toEqual(route(Buffer.from(body)))
      expect(routing.eventKey, what).not.toBe('')
      expect(routing.threadKey, what).not.toBe('')
      for (const event of parse(body)) expect(['ignored', 'hint'], what).toContain(event.kind)
    }
  })

  it('makes keys that fit into an index, whatever stands in the body', () => {
    const harness = current()
    const { route } = webhookOf(harness)
    for (const body of Object.values(harness.strange)) {
      const { eventKey, threadKey, accountRef } = route(body)
      for (const key of [eventKey, threadKey, accountRef]) {
        expect(Buffer.byteLength(key)).toBeLessThan(2600)
        expect(key).not.toMatch(/[\0-\x1f]|\p{Surrogate}/u)
      }
    }
  })
}
