import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChannelError } from '../../server/channels/contract.ts'
import { readUnderRate } from '../../server/modules/messages/provider-reads.ts'
import type { LoopbackFault } from '../standin/loopback.ts'
import type { Actor } from '../support/actor.ts'
import { sendAndWait } from '../support/messages.ts'
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

/** Longer than any first pause of ours, and shorter than what a message waits at the most. */
const ASKED_S = 300

/** The provider is not ready for this one, and says when to come again. */
const comeAgain =
  (seconds: number): LoopbackFault =>
  ({ raw }) =>
    raw.writeHead(449, { 'retry-after': String(seconds) }).end('{}')

const laterThan = (start: number, at: Date | null | undefined) => (at?.getTime() ?? 0) - start

describe('a provider that is not ready, and says for how long', () => {
  it('is not sent to before, and the message is its first attempt’s still (I5)', async () => {
    const shop = await Shop.open(world, sql, admin)
    const start = Date.now()
    world.loopback.fault('send', comeAgain(ASKED_S))
    const { id } = await admin.send(shop.conversationId, 'not yet')
    const next = await until(async () => {
      const [row] = await sql<{ next: Date | null }[]>`
        select next_attempt_at as next from messages where id = ${id} and status = 'queued' and attempts = 1`
      return row?.next
    }, 'it waits')
    expect(laterThan(start, next)).toBeGreaterThanOrEqual(ASKED_S * 1000)
    expect(world.loopback.messages(shop.id, shop.thread)).toEqual([])
  })

  it('is left alone for as long as we would by ourselves where it asks for less', async () => {
    const shop = await Shop.open(world, sql, admin)
    const start = Date.now()
    world.loopback.fault('send', comeAgain(0.01))
    await sendAndWait(admin, shop.conversationId, 'soon')
    expect(Date.now() - start).toBeGreaterThanOrEqual(800)
  })

  it('fails in words what could not go out in time then (I7)', async () => {
    const shop = await Shop.open(world, sql, admin)
    world.loopback.fault('send', comeAgain(3600))
    const { id } = await admin.send(shop.conversationId, 'never')
    const code = await until(async () => {
      const [row] = await sql<{ code: string }[]>`
        select failure_code as code from messages where id = ${id} and status = 'failed'`
      return row?.code
    }, 'it fails')
    expect(code).toBe('CONTACT_NOT_READY')
  })

  it('is not read before, by a job or by what brings the past', async () => {
    const taker = { accountId: admin.accountId, waiter: 'test' }
    const wait = await readUnderRate(world.deps, { channelType: 'loopback', rateScope: null }, taker, () =>
      Promise.reject(new ChannelError('unavailable', 'CONTACT_NOT_READY', { retryAfterMs: ASKED_S * 1000 })),
    )
    expect(wait).toBe(ASKED_S * 1000)
    const start = Date.now()
    world.loopback.fault('list', comeAgain(ASKED_S))
    const inboxId = await admin.connectByForm({ id: `shop-${randomUUID().slice(0, 8)}`, name: 'A slow shop' })
    const next = await until(async () => {
      const [run] = await sql<{ next: Date | null }[]>`
        select next_attempt_at as next from history_runs where inbox_id = ${inboxId} and attempts = 1`
      return run?.next
    }, 'the past waits')
    expect(laterThan(start, next)).toBeGreaterThanOrEqual(ASKED_S * 1000)
  })
})
