import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { pruneAccountEvents } from '../../server/realtime/retention.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { cursorAt, type FeedClient, seqOf } from './feed-client.ts'
import { Seeds, startNode, type FeedNode } from './feed-node.ts'

let database: TestDatabase
let seeds: Seeds
let node: FeedNode
const clients: FeedClient[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  seeds = new Seeds(database.url)
  node = await startNode({ databaseUrl: database.url, redisUrl: database.redisUrl, tuning: { heartbeatMs: 1_000 } })
})

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

afterAll(async () => {
  await node.close()
  await seeds.admin.end()
  await database.drop()
})

async function listener(from: FeedNode = node) {
  const account = await seeds.account()
  const member = await seeds.member(account, 'administrator')
  const client = await from.connect(member)
  clients.push(client)
  return { account, member, client }
}

const again = async (member: Parameters<FeedNode['connect']>[0]) => {
  const client = await node.connect(member)
  clients.push(client)
  return client
}

describe('the account feed (I13)', () => {
  it('starts with a heartbeat that carries a cursor, then brings events in order', async () => {
    const { account, client } = await listener()
    await client.subscribe(account.id)
    expect(client.events()[0]?.type).toBe('feed.heartbeat')
    const ids = []
    for (let count = 0; count < 20; count += 1) ids.push(await node.publish(account))
    await client.until(() => client.messages().length === 20)
    expect(client.messages()).toEqual(ids)
    const seqs = client.ofType('message.created').map((event) => seqOf(event.cursor))
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('moves the cursor of a quiet listener', async () => {
    const { account, client } = await listener()
    const agent = await again(await seeds.member(account, 'agent', []))
    await Promise.all([client.subscribe(account.id), agent.subscribe(account.id)])
    await node.publish(account, { inboxId: account.inboxIds[0] })
    await client.until(() => client.messages().length === 1)
    await agent.until(() => agent.ofType('feed.heartbeat').some((event) => seqOf(event.cursor) === 1), 3_000)
    expect(agent.messages()).toEqual([])
  })

  it('misses nothing while eight writers commit out of order and roll back', { timeout: 60_000 }, async () => {
    const { account, member, client } = await listener()
    await client.subscribe(account.id)
    const written = new Set<string>()
    const writer = async () => {
      for (let count = 0; count < 60; count += 1) {
        const id = randomUUID()
        await node.scopes
          .system(account.id)
          .tx(async (tx) => {
            await tx.sql`insert into account_events (account_id, type, message_id, data)
              values (${account.id}, 'message.created', ${id}, '{}')`
            await pause(Math.random() * 20)
            if (Math.random() < 0.2) throw new Error('rolled back')
            tx.publish({ type: 'noise' })
          })
          .then(
            () => written.add(id),
            () => {},
          )
      }
    }
    const resumers = Array.from({ length: 6 }, async (_, index) => {
      const seen: string[] = []
      let cursor = client.cursor
      for (let round = 0; round < 8; round += 1) {
        const other = await again(member)
        await other.subscribe(account.id, cursor)
        await pause(30 + 25 * index)
        seen.push(...other.messages())
        cursor = other.cursor || cursor
        other.close()
      }
      return { seen, cursor }
    })
    await Promise.all(Array.from({ length: 8 }, writer))
    await client.until(() => client.messages().length >= written.size)
    expect(new Set(client.messages())).toEqual(written)
    expect(client.messages()).toHaveLength(written.size)
    for (const { seen, cursor } of await Promise.all(resumers)) {
      const last = await again(member)
      await last.subscribe(account.id, cursor)
      await last.until(() => seen.length + last.messages().length >= written.size)
      expect([...seen, ...last.messages()]).toEqual(client.messages())
    }
    const head = seqOf(client.cursor)
    for (const start of [0, 1, 7, 99, 100, 101, 150, head - 1]) {
      const other = await again(member)
      await other.subscribe(account.id, cursorAt(client.cursor, start))
      await other.until(() => other.ofType('feed.heartbeat').length)
      const seqs = other.events().map((event) => event.type !== 'feed.heartbeat' && seqOf(event.cursor))
      const all = Array.from({ length: head - start }, (_, index) => start + index + 1)
      expect(seqs.filter((seq) => seq !== false)).toEqual(all)
      other.close()
    }
  })

  it('numbers and brings what a crash left between commit and stamp', async () => {
    const { account, client } = await listener()
    await client.subscribe(account.id)
    const id = randomUUID()
    await seeds.admin`insert into account_events (account_id, type, message_id, data)
      values (${account.id}, 'message.created', ${id}, '{}')`
    await client.until(() => client.messages().includes(id), 2_500)
  })

  it('keeps order across sockets, documents and resumed listeners under load', { timeout: 30_000 }, async () => {
    const { account, member, client } = await listener()
    await client.subscribe(account.id)
    const short = 'subscription ($a: ID!) { accountEvents(accountId: $a) { cursor type message { id } } }'
    client.send({ id: 'short', type: 'subscribe', payload: { query: short, variables: { a: account.id } } })
    await client.until(() => client.events('short').length)
    const writers = Array.from({ length: 6 }, async () => {
      for (let count = 0; count < 100; count += 1) await node.publish(account)
    })
    await pause(100)
    const late = await again(member)
    await late.subscribe(account.id, client.cursor)
    await Promise.all(writers)
    await client.until(() => client.messages().length === 600 && client.messages('short').length === 600)
    expect(client.messages('short')).toEqual(client.messages())
    await late.until(() => late.messages().at(-1) === client.messages().at(-1))
    expect(client.messages().slice(-late.messages().length)).toEqual(late.messages())
  })
})

describe('a cursor that cannot be resumed', () => {
  it.each([
    ['malformed', 'what is this'],
    ['of another list', Buffer.from('["2026-01-01"]').toString('base64url')],
    ['empty', ' '],
  ])('is INVALID when it is %s', async (_name, after) => {
    const { account, client } = await listener()
    await client.subscribe(account.id, after)
    await client.until(() => client.errorCode())
    expect(client.errorCode()).toBe('INVALID')
  })

  it('answers with feed.reset when it is ahead, of another database or too old, and goes on live', async () => {
    const { account, client } = await listener()
    for (let count = 0; count < 5; count += 1) await node.publish(account)
    await client.subscribe(account.id)
    const own = client.cursor
    await seeds.admin`delete from account_events where account_id = ${account.id} and seq <= 3`
    const foreign = Buffer.from(JSON.stringify([randomUUID(), 2])).toString('base64url')
    const cases = { ahead: cursorAt(own, 99), another_database: foreign, expired: cursorAt(own, 2) }
    for (const [reason, after] of Object.entries(cases)) await client.subscribe(account.id, after, reason)
    await client.subscribe(account.id, cursorAt(own, 3), 'good')
    for (const reason of Object.keys(cases)) {
      await client.until(() => client.events(reason).length)
      expect(client.events(reason)[0]).toMatchObject({ type: 'feed.reset', data: { reason }, cursor: own })
    }
    const id = await node.publish(account)
    for (const reason of Object.keys(cases)) await client.until(() => client.messages(reason).includes(id))
    await client.until(() => client.messages('good').length === 3)
  })

  it('is one from before the retention', async () => {
    const { account, client } = await listener()
    for (let count = 0; count < 4; count += 1) await node.publish(account)
    await client.subscribe(account.id)
    await seeds.admin`update account_events set created_at = now() - interval '8 days'
      where account_id = ${account.id} and seq <= 2`
    expect(await pruneAccountEvents({ sql: node.system }, 7)).toBe(2)
    await client.subscribe(account.id, cursorAt(client.cursor, 1), 'old')
    await client.until(() => client.events('old')[0]?.type === 'feed.reset')
    await client.subscribe(account.id, cursorAt(client.cursor, 2), 'kept')
    await client.until(() => client.messages('kept').length === 2)
  })

  it('resets listeners when the database is an older one than it was', async () => {
    const { account, client } = await listener()
    for (let count = 0; count < 4; count += 1) await node.publish(account)
    await client.subscribe(account.id)
    await seeds.admin`delete from account_events where account_id = ${account.id} and seq > 2`
    await seeds.admin`update feed_heads set seq = 2 where account_id = ${account.id}`
    await client.until(() => client.ofType('feed.reset').length === 1, 3_000)
    const id = await node.publish(account)
    await client.until(() => client.messages().includes(id))
  })
})

describe('what must not pile up', () => {
  it('loads an event once and executes it once per document, however many listen', async () => {
    const account = await seeds.account()
    const members = await Promise.all(Array.from({ length: 10 }, () => seeds.member(account, 'administrator')))
    const all = await Promise.all(members.map(again))
    await Promise.all(all.map((client) => client.subscribe(account.id)))
    const before = { ...node.hub.stats, hydrated: node.counts.hydrated }
    await node.publish(account)
    await Promise.all(all.map((client) => client.until(() => client.messages().length === 1)))
    expect(node.hub.stats.executions - before.executions).toBe(1)
    expect(node.counts.hydrated - before.hydrated).toBe(1)
  })

  it('serves many that come back together from one load', async () => {
    const { account, client } = await listener()
    await client.subscribe(account.id)
    for (let count = 0; count < 30; count += 1) await node.publish(account)
    await client.until(() => client.messages().length === 30)
    const fresh = await startNode({ databaseUrl: database.url, redisUrl: database.redisUrl })
    const members = await Promise.all(Array.from({ length: 20 }, () => seeds.member(account, 'administrator')))
    const back = await Promise.all(members.map((member) => fresh.connect(member)))
    clients.push(...back)
    for (const other of back) void other.subscribe(account.id, cursorAt(client.cursor, 3))
    await Promise.all(back.map((other) => other.until(() => other.messages().length === 27)))
    expect(fresh.counts.hydrated).toBeLessThanOrEqual(2)
    await fresh.close()
    expect(back.map((other) => other.closed?.code)).toEqual(back.map(() => 1001))
  })

  it('leaves the room with complete, with the socket, and for good', async () => {
    const { account, client } = await listener()
    await client.subscribe(account.id)
    await client.subscribe(account.id, undefined, 'second')
    client.send({ id: 'feed', type: 'complete' })
    await client.until(() => node.hub.stats.subscriptions === 1)
    const id = await node.publish(account)
    await client.until(() => client.messages('second').includes(id))
    expect(client.messages()).toEqual([])
    await client.subscribe(account.id, undefined, 'feed')
    client.close()
    await client.until(() => node.hub.stats.subscriptions === 0)
    expect(node.hub.stats.connections).toBe(0)
  })

  it('goes on with an entry that cannot be loaded: a reset takes its place', { timeout: 30_000 }, async () => {
    const poison = randomUUID()
    const onHydrate = (entries: readonly { messageId: string | null }[]) => {
      if (entries.some((entry) => entry.messageId === poison)) throw new Error('cannot be loaded')
    }
    const careful = await startNode({ databaseUrl: database.url, redisUrl: database.redisUrl, onHydrate })
    const { account, member, client } = await listener(careful)
    await client.subscribe(account.id)
    const start = client.cursor
    await seeds.admin`insert into account_events (account_id, type, message_id, data)
      select ${account.id}, 'message.created', id, '{}' from unnest(${[randomUUID(), poison, randomUUID()]}::uuid[]) as id`
    await client.until(() => client.messages().length === 2 && client.ofType('feed.reset').length === 1, 15_000)
    const late = await careful.connect(member)
    clients.push(late)
    await late.subscribe(account.id, start)
    await late.until(() => late.ofType('feed.reset').length === 1)
    const id = await careful.publish(account)
    await late.until(() => late.messages().includes(id))
    await careful.close()
  })
})
