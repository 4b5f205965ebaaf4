import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expireMessage } from '../../server/modules/messages/expiry.ts'
import type { LoopbackMessage } from '../standin/loopback.ts'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument, RetryMessageDocument } from '../support/generated.ts'
import { messageOf, sendAndWait, untilStatus } from '../support/messages.ts'
import { Shop } from '../support/shop.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

type State = NonNullable<LoopbackMessage['delivery']>['state']

let world: World
let sql: postgres.Sql
let admin: Actor
let shop: Shop
let passed = 0

beforeAll(async () => {
  world = await startWorld({ loopback: true, clock: { now: () => new Date(Date.now() + passed) } })
  sql = openSql(world)
  admin = await world.business()
  shop = await Shop.open(world, sql, admin)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const echo = { event: 'echo', via: 'api' } as const
const retry = (messageId: string) =>
  admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId } })
const failed = (code = 'IMAGES_NOT_ALLOWED') => ({ state: 'failed' as const, code })
const seen = (id: string) => messageOf(admin, shop.conversationId, id)
const said = async (text: string) => (await shop.bubbles()).filter((content) => content === text)

/** A message that the provider took, with what its echoes say. */
async function sent(text: string) {
  const { id, externalId } = await sendAndWait(admin, shop.conversationId, text)
  const told = { ...echo, id: externalId ?? '', text, at: world.loopback.now() }
  const tell = (...deliveries: NonNullable<LoopbackMessage['delivery']>[]) =>
    shop.told(...deliveries.map((delivery) => ({ ...told, delivery })))
  return { id, told, tell }
}

/** One whose outcome is open, and what the provider has written down of it. */
async function unconfirmed(text: string) {
  world.loopback.fault('send', ({ raw }) => raw.destroy())
  const { id } = await admin.send(shop.conversationId, text)
  await untilStatus(admin, shop.conversationId, id, 'UNCONFIRMED')
  return { id, told: { ...echo, id: `name-${randomUUID()}`, text, at: world.loopback.now() } }
}

async function expire(id: string) {
  passed = 121_000
  await expireMessage(world.deps.scopes.system(admin.accountId), id)
  passed = 0
}

const slots = async () => {
  const [row] = await sql<{ slots: number }[]>`
    select coalesce(sum(1 + unknown_sends), 0)::int as slots from messages
    where inbox_id = ${shop.inboxId} and type = 'outgoing'
      and (status <> 'failed' or failure_code = 'DELIVERY_UNKNOWN')`
  return row?.slots
}

