import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingestThread } from '../../server/modules/messages/ingest.ts'
import type { Actor } from '../support/actor.ts'
import { messageOf, sendAndWait, untilStatus } from '../support/messages.ts'
import { Shop } from '../support/shop.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ loopback: true })
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const newName = () => `name-${randomUUID()}`
const echo = { event: 'echo', via: 'api' } as const
const openShop = () => Shop.open(world, sql, admin)

describe('a message of the customer that providers have two names for (I2)', () => {
  it('keeps the second from the start, and is told again under either', async () => {
    const shop = await openShop()
    const [first, second] = [newName(), newName()]
    await shop.told({ id: first, alsoKnownAs: second, text: 'once' })
    expect((await shop.rows()).at(-1)).toMatchObject({ names: [first, second] })
    await shop.told({ id: first, text: 'once' }, { id: newName(), alsoKnownAs: second, text: 'once' })
    expect((await shop.rows()).at(-1)).toMatchObject({ names: [first, second] })
    expect(await shop.bubbles()).toEqual(['Hello', 'once'])
    expect((await admin.conversation(shop.conversationId)).unreadCount).toBe(2)
  })

  it('has its names change places when the other provider speaks, to and fro', async () => {
    const shop = await openShop()
    const [tiktok, ours] = [newName(), newName()]
    await shop.told({ id: tiktok, text: 'before the swap' })
    const [message] = (await admin.messages(shop.conversationId)).slice(-1)
    await shop.told({ id: ours, alsoKnownAs: tiktok, text: 'before the swap' })
    expect((await shop.rows()).at(-1)).toMatchObject({ id: message?.id, names: [ours, tiktok] })
    await shop.told({ id: tiktok, text: 'before the swap' })
    expect((await shop.rows()).at(-1)).toMatchObject({ id: message?.id, names: [tiktok, ours] })
    expect(await messageOf(admin, shop.conversationId, message?.id ?? '')).toMatchObject({ externalId: tiktok })
    expect(await shop.bubbles()).toEqual(['Hello', 'before the swap'])
  })

  it('is one however its names arrive together', async () => {
    const shop = await openShop()
    const [first, second] = [newName(), newName()]
    const ways = [{ id: first, alsoKnownAs: second }, { id: second }, { id: second, alsoKnownAs: first }]
    await shop.told(...[...ways, ...ways].map((way, place) => ({ ...way, text: 'one', at: 1_000 + place })))
    const said = (await shop.rows()).filter(({ content }) => content === 'one')
    expect(said.length, JSON.stringify(said)).toBe(1)
    expect(said[0]?.names.toSorted()).toEqual([first, second].toSorted())
  })

  it('is found by its former name when it is quoted, and keeps the signs that are on it', async () => {
    const shop = await openShop()
    const [tiktok, ours] = [newName(), newName()]
    await shop.told({ id: tiktok, text: 'quoted and liked' })
    const person = { ref: 'alice' }
    const at = new Date()
    const tell = (events: Parameters<typeof ingestThread>[3]) =>
      world.deps.scopes
        .system(admin.accountId)
        .tx((tx) =>
          ingestThread(
            tx,
            { id: shop.inboxId, channelType: 'loopback', lockToSingleConversation: true },
            shop.thread,
            events,
            () => false,
          ),
        )
    const here = { threadRef: shop.thread, person, at }
    await tell([{ kind: 'reaction', operation: 'add', on: tiktok, by: 'contact', emoji: '👍', ...here }])
    await shop.told({ id: ours, alsoKnownAs: tiktok, text: 'quoted and liked' })
    const content = { contentType: 'text', text: 'This one', quotes: tiktok }
    await tell([{ kind: 'message', externalId: newName(), content, ...here }])
    await tell([{ kind: 'reaction', operation: 'add', on: tiktok, by: 'contact', emoji: '❤️', ...here }])
    const messages = await admin.messages(shop.conversationId)
    const liked = messages.find((message) => message.content === 'quoted and liked')
    const [row] =
      await sql`select in_reply_to_id from messages where inbox_id = ${shop.inboxId} and content = 'This one'`
    expect(row).toEqual({ in_reply_to_id: liked?.id })
    const { data } = await admin.raw(
      `query($a: ID!, $c: ID!) { conversation(accountId: $a, id: $c) { messages { nodes { id reactions { sign } } } } }`,
      { a: admin.accountId, c: shop.conversationId },
    )
    const nodes = (data as { conversation: { messages: { nodes: { id: string; reactions: object[] }[] } } })
      .conversation.messages.nodes
    expect(nodes.find(({ id }) => id === liked?.id)?.reactions).toEqual([{ sign: '👍' }, { sign: '❤️' }])
  })
})

