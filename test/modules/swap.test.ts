import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from '../standin/tiktok/types.ts'
import { Actor } from '../support/actor.ts'
import { DisconnectInboxDocument, UpdateInboxDocument } from '../support/generated.ts'
import { runSchedule } from '../support/schedule.ts'
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
import { TakeBackSwapDocument } from '../support/generated.ts'
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
  world.standin.respondio.setKnobs({ rateLimit: Infinity, channelMessageIds: 'told' })
  admin = await world.business()
  sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
})

const personCalled = (displayName: string) =>
  world.standin.tiktok.addPerson({ username: `u.${randomUUID().slice(0, 10)}`, displayName })
const writes = (person: Person, text: string, at = Date.now()) =>
  world.standin.tiktok.customerWrites({ business: sides.business, person, text, at }).messageId
const takeBack = () => admin.gql(TakeBackSwapDocument, { input: { accountId: admin.accountId, inboxId } })
const rows = () => sql<{ content: string; thread_id: string; status: string | null; external_id: string | null }[]>`
  select content, thread_id, status, external_id from messages where inbox_id = ${inboxId} and type <> 'activity' order by at, arrival`
const worked = () =>
  until(
    async () => {
      await world.standin.tiktok.settled()
      await world.standin.respondio.settled()
      const waiting = await sql`
      select 1 from webhook_events where state = 0 and account_ref in (${sides.business.openId}, ${String(sides.channel.id)})`
      return waiting.length === 0
    },
    'everything that was delivered is worked off',
    30_000,
  )
const conversationOf = async (text: string) =>
  until(async () => {
    for (const row of await admin.conversations({ inboxId }))
      if ((await admin.messages(row.id)).some((message) => message.content === text)) return row
    return undefined
  }, `the message ${text} shows up`)

/** An inbox of one side with one conversation in it, some minutes old. */
async function begin(side: 'tiktok' | 'respondio'): Promise<Person> {
  const alice = personCalled('Alice Demo')
  writes(alice, 'Good morning', Date.now() - 10 * MINUTE)
  writes(alice, 'Do you have oolong tea?', Date.now() - 9 * MINUTE)
  inboxId = side === 'tiktok' ? await connectTikTok(admin, sides) : await connectRespondIo(admin, sides)
  await untilPastIsRead(admin, inboxId)
  return alice
}

/** Goes over to the other side, and waits until its past is read. */
async function swapTo(side: 'tiktok' | 'respondio'): Promise<void> {
  await (side === 'tiktok' ? connectTikTok(admin, sides, inboxId) : connectRespondIo(admin, sides, inboxId))
  await untilPastIsRead(admin, inboxId)
}

