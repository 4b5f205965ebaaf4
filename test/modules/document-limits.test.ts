import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AccountEventsDocument } from '../../client/api/generated.ts'
import { LIMITS } from '../../server/graphql/limits.ts'
import { GRAPHQL_PER_MINUTE } from '../../server/http/rate-limit.ts'
import type { Actor } from '../support/actor.ts'
import { postGraphql } from '../support/graphql-post.ts'
import { startWorld, type World } from '../support/world.ts'
import { FeedClient } from './feed-client.ts'

const lifted = { ...GRAPHQL_PER_MINUTE }

let world: World
let admin: Actor
const clients: FeedClient[] = []

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  admin = await world.business()
})
afterEach(() => {
  Object.assign(GRAPHQL_PER_MINUTE, lifted)
  for (const client of clients.splice(0)) client.close()
})
afterAll(() => world.close())

const repeat = (count: number, text: string) => Array.from({ length: count }, () => text).join(' ')

async function connected(actor = admin): Promise<FeedClient> {
  const client = await FeedClient.connect(`${world.url.replace(/^http/, 'ws')}/graphql/ws`, actor.token)
  clients.push(client)
  return client
}

/** Subscribes to a selection, with what follows it; answers the code of the refusal, or undefined once events come. */
async function subscribe(client: FeedClient, selection: string, id = 'feed', more = ''): Promise<string | undefined> {
  const query = `subscription { accountEvents(accountId: "${admin.accountId}") { ${selection} } } ${more}`
  client.send({ id, type: 'subscribe', payload: { query } })
  await client.until(() => client.errorCode(id) ?? client.events(id).length)
  return client.errorCode(id)
}

describe('a subscription, which is executed for every event,', () => {
  it('has one short list at most, which every document reads for itself', async () => {
    const client = await connected()
    const lists = Array.from({ length: 2 }, (_, place) => `a${place}: messages(last: 1) { nodes { id } }`)
    expect(await subscribe(client, `conversation { ${lists.join(' ')} }`, 'a')).toBe('INVALID')
    const hidden = 'fragment C on Conversation { messages(last: 1) { nodes { id } } }'
    const twice = 'conversation { ...C b: messages(last: 2) { nodes { id } } }'
    expect(await subscribe(client, twice, 'b', hidden)).toBe('INVALID')
    expect(client.frames.map((frame) => JSON.stringify(frame.payload)).join()).toContain('at most one list')
    const long = 'conversation { messages(last: 100) { nodes { id status content } } }'
    expect(await subscribe(client, long, 'c')).toBe('INVALID')
    expect(await subscribe(client, 'conversation { messages(last: 5) { nodes { id content } } }', 'd')).toBeUndefined()
  })

  it('has few fields, fragments counted as often as they are spread', async () => {
    const client = await connected()
    const fragment = `fragment M on Message { ${repeat(50, 'id')} }`
    const five = 'message { ...M inReplyTo { ...M inReplyTo { ...M inReplyTo { ...M inReplyTo { ...M } } } } }'
    expect(await subscribe(client, five, 'feed', fragment)).toBe('INVALID')
    expect(JSON.stringify(client.frames)).toMatch(/costs \d+, more than/)
  })

  it('may be the client’s own', async () => {
    const client = await connected()
    await client.subscribe(admin.accountId, undefined, 'feed', AccountEventsDocument.toString())
    expect(client.errorCode()).toBeUndefined()
  })

  it('is looked at a few times a minute, and once when its text is known', async () => {
    const other = await world.business()
    const client = await connected(other)
    const codes = []
    for (let place = 0; place < 65; place++) codes.push(await subscribe(client, `nothing${place}`, `n${place}`))
    expect(codes.indexOf('RATE_LIMITED')).toBe(60)
    expect(new Set(codes)).toEqual(new Set(['INVALID', 'RATE_LIMITED']))
    // Somebody else is not in the way of anybody.
    expect(await subscribe(await connected(), 'cursor type')).toBeUndefined()
  })
})

describe('a document is measured before it is validated', () => {
  const bombs = {
    'fields that repeat': `{ ${repeat(480, 'me { id }')} }`,
    'fields that repeat deeper down': `{ me { ${repeat(300, 'memberships { role }')} } }`,
    'fragments that repeat': `{ me { ${repeat(60, '...A')} } } ${repeat(1, `fragment A on User { ${repeat(300, 'id')} }`)}`,
    'many fragments': `{ me { ...F0 } } ${Array.from({ length: 120 }, (_, place) => `fragment F${place} on User { ...F${place + 1} id }`).join(' ')} fragment F120 on User { id }`,
    'the most that is allowed': `{ me { ${repeat(LIMITS.selections / 2 - 1, 'memberships { role }')} } }`,
  }

  it.each(Object.entries(bombs))('so that %s do not hold the others up', async (_name, query) => {
    await postGraphql(admin, { query: '{ version }' })
    const nobody = Object.assign(await world.business(), { token: '' })
    // A comment, so that it is no text that was seen before. Of this process alone, whatever else the machine does.
    const started = process.cpuUsage()
    for (let time = 0; time < 3; time++) await postGraphql(nobody, { query: `${query} # ${time}` })
    const { user } = process.cpuUsage(started)
    expect(user / 3_000, 'ms of this process').toBeLessThan(250)
  })

  it('and what was not seen before is charged to its address, signed in or not', async () => {
    const nobody = Object.assign(await world.business(), { token: '' })
    GRAPHQL_PER_MINUTE.newSelections = 40
    const wrong = (place: number) => ({ query: `{ me { ${repeat(9, 'nothing')} } } # ${place}` })
    const codes = []
    for (let place = 0; place < 8; place++) codes.push((await postGraphql(nobody, wrong(place))).codes[0])
    expect(codes.slice(0, 4)).toEqual(repeat(4, 'INVALID').split(' '))
    expect(codes.slice(4)).toContain('RATE_LIMITED')
    // What is known costs nothing.
    expect((await postGraphql(nobody, wrong(0))).codes[0]).toBe('INVALID')
    expect((await postGraphql(admin, { query: '{ version }' })).codes).toEqual([])
    expect(await postGraphql(admin, wrong(99))).toMatchObject({ status: 429, codes: ['RATE_LIMITED'] })
  })
})
