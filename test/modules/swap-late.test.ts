import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument, DecideSwapMatchDocument } from '../support/generated.ts'
import { untilStatus } from '../support/messages.ts'
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
const REFUSED = Array<'429'>(100).fill('429')
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
  const { tiktok, respondio } = world.standin
  tiktok.resetKnobs()
  respondio.resetKnobs()
  respondio.setKnobs({ rateLimit: Infinity, channelMessageIds: 'withheld', sentDelayMs: 3_000 })
  admin = await world.business()
  sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
})

const personCalled = (displayName: string) =>
  world.standin.tiktok.addPerson({ username: `u.${randomUUID().slice(0, 10)}`, displayName })
const writes = (person: Person, text: string, at: number) =>
  world.standin.tiktok.customerWrites({ business: sides.business, person, text, at })

interface Row {
  id: string
  content: string
  thread_id: string
  external_id: string | null
  alternate_external_id: string | null
}

const rows = () => sql<Row[]>`
  select id, content, thread_id, external_id, alternate_external_id from messages
  where inbox_id = ${inboxId} and type <> 'activity' order by at, arrival`
const rowsSaying = async (text: string) => (await rows()).filter(({ content }) => content === text)

const worked = () =>
  until(
    async () => {
      await world.standin.respondio.settled()
      await world.standin.tiktok.settled()
      const waiting = await sql`
        select 1 from webhook_events where state = 0 and account_ref in (${sides.business.openId}, ${String(sides.channel.id)})`
      return waiting.length === 0
    },
    'everything that was delivered is worked off',
    30_000,
  )

async function connect(people: readonly Person[]): Promise<string[]> {
  inboxId = await connectRespondIo(admin, sides)
  await untilPastIsRead(admin, inboxId)
  const conversations = await admin.conversations({ inboxId })
  expect(conversations).toHaveLength(people.length)
  return conversations.map(({ id }) => id)
}

/** An inbox at respond.io with one conversation in it, some minutes old. */
async function begin(): Promise<{ alice: Person; conversationId: string }> {
  const alice = personCalled('Alice Demo')
  writes(alice, 'Good morning', Date.now() - 10 * MINUTE)
  writes(alice, 'Do you have oolong tea?', Date.now() - 9 * MINUTE)
  const [conversationId = ''] = await connect([alice])
  return { alice, conversationId }
}

const untilSent = (text: string, count: number) =>
  until(
    async () => (await rowsSaying(text)).filter((row) => row.external_id).length === count,
    `${text} is sent`,
    20_000,
  )

async function swapToTikTok(): Promise<void> {
  await connectTikTok(admin, sides, inboxId)
  await untilPastIsRead(admin, inboxId)
}

/** Of the threads that two rows are in. */
async function saysTheyAreOne(those: readonly (Row | undefined)[]): Promise<void> {
  const { swap } = await readSwap(admin, inboxId)
  const match = swap?.matches.nodes.find(({ side }) => those.some((row) => row?.thread_id === side.threadId))
  const other = those.find((row) => row?.thread_id !== match?.side.threadId)
  if (!match || !other) throw new Error('nothing to decide')
  const input = { accountId: admin.accountId, matchId: match.id, threadId: other.thread_id }
  await admin.gql(DecideSwapMatchDocument, { input })
}

/** Two customers of one name who say the same, whom respond.io cannot tell from TikTok's two; answers a conversation. */
async function beginWithTwins(): Promise<string> {
  const twins = [personCalled('Alice Demo'), personCalled('Alice Demo')]
  const at = Date.now() - 30 * MINUTE
  for (const twin of twins) writes(twin, 'Is this still available?', at)
  const [conversationId = ''] = await connect(twins)
  return conversationId
}

