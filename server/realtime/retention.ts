import type { Sql } from '../db/client.ts'

const PRUNE_BATCH = 5_000

/**
 * Deletes numbered entries older than `olderThanDays`, some thousands per statement, and returns how many there were.
 * Cursors before them answer with `feed.reset` from then on.
 */
export async function pruneAccountEvents(system: { sql: Sql }, olderThanDays: number): Promise<number> {
  let deleted = 0
  for (;;) {
    const { count } = await system.sql`
      delete from account_events where id in (
        select id from account_events
        where created_at < now() - make_interval(days => ${olderThanDays}) and seq is not null
        order by created_at limit ${PRUNE_BATCH})`
    deleted += count
    if (count < PRUNE_BATCH) return deleted
  }
}
