import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { identicon } from './png.ts'
import type { TestSpace } from './respondio-kit.ts'
import { startSpace } from './respondio-kit.ts'

const HOUR = 3_600_000
const AT = 1_771_831_909_270

let world: TestSpace
beforeEach(async () => {
  world = await startSpace()
})
afterEach(() => world.close())

const idsOf = (answer: { items: { messageId: number }[] }) => answer.items.map(({ messageId }) => messageId)
const get = async (contactId: number, messageId: number) =>
  (await world.get(`/contact/id:${contactId}/message/${messageId}`)).body
const send = (contactId: number, message: unknown, channelId: number | null = world.channel.id) =>
  world.post(`/contact/id:${contactId}/message`, { channelId, message })
const valuesOf = ({ status }: { status: { value: string }[] }) => status.map(({ value }) => value)

describe('a customer writes', () => {
  it('a message in the shape of the reference, its time in its id', async () => {
    const { contactId, messageId } = world.newcomer('Ploy', AT)
    expect(messageId).toBe(1_771_831_909_270_000)
    expect(await get(contactId, messageId)).toEqual({
      ...{ messageId, contactId, channelId: world.channel.id, traffic: 'incoming' },
      channelMessageId: expect.stringMatching(/^[A-Za-z0-9+/]{26}==$/),
      message: { type: 'text', text: 'Hello' },
      sender: { source: 'contact', userId: null, teamId: null, workflowId: null, broadcastHistoryId: null },
      ...{ replyTo: null, status: [] },
    })
    expect((await world.get(`/contact/id:${contactId}/message/5`)).status).toBe(404)
  })

  it('ids in whole seconds on WhatsApp, and the same ones for two people of the same moment', async () => {
    const whatsapp = world.respondio.addChannel({ space: world.space, source: 'whatsapp_cloud' })
    const people = [{ firstName: 'A' }, { firstName: 'B' }]
    const written = people.map((contact) =>
      world.respondio.customerWrites({ channel: whatsapp, contact, text: 'x', at: AT }),
    )
    expect(written.map(({ messageId }) => messageId)).toEqual([1_771_831_909_000_000, 1_771_831_909_000_000])
    expect(written[0]?.contactId).not.toBe(written[1]?.contactId)
  })

  it('and it may surface late, behind what came after it', async () => {
    world.subscribe('message.received')
    const { contactId } = world.newcomer('Ploy', AT)
    world.respondio.setKnobs({ lateArrivals: 1, lateArrivalMs: 20 })
    const late = world.write(contactId, 'late', { at: AT + 1 })
    world.respondio.setKnobs({ lateArrivalMs: 600_000 })
    const later = world.write(contactId, 'later', { at: AT + 2 })
    world.respondio.setKnobs({ lateArrivals: 0 })
    const soon = world.write(contactId, 'soon', { at: AT + 3 })
    await until(async () => (await world.list(contactId)).items.length === 3, 'the late one has surfaced')
    await until(() => world.receiver.received.length === 3, 'it is told')
    expect(idsOf(await world.list(contactId))).toEqual([soon.messageId, late.messageId, AT * 1000])
    expect((await world.get(`/contact/id:${contactId}/message/${later.messageId}`)).status).toBe(404)
    const told = world.receiver.received.map(({ content }) => (content['message'] as { messageId: number }).messageId)
    expect(told).toEqual([AT * 1000, soon.messageId, late.messageId])
  })

  it('with files that are not stored yet, quotes, and kinds that nobody knows', async () => {
    const { respondio } = world
    const { contactId, messageId } = world.newcomer()
    respondio.setKnobs({ attachmentPendingMs: 5000 })
    const mediaId = respondio.addMedium({ mime: 'image/png', bytes: identicon('x'), fileName: 'ครับ.png' })
    const content = { type: 'stored', attachment: { type: 'image', mediaId } }
    const picture = world.write(contactId, '', { content })
    const attachmentOf = async () => {
      const { message } = (await get(contactId, picture.messageId)) as unknown as {
        message: { type: string; attachment: Record<string, unknown> }
      }
      expect(message.type).toBe('attachment')
      return message.attachment
    }
    const before = await attachmentOf()
    const facts = {
      type: 'image',
      fileName: 'ครับ.png',
      mime: 'image/png',
      ext: 'png',
      size: expect.stringMatching(/^\d+$/),
    }
    expect(before).toMatchObject({ ...facts, isPending: true })
    expect((await fetch(String(before['url']))).status).toBe(404)
    respondio.clock.advance(5000)
    expect(await attachmentOf()).toMatchObject({ isPending: false })
    expect(Buffer.from(await (await fetch(String(before['url']))).arrayBuffer())).toEqual(identicon('x'))
    const post = world.write(contactId, '', { content: { type: 'post', post: { url: 'https://x.test' } } })
    expect(await get(contactId, post.messageId)).toMatchObject({ message: { type: 'post' } })
    const answer = world.write(contactId, 'this one', { quoteOf: messageId })
    expect(await get(contactId, answer.messageId)).toMatchObject({
      replyTo: { messageId, message: { type: 'text', text: 'Hello' } },
    })
  })
})

