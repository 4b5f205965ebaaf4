import type postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSchedules } from '../../jobs/schedules.ts'
import { ByHand } from '../support/by-hand.ts'
import { messageOf, untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** Whether the sweep of what is old stands still before the table that it comes to last. */
async function isPruning(watcher: postgres.Sql): Promise<boolean> {
  const rows = await watcher`
    select 1 from pg_locks where relation = 'oauth_states'::regclass and not granted`
  return rows.length > 0
}

it('a retention that takes long holds up no deadline (I7)', async () => {
  const admin = await world.business()
  const { business } = await admin.connect()
  const { id: conversationId } = await new ByHand(world, sql).converse(business)
  const { id } = await admin.send(conversationId, 'nobody sends it')
  const holder = await sql.reserve()
  await holder`begin`
  await holder`lock table oauth_states in share mode`
  const schedules = startSchedules(world.deps)
  try {
    await until(() => isPruning(holder), 'retention takes long')
    expect(await messageOf(admin, conversationId, id)).toMatchObject({ status: 'QUEUED' })
    await sql`update messages set deadline_at = now() where id = ${id}`
    const failed = await untilStatus(admin, conversationId, id, 'FAILED')
    expect(failed.failure?.code).toBe('NOT_SENT_IN_TIME')
    expect(await isPruning(holder)).toBe(true)
  } finally {
    await holder`rollback`
    holder.release()
    await schedules.close()
  }
}, 40_000)
