import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type FeedClient, seqOf } from './feed-client.ts'
import { Seeds, startNode, type Account, type FeedNode, type Member } from './feed-node.ts'

let database: TestDatabase
let seeds: Seeds
let node: FeedNode
const clients: FeedClient[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  seeds = new Seeds(database.url)
  // No Redis at all: nothing about access may need it.
  node = await startNode({ databaseUrl: database.url, redisUrl: 'redis://127.0.0.1:1' })
})

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

afterAll(async () => {
  await node.close()
  await seeds.admin.end()
  await database.drop()
})

async function listening(member: Member, account: Account) {
  const client = await node.connect(member)
  clients.push(client)
  await client.subscribe(account.id)
  return client
}

const administrator = (account: Account) => seeds.member(account, 'administrator')
const member = (account: Account, inboxIds: string[]) => seeds.member(account, 'agent', inboxIds)

describe('who gets an event (I10, I11)', () => {
  it('brings agents what is in their inboxes, administrators all, and what is for one user only to them', async () => {
    const account = await seeds.account()
    const [first = '', second = ''] = account.inboxIds
    const people = [await administrator(account), await member(account, [first]), await member(account, [])]
    const [boss, agent, nobody] = (await Promise.all(people.map((person) => listening(person, account)))) as [
      FeedClient,
      FeedClient,
      FeedClient,
    ]
    const inFirst = await node.publish(account, { inboxId: first })
    const inSecond = await node.publish(account, { inboxId: second })
    const own = await node.publish(account, { inboxId: first, userId: people[1]?.userId ?? '' })
    const unseen = await node.publish(account, { inboxId: second, userId: people[1]?.userId ?? '' })
    await node.publish(account, { type: 'member.updated' })
    await Promise.all([boss, agent, nobody].map((client) => client.until(() => client.ofType('member.updated').length)))
    expect(boss.messages()).toEqual([inFirst, inSecond])
    expect(agent.messages()).toEqual([inFirst, own])
    expect(nobody.messages()).toEqual([])
    expect([boss, agent, nobody].flatMap((client) => client.messages())).not.toContain(unseen)
  })

  it('keeps two accounts apart, on one socket too', async () => {
    const [ours, theirs] = [await seeds.account(), await seeds.account()]
    const person = await administrator(ours)
    const client = await listening(person, ours)
    const other = await listening(await administrator(theirs), theirs)
    for (const [id, accountId] of [
      ['foreign', theirs.id],
      ['unknown', randomUUID()],
      ['malformed', "1' or true --"],
    ] as const)
      client.send({
        ...{ id, type: 'subscribe' },
        payload: {
          query: 'subscription ($a: ID!) { accountEvents(accountId: $a) { cursor } }',
          variables: { a: accountId },
        },
      })
    await client.until(() => ['foreign', 'unknown', 'malformed'].every((id) => client.errorCode(id)))
    const answers = client.frames.filter((frame) => frame.type === 'error').map((frame) => frame.payload)
    expect(answers).toEqual(
      Array.from({ length: 3 }, () => [{ message: 'Account not found', extensions: { code: 'NOT_FOUND' } }]),
    )
    const secret = await node.publish(theirs)
    await other.until(() => other.messages().includes(secret))
    const own = await node.publish(ours)
    await client.until(() => client.messages().includes(own))
    expect(JSON.stringify(client.frames)).not.toContain(secret)
  })

  it('follows one user into both of their accounts on one socket', async () => {
    const [first, second] = [await seeds.account(), await seeds.account()]
    const person = await administrator(first)
    await seeds.admin`insert into memberships (account_id, user_id, role)
      values (${second.id}, ${person.userId}, 'agent')`
    const client = await listening(person, first)
    await client.subscribe(second.id, undefined, 'second')
    const [a, b] = [await node.publish(first), await node.publish(second)]
    await client.until(() => client.messages().length === 1 && client.messages('second').length === 1)
    expect([client.messages(), client.messages('second')]).toEqual([[a], [b]])
  })
})

