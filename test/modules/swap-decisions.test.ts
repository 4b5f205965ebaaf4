import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { DecideSwapMatchDocument, MarkConversationReadDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import {
  addBothSides,
  connectRespondIo,
  connectTikTok,
  readSwap,
  untilPastIsRead,
  type TwoSides,
} from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const MINUTE = 60_000
let world: World
let sql: postgres.Sql
let admin: Actor
let sides: TwoSides
let inboxId: string

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

beforeEach(async () => {
  world.standin.respondio.setKnobs({ rateLimit: Infinity, channelMessageIds: 'withheld' })
  admin = await world.business()
  sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
})

const personCalled = (displayName: string) =>
  world.standin.tiktok.addPerson({ username: `u.${randomUUID().slice(0, 10)}`, displayName })
const writes = (person: Person, text: string, at = Date.now()) =>
  world.standin.tiktok.customerWrites({ business: sides.business, person, text, at }).messageId
const threads = () => sql<{ id: string; channels: string[]; texts: string[] }[]>`
  select t.id, array(select a.channel_type from thread_aliases a where a.thread_id = t.id order by 1) as channels,
    array(select m.content from messages m where m.thread_id = t.id and m.type <> 'activity' order by m.at) as texts
  from threads t where t.inbox_id = ${inboxId} order by t.id`
const decide = (matchId: string, threadId: string | null, actor = admin) =>
  actor.gql(DecideSwapMatchDocument, { input: { accountId: admin.accountId, matchId, threadId } })

/** Two customers of one name, who have written the very same, and an inbox that goes over to respond.io. */
async function swapWithTwins(): Promise<[Person, Person]> {
  const twins: [Person, Person] = [personCalled('Alice Demo'), personCalled('Alice Demo')]
  const at = Date.now() - 30 * MINUTE
  for (const twin of twins) writes(twin, 'Is this still available?', at)
  inboxId = await connectTikTok(admin, sides)
  await untilPastIsRead(admin, inboxId)
  await until(
    async () => (await admin.conversations({ inboxId })).every(({ contact }) => contact.name === 'Alice Demo'),
    'both are known by their names',
  )
  await connectRespondIo(admin, sides, inboxId)
  await untilPastIsRead(admin, inboxId)
  return twins
}

describe('two customers who cannot be told apart', () => {
  it('are shown to administrators side by side, and merged or kept apart by their word', async () => {
    await swapWithTwins()
    expect((await threads()).map(({ channels }) => channels)).toEqual([
      ...[['tiktok'], ['tiktok'], ['respondio'], ['respondio']],
    ])
    const { swap } = await readSwap(admin, inboxId, { first: 1 })
    expect(swap).toMatchObject({ openDecisions: 2, matches: { pageInfo: { hasNextPage: true } } })
    const [first] = swap?.matches.nodes ?? []
    const shown = { contact: { name: 'Alice Demo' }, texts: [{ incoming: true, text: 'Is this still available?' }] }
    const rated = { confidence: expect.any(Number) as number, reasons: ['SAME_NAME', 'SAME_TEXTS'] }
    expect(first).toMatchObject({
      side: { ...shown, channelTypes: ['respondio'] },
      candidates: [1, 2].map(() => ({ ...rated, thread: { ...shown, channelTypes: ['tiktok'] } })),
    })
    const agent = await admin.invite('AGENT', [inboxId])
    expect((await readSwap(agent, inboxId)).swap).toBeNull()
    const [one, two] = first?.candidates ?? []
    if (!first || !one || !two) throw new Error('nothing to decide')
    await expect(decide(first.id, one.thread.threadId, agent)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(decide(first.id, randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await decide(first.id, one.thread.threadId)
    await expect(decide(first.id, one.thread.threadId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const after = await threads()
    expect(after.map(({ channels, texts }) => ({ channels, texts }))).toEqual([
      ...after
        .filter(({ id }) => id === one.thread.threadId || id === two.thread.threadId)
        .map(({ id }) => ({
          channels: id === one.thread.threadId ? ['respondio', 'tiktok'] : ['tiktok'],
          texts: ['Is this still available?'],
        })),
      { channels: ['respondio'], texts: ['Is this still available?'] },
    ])
    const [second] = (await readSwap(admin, inboxId)).swap?.matches.nodes ?? []
    expect(
      second?.candidates.map(({ thread }) => thread.threadId),
      'who is taken is no candidate',
    ).toEqual([two.thread.threadId])
    await decide(second?.id ?? '', null)
    expect((await readSwap(admin, inboxId)).swap).toMatchObject({ openDecisions: 0, matches: { nodes: [] } })
    expect(await threads()).toHaveLength(3)
  })

  it('are merged by themselves once a message of theirs is known by an id', async () => {
    const [alice] = await swapWithTwins()
    world.standin.respondio.setKnobs({ channelMessageIds: 'told' })
    const messageId = writes(alice, 'It is me')
    await until(async () => {
      const mine = (await threads()).filter(({ texts }) => texts.includes('It is me'))
      return mine.length === 1 && mine[0]?.channels.length === 2
    }, 'her two threads are one')
    const [mine] = (await threads()).filter(({ texts }) => texts.includes('It is me'))
    expect(mine?.texts).toEqual(['Is this still available?', 'It is me'])
    const [row] = await sql`select 1 from messages where ${messageId} in (external_id, alternate_external_id)`
    expect(row).toBeDefined()
    expect((await threads()).map(({ channels }) => channels.join()).sort()).toEqual([
      ...['respondio', 'respondio,tiktok', 'tiktok'],
    ])
  })

  it('keep what is unread, and the number of each conversation, when they are merged', async () => {
    await swapWithTwins()
    const [first] = (await readSwap(admin, inboxId)).swap?.matches.nodes ?? []
    const [candidate] = first?.candidates ?? []
    if (!first || !candidate?.thread.conversationId) throw new Error('nothing to decide')
    const numbers = (await admin.conversations({ inboxId })).map(({ displayId }) => displayId).sort()
    await sql`update threads set inbound_count = 3 where id = ${candidate.thread.threadId}`
    await sql`update threads set inbound_count = 2 where id = ${first.side.threadId}`
    const conversationId = first.side.conversationId ?? ''
    await admin.gql(MarkConversationReadDocument, { input: { accountId: admin.accountId, conversationId } })
    await decide(first.id, candidate.thread.threadId)
    const merged = await admin.conversation(candidate.thread.conversationId)
    expect(merged.unreadCount).toBe(3)
    const left = await admin.conversation(conversationId)
    expect(left.status).toBe('RESOLVED')
    expect(left.messages.nodes.map(({ details }) => details)).toMatchObject([
      { action: 'merged', displayId: merged.displayId },
    ])
    const all = await sql<{ display_id: number }[]>`select display_id from conversations where inbox_id = ${inboxId}`
    expect(all.map((row) => row.display_id).sort()).toEqual(numbers)
  })
})
