import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Credentials } from '../../server/channels/contract.ts'
import type { FaultKind, Knobs, Operation } from '../standin/respondio/knobs.ts'
import { failureOf } from './contract-support.ts'
import { startRespondIoHarness } from './respondio-harness.ts'

type World = Awaited<ReturnType<typeof startRespondIoHarness>>

let world: World
let credentials: Credentials
let threadRef: string

beforeEach(async () => {
  world = await startRespondIoHarness()
  credentials = (await world.connect()).credentials
  threadRef = String(world.contact.id)
})
afterEach(() => world.close())

const fault = (kind: FaultKind, operation: Operation) => world.respondio.fault({ kind, operations: [operation] })
const presence = (contact = threadRef) => polling().check(credentials, contact)

const send = () => {
  const { accountRef, channel } = world
  return channel.send(credentials, { accountRef, threadRef, content: { type: 'text', text: 'Hi' } })
}
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

describe('listing', () => {
  /** More than two pages of them. */
  const strangers = () => [threadRef, ...world.strangersWrite(230)]

  it.each<Partial<Knobs>>([
    { cursorStyle: 'url', cursorEnd: 'null' },
    { cursorStyle: 'relative', cursorEnd: 'empty' },
    { cursorStyle: 'number', cursorEnd: 'absent' },
    { cursorStyle: 'string', contactOrder: 'desc' },
  ])('finds its way by any cursor: %j', async (knobs) => {
    world.respondio.setKnobs(knobs)
    const all = strangers()
    expect((await listAll()).sort()).toEqual(all.sort())
  })

  it('names people and shows them, each with the key of its deliveries', async () => {
    const { body } = world.customerWrites('Hello')
    const { people } = await polling().list(credentials, {})
    const avatarUrl = expect.stringMatching(/^http/) as string
    const threadKey = world.channel.webhook?.route(body).threadKey
    expect(people).toEqual([{ threadRef, threadKey, name: 'Alice Demo', avatarUrl }])
  })

  it('says so instead of asking for ever, or ending too early, when a cursor comes again or turns round', async () => {
    strangers()
    const { next } = await polling().list(credentials, {})
    expect(next).toBeDefined()
    fault('repeat_cursor', 'contact_list')
    for (const page of [next ?? '', `${next}<999999999`]) {
      const error = await failureOf(polling().list(credentials, { page }))
      expect(error).toMatchObject({ kind: 'unavailable', code: 'CURSOR_REPEATS' })
    }
  })

  it('names everybody once, and takes a page for no list', async () => {
    const { contacts } = world.respondio.world
    contacts.set(-1, world.contact)
    const { people } = await polling().list(credentials, {})
    expect(people.map((person) => person.threadRef)).toEqual([threadRef])
    fault('404_html', 'contact_list')
    const error = await failureOf(polling().list(credentials, {}))
    expect(error).toMatchObject({ kind: 'misconfigured', code: 'APP_MISCONFIGURED' })
  })

  it('asks for those alone with whom something happened, where that filter works, and finds out whether it does', async () => {
    const { respondio, advance } = world
    world.customerWrites('Hello')
    const narrows = () => polling().narrows(credentials)
    expect(await narrows(), 'unknown').toBe(false)
    respondio.setKnobs({ lastInteractionFilter: 'ignored' })
    expect(await narrows(), 'no condition at all').toBe(false)
    respondio.setKnobs({ lastInteractionFilter: 'works' })
    expect(await narrows()).toBe(true)
    advance(3_600_000)
    const [stranger = ''] = world.strangersWrite(1)
    const changedSince = new Date(world.now().getTime() - 60_000)
    const { people } = await polling().list(credentials, { changedSince })
    expect(people.map((person) => person.threadRef)).toEqual([stranger])
    fault('403_html', 'contact_list')
    expect(await failureOf(narrows())).toMatchObject({ kind: 'misconfigured', code: 'REQUEST_BLOCKED' })
  })
})

describe('reading page by page', () => {
  const person = () => ({ threadRef, name: 'Alice' })

  it('finds everything of its channel, the newest first, each once', async () => {
    const { respondio, space, contact } = world
    const whatsapp = respondio.addChannel({ space, source: 'whatsapp_cloud' })
    const written = Array.from({ length: 120 }, (_, place) => {
      world.advance(1_000)
      if (place % 10 === 0) respondio.customerWrites({ channel: whatsapp, contact, text: 'elsewhere' })
      return world.customerWrites(`message ${place}`).externalId
    })
    const found: string[] = []
    let pages = 0
    for (let page: string | undefined; pages === 0 || page !== undefined; pages++) {
      const { messages, next, newest, oldest } = await polling().read(credentials, person(), page)
      for (const { at, person: writer } of messages) {
        expect(at >= (oldest ?? at) && at <= (newest ?? at)).toBe(true)
        expect(writer).toMatchObject({ ref: threadRef, name: 'Alice' })
      }
      found.push(...messages.map((message) => message.externalId))
      page = next
    }
    expect(found).toEqual(written.toReversed())
    expect(pages).toBe(3)
  })

  it('loses nothing that is listed without its channel (I1)', async () => {
    const { externalId } = world.customerWrites('Hello')
    for (const listedChannelId of ['outgoing', 'none'] as const) {
      world.respondio.setKnobs({ listedChannelId })
      expect((await polling().read(credentials, person())).messages).toMatchObject([{ externalId }])
      expect((await world.channel.readThread(credentials, threadRef)).messages).toMatchObject([{ externalId }])
    }
  })

  it('says so when a cursor comes again, and goes nowhere for what is no contact', async () => {
    for (let place = 0; place < 120; place++) world.customerWrites(`message ${place}`)
    const { next } = await polling().read(credentials, person())
    fault('repeat_cursor', 'message_list')
    const again = polling().read(credentials, person(), next)
    expect(await failureOf(again)).toMatchObject({ kind: 'unavailable', code: 'CURSOR_REPEATS' })
    const nobody = polling().read(credentials, { threadRef: '../space' })
    expect(await failureOf(nobody)).toMatchObject({ kind: 'rejected', code: 'THREAD_GONE' })
  })
})

describe('whether a quiet contact has written', () => {
  it.each(['s', 'ms'] as const)('is told without reading messages, in %s', async (channelTimes) => {
    world.respondio.setKnobs({ channelTimes })
    expect(await presence()).toEqual({ lastMessageAt: null, lastIncomingAt: null })
    world.customerWrites('Hello')
    const wrote = world.now().getTime()
    world.advance(60_000)
    await send()
    const { lastMessageAt, lastIncomingAt } = (await presence()) ?? {}
    expect(Math.abs((lastIncomingAt?.getTime() ?? 0) - wrote)).toBeLessThan(2000)
    expect((lastMessageAt?.getTime() ?? 0) - (lastIncomingAt?.getTime() ?? 0)).toBeGreaterThanOrEqual(59_000)
  })

  it('is not asked of somebody who is not in the channel', async () => {
    const { respondio, space } = world
    const whatsapp = respondio.addChannel({ space, source: 'whatsapp_cloud' })
    const { id } = respondio.addContact({ channel: whatsapp, firstName: 'Elsewhere' })
    expect(await presence(String(id))).toBeUndefined()
  })
})