describe.each([
  { from: 'tiktok', to: 'respondio' },
  { from: 'respondio', to: 'tiktok' },
] as const)('an inbox that goes over from $from to $to', ({ from, to }) => {
  it('stays what it is: name, members, conversation and history, and answers by the other side', async () => {
    const alice = await begin(from)
    const agent = await admin.invite('AGENT')
    const change = { accountId: admin.accountId, inboxId, name: 'Our shop', memberIds: [agent.userId] }
    await admin.gql(UpdateInboxDocument, { input: change })
    const conversation = await conversationOf('Good morning')
    const { id: before } = await admin.send(conversation.id, 'We have some')
    await until(
      async () => (await rows()).some((row) => row.content === 'We have some' && row.external_id),
      'it is sent',
    )
    await worked()
    await swapTo(to)
    const inbox = await readSwap(admin, inboxId)
    expect(inbox).toMatchObject({ name: 'Our shop', channelType: to })
    expect(inbox.swap).toMatchObject({
      ...{ from: { channelType: from }, to: { channelType: to }, canTakeBack: true, draining: 0, openDecisions: 0 },
      foreignReplyAt: null,
    })
    expect((await admin.inbox(inboxId)).memberIds).toEqual([agent.userId])
    const texts = ['Good morning', 'Do you have oolong tea?', 'We have some']
    expect((await rows()).map(({ content }) => content)).toEqual(texts)
    expect(await admin.conversations({ inboxId })).toHaveLength(1)
    const { id } = await admin.send(conversation.id, 'Shall we send it?')
    await until(
      async () => (await admin.messages(conversation.id)).find((row) => row.id === id)?.status?.match(/SENT|DELIVERED/),
      'it is sent by the other side',
    )
    writes(alice, 'Yes please')
    await conversationOf('Yes please')
    await worked()
    expect((await rows()).map(({ content }) => content)).toEqual([...texts, 'Shall we send it?', 'Yes please'])
    expect(new Set((await rows()).map((row) => row.thread_id)).size).toBe(1)
    expect((await admin.messages(conversation.id)).map((row) => row.id)).toContain(before)
    expect(await sql`select 1 from contacts where account_id = ${admin.accountId}`).toHaveLength(1)
    const { standin } = world
    const answers = standin.tiktok.messages(standin.tiktok.world.conversations.keys().next().value ?? '')
    expect(answers.length).toBeGreaterThan(0)
  })

  it.each(['told', 'withheld'] as const)(
    'shows once what arrives on both sides, with ids %s, and what it sends',
    async (channelMessageIds) => {
      world.standin.respondio.setKnobs({ channelMessageIds })
      const alice = await begin(from)
      const conversation = await conversationOf('Good morning')
      await swapTo(to)
      writes(alice, 'ok')
      writes(alice, 'ok', Date.now() + 1)
      writes(alice, 'Another thing')
      world.standin.tiktok.businessWritesInApp({ business: sides.business, person: alice, text: 'From my phone' })
      await admin.send(conversation.id, 'From the inbox')
      await until(async () => (await rows()).some((row) => row.content === 'From the inbox' && row.external_id), 'sent')
      await worked()
      const contents = (await rows()).map(({ content }) => content).sort()
      expect(contents).toEqual(
        [
          ...['Good morning', 'Do you have oolong tea?', 'ok', 'ok', 'Another thing'],
          ...['From my phone', 'From the inbox'],
        ].sort(),
      )
      expect(new Set((await rows()).map((row) => row.thread_id)).size).toBe(1)
      expect((await admin.conversation(conversation.id)).unreadCount).toBe(3)
    },
  )

  it('is taken back, keeps everything, and forgets the other side once the time is over', async () => {
    const alice = await begin(from)
    const conversation = await conversationOf('Good morning')
    await swapTo(to)
    writes(alice, 'In between')
    await conversationOf('In between')
    await worked()
    await takeBack()
    await untilPastIsRead(admin, inboxId)
    const inbox = await readSwap(admin, inboxId)
    expect(inbox).toMatchObject({ channelType: from, swap: { from: { channelType: to }, canTakeBack: true } })
    const { id } = await admin.send(conversation.id, 'Back again')
    await until(async () => {
      const row = (await admin.messages(conversation.id)).find((message) => message.id === id)
      return row?.status === 'SENT' || row?.status === 'DELIVERED'
    }, 'it is sent by the first side')
    await worked()
    expect((await rows()).map(({ content }) => content)).toEqual([
      ...['Good morning', 'Do you have oolong tea?', 'In between', 'Back again'],
    ])
    passed = 7 * 24 * 60 * MINUTE + MINUTE
    Object.assign(admin, { token: (await Actor.logIn(world, admin.email)).token })
    await expect(takeBack()).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'NO_SWAP' } })
    await runSchedule(world.deps, 'swaps')
    expect(
      await sql`select state, from_credentials, from_webhook_token from inbox_swaps where inbox_id = ${inboxId}
      order by swapped_at`,
    ).toEqual([
      { state: 'taken_back', from_credentials: null, from_webhook_token: null },
      { state: 'over', from_credentials: null, from_webhook_token: null },
    ])
    expect((await readSwap(admin, inboxId)).swap).toBeNull()
  })
})