describe('access that ends takes effect on open sockets within a second, without Redis (I11)', () => {
  async function within(client: FeedClient, condition: () => unknown) {
    await client.until(condition, 1_000)
  }

  it('log-out closes the sockets of that session with 4401 and no others', async () => {
    const account = await seeds.account()
    const person = await administrator(account)
    const elsewhere = await seeds.session(person.userId)
    const [one, two, other] = [
      await listening(person, account),
      await listening(person, account),
      await listening(elsewhere, account),
    ]
    await seeds.admin`update sessions set ended_at = now() where id = ${person.sessionId}`
    await seeds.announce({ kind: 'session', sessionId: person.sessionId, userId: person.userId })
    await within(one, () => one.closed?.code === 4401)
    await within(two, () => two.closed?.code === 4401)
    const id = await node.publish(account)
    await other.until(() => other.messages().includes(id))
    await seeds.announce({ kind: 'session', userId: person.userId })
    await within(other, () => other.closed?.code === 4401)
  })

  it('an agent who loses an inbox hears so, and nothing from it any more', async () => {
    const account = await seeds.account()
    const [first = '', second = ''] = account.inboxIds
    const person = await member(account, [first, second])
    const client = await listening(person, account)
    const before = await node.publish(account, { inboxId: first })
    await client.until(() => client.messages().includes(before))
    await seeds.admin`delete from inbox_members where user_id = ${person.userId} and inbox_id = ${first}`
    await seeds.announce({ kind: 'membership', userId: person.userId, accountId: account.id })
    await within(client, () => client.ofType('access.changed').length === 1)
    await node.publish(account, { inboxId: first })
    const seen = await node.publish(account, { inboxId: second })
    await client.until(() => client.messages().includes(seen))
    expect(client.messages()).toEqual([before, seen])
    const cursors = client.events().map((event) => seqOf(event.cursor))
    expect(cursors).toEqual([...cursors].sort((a, b) => a - b))
  })

  it('does not replay what was lost in the meantime', async () => {
    const account = await seeds.account()
    const [first = ''] = account.inboxIds
    const person = await member(account, [first])
    const client = await listening(person, account)
    const { cursor } = client
    await node.publish(account, { inboxId: first })
    await client.until(() => client.messages().length)
    await seeds.admin`delete from inbox_members where user_id = ${person.userId}`
    const again = await node.connect(person)
    clients.push(again)
    await again.subscribe(account.id, cursor)
    await again.until(() => again.ofType('feed.heartbeat').length)
    expect(again.messages()).toEqual([])
    // The older socket of the same person learns of it from the newer one's subscription already.
    await client.until(() => client.ofType('access.changed').length)
  })

  it('a change of role ends the socket with 4401; the next one sees by the new role, in both directions', async () => {
    const account = await seeds.account()
    const [first = ''] = account.inboxIds
    const person = await administrator(account)
    let client = await listening(person, account)
    const change = async (role: string) => {
      await seeds.admin`update memberships set role = ${role} where user_id = ${person.userId}`
      await seeds.announce({ kind: 'membership', userId: person.userId, accountId: account.id })
      await within(client, () => client.closed?.code === 4401)
      expect(client.ofType('access.changed')).toHaveLength(1)
      client = await listening(person, account)
    }
    await change('agent')
    await node.publish(account, { inboxId: first })
    await change('administrator')
    const seen = await node.publish(account, { inboxId: first })
    await client.until(() => client.messages().length)
    expect(client.messages()).toEqual([seen])
  })

  it.each([
    ['a removed member', 'membership'],
    ['a suspended account', 'account'],
  ])('%s ends with access.changed, complete and 4403', async (_name, kind) => {
    const account = await seeds.account()
    const person = await administrator(account)
    const client = await listening(person, account)
    if (kind === 'membership')
      await seeds.admin`update memberships set removed_at = now() where user_id = ${person.userId}`
    else await seeds.admin`update accounts set status = 'suspended' where id = ${account.id}`
    await seeds.announce({ kind, accountId: account.id, ...(kind === 'membership' && { userId: person.userId }) })
    await within(client, () => client.closed?.code === 4403)
    expect(client.ofType('access.changed')).toHaveLength(1)
    expect(client.frames.at(-1)).toEqual({ id: 'feed', type: 'complete' })
    const back = await node.connect(person)
    clients.push(back)
    void back.subscribe(account.id)
    await back.until(() => back.errorCode())
    expect(back.errorCode()).toBe('NOT_FOUND')
  })

  it('says nothing when a change changes nothing', async () => {
    const account = await seeds.account()
    const person = await administrator(account)
    const client = await listening(person, account)
    await seeds.announce({ kind: 'account', accountId: account.id })
    await pause(900)
    expect(client.ofType('access.changed')).toEqual([])
  })

  it('a token that expires closes its socket with 4401', async () => {
    const account = await seeds.account()
    const person = await seeds.member(account, 'administrator', [], 3_000)
    const client = await listening(person, account)
    expect(await client.untilClosed()).toBe(4401)
    const late = Date.now() - person.expiresAt
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(1_000)
  })

  it('misses no change that was made while Postgres was gone', async () => {
    const account = await seeds.account()
    const person = await administrator(account)
    const client = await listening(person, account)
    await seeds.admin.begin(async (sql) => {
      await sql`update memberships set removed_at = now() where user_id = ${person.userId}`
      await sql`insert into access_changes (kind, user_id, account_id)
        values ('membership', ${person.userId}, ${account.id})`
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name in ('parley_app', 'parley_system')`
    })
    expect(await client.untilClosed()).toBe(4403)
  })
})
