import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../server/kit/log.ts'
import { readHistoryOn } from '../../server/modules/history/read-history.ts'
import { repairGap } from '../../server/modules/history/history.service.ts'
import type { Actor } from '../support/actor.ts'
import { InboxHealthDocument, SetWebhookKeysDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld } from '../support/world.ts'

/** A business with a connected shop of the loop-back, whose deliveries one key signs. */
async function openShop() {
  const logged: string[] = []
  const log = createLogger({ nodeEnv: 'test', logLevel: 'info' }, { write: (line) => logged.push(line) })
  const world = await startWorld({ loopback: true, jobs: false, log })
  const admin = await world.business()
  const shop = { id: `shop-${randomUUID().slice(0, 8)}`, name: 'The shop' }
  const inboxId = await admin.connectByForm(shop)
  const { url, key } = await admin.hookUp(inboxId, shop.id)
  const { accountId } = admin
  return {
    ...{ world, admin, shop, inboxId, url, key, logged, sql: openSql(world) },
    /** Another webhook of the provider's takes over, with a key that nobody entered here. */
    otherKey: () => world.loopback.hookUp(shop.id, url),
    write: (text: string) => world.loopback.write(shop.id, 'thread', { text }),
    setKeys: (keys: string[]) => admin.gql(SetWebhookKeysDocument, { input: { accountId, inboxId, keys } }),
    health: async () => (await admin.gql(InboxHealthDocument, { accountId, id: inboxId })).inbox.health,
    post: async (text: string, by: string) => {
      const person = { id: 'bob', name: 'Bob' }
      const told = {
        event: 'message',
        shop: shop.id,
        thread: randomUUID(),
        id: randomUUID(),
        kind: 'text',
        text,
        person,
      }
      const body = Buffer.from(JSON.stringify({ ...told, at: world.loopback.now() }))
      const answer = await fetch(url, { method: 'POST', body, headers: world.loopback.sign(body, by) })
      return answer.status
    },
  }
}

type Shop = Awaited<ReturnType<typeof openShop>>

const shut = async ({ world, sql }: Shop) => {
  await sql.end()
  await world.close()
}

const texts = async (admin: Actor) => (await admin.conversations()).map(({ lastMessage }) => lastMessage?.content)

describe('a delivery to an inbox that none of its keys signed', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop()
  })
  afterAll(() => shut(shop))

  /** What the sweeper and the worker would do, until the past is read. */
  async function repair() {
    const { deps } = shop.world
    const scope = deps.scopes.system(shop.admin.accountId)
    await scope.tx((tx) => repairGap(tx, deps.channels, shop.inboxId))
    const read = async () => (await readHistoryOn(deps, scope, shop.inboxId)) === undefined
    await until(read, 'the past is read')
  }

  it('is told of once a minute, stands at the inbox, and comes in with the key that was lacking (I1)', async () => {
    const { admin, inboxId, key } = shop
    await repair()
    await shop.sql`update inboxes set gap_since = null where id = ${inboxId}`
    expect(await shop.health()).toMatchObject({ webhookState: 'BY_HAND', rejectedSignatures: 0, refusedSince: null })
    const lacking = shop.otherKey()
    for (const text of ['one', 'two', 'three']) shop.write(text)
    expect(await shop.post('sent', key), 'what the known key signs is taken').toBe(200)
    await until(async () => (await shop.health())?.rejectedSignatures === 3, 'they stand there', 15_000)
    expect(await shop.health()).toMatchObject({
      ...{ webhookState: 'KEY_MISSING', refusedSince: expect.any(String), refusedAt: expect.any(String) },
    })
    expect(shop.logged.filter((line) => line.includes(inboxId) && line.includes('was refused'))).toHaveLength(1)
    expect(shop.logged.join('\n')).toContain('"reason":"wrong"')
    await shop.setKeys([key])
    expect((await shop.health())?.webhookState, 'the keys are the same').toBe('KEY_MISSING')
    await repair()
    expect(await texts(admin), 'nobody knows yet that anything is lacking').toEqual([])
    await shop.setKeys([key, lacking])
    expect(await shop.health()).toMatchObject({
      ...{ webhookState: 'BY_HAND', rejectedSignatures: 0, refusedSince: null, refusedAt: null },
    })
    await repair()
    expect(await texts(admin)).toEqual(['three'])
  })

  it('is no affair of everybody (I10)', async () => {
    const { status } = await fetch(`${shop.world.url}/webhooks/tiktok`, { method: 'POST', body: '{}' })
    expect(status).toBe(401)
    // Of all that this file had refused, what came to the channel's own address is counted.
    const counted = () => shop.sql`select distinct channel_type from webhook_rejections`
    await until(async () => (await counted()).length > 0, 'it is')
    expect(await counted()).toEqual([{ channel_type: 'tiktok' }])
  })
})

it('what is refused a moment before its key is entered is lacking too, and is noted before the end (I1)', async () => {
  const shop = await openShop()
  const { sql, inboxId } = shop
  try {
    await sql`update inboxes set gap_since = null where id = ${inboxId}`
    const before = Date.now()
    expect(await shop.post('refused', 'no-key-of-ours')).toBe(401)
    await shop.setKeys(['no-key-of-ours'])
    const row = async () => {
      const [found] = await sql`select gap_since, refused_since, refused_count from inboxes where id = ${inboxId}`
      return found ?? {}
    }
    await until(async () => (await row())['gap_since'] !== null, 'it is lacking')
    const { gap_since: gapSince, ...refused } = await row()
    expect((gapSince as Date).getTime() - (before - 60_000)).toBeGreaterThanOrEqual(0)
    expect((gapSince as Date).getTime()).toBeLessThan(before)
    expect(refused).toEqual({ refused_since: null, refused_count: 0 })
    expect(await shop.post('refused', 'and another key')).toBe(401)
    await shop.world.app.close()
    expect(await row()).toMatchObject({ refused_since: expect.any(Date) as Date, refused_count: 1 })
  } finally {
    await shut(shop)
  }
})