describe('what the provider says has become of a message of ours (I7)', () => {
  it('moves it on and never back, and is told when it is news', async () => {
    const { id, tell } = await sent('on its way')
    const feed = await admin.subscribe()
    const allIsTold = async (text: string) => {
      const { id: last } = await sendAndWait(admin, shop.conversationId, text)
      await feed.until((event) => event.message?.id === last && event.message.status === 'SENT', 'all is told')
      return feed.events.filter((event) => event.type === 'message.updated' && event.message?.id === id).length
    }
    const before = await allIsTold('before')
    const steps: [State, string][] = [
      ['delivered', 'DELIVERED'],
      ['sent', 'DELIVERED'],
      ['read', 'READ'],
      ['delivered', 'READ'],
      ['failed', 'READ'],
    ]
    for (const [state, status] of steps) {
      await tell({ state })
      expect(await seen(id), state).toMatchObject({ status, failure: null })
    }
    const told = (await allIsTold('after')) - before
    feed.close()
    expect(told).toBe(2)
  })

  it('fails it with the reason, gives its slot back, and what arrived after all is no failure', async () => {
    const before = await slots()
    const { id, tell } = await sent('it did not get there')
    expect(await slots()).toBe((before ?? 0) + 1)
    await tell(failed())
    expect(await seen(id)).toMatchObject({ status: 'FAILED', failure: { code: 'IMAGES_NOT_ALLOWED' } })
    await tell({ state: 'sent' })
    expect(await seen(id)).toMatchObject({ status: 'FAILED', failure: { code: 'IMAGES_NOT_ALLOWED' } })
    expect(await slots()).toBe(before)
    await tell({ state: 'delivered' })
    expect(await seen(id)).toMatchObject({ status: 'DELIVERED', failure: null })
  })

  it('says it before the answer does, and the answer takes nothing back', async () => {
    const id = `name-${randomUUID()}`
    world.loopback.fault('send', async ({ raw }) => {
      await shop.told({ ...echo, id, text: 'too late', delivery: failed('BLOCKED_BY_PROVIDER') })
      raw.writeHead(200).end(JSON.stringify({ id }))
    })
    const message = await admin.send(shop.conversationId, 'too late')
    await untilStatus(admin, shop.conversationId, message.id, 'FAILED')
    await sendAndWait(admin, shop.conversationId, 'behind it')
    expect(await seen(message.id)).toMatchObject({ status: 'FAILED', externalId: id })
  })

  it('settles what is open as what it says, and never as sent when it failed (I5)', async () => {
    const outcomes = [
      ['failed', 'FAILED'],
      ['delivered', 'DELIVERED'],
      ['sent', 'SENT'],
    ] as const
    for (const [state, status] of outcomes) {
      const { id, told } = await unconfirmed(`open, then ${state}`)
      await shop.told({ ...told, delivery: state === 'failed' ? failed() : { state } })
      const failure = state === 'failed' ? { code: 'IMAGES_NOT_ALLOWED' } : null
      expect(await seen(id)).toMatchObject({ status, failure, externalId: told.id })
      expect(await said(told.text)).toHaveLength(1)
    }
  })

  it('stands on what is new here, and on what a list brings', async () => {
    const id = `name-${randomUUID()}`
    const texts = ['read in the app', 'refused in the app'] as const
    await shop.told(
      { ...echo, via: 'app', text: texts[0], delivery: { state: 'read' } },
      { ...echo, via: 'app', id, text: texts[1], delivery: { state: 'failed' } },
    )
    const rows = await admin.messages(shop.conversationId)
    const statuses = texts.map((text) => rows.find(({ content }) => content === text))
    expect(statuses).toMatchObject([
      { status: 'READ', failure: null },
      { status: 'FAILED', failure: { code: 'BLOCKED_BY_PROVIDER' } },
    ])
    await expect(retry(statuses[1]?.id ?? '')).rejects.toMatchObject({ code: 'CONFLICT' })
    const open = await unconfirmed('asked for')
    world.loopback.write(shop.id, shop.thread, { ...open.told, delivery: failed() })
    await admin.gql(CheckMessageDocument, { input: { accountId: admin.accountId, messageId: open.id } })
    expect(await seen(open.id)).toMatchObject({ status: 'FAILED', failure: { code: 'IMAGES_NOT_ALLOWED' } })
  })
})

describe('a message that failed at the provider and is sent again (I5)', () => {
  it('is one message with the name of its last attempt, however often the first is told', async () => {
    const { id, told, tell } = await sent('once more')
    await tell(failed())
    await retry(id)
    const again = await untilStatus(admin, shop.conversationId, id, 'SENT')
    expect(again.externalId).not.toBe(told.id)
    await tell(failed(), { state: 'sent' })
    expect(await seen(id)).toMatchObject({ status: 'SENT', externalId: again.externalId })
    expect(await said('once more')).toHaveLength(1)
  })

  it('is not settled by word of the attempt before, while its own outcome is open', async () => {
    const { id, tell } = await sent('once more, unanswered')
    await tell(failed())
    world.loopback.fault('send', ({ raw }) => raw.destroy())
    await retry(id)
    await untilStatus(admin, shop.conversationId, id, 'UNCONFIRMED')
    await tell(failed())
    expect(await seen(id)).toMatchObject({ status: 'UNCONFIRMED' })
    expect(await said('once more, unanswered')).toHaveLength(1)
  })

  it('keeps the slot of an attempt that may have arrived, whose echo still lifts it (I8)', async () => {
    const before = (await slots()) ?? 0
    const { id, told } = await unconfirmed('two attempts')
    await expire(id)
    world.loopback.fault('send', ({ raw }) => raw.destroy())
    await retry(id)
    await untilStatus(admin, shop.conversationId, id, 'UNCONFIRMED')
    expect(await slots()).toBe(before + 2)
    await shop.told({ ...told, delivery: failed() })
    expect(await seen(id)).toMatchObject({ status: 'FAILED', failure: { code: 'DELIVERY_UNKNOWN' } })
    expect(await slots()).toBe(before + 1)
    await shop.told({ ...told, id: `name-${randomUUID()}`, delivery: { state: 'delivered' } })
    expect(await seen(id)).toMatchObject({ status: 'DELIVERED', failure: null })
    expect(await slots()).toBe(before + 1)
    expect(await said('two attempts')).toHaveLength(1)
  })
})