describe('message/list', () => {
  it('gives the newest first, and either side of a cursor', async () => {
    const { contactId } = world.newcomer('Ploy', AT)
    for (let i = 1; i < 6; i++) world.write(contactId, `${i}`, { at: AT + i })
    const ids = [0, 1, 2, 3, 4, 5].map((i) => (AT + i) * 1000)
    const [m0 = 0, m1, m2 = 0, m3, m4, m5] = ids
    const page = await world.list(contactId, 'limit=2')
    expect(idsOf(page)).toEqual([m5, m4])
    expect(page.pagination).toEqual({
      next: `${world.respondio.apiUrl}/contact/id:${contactId}/message/list?limit=2&cursorId=${m4}`,
      previous: null,
    })
    expect(idsOf(await world.list(contactId, `limit=2&cursorId=${m2}`))).toEqual([m1, m0])
    expect(idsOf(await world.list(contactId, `limit=2&cursorId=-${m2}`))).toEqual([m3, m4])
    expect((await world.list(contactId, `cursorId=${m0}`)).pagination.next).toBeNull()
    expect(idsOf(await world.list(contactId, `cursorId=-${m2 + 1}`))).toEqual([m3, m4, m5])
    world.respondio.setKnobs({ unknownCursor: 'reject' })
    const { status } = await world.get(`/contact/id:${contactId}/message/list?cursorId=${m2 + 1}`)
    expect(status).toBe(400)
  })

  it('gives fifty at most, whatever was asked for', async () => {
    const { contactId } = world.newcomer('Ploy', AT)
    for (let i = 1; i < 60; i++) world.write(contactId, `${i}`, { at: AT + i })
    expect((await world.list(contactId, 'limit=100')).items).toHaveLength(50)
    expect((await world.list(contactId)).items).toHaveLength(10)
    expect((await world.get(`/contact/id:${contactId}/message/list?limit=101`)).status).toBe(400)
  })
})

