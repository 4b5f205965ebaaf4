import { expect, it } from 'vitest'
import { picture } from '../support/pictures.ts'
import { eventOf, failureOf, sending, webhookOf } from './contract-support.ts'
import type { Current } from './contract-support.ts'
import type { ChannelHarness, ChannelTraits } from './harness.ts'

export function describeCapabilities(current: Current, traits: ChannelTraits) {
  it('says in its manifest what it can do, and has what it says', () => {
    const { manifest, signal, media } = current().channel
    expect(manifest.signals.toSorted()).toEqual(traits.signals ? ['read', 'typing'] : [])
    expect(signal !== undefined).toBe(traits.signals)
    expect(manifest.sends.includes('image')).toBe(traits.images !== false)
    expect(manifest.images?.by ?? false).toBe(traits.images)
    expect(media !== undefined).toBe(traits.images === 'upload')
  })

  if (traits.signals) describeSignals(current)
  if (traits.unnamed) describeUnnamed(current)
  if (traits.images === 'upload') describeUploads(current)
  else if (traits.images === 'address') describeAddresses(current)
  else
    it('refuses a picture without asking anybody', async () => {
      const harness = current()
      const { credentials, message } = await sending(harness)
      const image = { ...message, content: { type: 'image' as const, ref: 'x' } }
      expect(await failureOf(harness.unreachable.send(credentials, image))).toMatchObject({ kind: 'rejected' })
    })
}

function describeSignals(current: Current) {
  const signalling = async (harness: ChannelHarness) => {
    const { threadRef, credentials } = await sending(harness)
    const { signal } = harness.channel
    if (!signal) throw new Error('the channel shows no signs')
    const place = { accountRef: harness.accountRef, threadRef }
    return { threadRef, show: (what: 'typing' | 'read') => signal(credentials, place, what) }
  }

  it('shows the customer each sign by itself, and sends nothing by it', async () => {
    const harness = current()
    const { threadRef, show } = await signalling(harness)
    expect(harness.shown(threadRef)).toEqual({ typing: false, read: false })
    await show('typing')
    expect(harness.shown(threadRef)).toEqual({ typing: true, read: false })
    await show('read')
    expect(harness.shown(threadRef)).toEqual({ typing: true, read: true })
    expect(harness.sent(threadRef)).toEqual([])
  })

  it('never calls a sign unknown: whatever went wrong, it may be shown again', async () => {
    const harness = current()
    const { show } = await signalling(harness)
    for (const fault of ['truncated_answer', 'server_error', 'not_json', 'reset'] as const) {
      harness.fault(fault, 'signal')
      expect(await failureOf(show('read')), fault).toMatchObject({ kind: 'unavailable' })
    }
    harness.fault('rate_limited', 'signal')
    expect(await failureOf(show('typing'))).toMatchObject({ kind: 'rate_limited', code: 'RATE_LIMITED' })
    harness.expireAccess()
    expect(await failureOf(show('typing'))).toMatchObject({ kind: 'unauthorized', code: 'TOKEN_REFUSED' })
  })
}

function describeUnnamed(current: Current) {
  it('says when somebody wrote whom it may not name, with a key for each of them and one for their turns', () => {
    const harness = current()
    const { route } = webhookOf(harness)
    const first = harness.unnamedWrites('Bonjour')
    harness.advance(1_000)
    const second = harness.unnamedWrites('Salut')
    const event = eventOf(harness, first)
    expect(event).toEqual({ kind: 'unnamed', at: expect.any(Date) as Date })
    expect(route(first)).toMatchObject({ accountRef: harness.accountRef })
    expect(route(first).code).toBeUndefined()
    expect(route(first).threadRef).toBeUndefined()
    expect(route(Buffer.from(first))).toEqual(route(first))
    expect(route(second).eventKey).not.toBe(route(first).eventKey)
    expect(route(second).threadKey).toBe(route(first).threadKey)
    expect(route(harness.customerWrites('Hello').body).threadKey).not.toBe(route(first).threadKey)
  })

  it('shows in its lists what such an event speaks of, by its time', async () => {
    const harness = current()
    const event = eventOf(harness, harness.unnamedWrites('Bonjour'))
    const at = event.kind === 'unnamed' ? event.at : expect.unreachable('it is named')
    const { credentials } = await harness.connect()
    const { listThreads, readThread } = harness.channel
    const threads: { threadRef: string; updatedAt: Date }[] = []
    for (let page: string | undefined, first = true; first || page !== undefined; first = false) {
      const listed = await listThreads?.(credentials, page)
      threads.push(...(listed?.threads ?? []))
      page = listed?.next
    }
    const [thread] = threads
    expect(threads).toHaveLength(1)
    expect(Math.abs((thread?.updatedAt.getTime() ?? 0) - at.getTime())).toBeLessThan(5_000)
    const { messages } = await readThread(credentials, thread?.threadRef ?? '')
    expect(messages).toMatchObject([{ kind: 'message', at, content: { text: 'Bonjour' } }])
  })
}

