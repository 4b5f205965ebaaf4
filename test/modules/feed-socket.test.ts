import { GraphQLError, type ValidationRule } from 'graphql'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { FEED, FeedClient } from './feed-client.ts'
import { Seeds, startNode, type Account, type FeedNode, type Member } from './feed-node.ts'

let database: TestDatabase
let seeds: Seeds
let node: FeedNode
let account: Account
let person: Member
const clients: FeedClient[] = []

const noFragments: ValidationRule = (context) => ({
  InlineFragment: (at) => context.reportError(new GraphQLError('No fragments here', { nodes: at })),
})

beforeAll(async () => {
  database = await createTestDatabase()
  seeds = new Seeds(database.url)
  node = await startNode({
    ...{ databaseUrl: database.url, redisUrl: database.redisUrl, validationRules: [noFragments] },
    tuning: { bufferLimit: 200_000, stallMs: 2_000 },
  })
  account = await seeds.account()
  person = await seeds.member(account, 'administrator')
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  while (node.hub.stats.connections) await pause(5)
})

afterAll(async () => {
  await node.close()
  await seeds.admin.end()
  await database.drop()
})

async function connected(as: Member = person, headers?: Record<string, string>) {
  const client = await node.connect(as, headers)
  clients.push(client)
  return client
}

async function opened(headers?: Record<string, string>) {
  const client = new FeedClient(node.url, headers)
  clients.push(client)
  await once(client.socket, 'open')
  return client
}

describe('the socket', () => {
  it.each([
    ['a wrong token', { authorization: 'Bearer 00000000-0000-4000-8000-000000000000|9' }],
    ['no bearer', { authorization: 'Basic abc' }],
    ['a token that is no text', { authorization: { $ne: null } }],
    ['nothing', {}],
  ])('refuses %s with 4403', async (_name, payload) => {
    const client = await opened({ authorization: `Bearer ${person.token}` })
    client.send({ type: 'connection_init', payload })
    expect(await client.untilClosed()).toBe(4403)
  })

  it('waits five seconds for connection_init', { timeout: 10_000 }, async () => {
    const client = await opened()
    expect(await client.untilClosed(6_000)).toBe(4408)
  })

  it('closes what subscribes before it has said who it is', async () => {
    const client = await opened()
    client.send({ id: 'x', type: 'subscribe', payload: { query: FEED, variables: { accountId: account.id } } })
    expect(await client.untilClosed()).toBe(4401)
  })

  it.each(['not json', '{"type":"nothing"}', '[]', '{"type":"subscribe","id":1}'])(
    'closes %s with 4400',
    async (text) => {
      const client = await connected()
      client.socket.send(text)
      expect(await client.untilClosed()).toBe(4400)
    },
  )

  it('takes no frame beyond 64 kB', async () => {
    const client = await connected()
    client.socket.send('x'.repeat(70_000))
    expect(await client.untilClosed()).toBe(1009)
  })

  it('checks where a page comes from, when it says so', async () => {
    const foreign = new WebSocket(node.url, 'graphql-transport-ws', { origin: 'https://evil.test' })
    const [error] = (await once(foreign, 'error')) as [Error]
    expect(error.message).toContain('403')
    const own = await connected(person, { origin: 'https://parley.test' })
    await own.subscribe(account.id)
  })

  it('keeps to its own subprotocol', async () => {
    const socket = new WebSocket(node.url, 'graphql-ws')
    await once(socket, 'error').catch(() => {})
    expect(socket.readyState).toBeGreaterThan(1)
  })

  it('lets a user have twenty sockets, and a new one in the place of a silent one', async () => {
    const several = await seeds.member(account, 'administrator')
    const twenty = await Promise.all(Array.from({ length: 20 }, () => connected(several)))
    const oneMore = await connected(several)
    expect(await oneMore.untilClosed()).toBe(4429)
    expect(twenty.map((client) => client.closed)).toEqual(twenty.map(() => undefined))
    const { tuning } = node.hub
    const usual = tuning.silentMs
    tuning.silentMs = 50
    await pause(100)
    for (const client of twenty.slice(1)) client.send({ type: 'ping' })
    await twenty[19]?.until(() => twenty[19]?.frames.some((frame) => frame.type === 'pong'))
    const welcome = await connected(several)
    tuning.silentMs = usual
    expect(await twenty[0]?.untilClosed()).toBe(4429)
    await welcome.subscribe(account.id)
  })

  it('does not listen to who talks without end', async () => {
    const client = await connected()
    for (let count = 0; count < 200; count += 1) client.send({ type: 'ping' })
    expect(await client.untilClosed()).toBe(4429)
  })
})

