import type { System } from '../../deps.ts'

const SOON_MS = 30_000
const LATE_MS = 7 * 24 * 3_600_000

/**
 * Crosses tenants: contacts whose profile should have come by now and has not, each with a thread to ask for. The newest
 * first: those that the provider never tells must not keep the others from their turn.
 */
export async function unsafeListUnsyncedContacts(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; threadId: string }[]> {
  return system.sql<{ accountId: string; threadId: string }[]>`
    select c.account_id as "accountId", t.id as "threadId"
    from contacts c cross join lateral (
      select id from threads where account_id = c.account_id and contact_id = c.id order by id desc limit 1) t
    where c.profile_synced_at is null
      and c.created_at < ${new Date(now.getTime() - SOON_MS)} and c.created_at > ${new Date(now.getTime() - LATE_MS)}
    order by c.created_at desc limit ${limit}`
}
