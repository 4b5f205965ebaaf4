import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { messageOf, sendAndWait, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'
import { enforceWindow } from '../standin/tiktok/windows.ts'

const HOUR = 3_600_000

let world: World
let sql: postgres.Sql
let admin: Actor
let colleague: Actor
let business: Business

beforeAll(async () => {
  world = await startWorld({ knobs: { windowPolicy: 'strict10' } })
  sql = openSql(world)
  admin = await world.business()
  business = (await admin.connect()).business
  colleague = await admin.invite('ADMINISTRATOR')
})

afterEach(() => {
  world.standin.tiktok.clearFaults()
  world.standin.tiktok.resetKnobs()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const windowOf = async (id: string) => (await admin.conversation(id)).replyWindow
const outgoing = async (id: string) => (await admin.messages(id)).filter((message) => message.type === 'OUTGOING')
const fromBusiness = (threadRef: string) =>
  world.standin.tiktok.messages(threadRef).filter((message) => message.from === 'business')

/** A conversation with `count` replies that have arrived. */
async function answered(count: number) {
  const made = await admin.customerWrites(business)
  const { id } = made.conversation
  for (let place = 0; place < count; place++) await admin.send(id, `reply ${place}`)
  await until(() => fromBusiness(made.threadRef).length === count, 'all have arrived')
  await world.standin.tiktok.settled()
  return { ...made, id }
}

describe('the quota is the server’s (I8)', () => {
  // Which of the two TikTok means is unknown (TikTok wire reference §7); ours is within both.
  it.each(['strict10', 'guide10_inf_3'] as const)(
    'ten replies go, the eleventh is refused with QUOTA_USED and stores nothing; the customer’s next message gives ten more: %s',
    async (windowPolicy) => {
      world.standin.tiktok.setKnobs({ windowPolicy })
      const { id, person, threadRef } = await answered(10)
      expect(await windowOf(id)).toMatchObject({ open: false, remaining: 0, limit: 10, reason: 'QUOTA_USED' })
      const refusal = { code: 'WINDOW_CLOSED', details: { reason: 'QUOTA_USED' } }
      await expect(admin.send(id, 'one more')).rejects.toMatchObject(refusal)
      expect(await outgoing(id)).toHaveLength(10)
      await admin.send(id, 'but a note goes', { private: true })
      await admin.customerWrites(business, 'still there?', person)
      expect(await windowOf(id)).toMatchObject({ open: true, remaining: 10, reason: null })
      await sendAndWait(admin, id, 'yes')
      expect(fromBusiness(threadRef)).toHaveLength(11)
      expect(world.standin.tiktok.ledger.rejected('send').filter((call) => call.conversationId === threadRef)).toEqual(
        [],
      )
    },
  )

  it('two agents at message ten make ten and not eleven', async () => {
    const { id, threadRef } = await answered(9)
    const sends = [admin, colleague, admin, colleague].map((actor, place) => actor.send(id, `the tenth ${place}`))
    const outcomes = await Promise.allSettled(sends)
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'WINDOW_CLOSED' })
    }
    await until(() => fromBusiness(threadRef).length === 10, 'the tenth has arrived')
    await world.standin.tiktok.settled()
    expect(await outgoing(id)).toHaveLength(10)
    expect(await windowOf(id)).toMatchObject({ remaining: 0 })
  })

  it('remaining already subtracts what is on its way', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    for (let left = 9; left >= 7; left--) {
      await admin.send(conversation.id, `reply ${left}`)
      expect((await windowOf(conversation.id)).remaining).toBe(left)
    }
    world.standin.tiktok.clearFaults()
    await until(() => fromBusiness(threadRef).length === 3, 'they arrive')
    expect((await windowOf(conversation.id)).remaining).toBe(7)
  })

  it('what is written in the app counts, automatic messages too', async () => {
    const { conversation, person } = await admin.customerWrites(business)
    const { tiktok } = world.standin
    for (let place = 0; place < 3; place++) tiktok.businessWritesInApp({ business, person, text: `by phone ${place}` })
    tiktok.businessWritesInApp({ business, person, text: 'automatic', source: 'OTHERS', autoType: 'AUTO_REPLY' })
    await until(async () => (await admin.messages(conversation.id)).length === 5, 'they show up')
    expect((await windowOf(conversation.id)).remaining).toBe(6)
  })

  it('a definite rejection gives its slot back', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40002', conversationId: threadRef })
    const { id } = await admin.send(conversation.id, 'refused')
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failed.failure?.code).toBe('INVALID_MESSAGE')
    expect((await windowOf(conversation.id)).remaining).toBe(10)
  })

  it('one that may have arrived does not', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: 'timeout_before_commit', holdMs: 50, conversationId: threadRef })
    const { id } = await admin.send(conversation.id, 'perhaps')
    await untilStatus(admin, conversation.id, id, 'UNCONFIRMED')
    expect((await windowOf(conversation.id)).remaining).toBe(9)
  })
})