describe('what respond.io passes on seconds later, and calls only by its own ids', () => {
  it('is one message with what TikTok tells of it, takes one place and is nobody else’s (I2, I8)', async () => {
    const { respondio, tiktok } = world.standin
    const { alice, conversationId } = await begin()
    const { remaining } = (await admin.conversation(conversationId)).replyWindow
    respondio.setKnobs({ sendFault: REFUSED })
    for (const text of ['Yes', 'Yes']) await admin.send(conversationId, text)
    await swapToTikTok()
    respondio.clearFaults()
    await untilSent('Yes', 2)
    await worked()
    expect((await rows()).map(({ content }) => content)).toEqual([
      ...['Good morning', 'Do you have oolong tea?', 'Yes', 'Yes'],
    ])
    const [theirs] = tiktok.conversations().filter(({ personId }) => personId === alice.id)
    const names = theirs?.messages.filter(({ from }) => from === 'business').map(({ id }) => id) ?? []
    expect(names).toHaveLength(2)
    expect((await rowsSaying('Yes')).map((row) => row.alternate_external_id).sort()).toEqual(names.sort())
    expect((await admin.conversation(conversationId)).replyWindow.remaining).toBe((remaining ?? 0) - 2)
    expect((await readSwap(admin, inboxId)).swap?.foreignReplyAt).toBeNull()
  })

  it('is not what TikTok tells of a later one that says the same', async () => {
    const { respondio, tiktok } = world.standin
    const { conversationId } = await begin()
    respondio.setKnobs({ sendFault: REFUSED })
    const { id: before } = await admin.send(conversationId, 'Yes')
    await swapToTikTok()
    tiktok.setKnobs({ dropNextWebhooks: 1 })
    respondio.clearFaults()
    await untilSent('Yes', 1)
    await worked()
    expect(tiktok.knobs.dropNextWebhooks, 'TikTok has told of it, and nobody has heard').toBe(0)
    tiktok.setKnobs({ sendFault: ['timeout_after_commit'], timeoutHoldMs: 500 })
    const { id } = await admin.send(conversationId, 'Yes')
    await until(
      async () => (await admin.messages(conversationId)).find((row) => row.id === id)?.status === 'SENT',
      'what TikTok tells of is the one that it has not answered',
    )
    expect((await rowsSaying('Yes')).find((row) => row.id === before)?.alternate_external_id).toBeNull()
  })

  it('makes nobody somebody else, and is one message in two threads that somebody says are one', async () => {
    const { respondio } = world.standin
    await admin.send(await beginWithTwins(), 'Yes')
    await untilSent('Yes', 1)
    await respondio.settled()
    await swapToTikTok()
    await worked()
    const [ours, theirs] = await rowsSaying('Yes')
    await saysTheyAreOne([ours, theirs])
    expect(await rowsSaying('Yes')).toMatchObject([{ id: ours?.id }])
  })
})

describe('what respond.io has sent without saying so', () => {
  it('is one message with what the other thread was told of it, once it is known (I2, I5)', async () => {
    const { respondio } = world.standin
    const conversationId = await beginWithTwins()
    respondio.setKnobs({ sentDelayMs: 0, sendFault: ['timeout_after_commit'], timeoutHoldMs: 500 })
    respondio.fault({ kind: '500', operations: ['message_list'], count: Infinity })
    respondio.pauseWebhooks()
    const { id: messageId } = await admin.send(conversationId, 'Yes')
    await untilStatus(admin, conversationId, messageId, 'UNCONFIRMED')
    await swapToTikTok()
    await until(async () => (await rowsSaying('Yes')).length === 2, 'TikTok tells of it')
    await saysTheyAreOne(await rowsSaying('Yes'))
    expect(await rowsSaying('Yes')).toHaveLength(2)
    respondio.clearFaults()
    respondio.resumeWebhooks()
    await admin.gql(CheckMessageDocument, { input: { accountId: admin.accountId, messageId } })
    await until(async () => (await rowsSaying('Yes')).length === 1, 'the threads are one')
    expect(await rowsSaying('Yes')).toMatchObject([{ id: messageId }])
  })
})

describe('a thread that becomes somebody else’s just when a list says whose it is', () => {
  it('is left to them, and who is listed gets another one', async () => {
    await begin()
    const [thread] = await sql<{ id: string }[]>`select id from threads where inbox_id = ${inboxId}`
    const id = thread?.id ?? ''
    await sql.begin(async (first) => {
      await first`select 1 from threads where id = ${id} for no key update`
      await connectTikTok(admin, sides, inboxId)
      await until(async () => {
        const waiting = await sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        return waiting.length > 0
      }, 'the list is read')
      await first`
        insert into thread_aliases (account_id, inbox_id, channel_type, external_id, thread_id)
        values (${admin.accountId}, ${inboxId}, 'tiktok', 'of-somebody-else', ${id})`
    })
    await untilPastIsRead(admin, inboxId)
    const names = await sql<{ external_id: string }[]>`
      select external_id from thread_aliases where thread_id = ${id} and channel_type = 'tiktok'`
    expect(names.map((row) => row.external_id)).toEqual(['of-somebody-else'])
  })
})