describe('a message of ours', () => {
  /** What the provider answered it with. */
  const nameOf = async (shop: Shop, id: string) => (await messageOf(admin, shop.conversationId, id)).externalId ?? ''

  it('gets its second name by its echo, and is told under it alone after a swap (I2)', async () => {
    const shop = await openShop()
    const { id } = await sendAndWait(admin, shop.conversationId, 'ours')
    const [name, tiktok] = [await nameOf(shop, id), newName()]
    await shop.told({ ...echo, id: name, alsoKnownAs: tiktok, text: 'ours' })
    expect((await shop.rows()).at(-1)).toMatchObject({ id, names: [name, tiktok] })
    await shop.told({ ...echo, id: tiktok, via: 'app', text: 'ours' })
    expect((await shop.rows()).at(-1)).toMatchObject({ id, names: [tiktok, name] })
    expect(await shop.bubbles()).toEqual(['Hello', 'ours'])
  })

  it('gets both from the echo that settles it (I5)', async () => {
    const shop = await openShop()
    world.loopback.fault('send', ({ raw }) => raw.destroy())
    const { id } = await admin.send(shop.conversationId, 'perhaps')
    await untilStatus(admin, shop.conversationId, id, 'UNCONFIRMED')
    const [name, tiktok] = [newName(), newName()]
    await shop.told({ ...echo, id: name, alsoKnownAs: tiktok, text: 'perhaps' })
    expect((await shop.rows()).at(-1)).toMatchObject({ id, status: 'sent', names: [name, tiktok] })
    await shop.told({ ...echo, id: tiktok, via: 'app', text: 'perhaps' })
    expect(await shop.bubbles()).toEqual(['Hello', 'perhaps'])
  })

  it('takes both over from an echo that was taken for a stranger before the answer came', async () => {
    for (const answered of ['first', 'second'] as const) {
      const shop = await openShop()
      const names = { first: newName(), second: newName() }
      const told = { ...echo, via: 'app', id: names.first, alsoKnownAs: names.second, text: 'overtaken' } as const
      world.loopback.fault('send', async ({ raw }) => {
        await shop.told(told)
        raw.writeHead(200).end(JSON.stringify({ id: names[answered] }))
      })
      const { id } = await admin.send(shop.conversationId, 'overtaken')
      await untilStatus(admin, shop.conversationId, id, 'SENT')
      expect((await shop.rows()).at(-1)).toMatchObject({ id, names: [names.first, names.second] })
      expect(await shop.bubbles()).toEqual(['Hello', 'overtaken'])
    }
  })

  it('is one with what the other provider told, once a name says so (I2)', async () => {
    const shop = await openShop()
    const { id } = await sendAndWait(admin, shop.conversationId, 'told twice')
    const [name, tiktok] = [await nameOf(shop, id), newName()]
    await shop.told({ ...echo, id: tiktok, via: 'app', text: 'told twice' })
    expect(await shop.bubbles()).toEqual(['Hello', 'told twice', 'told twice'])
    const feed = await admin.subscribe()
    await shop.told({ ...echo, id: name, alsoKnownAs: tiktok, text: 'told twice' })
    expect((await shop.rows()).slice(1)).toMatchObject([{ id, source: 'agent', names: [name, tiktok] }])
    expect((await admin.conversation(shop.conversationId)).lastMessage).toMatchObject({ id })
    await until(() => feed.events.some(({ type }) => type === 'message.removed'), 'the second bubble goes')
    feed.close()
  })
})
