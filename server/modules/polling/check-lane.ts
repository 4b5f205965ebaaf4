import type { Presence } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { absent } from './absence.ts'
import { noteActivity, wakeLane } from './activity.ts'
import { afterThreadFailure, clearFailure } from './failures.ts'
import { LEASE_MS, type Lane, type Poll } from './lane.ts'
import { checkAgenda, claimChecks, settleClaim, type ClaimedRow } from './polling.queries.ts'
import { LATE_MS, nextLooks, spreadOf } from './tiers.ts'

/** Where everything is quiet nobody is looked at for want of anything better, and where the list tells, nobody need be. */
const looksAround = ({ manner: { awake, byWebhook, narrows } }: Pick<Poll, 'manner'>): boolean =>
  awake && !byWebhook && !narrows

/** Whether somebody who is quiet has written: cheap to ask, since it costs no read. */
export const checkLane: Lane = {
  name: 'check',
  agenda: (tx, poll, most) => checkAgenda(tx, poll.inbox.id, poll.deps.clock.now(), { most, spare: looksAround(poll) }),
  claim: async (poll, limit) => {
    const now = poll.deps.clock.now()
    const until = new Date(now.getTime() + LEASE_MS)
    const claiming = { inboxId: poll.inbox.id, now, until, limit, spare: looksAround(poll) }
    const rows = await poll.scope.tx((tx) => claimChecks(tx, claiming))
    return rows.map((row) => () => check(poll, row).catch((error) => afterThreadFailure(poll, row, 'check', error)))
  },
}

async function check(poll: Poll, row: ClaimedRow): Promise<void> {
  const presence = await poll.ask((polling, credentials) => polling.check(credentials, row.threadRef))
  await poll.scope.tx(async (tx) => {
    await (presence ? note(tx, poll, row, presence) : settleClaim(tx, row, absent(row, tx.clock.now())))
    await clearFailure(tx, poll, 'thread')
  })
}

async function note(tx: Tx, poll: Poll, row: ClaimedRow, presence: Presence): Promise<void> {
  const now = tx.clock.now()
  const told = toldBy(presence, now)
  const wrote = isNews(poll, row, told, now)
  const activeAt = told && (!row.activeAt || told > row.activeAt) ? told : row.activeAt
  const { checkDueAt } = nextLooks({ ...row, activeAt }, poll.manner, now, spreadOf(row.threadRef, now))
  await settleClaim(tx, row, {
    ...{ present: true, activeAt, checkedAt: now, checkDueAt, attempts: 0 },
    // Due since it was written, so that whoever waits longest comes first. What is read for another reason goes on.
    ...(wrote && { readDueAt: told ?? now }),
  })
  if (!wrote) return
  await noteActivity(tx, poll, activeAt)
  wakeLane(tx, poll.inbox.id, 'read')
}

/** When somebody last wrote, in either direction. Null: nobody ever did. Undefined: it does not say. */
function toldBy({ lastMessageAt, lastIncomingAt }: Presence, now: Date): Date | null | undefined {
  const times = [lastMessageAt, lastIncomingAt].flatMap((time) => time?.getTime() ?? [])
  if (times.length) return new Date(Math.min(Math.max(...times), now.getTime()))
  return lastMessageAt === null ? null : undefined
}

const SECOND_MS = 1_000
/** A read that soon after may have missed what was written in the same second. */
const SAME_SECOND_MS = 60_000
const UNTOLD_EVERY_MS = 10 * 60_000

const secondOf = (time: Date): number => Math.floor(time.getTime() / SECOND_MS)

/** Whether there may be something that was not read. The wire has whole seconds, so one is not enough to tell. */
function isNews({ poll }: Poll, row: ClaimedRow, told: Date | null | undefined, now: Date): boolean {
  const { readAt, readUpTo } = row
  if (told === null) return false
  if (told === undefined) return !readAt || now.getTime() - readAt.getTime() > UNTOLD_EVERY_MS
  if (!readUpTo) return told.getTime() >= poll.since.getTime() - LATE_MS
  if (secondOf(told) !== secondOf(readUpTo)) return told > readUpTo
  return !readAt || readAt.getTime() - told.getTime() < SAME_SECOND_MS
}