describe('a swap', () => {
  it('waits for the last one, needs a connection, and leaves its business to nobody else meanwhile', async () => {
    await begin('tiktok')
    const [other, third] = [addBothSides(world.standin, `o.${randomUUID().slice(0, 8)}`), await world.business()]
    await swapTo('respondio')
    await expect(connectTikTok(admin, other, inboxId)).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { reason: 'SWAP_OPEN' } },
    })
    await expect(connectTikTok(third, sides)).rejects.toThrow('ALREADY_CONNECTED')
    await expect(connectRespondIo(third, sides)).rejects.toMatchObject({ details: { reason: 'ALREADY_CONNECTED' } })
    await admin.gql(DisconnectInboxDocument, { input: { accountId: admin.accountId, inboxId } })
    expect(await sql`select state, from_credentials from inbox_swaps where inbox_id = ${inboxId}`).toEqual([
      { state: 'over', from_credentials: null },
    ])
    await expect(connectTikTok(admin, sides, inboxId)).rejects.toMatchObject({ details: { reason: 'NOT_CONNECTED' } })
    expect(await connectTikTok(third, sides)).toBeTruthy()
  })

  it('sends where the customer is known: not yet at a provider that has not told of them', async () => {
    const { tiktok } = world.standin
    const alice = await begin('tiktok')
    const conversation = await conversationOf('Good morning')
    // Its workspace has seen nothing of before.
    sides = addRespondIo(world.standin, sides.business)
    await swapTo('respondio')
    expect((await admin.conversation(conversation.id)).replyWindow).toMatchObject({
      ...{ open: false, reason: 'NOT_AT_PROVIDER' },
    })
    await expect(admin.send(conversation.id, 'Hello?')).rejects.toMatchObject({
      ...{ code: 'WINDOW_CLOSED', details: { reason: 'NOT_AT_PROVIDER' } },
    })
    const messageId = writes(alice, 'I am here too')
    await conversationOf('I am here too')
    await until(
      async () => (await admin.conversation(conversation.id)).replyWindow.open,
      `respond.io has told of ${messageId}`,
    )
    await worked()
    expect((await rows()).map(({ content }) => content)).toEqual([
      ...['Good morning', 'Do you have oolong tea?', 'I am here too'],
    ])
    await admin.send(conversation.id, 'By respond.io')
    await until(
      () => tiktok.conversations().some(({ messages }) => messages.some((one) => one.source === 'API')),
      'it goes out by respond.io',
    )
  })

  it('finishes at the provider that was left what was on its way, in order, and hears of its end there', async () => {
    const { tiktok, respondio } = world.standin
    await begin('tiktok')
    const conversation = await conversationOf('Good morning')
    const before = respondio.ledger.calls('send').length
    tiktok.setKnobs({ sendFault: ['60001', '60001'] })
    for (const text of ['one', 'two']) await admin.send(conversation.id, text)
    await connectRespondIo(admin, sides, inboxId)
    await admin.send(conversation.id, 'three').catch(() => undefined)
    expect((await readSwap(admin, inboxId)).swap?.draining).toBeGreaterThan(0)
    const sent = () =>
      rows().then((all) => all.filter((row) => row.external_id && ['one', 'two'].includes(row.content)))
    await until(async () => (await sent()).length === 2, 'both are sent', 30_000)
    const [told] = tiktok.conversations().filter(({ businessId }) => businessId === sides.business.openId)
    const answers = told?.messages.filter(({ from }) => from === 'business').map(({ content }) => content)
    expect(answers?.slice(0, 2)).toEqual(['one', 'two'].map((body) => ({ type: 'text', body })))
    expect(respondio.ledger.calls('send').length - before).toBeLessThanOrEqual(1)
    expect((await readSwap(admin, inboxId)).swap?.draining).toBe(0)
  })

  it('leaves to the new provider what happens later than a while after it', async () => {
    const alice = await begin('tiktok')
    await swapTo('respondio')
    await sql`update inbox_swaps set swapped_at = swapped_at - interval '11 minutes' where inbox_id = ${inboxId}`
    writes(alice, 'Much later')
    await conversationOf('Much later')
    await worked()
    const events = await sql<{ channel_type: string; code: string | null }[]>`
      select channel_type, code from webhook_events where account_ref = ${sides.business.openId} order by id desc limit 1`
    expect(events).toEqual([{ channel_type: 'tiktok', code: 'SWAPPED' }])
    expect((await rows()).filter(({ content }) => content === 'Much later')).toHaveLength(1)
  })

  it('says when another program goes on answering', async () => {
    const alice = await begin('tiktok')
    await swapTo('respondio')
    writes(alice, 'Anybody?')
    await conversationOf('Anybody?')
    const { respondio } = world.standin
    const contact = respondio.world.contactsOf(sides.channel.spaceId)[0]
    if (!contact) throw new Error('no contact')
    respondio.businessWrites({ contact, channel: sides.channel, source: 'workflow', text: 'Our robot is here' })
    const swap = await until(async () => {
      const { swap: found } = await readSwap(admin, inboxId)
      return found?.foreignReplyAt ? found : undefined
    }, 'it is noticed')
    // Whichever side tells of it first.
    expect(swap.foreignReplyVia).toMatch(/AUTOMATION|API/)
  })
})