describe('documents', () => {
  const invalid: [string, string][] = [
    ['unknown fields', 'subscription { accountEvents(accountId: "$") { cursor nothing } }'],
    ['queries', '{ version }'],
    ['introspection by query', '{ __schema { types { name } } }'],
    ['introspection', 'subscription { __schema { types { name } } }'],
    ['mutations', 'mutation { anything }'],
    [
      'two operations',
      'subscription A { accountEvents(accountId: "$") { cursor } } subscription B { accountEvents(accountId: "$") { type } }',
    ],
    [
      'two fields',
      'subscription { a: accountEvents(accountId: "$") { cursor } b: accountEvents(accountId: "$") { cursor } }',
    ],
    ['a conditional field', 'subscription { accountEvents(accountId: "$") @skip(if: true) { cursor } }'],
    ['what a rule forbids', 'subscription { accountEvents(accountId: "$") { ... on AccountEvent { cursor } } }'],
    ['garbage', 'subscription {'],
    ['too many tokens', `subscription { accountEvents(accountId: "$") { ${'cursor '.repeat(3_000)} } }`],
    ['missing variables', FEED],
  ]
  it.each(invalid)('refuses %s as INVALID', async (_name, query) => {
    const client = await connected()
    client.send({ id: 'bad', type: 'subscribe', payload: { query: query.replaceAll('$"', `${account.id}"`) } })
    await client.until(() => client.errorCode('bad'))
    expect(client.errorCode('bad')).toBe('INVALID')
    expect(node.hub.stats.subscriptions).toBe(0)
    await client.subscribe(account.id)
  })

  it('takes a named fragment, literals and an alias', async () => {
    const client = await connected()
    const query = `subscription { ...Root }
      fragment Root on Subscription { mine: accountEvents(accountId: "${account.id}") { cursor type } }`
    client.send({ id: 'f', type: 'subscribe', payload: { query } })
    await client.until(() => client.frames.some((frame) => frame.id === 'f' && frame.type === 'next'))
    expect(client.frames.at(-1)?.payload?.data).toMatchObject({ mine: { type: 'feed.heartbeat' } })
  })

  it('tells nothing of an error of its own, and spares the others', async () => {
    const client = await connected()
    await client.subscribe(account.id)
    const query = `subscription { accountEvents(accountId: "${account.id}") { cursor secret } }`
    client.send({ id: 's', type: 'subscribe', payload: { query } })
    await client.until(() => client.events('s').length)
    const id = await node.publish(account)
    await client.until(() => client.events('s').length === 2 && client.messages().includes(id))
    const errors = client.frames.findLast((frame) => frame.id === 's')?.payload?.errors
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Something went wrong',
        extensions: expect.objectContaining({ code: 'INTERNAL' }) as unknown,
      }),
    ])
    expect(JSON.stringify(client.frames)).not.toContain('a_table')
  })
})

describe('ids', () => {
  it('closes a repeated id with 4409 and leaves nothing behind', async () => {
    const client = await connected()
    for (let count = 0; count < 50; count += 1)
      client.send({ id: 'same', type: 'subscribe', payload: { query: FEED, variables: { accountId: account.id } } })
    expect(await client.untilClosed()).toBe(4409)
    await pause(100)
    expect(node.hub.stats).toMatchObject({ subscriptions: 0, connections: 0 })
  })

  it('leaves nothing behind when an id is completed and reused before it is ready', async () => {
    const client = await connected()
    for (let count = 0; count < 20; count += 1) {
      client.send({ id: 'same', type: 'subscribe', payload: { query: FEED, variables: { accountId: account.id } } })
      client.send({ id: 'same', type: 'complete' })
    }
    await client.untilClosed()
    await pause(100)
    expect(node.hub.stats).toMatchObject({ subscriptions: 0, connections: 0 })
  })

  it('may be used again once completed', async () => {
    const client = await connected()
    for (let count = 0; count < 5; count += 1) {
      const seen = client.ofType('feed.heartbeat').length
      client.send({ id: 'feed', type: 'subscribe', payload: { query: FEED, variables: { accountId: account.id } } })
      await client.until(() => client.ofType('feed.heartbeat').length > seen)
      client.send({ id: 'feed', type: 'complete' })
      await client.until(() => node.hub.stats.subscriptions === 0)
    }
  })

  it('allows ten subscriptions on a socket', async () => {
    const client = await connected()
    for (let count = 0; count < 11; count += 1)
      void client.subscribe(account.id, undefined, `n${count}`).catch(() => {})
    await client.until(() => client.errorCode('n10'))
    expect(client.errorCode('n10')).toBe('RATE_LIMITED')
    await client.until(() => node.hub.stats.subscriptions === 10)
  })
})

describe('a slow socket', () => {
  const flood = async (count: number) => {
    let last = ''
    for (let done = 0; done < count; done += 1) last = await node.publish(account, { data: { padded: true } })
    return last
  }

  it('costs the others nothing, and gets a reset once it drains', { timeout: 30_000 }, async () => {
    const [slow, quick] = [await connected(), await connected()]
    await Promise.all([slow.subscribe(account.id), quick.subscribe(account.id)])
    const { fallenBehind } = node.hub.stats
    slow.socket.pause()
    let last = ''
    // The kernel takes some megabytes before the process has to hold anything.
    while (node.hub.stats.fallenBehind === fallenBehind) last = await flood(50)
    await quick.until(() => quick.messages().includes(last))
    slow.socket.resume()
    await slow.until(() => slow.ofType('feed.reset').length === 1)
    expect(slow.ofType('feed.reset')[0]?.data).toEqual({ reason: 'slow' })
    const id = await node.publish(account)
    await slow.until(() => slow.messages().includes(id))
    expect(slow.closed ?? quick.closed).toBeUndefined()
    expect(quick.ofType('feed.reset')).toEqual([])
  })

  it('is closed when it never drains', { timeout: 30_000 }, async () => {
    const slow = await connected()
    await slow.subscribe(account.id)
    const { fallenBehind } = node.hub.stats
    slow.socket.pause()
    while (node.hub.stats.fallenBehind === fallenBehind) await flood(50)
    while (node.hub.stats.connections) await pause(20)
    slow.socket.resume()
    expect(await slow.untilClosed()).toBe(1013)
  })

  it('replays at its own pace', { timeout: 30_000 }, async () => {
    const quick = await connected()
    await quick.subscribe(account.id)
    const { cursor } = quick
    const last = await flood(600)
    await quick.until(() => quick.messages().includes(last))
    const slow = await connected()
    slow.socket.pause()
    void slow.subscribe(account.id, cursor)
    await pause(500)
    slow.socket.resume()
    await slow.until(() => slow.messages().includes(last))
    expect(slow.messages()).toEqual(quick.messages())
  })
})
