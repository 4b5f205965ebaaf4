import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { mergeMatched } from '../../server/modules/messages/merge-threads.ts'
import { matchOnceMore } from '../../server/modules/messages/find-thread.ts'
import { settleNamed } from '../../server/modules/messages/swap-matches.ts'
import {
  DecideSwapMatchDocument,
  MarkConversationReadDocument,
  SetConversationStatusDocument,
} from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import {
  addBothSides,
  addRespondIo,
  connectRespondIo,
  connectTikTok,
  readSwap,
  untilPastIsRead,
  type TwoSides,
} from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const MINUTE = 60_000
let passed = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let sides: TwoSides
let inboxId: string

beforeAll(async () => {
  world = await startWorld({ clock: { now: () => new Date(Date.now() + passed) } })
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

beforeEach(async () => {
  passed = 0
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
const system = () => world.deps.scopes.system(admin.accountId)
const matches = () => sql<{ thread_id: string; state: string; others: string[] }[]>`
  select thread_id, state, array(select c->>'threadId' from jsonb_array_elements(candidates) c order by 1) as others
  from swap_matches where inbox_id = ${inboxId} order by thread_id`

/** Who a thread is in truth. */
async function personBehind(threadId: string): Promise<string | undefined> {
  const { tiktok, respondio } = world.standin
  const [alias] = await sql<{ external_id: string }[]>`
    select external_id from thread_aliases where thread_id = ${threadId} order by created_at limit 1`
  const contact = respondio.world.contactsOf(sides.channel.spaceId).find(({ id }) => String(id) === alias?.external_id)
  const known = contact?.presences.find(({ channelId }) => channelId === sides.channel.id)
  return known?.personId ?? tiktok.conversations().find(({ id }) => id === alias?.external_id)?.personId
}

/** What is to be decided first, with the candidate who it is in truth and the one who it is not. */
async function firstMatch() {
  const [match] = (await readSwap(admin, inboxId)).swap?.matches.nodes ?? []
  if (!match) throw new Error('nothing to decide')
  const person = await personBehind(match.side.threadId)
  let same = ''
  let other = ''
  for (const { thread } of match.candidates) {
    if ((await personBehind(thread.threadId)) === person) same = thread.threadId
    else other = thread.threadId
  }
  return { ...match, same, other, person: world.standin.tiktok.world.person(person ?? '') }
}

const TEXT = 'Is this still available?'

/** Two customers of one name, who have written the very same, and an inbox that goes over to respond.io. */
async function swapWithTwins({ secondIsNewThere = false } = {}): Promise<[Person, Person]> {
  const twins: [Person, Person] = [personCalled('Alice Demo'), personCalled('Alice Demo')]
  const at = Date.now() - 30 * MINUTE
  writes(twins[1], TEXT, at)
  if (secondIsNewThere) sides = addRespondIo(world.standin, sides.business)
  writes(twins[0], TEXT, at)
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

  it('go on in the conversation in which they were merged, also when it is resolved', async () => {
    await swapWithTwins()
    const { id, same, person } = await firstMatch()
    await decide(id, same)
    const [merged] = await sql<{ id: string }[]>`
      select id from conversations where thread_id = ${same} and last_message_id is not null`
    const input = { accountId: admin.accountId, conversationId: merged?.id ?? '', status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input })
    world.standin.tiktok.businessWritesInApp({ business: sides.business, person, text: 'From my phone' })
    const rows = await until(async () => {
      const found = await sql<{ conversation_id: string }[]>`
        select conversation_id from messages where inbox_id = ${inboxId} and content = 'From my phone'`
      return found.length > 0 && found
    }, 'it is here')
    expect(rows).toEqual([{ conversation_id: merged?.id }])
  })

  it('are no candidates once one of them is known by an id, and nothing makes one of two that are not', async () => {
    const { respondio } = world.standin
    const [, second] = await swapWithTwins({ secondIsNewThere: true })
    const { id, same, other, side } = await firstMatch()
    respondio.setKnobs({ channelMessageIds: 'told', rateLimit: 0 })
    respondio.pauseWebhooks()
    writes(second, 'It is me')
    const channels = async () => (await threads()).find((thread) => thread.id === other)
    await until(async () => (await channels())?.texts.includes('It is me'), 'TikTok has told of it')
    respondio.setKnobs({ rateLimit: Infinity })
    respondio.resumeWebhooks()
    await until(async () => (await channels())?.channels.length === 2, 'respond.io has told of it')
    expect(await matches()).toEqual([{ thread_id: side.threadId, state: 'open', others: [same] }])
    const before = await threads()
    const stale = JSON.stringify([same, other].map((threadId) => ({ threadId, confidence: 0.3, reasons: [] })))
    await sql`update swap_matches set candidates = ${stale}::text::jsonb where id = ${id}`
    await expect(decide(id, other)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await matches(), 'who is no candidate is listed no more').toEqual([
      { thread_id: side.threadId, state: 'open', others: [same] },
    ])
    await sql`update swap_matches set state = 'certain', candidates = ${stale}::text::jsonb - 0 where id = ${id}`
    await mergeMatched(system(), side.threadId)
    expect(await threads()).toEqual(before)
    expect(await matches()).toEqual([])
  })

  it('leave a list together, none of them brought back by another', async () => {
    await swapWithTwins()
    const { same, other, side } = await firstMatch()
    let leaving: Promise<void> | undefined
    await sql.begin(async (first) => {
      const left = JSON.stringify([{ threadId: other, confidence: 0.5, reasons: [] }])
      await first`update swap_matches set candidates = ${left}::text::jsonb where thread_id = ${side.threadId}`
      leaving = system().tx((tx) => settleNamed(tx, inboxId, other))
      await until(async () => {
        const waiting = await sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        return waiting.length > 0
      }, 'the second one waits')
    })
    await leaving
    const lists = (await matches()).filter((row) => row.thread_id === side.threadId)
    expect(lists.flatMap(({ others }) => others)).not.toContain(same)
    expect(lists.flatMap(({ others }) => others)).not.toContain(other)
  })

  it('stay apart once somebody has said so, whichever of them is looked at, until an id proves the contrary', async () => {
    await swapWithTwins()
    const { id, same, other, side, person } = await firstMatch()
    await matchOnceMore(system(), same)
    expect((await matches()).find((row) => row.thread_id === same)?.others).toContain(side.threadId)
    await decide(id, null)
    const apart = { thread_id: side.threadId, state: 'apart', others: [same, other].sort() }
    const settled = async () => (await matches()).filter((row) => row.thread_id !== apart.thread_id)
    expect(await matches()).toContainEqual(apart)
    for (const { others } of await settled()) expect(others).not.toContain(side.threadId)
    writes(person, 'I mean the blue one in your window')
    const said = (threadId: string) => async () => {
      const rows = await threads()
      return rows.find((thread) => thread.id === threadId)?.texts.length === 2
    }
    for (const threadId of [same, side.threadId]) await until(said(threadId), 'both sides have told of it')
    passed = MINUTE
    for (const threadId of [side.threadId, same]) await matchOnceMore(system(), threadId)
    const states = (await matches()).map(({ state }) => state)
    expect(states, 'or their namesake').not.toContain('certain')
    expect(await matches()).toContainEqual(apart)
    for (const { others } of await settled()) expect(others).not.toContain(side.threadId)
    // Somebody who was no candidate then is asked about on their own side.
    await sql`update swap_matches set candidates = '[]' where thread_id = ${side.threadId}`
    await matchOnceMore(system(), side.threadId)
    expect(await matches()).toContainEqual({ ...apart, others: [] })
    const refused = JSON.stringify([same, other].map((threadId) => ({ threadId, confidence: 0.5, reasons: [] })))
    await sql`update swap_matches set candidates = ${refused}::text::jsonb where thread_id = ${side.threadId}`
    await sql`delete from swap_matches where thread_id = ${same}`
    await sql`
      insert into swap_matches (account_id, id, swap_id, inbox_id, thread_id, candidates, state)
      select account_id, gen_random_uuid(), swap_id, inbox_id, ${same},
        jsonb_build_array(jsonb_build_object('threadId', thread_id, 'confidence', 0.5, 'reasons', '[]'::jsonb)), 'certain'
      from swap_matches where thread_id = ${side.threadId}`
    await mergeMatched(system(), same)
    expect((await threads()).filter((thread) => [same, side.threadId].includes(thread.id))).toHaveLength(2)
    expect((await matches()).filter((row) => row.thread_id === same)).toEqual([])
    world.standin.respondio.setKnobs({ channelMessageIds: 'told' })
    writes(person, 'It is me')
    await until(async () => {
      const mine = (await threads()).filter(({ texts }) => texts.includes('It is me'))
      return mine.length === 1 && mine[0]?.channels.length === 2
    }, 'their two threads are one')
  })
})
