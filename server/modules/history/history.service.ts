import { and, eq, sql, type SQL } from 'drizzle-orm'
import type { Channels } from '../../channels/registry.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { historyRuns, historyThreads, inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { requireInboxAdministrator } from '../inboxes/inboxes.policy.ts'
import { lockInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { findObstacle, obstacleError } from '../inboxes/obstacle.ts'
import { findOpenSwap, noteUnread } from '../inboxes/swap.queries.ts'
import { listSoon, pollSince } from '../polling/polling.service.ts'
import { readHistory } from './history.jobs.ts'
import { findHistoryRun, isOpen, updateRun, type HistoryRunRow } from './history.queries.ts'

/** A delivery of that age may still be on its way: what a list shows of it is news. */
const UNDERWAY_MS = 60_000
/** Some wires have whole seconds: what is written right after a run began must not seem older than it. */
const WIRE_PRECISION_MS = 1_000

/** Who there is tells a list of threads, or is known from asking. */
function keepsPast(channels: Channels, { channelType }: Pick<InboxRow, 'channelType'>): boolean {
  const { listThreads, polling } = channels.get(channelType)
  return (listThreads ?? polling) !== undefined
}

/**
 * Begins a run, or begins an open one anew: nothing of the two is lost, since merging twice changes nothing. The gap of
 * the inbox goes over to the run, so that another one, noted while it runs, is not taken for repaired. The inbox is locked.
 * Answers since when what it finds is unread.
 */
async function startRun(tx: Tx, inbox: InboxRow, reason: HistoryRunRow['reason'], from: Date): Promise<Date> {
  const before = await findHistoryRun(tx, inbox.id)
  const open = isOpen(before) ? before : undefined
  const times = [from, inbox.gapSince, open?.since].flatMap((time) => time?.getTime() ?? [])
  const now = tx.clock.now()
  const since = new Date(Math.floor(Math.min(...times) / WIRE_PRECISION_MS) * WIRE_PRECISION_MS)
  const run = {
    // Only a gap leaves out what is older than it.
    reason: open && open.reason !== 'gap' ? open.reason : reason,
    since,
    ...({ state: 'listing', page: null, failureCode: null, finishedAt: null, attempts: 0 } as const),
    ...{ threadsFound: 0, threadsRead: 0, messagesAdded: 0 },
    ...{ nextAttemptAt: now, announcedAt: now, startedAt: now },
  }
  await tx.orm
    .insert(historyRuns)
    .values({ accountId: tx.accountId, inboxId: inbox.id, ...run })
    .onConflictDoUpdate({ target: [historyRuns.accountId, historyRuns.inboxId], set: run })
  await tx.orm
    .delete(historyThreads)
    .where(and(eq(historyThreads.accountId, tx.accountId), eq(historyThreads.inboxId, inbox.id)))
  if (inbox.gapSince) await setGap(tx, inbox.id, null)
  await listSoon(tx, inbox.id)
  tx.enqueue(readHistory, { accountId: tx.accountId, inboxId: inbox.id })
  return since
}

/**
 * An inbox was connected: its past is read, or, when it was here before, what came since it was last heard of, or read;
 * what the event asks for goes before. Whoever heard nothing for a while cannot tell since when there was nothing to hear.
 */
export async function readPastOfConnected(
  tx: Tx,
  channels: Channels,
  { inboxId, known, past }: { inboxId: string; known: boolean; past?: { from: Date; all: boolean } },
): Promise<void> {
  const inbox = await lockInbox(tx, inboxId)
  if (!keepsPast(channels, inbox)) return
  if (past) {
    const since = await startRun(tx, inbox, past.all ? 'connect' : 'gap', new Date(past.from.getTime() - UNDERWAY_MS))
    return pollSince(tx, inboxId, since)
  }
  const before = known ? await findHistoryRun(tx, inboxId) : undefined
  const heardUpTo = before && (inbox.lastEventAt ?? before.startedAt)
  await startRun(tx, inbox, before ? 'gap' : 'connect', heardUpTo ?? tx.clock.now())
}

/** An inbox goes over to another provider: what a run has left unread of the old one is kept, should that come back. */
export async function keepUnread(tx: Tx, { inboxId }: { inboxId: string }): Promise<void> {
  const run = await findHistoryRun(tx, inboxId)
  const swap = await findOpenSwap(tx, inboxId)
  if (!swap || !run || run.state === 'done') return
  await noteUnread(tx, swap, { since: run.since, all: run.reason !== 'gap' })
  // The run that takes its place asks another provider: it is not begun for the same.
  await updateRun(tx, inboxId, { reason: 'gap' })
}

/**
 * Reads what an inbox with a gap may lack; nothing when it was repaired, or can be asked no more, meanwhile. A channel
 * that keeps no past cannot repair one.
 */
export async function repairGap(tx: Tx, channels: Channels, inboxId: string): Promise<void> {
  const inbox = await lockInbox(tx, inboxId)
  if (!inbox.gapSince || inbox.disconnectedAt || inbox.reauthorizationRequired) return
  if (!keepsPast(channels, inbox)) return setGap(tx, inboxId, null)
  if (isOpen(await findHistoryRun(tx, inboxId))) return
  await startRun(tx, inbox, 'gap', inbox.gapSince)
  tx.publish({ type: 'inbox.updated', inboxId })
}

/**
 * An administrator has the past read once more. Errors: FORBIDDEN, also while the account is suspended; NOT_FOUND;
 * FEATURE_DISABLED and CHANNEL_REAUTH as for sending; INVALID for a channel that keeps no past; CONFLICT with
 * details.reason HISTORY_RUNNING.
 */
export async function importHistory(deps: Deps, scope: Scope, id: string): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const inboxId = parseId(id, 'Inbox')
  return scope.tx(async (tx) => {
    const inbox = await lockInbox(tx, inboxId)
    const obstacle = await findObstacle(tx, deps.channels, inbox)
    if (obstacle) throw obstacleError(obstacle)
    if (!keepsPast(deps.channels, inbox))
      throw new AppError('INVALID', 'This channel keeps no earlier messages', { field: 'inboxId' })
    if (isOpen(await findHistoryRun(tx, inboxId)))
      throw new AppError('CONFLICT', 'Earlier messages are being read already', { reason: 'HISTORY_RUNNING' })
    await startRun(tx, inbox, 'request', new Date(tx.clock.now().getTime() - UNDERWAY_MS))
    await recordAudit(tx, 'inbox.historyRequested', { inboxId })
    tx.publish({ type: 'inbox.updated', inboxId })
    return { ...inbox, gapSince: null }
  })
}

async function setGap(tx: Tx, inboxId: string, gapSince: null | SQL): Promise<void> {
  await tx.orm
    .update(inboxes)
    .set({ gapSince })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
}

/**
 * Ends a run that did not read everything. It leaves the gap that it did not repair, whatever it was begun for: it may
 * have taken one over. The inbox is locked first, as when one begins.
 */
export async function failRun(tx: Tx, run: HistoryRunRow, columns: Partial<HistoryRunRow>): Promise<void> {
  const ended = { state: 'failed', finishedAt: tx.clock.now(), nextAttemptAt: null } as const
  await updateRun(tx, run.inboxId, { ...columns, ...ended })
  await setGap(tx, run.inboxId, sql`least(${inboxes.gapSince}, ${run.since.toISOString()}::timestamptz)`)
  tx.publish({ type: 'inbox.updated', inboxId: run.inboxId })
}

/** A disconnected inbox is asked no more; connecting it again begins anew. */
export async function endRunOf(tx: Tx, inboxId: string): Promise<void> {
  const run = await findHistoryRun(tx, inboxId)
  if (isOpen(run)) await failRun(tx, run, { failureCode: 'CHANNEL_REAUTH' })
}