describe('a send', () => {
  it('is accepted with an id of true microseconds, and stamped afterwards', async () => {
    const { contactId } = world.newcomer()
    const before = world.respondio.clock.now() * 1000
    const { status, body } = await world.sendText(contactId, 'สวัสดีค่ะ')
    expect([status, body]).toEqual([200, { messageId: expect.any(Number) }])
    expect(body.messageId).toBeGreaterThanOrEqual(before)
    await world.respondio.settled()
    const message = await get(contactId, body.messageId)
    expect(message).toMatchObject({
      traffic: 'outgoing',
      channelMessageId: expect.stringMatching(/==$/),
      message: { type: 'text', text: 'สวัสดีค่ะ' },
      sender: { source: 'api' },
    })
    expect(valuesOf(message)).toEqual(['sent', 'delivered'])
    world.respondio.customerReads({ contact: contactId, channel: world.channel })
    expect(valuesOf(await get(contactId, body.messageId))).toEqual(['sent', 'delivered', 'read'])
    expect(world.respondio.ledger.sends()).toMatchObject([{ contactId, messageId: body.messageId }])
  })

  it('is read by itself, and pending first, when the knobs say so', async () => {
    world.respondio.setKnobs({ pendingStatus: true, readDelayMs: 5 })
    const { contactId } = world.newcomer()
    const { body } = await world.sendText(contactId)
    await world.respondio.settled()
    expect(valuesOf(await get(contactId, body.messageId))).toEqual(['pending', 'sent', 'delivered', 'read'])
  })

  it('is refused when it is none', async () => {
    const { contactId } = world.newcomer()
    const elsewhere = world.respondio.addChannel({ space: world.space })
    const image = (url: string) => ({ type: 'attachment', attachment: { type: 'image', url } })
    const cases: unknown[] = [
      { type: 'text' },
      { type: 'text', text: '' },
      { type: 'text', text: 'ก'.repeat(6001) },
      { type: 'image', url: 'https://x.test/a.png' },
      { type: 'quick_reply', title: 'x', replies: [] },
      { type: 'quick_reply', title: 'x', replies: Array(11).fill('y') },
      image('https://x.test/a.txt'),
      image('no address'),
    ]
    for (const message of cases) expect([message, (await send(contactId, message)).status]).toEqual([message, 400])
    expect((await send(contactId, image('https://x.test/a.txt'))).body['message']).toContain(
      'attachment url is not valid',
    )
    expect((await send(contactId, { type: 'text', text: 'x' }, elsewhere.id)).status).toBe(400)
    expect((await send(5, { type: 'text', text: 'x' })).status).toBe(404)
    expect(world.respondio.messages(contactId)).toHaveLength(1)
  })

  it('without a channel goes where something happened last', async () => {
    const whatsapp = world.respondio.addChannel({ space: world.space, source: 'whatsapp_cloud' })
    const { contactId } = world.newcomer()
    world.respondio.clock.advance(1000)
    world.respondio.customerWrites({ channel: whatsapp, contact: contactId, text: 'here now' })
    const { body } = await send(contactId, { type: 'text', text: 'x' }, null)
    expect(await get(contactId, body.messageId)).toMatchObject({ channelId: whatsapp.id })
  })

  it('has its variables replaced', async () => {
    const { contactId } = world.newcomer('Ploy')
    const textOf = async (text: string) => {
      const { body } = await world.sendText(contactId, text)
      return ((await get(contactId, body.messageId))['message'] as { text: string }).text
    }
    expect(await textOf('Dear {{$contact.name}}, {{ $contact.email }}{{$system.secret}}{{name}}!')).toBe(
      'Dear Ploy, {{name}}!',
    )
    world.respondio.setKnobs({ unknownVariables: 'keep' })
    expect(await textOf('{{$system.time}}')).toBe('{{$system.time}}')
  })

  it('of a picture is fetched from its address, and fails when that does not work', async () => {
    const { respondio } = world
    const { contactId } = world.newcomer()
    const mediaId = respondio.addMedium({ mime: 'image/png', bytes: identicon('x') })
    const film = respondio.addMedium({ mime: 'video/mp4', bytes: Buffer.from('film') })
    const url = (id: string, name: string) => `${world.standin.url}/respondio/cdn/${id}/${name}`
    const outcome = async (type: string, address: string) => {
      const { body } = await send(contactId, { type: 'attachment', attachment: { type, url: address } })
      await respondio.settled()
      return (await get(contactId, body.messageId)).status.at(-1)
    }
    expect(await outcome('image', url(mediaId, 'a.png'))).toMatchObject({ value: 'delivered' })
    expect(await outcome('image', url('gone', 'a.png'))).toMatchObject({
      value: 'failed',
      message: expect.stringContaining('404'),
    })
    expect(await outcome('image', url(film, 'a.png'))).toMatchObject({ value: 'failed' })
    expect(await outcome('video', url(film, 'a.mp4'))).toMatchObject({ value: 'failed' })
  })
})

describe('windows', () => {
  const outcomes = async (contactId: number, count: number) => {
    const ids: number[] = []
    for (let i = 0; i < count; i++) ids.push((await world.sendText(contactId, `${i}`)).body.messageId)
    await world.respondio.settled()
    const sent = await Promise.all(ids.map((id) => get(contactId, id)))
    return sent.map(({ status }) => status.at(-1))
  }
  const delivered = expect.objectContaining({ value: 'delivered' })
  const failed = { value: 'failed', timestamp: expect.any(Number), message: expect.stringContaining('[40064]') }

  it('let ten through, fail the eleventh after a 200, and open again', async () => {
    const { contactId } = world.newcomer()
    world.respondio.businessWrites({ contact: contactId, channel: world.channel, source: 'echo', text: 'from the app' })
    expect(await outcomes(contactId, 10)).toEqual([...Array<unknown>(9).fill(delivered), failed])
    world.write(contactId, 'still there?')
    expect(await outcomes(contactId, 1)).toEqual([delivered])
    world.respondio.clock.advance(48 * HOUR + 1)
    expect(await outcomes(contactId, 1)).toEqual([failed])
  })

  it('are told by the answer when the knob says so, and bind no other channel', async () => {
    const whatsapp = world.respondio.addChannel({ space: world.space, source: 'whatsapp_cloud' })
    world.respondio.setKnobs({ closedWindow: '400' })
    const stranger = world.respondio.addContact({ channel: world.channel, firstName: 'S' })
    expect(await world.sendText(stranger.id)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('[40064]') },
    })
    const known = world.respondio.addContact({ channel: whatsapp, firstName: 'S' })
    expect((await world.sendText(known.id, 'x', whatsapp)).status).toBe(200)
    world.respondio.blocks({ contact: known })
    expect((await world.sendText(known.id, 'x', whatsapp)).status).toBe(400)
  })
})
