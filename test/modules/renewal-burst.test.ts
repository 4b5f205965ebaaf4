import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { sealCredentials } from '../../server/modules/inboxes/credentials.ts'
import type { Actor } from '../support/actor.ts'
import { untilStatus } from '../support/messages.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

/** The provider's limit and ours, both ten times as fast as they are, so that the test is as much shorter. */
const PROVIDER_QPS = 100
const RATE = { bucket: 'tiktok:hurried', perSecond: 80, burst: 20 }
const INBOXES = 200
const HOUR_MS = 3_600_000

let world: World
let sql: postgres.Sql

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' }, knobs: { qps: PROVIDER_QPS } })
  sql = openSql(world)
  vi.spyOn(world.deps.channels.get('tiktok').manifest, 'rate', 'get').mockReturnValue(RATE)
})

afterAll(async () => {
  vi.restoreAllMocks()
  await sql.end()
  await world.close()
})

/** Inboxes whose tokens all end within the hour and are due, as after a night without workers. */
async function addDueInboxes(actor: Actor, count: number): Promise<void> {
  const now = Date.now()
  const rows = Array.from({ length: count }, () => {
    const id = randomUUID()
    const username = `due.${id.slice(0, 8)}`
    const business = world.standin.tiktok.addBusiness({ username, displayName: username })
    const { access_token: accessToken, refresh_token: refreshToken, scope } = world.standin.tiktok.grant(business)
    const open = { accessToken, refreshToken, businessId: business.openId, scope }
    return {
      ...{ account_id: actor.accountId, id, name: username, channel_type: 'tiktok', external_id: business.openId },
      credentials: sealCredentials(world.deps, actor.accountId, id, open),
      access_expires_at: new Date(now + Math.random() * HOUR_MS),
      renew_after: new Date(now - HOUR_MS),
    }
  })
  await sql`insert into inboxes ${sql(rows)}`
}

const dueInboxes = async () => (await sql`select 1 from inboxes where renew_after < now()`).length

it('200 inboxes whose tokens end within the same hour renew without a burst and without one failed send', async () => {
  const { tiktok } = world.standin
  const actors = [await world.business(), await world.business(), await world.business()]
  const [admin] = actors
  if (!admin) throw new Error('nobody')
  const { business } = await admin.connect()
  const { conversation } = await admin.customerWrites(business)
  for (const actor of actors) await addDueInboxes(actor, Math.ceil(INBOXES / actors.length))
  expect(await dueInboxes()).toBeGreaterThanOrEqual(INBOXES)
  const before = tiktok.ledger.calls().length
  await runSchedule(world.deps, 'renewals')
  const sent: string[] = []
  for (let n = 0; n < 9; n++) sent.push((await admin.send(conversation.id, `meanwhile ${n}`)).id)
  for (const id of sent) await untilStatus(admin, conversation.id, id, 'SENT')
  expect(await dueInboxes(), 'the sends went first').toBeGreaterThan(0)
  await until(async () => (await dueInboxes()) === 0, 'all of them are renewed', 30_000)

  const calls = tiktok.ledger.calls().slice(before)
  const renewals = calls.filter(({ operation }) => operation === 'refresh')
  expect(renewals).toHaveLength(
    await sql`select 1 from inboxes where credentials_version = 1`.then((rows) => rows.length),
  )
  expect(calls.filter(({ code }) => code !== 0)).toEqual([])
  const [row] = await sql<{ asked: number; spread: number }[]>`
    select count(*) filter (where reauthorization_required)::int as asked,
      extract(epoch from max(renew_after) - min(renew_after))::int as spread from inboxes`
  expect(row?.asked).toBe(0)
  expect(row?.spread, 'the next ones are spread over hours').toBeGreaterThan(3 * 3_600)
}, 60_000)
