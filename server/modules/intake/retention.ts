import type { System } from '../../deps.ts'

const DAY_MS = 24 * 3_600_000
const BATCH = 5_000
const BATCHES = 50

/**
 * Crosses tenants. Raw deliveries are kept 30 days after they were worked off; what is dead or waits in vain, 90 days
 * from its arrival; counts of what was refused for 30. In batches, each its own transaction, so that nothing is locked for long.
 */
export async function unsafePruneEvents(system: System, now: Date): Promise<void> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS)
  await inBatches(() => deleteDone(system, daysAgo(30)))
  await inBatches(() => deleteGivenUp(system, daysAgo(90)))
  await system.sql`delete from webhook_rejections where hour < ${daysAgo(30)}`
}

/** Until a batch is not full; what is left after many of them is the next round's. */
async function inBatches(remove: () => Promise<number>): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch++) {
    if ((await remove()) < BATCH) return
  }
}

const deleteDone = async ({ sql }: System, before: Date): Promise<number> =>
  (
    await sql`
      delete from webhook_events where id = any(array(
        select id from webhook_events where state = 1 and processed_at < ${before} limit ${BATCH}))`
  ).count

const deleteGivenUp = async ({ sql }: System, before: Date): Promise<number> =>
  (
    await sql`
      delete from webhook_events where id = any(array(
        select id from webhook_events where state in (2, 3) and received_at < ${before} limit ${BATCH}))`
  ).count
