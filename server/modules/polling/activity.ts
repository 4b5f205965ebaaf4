import type { Tx } from '../../db/scope.ts'
import type { Poll } from './lane.ts'
import { pollInbox, type PollLane } from './polling.jobs.ts'

/** To the minute: the inbox's row is everybody's. */
const EVERY_MS = 60_000

/** Something happened in the inbox, which keeps it awake. */
export async function noteActivity(tx: Tx, { poll, inbox }: Poll, at: Date | null): Promise<void> {
  if (!at || (poll.activeAt && at.getTime() - poll.activeAt.getTime() < EVERY_MS)) return
  poll.activeAt = at
  await tx.sql`
    update polls set active_at = greatest(active_at, ${at})
    where account_id = ${tx.accountId} and inbox_id = ${inbox.id}`
}

/** Something is due there now. */
export const wakeLane = (tx: Tx, inboxId: string, lane: PollLane): void =>
  tx.enqueue(pollInbox, { accountId: tx.accountId, inboxId, lane })