function describeAddresses(current: Current) {
  it('sends a picture by its address, and calls what may have been sent unknown (I5)', async () => {
    const harness = current()
    expect(harness.channel.manifest.images?.types).toContain('image/jpeg')
    const { threadRef, credentials, message } = await sending(harness)
    const ref = 'http://127.0.0.1:1/pictures/a/cake.jpg'
    const send = () => harness.channel.send(credentials, { ...message, content: { type: 'image', ref } })
    const { externalId } = await send()
    expect(harness.sent(threadRef)).toMatchObject([{ externalId, image: ref }])
    harness.fault('truncated_answer', 'send')
    expect(await failureOf(send())).toMatchObject({ kind: 'unknown' })
    expect(harness.sent(threadRef)).toHaveLength(2)
    harness.fault('rate_limited', 'send')
    expect(await failureOf(send())).toMatchObject({ kind: 'rate_limited', code: 'RATE_LIMITED' })
  })
}

function describeUploads(current: Current) {
  const uploading = async (harness: ChannelHarness) => {
    const { message, credentials, threadRef } = await sending(harness)
    const { channel, accountRef } = harness
    const { media } = channel
    if (!media) throw new Error('the channel takes no pictures')
    const image = { bytes: await picture(), mime: 'image/jpeg', fileName: 'ร้าน "ชา".jpg' }
    const upload = () => media.upload(credentials, accountRef, image)
    const send = (ref: string) => channel.send(credentials, { ...message, content: { type: 'image', ref } })
    return { threadRef, credentials, media, upload, send, place: { accountRef, threadRef } }
  }

  it('takes a picture of a kind that it names, which sends nothing yet, and sends it by its reference', async () => {
    const harness = current()
    expect(harness.channel.manifest.images?.types).toContain('image/jpeg')
    const { threadRef, credentials, media, upload, send, place } = await uploading(harness)
    expect(await media.allowed(credentials, place)).toBe(true)
    const { ref, expiresAt } = await upload()
    expect(expiresAt.getTime()).toBeGreaterThan(harness.now().getTime() + 3_600_000)
    expect(harness.sent(threadRef)).toEqual([])
    const { externalId } = await send(ref)
    expect(harness.sent(threadRef)).toMatchObject([{ externalId, image: ref }])
  })

  it('never calls a picture that was handed over or not unknown, and one that is sent by it yes (I5)', async () => {
    const harness = current()
    const { threadRef, upload, send } = await uploading(harness)
    for (const fault of ['truncated_answer', 'server_error', 'not_json', 'reset'] as const) {
      harness.fault(fault, 'upload')
      expect(await failureOf(upload()), fault).toMatchObject({ kind: 'unavailable' })
    }
    harness.fault('rate_limited', 'upload')
    expect(await failureOf(upload())).toMatchObject({ kind: 'rate_limited', code: 'RATE_LIMITED' })
    const { ref } = await upload()
    harness.fault('truncated_answer', 'send')
    expect(await failureOf(send(ref))).toMatchObject({ kind: 'unknown' })
    expect(harness.sent(threadRef)).toHaveLength(1)
  })
}
