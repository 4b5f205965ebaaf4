import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestSpace } from './respondio-kit.ts'
import { startSpace } from './respondio-kit.ts'

let world: TestSpace

beforeEach(async () => {
  world = await startSpace()
})

afterEach(() => world.close())

describe('a channel that is removed', () => {
  it('fails what is on its way, tells nothing of it, and breaks nothing', async () => {
    const { respondio, channel, receiver } = world
    const { contactId } = world.newcomer()
    await respondio.settled()
    world.subscribe('message.sent')
    const written = ['one', 'two'].map((text) => respondio.businessWrites({ channel, contact: contactId, text }))
    respondio.removeChannel(channel.id)
    await respondio.settled()
    const ids = written.map(({ messageId }) => messageId)
    const found = respondio.messages(contactId).filter(({ messageId }) => ids.includes(messageId))
    expect(found.map((message) => message.status.at(-1)?.value)).toEqual(['failed', 'failed'])
    expect(receiver.received).toEqual([])
    expect((await world.get(`/contact/id:${contactId}/channels`)).body.items).toEqual([])
    expect((await world.list(contactId)).items).toHaveLength(3)
  })
})

describe('the headers of the limit', () => {
  it('are on every answer of the API, whatever it says', async () => {
    const { respondio } = world
    respondio.setKnobs({ rateLimit: 20, rateWindowMs: 60_000 })
    const headersOf = async (path: string, bearer?: string) => {
      const { status, headers } = await fetch(respondio.apiUrl + path, {
        headers: { authorization: `Bearer ${bearer ?? world.token}` },
      })
      return [status, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]
    }
    expect(await headersOf('/space/user', 'nobody')).toEqual([401, '20', '19'])
    expect(await headersOf('/space/user')).toEqual([200, '20', '19'])
    expect(await headersOf('/contact/id:1')).toEqual([404, '20', '19'])
    for (const kind of ['500', '429', '502', 'html'] as const) respondio.fault({ kind, operations: ['user_list'] })
    for (const [status, left] of [
      [500, '18'],
      [429, '17'],
      [502, '16'],
      [200, '15'],
    ])
      expect(await headersOf('/space/user')).toEqual([status, '20', left])
  })
})

it('templates go by both of their addresses', async () => {
  const { respondio, space, channel } = world
  const whatsapp = respondio.addChannel({ space, source: 'whatsapp_cloud' })
  const of = async (path: string) => (await world.get(path)).body
  const [template] = (await of(`/space/channel/${whatsapp.id}/mtm`)).items
  expect(template).toMatchObject({ name: 'hello', languageCode: 'en' })
  expect((await of(`/space/channel/${whatsapp.id}/template`)).items).toEqual([template])
  expect((await of(`/space/channel/${channel.id}/mtm`)).items).toEqual([])
  expect(await of(`/space/mtm/${template?.id}`)).toMatchObject({ data: { ...template, catalogProducts: [] } })
  expect((await world.get('/space/mtm/7')).status).toBe(404)
  expect((await world.get('/space/channel/7/mtm')).status).toBe(404)
})

describe('the forms of one reference', () => {
  it('lists messages without their channel', async () => {
    const { respondio } = world
    const { contactId } = world.newcomer()
    await world.sendText(contactId)
    const named = async () => (await world.list(contactId)).items.map((item) => [item['traffic'], 'channelId' in item])
    expect(await named()).toEqual([
      ['outgoing', true],
      ['incoming', true],
    ])
    respondio.setKnobs({ listedChannelId: 'outgoing' })
    expect(await named()).toEqual([
      ['outgoing', true],
      ['incoming', false],
    ])
    respondio.setKnobs({ listedChannelId: 'none' })
    expect((await named()).map(([, isNamed]) => isNamed)).toEqual([false, false])
  })

  it('delivers what was written without event and ids', async () => {
    const { respondio, receiver } = world
    world.subscribe('message.received')
    respondio.setKnobs({ webhookForm: 'bare' })
    const { contactId } = world.write({ firstName: 'Ploy' }, 'Hello')
    await respondio.settled()
    const contact = { id: contactId, firstName: 'Ploy', lastName: expect.anything(), profilePic: expect.anything() }
    expect(receiver.received.map(({ raw }) => JSON.parse(raw) as unknown)).toEqual([
      { data: { contact, message: { type: 'text', text: 'Hello' }, conversationId: String(contactId) } },
    ])
  })
})