describe('the window is the server’s (I8)', () => {
  it('closes 48 hours after the customer’s last message by the provider’s time', async () => {
    const { tiktok } = world.standin
    for (const [hours, open] of [
      [47.9, true],
      [48.1, false],
    ] as const) {
      const person = tiktok.addPerson({ username: `late.${hours}`, displayName: 'Late' })
      const at = Date.now() - hours * HOUR
      tiktok.customerWrites({ business, person, text: 'Hello', at })
      const row = await until(async () => (await admin.conversations({ query: `late.${hours}` }))[0], 'it shows up')
      expect(row.replyWindow).toMatchObject({ open, reason: open ? null : 'EXPIRED' })
      expect(new Date(row.replyWindow.closesAt ?? 0).getTime()).toBe(Math.floor(at) + 48 * HOUR)
      if (open) continue
      const refusal = { code: 'WINDOW_CLOSED', details: { reason: 'EXPIRED' } }
      await expect(admin.send(row.id, 'too late')).rejects.toMatchObject(refusal)
      expect(await outgoing(row.id)).toEqual([])
    }
  })

  it('an older message that arrives late neither opens nor closes it', async () => {
    const { tiktok } = world.standin
    const { conversation, person } = await admin.customerWrites(business)
    const before = await windowOf(conversation.id)
    tiktok.customerWrites({ business, person, text: 'from last week', at: Date.now() - 100 * HOUR })
    await until(async () => (await admin.messages(conversation.id)).length === 2, 'it shows up')
    expect(await windowOf(conversation.id)).toEqual(before)
  })

  it('is not open before the customer wrote', async () => {
    const { tiktok } = world.standin
    const person = tiktok.addPerson({ username: 'never.wrote', displayName: 'Silent' })
    tiktok.businessWritesInApp({ business, person, text: 'Hello?' })
    const row = await until(async () => (await admin.conversations({ query: 'never.wrote' }))[0], 'it shows up')
    expect(row.replyWindow).toMatchObject({ open: false, reason: 'NO_INBOUND', closesAt: null })
    await expect(admin.send(row.id, 'Hello')).rejects.toMatchObject({
      code: 'WINDOW_CLOSED',
      details: { reason: 'NO_INBOUND' },
    })
  })

  it('that closes while a message waits is seen at the claim: it fails in words and is not sent', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    const { id } = await admin.send(conversation.id, 'in the last second')
    await sql`update threads set last_inbound_at = last_inbound_at - interval '49 hours'
      where id = (select thread_id from conversations where id = ${conversation.id})`
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failed.failure).toMatchObject({ code: 'WINDOW_CLOSED', message: expect.stringMatching(/window/) as string })
    expect(fromBusiness(threadRef)).toEqual([])
    await expect(admin.send(conversation.id, 'again')).rejects.toMatchObject({ code: 'WINDOW_CLOSED' })
    expect((await messageOf(admin, conversation.id, id)).content).toBe('in the last second')
  })
})

describe('the window as the guide has it, which Parley and TikTok both go by here (TikTok wire reference §7)', () => {
  let guided: World
  let keeper: Actor

  beforeAll(async () => {
    guided = await startWorld({
      knobs: { windowPolicy: 'guide10_inf_3' },
      environment: { TIKTOK_WINDOW_POLICY: 'guide10_inf_3' },
    })
    // Not what this is about.
    guided.deps.buckets.take = () => Promise.resolve(0)
    keeper = await guided.business()
  })

  afterAll(() => guided.close())

  it('opens and closes for both with the same message: ten, then no limit, then three once 48 hours are over', async () => {
    const { tiktok } = guided.standin
    const shop = (await keeper.connect()).business
    const { conversation, person, threadRef } = await keeper.customerWrites(shop)
    const { id } = conversation
    const meter = async () => (await keeper.conversation(id)).replyWindow
    const tiktokTakes = () => {
      try {
        enforceWindow('guide10_inf_3', tiktok.world.conversation(threadRef), tiktok.clock.now())
        return true
      } catch {
        return false
      }
    }
    const goes = async () => {
      expect(tiktokTakes()).toBe(true)
      await sendAndWait(keeper, id, 'a reply')
      return (await meter()).remaining
    }
    const isRefused = async (reason: string) => {
      expect(tiktokTakes()).toBe(false)
      await expect(keeper.send(id, 'one too many')).rejects.toMatchObject({
        code: 'WINDOW_CLOSED',
        details: { reason },
      })
      expect(await meter()).toMatchObject({ open: false, remaining: 0, reason })
    }

    expect(await meter()).toMatchObject({ open: true, remaining: 10, limit: 10 })
    for (let left = 9; left >= 0; left--) expect(await goes()).toBe(left)
    await isRefused('QUOTA_USED')

    await keeper.customerWrites(shop, 'And now?', person)
    const again = await meter()
    expect(again).toMatchObject({ open: true, remaining: null, limit: null })
    expect(Date.parse(again.closesAt ?? '')).toBeGreaterThan(Date.now() + 47 * HOUR)
    for (let count = 0; count < 12; count++) expect(await goes()).toBeNull()

    const passed = openSql(guided)
    await passed`update messages set at = at - interval '49 hours'`
    await passed`update threads set last_inbound_at = last_inbound_at - interval '49 hours'`
    await passed.end()
    for (const message of tiktok.world.conversation(threadRef).messages) message.at -= 49 * HOUR
    expect(await meter()).toMatchObject({ open: true, remaining: 3, limit: 3, closesAt: null })
    for (let left = 2; left >= 0; left--) expect(await goes()).toBe(left)
    await isRefused('EXPIRED')
    expect(tiktok.ledger.rejected('send')).toEqual([])
  })
})
