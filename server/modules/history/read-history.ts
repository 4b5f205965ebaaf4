import { ChannelError, type Channel, type ListedThread, type ThreadSnapshot } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { findInbox, lockInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { findObstacle, type Obstacle } from '../inboxes/obstacle.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import { unsafeFindUnaddressed } from '../intake/business.ts'
import { isConnectionError } from '../intake/connection-errors.ts'
import { ingestThread as workOff } from '../intake/intake.jobs.ts'
import { lockThreadKey } from '../intake/intake.queries.ts'
import { notAhead } from '../intake/not-ahead.ts'
import { ingestThread } from '../messages/ingest.ts'
import { findPolledThreads } from '../polling/polling.queries.ts'
import {
  addThreads,
  countThreadFailure,
  findHistoryRun,
  findNextThread,
  hasDeliveriesWaiting,
  isOpen,
  lockRun,
  removeThread,
  updateRun,
  type HistoryRunRow,
  type HistoryThreadRow,
} from './history.queries.ts'
import { failRun } from './history.service.ts'

/** When a sweeper comes after a step: whoever is at it has made the next one by then. */
const STEP_MS = 15_000
/** While it may not be read: a suspension, a flag, a lost connection. */
const WAITING_MS = 60_000
const BACKOFF_MS = [5_000, 30_000, 120_000, 600_000]
/** While everybody is listed, and looked at. */
const LISTING_MS = 3_000
const ANNOUNCE_MS = 3_000
const THREAD_ATTEMPTS = 3
/** A fault of ours while listing is tried as often as there are times to wait. */
const LIST_ATTEMPTS = BACKOFF_MS.length
/** By how much the provider's clock may be behind ours. */
const SKEW_MS = 60_000

interface Work {
  run: HistoryRunRow
  inbox: InboxRow
  channel: Channel
  /** What is read next; undefined: the list. */
  thread: HistoryThreadRow | undefined
  obstacle: Obstacle | undefined
}

/**
 * One step of an inbox's run, a question to the provider and a transaction with its answer: under the provider's rate,
 * after the sends (I9), and safe to be made twice. Answers when to come again; what takes longer stands on the row.
 */
export async function readHistoryOn(deps: Deps, scope: Scope, inboxId: string): Promise<number | undefined> {
  const work = await scope.read((tx) => findWork(deps, tx, inboxId))
  if (!work) return undefined
  const { run, inbox, channel } = work
  const now = deps.clock.now()
  if (run.attempts > 0 && run.nextAttemptAt && run.nextAttemptAt > now) return undefined
  if (work.obstacle) {
    await scope.tx((tx) =>
      waitFor(tx, run, { failureCode: work.obstacle ?? null, nextAttemptAt: later(tx, WAITING_MS) }),
    )
    return undefined
  }
  if (run.state === 'listing' && channel.polling) return takePolled(scope, run)
  const rate = rateOf(channel, inbox, run.state === 'listing' ? 'list' : 'read')
  const taker = { accountId: scope.accountId, waiter: `read-history-${inboxId}` }
  const wait = await deps.buckets.takeSpare(rate, taker)
  if (wait > 0) return wait
  try {
    const goesOn = await (run.state === 'listing' ? list(deps, scope, work) : readNext(deps, scope, work))
    await deps.buckets.accepted(rate).catch(() => {})
    return goesOn ? 1 : undefined
  } catch (error) {
    return afterFailure(deps, scope, work, error)
  }
}

async function findWork(deps: Deps, tx: ReadTx, inboxId: string): Promise<Work | undefined> {
  const run = await findHistoryRun(tx, inboxId)
  const inbox = await findInbox(tx, inboxId)
  if (!isOpen(run) || !inbox) return undefined
  const channel = deps.channels.get(inbox.channelType)
  const thread = run.state === 'reading' ? await findNextThread(tx, inboxId) : undefined
  return { run, inbox, channel, thread, obstacle: await findObstacle(tx, deps.channels, inbox) }
}

async function list(deps: Deps, scope: Scope, { run, inbox, channel }: Work): Promise<boolean> {
  const { threads, next } = (await withCredentials(deps, scope, inbox, async (credentials) =>
    channel.listThreads?.(credentials, run.page ?? undefined),
  )) ?? { threads: [] }
  return scope.tx(async (tx) => add(tx, run, { threads, next }))
}

/** Who is polled is listed and looked at anyway: that is waited for, and asks nothing of the provider. */
async function takePolled(scope: Scope, run: HistoryRunRow): Promise<number | undefined> {
  const goesOn = await scope.tx(async (tx) => {
    const found = await findPolledThreads(tx, run)
    if (found) return add(tx, run, found)
    await updateRun(tx, run.inboxId, { nextAttemptAt: later(tx, LISTING_MS) })
    return false
  })
  return goesOn ? 1 : undefined
}

interface Found {
  threads: readonly ListedThread[]
  next?: string | undefined
  /** Of so many it could not be learnt whether they have a thread: each counts as one that was passed over. */
  unknown?: number
}

async function add(tx: Tx, run: HistoryRunRow, { threads, next, unknown = 0 }: Found): Promise<boolean> {
  const oldest = run.since.getTime() - SKEW_MS
  const wanted = run.reason === 'gap' ? threads.filter(({ updatedAt }) => updatedAt.getTime() >= oldest) : threads
  const current = await lockRun(tx, run)
  if (!current) return true
  const found = await addThreads(tx, run.inboxId, wanted)
  // Whom a gap may have cost something is read by polling once they can be looked at; it would be repaired for ever.
  const passedOver = run.reason === 'gap' ? 0 : unknown
  const listed = { threadsFound: current.threadsFound + found + passedOver, page: next ?? null }
  return advance(tx, current, next ? listed : { ...listed, state: 'reading' })
}

async function readNext(deps: Deps, scope: Scope, work: Work): Promise<boolean> {
  const { run, thread } = work
  if (!thread) return scope.tx(async (tx) => advanceIfCurrent(tx, run, {}))
  const snapshot = await readThread(deps, scope, work, thread)
  // Rows that name no business are nobody's yet, and not to be seen from within the account.
  const unaddressed = await unsafeFindUnaddressed(deps.system, thread.threadKey)
  return scope.tx(async (tx) => {
    await lockThreadKey(tx, thread.threadKey)
    if (unaddressed) return deliveriesFirst(tx, work, thread, '')
    const { externalId } = work.inbox
    if (await hasDeliveriesWaiting(tx, work.inbox, thread.threadKey))
      return deliveriesFirst(tx, work, thread, externalId)
    await lockInbox(tx, run.inboxId)
    const added = snapshot ? await merge(tx, work, thread, snapshot) : 0
    const current = await lockRun(tx, run)
    if (!current || !(await removeThread(tx, thread))) return true
    const { threadsRead, messagesAdded } = current
    return advance(tx, current, { threadsRead: threadsRead + 1, messagesAdded: messagesAdded + added })
  })
}

/**
 * What was delivered is news, however old it is, and would be taken for past here: it is worked off first. The other
 * threads come meanwhile; when each of them had its turn the run waits.
 */
async function deliveriesFirst(
  tx: Tx,
  { run, inbox, thread: first }: Work,
  thread: HistoryThreadRow,
  accountRef: string,
): Promise<boolean> {
  tx.enqueue(workOff, { channelType: inbox.channelType, accountRef, threadKey: thread.threadKey })
  await countThreadFailure(tx, thread)
  if (!first || first.attempts === 0) return true
  await backOff(tx, run, 'DELIVERIES_FIRST', 0)
  return false
}

/** Undefined when the conversation is gone at the provider. */
async function readThread(
  deps: Deps,
  scope: Scope,
  { inbox, channel }: Work,
  thread: HistoryThreadRow,
): Promise<ThreadSnapshot | undefined> {
  try {
    return await withCredentials(deps, scope, inbox, (credentials) => channel.readThread(credentials, thread.threadRef))
  } catch (error) {
    if (error instanceof ChannelError && error.code === 'THREAD_GONE') return undefined
    throw error
  }
}

/** Under the lock that the thread's deliveries take, so that what both tell of is one row (I2). */
async function merge(tx: Tx, { run, inbox }: Work, thread: HistoryThreadRow, snapshot: ThreadSnapshot) {
  const told = [...snapshot.messages, ...(snapshot.reactions ?? [])]
  const events = told.map((event) => notAhead(event, tx.clock.now()))
  const past = { since: run.since, liveFrom: run.startedAt }
  const referrals = thread.referrals.map(({ at, referral }) => ({ referral, ...(at && { at: new Date(at) }) }))
  const { added } = await ingestThread(tx, inbox, thread.threadRef, events, () => false, { past, referrals })
  return added
}

async function advanceIfCurrent(tx: Tx, run: HistoryRunRow, columns: Partial<HistoryRunRow>): Promise<boolean> {
  await lockInbox(tx, run.inboxId)
  const current = await lockRun(tx, run)
  return current ? advance(tx, current, columns) : true
}

/** Writes how far the run is; answers whether it goes on. Threads that were passed over were found and not read. */
async function advance(tx: Tx, run: HistoryRunRow, columns: Partial<HistoryRunRow>): Promise<boolean> {
  const now = tx.clock.now()
  const state = columns.state ?? run.state
  const done = state === 'reading' && !(await findNextThread(tx, run.inboxId))
  const { threadsFound, threadsRead } = { ...run, ...columns }
  if (done && threadsRead < threadsFound) {
    await failRun(tx, run, { ...columns, failureCode: 'THREADS_PASSED_OVER' })
    return false
  }
  const announced = done || now.getTime() - (run.announcedAt?.getTime() ?? 0) >= ANNOUNCE_MS
  await updateRun(tx, run.inboxId, {
    ...columns,
    ...{ attempts: 0, failureCode: null },
    ...(done ? { state: 'done', finishedAt: now, nextAttemptAt: null } : { nextAttemptAt: later(tx, STEP_MS) }),
    ...(announced && { announcedAt: now }),
  })
  if (announced) tx.publish({ type: 'inbox.updated', inboxId: run.inboxId })
  return !done
}

const later = (tx: Tx, ms: number) => new Date(tx.clock.now().getTime() + ms)

async function afterFailure(deps: Deps, scope: Scope, work: Work, error: unknown): Promise<number | undefined> {
  const { run, inbox, thread, channel } = work
  const inboxId = run.inboxId
  if (isConnectionError(error)) throw error
  if (!(error instanceof ChannelError) || (thread && error.kind === 'rejected')) {
    deps.log.error({ err: error, inboxId }, 'a part of the past could not be taken over')
    if (thread) await scope.tx((tx) => passOver(tx, run, thread))
    else
      await scope.tx((tx) =>
        run.attempts < LIST_ATTEMPTS ? backOff(tx, run, 'INTERNAL', 0) : giveUp(tx, run, 'INTERNAL'),
      )
    return thread ? 1 : undefined
  }
  deps.log.info({ err: error, inboxId }, 'the past of an inbox could not be read')
  if (['rejected', 'misconfigured', 'reauth', 'unauthorized'].includes(error.kind)) {
    await scope.tx((tx) => giveUp(tx, run, error.code))
    return undefined
  }
  const paused =
    error.kind === 'rate_limited'
      ? await deps.buckets
          .pause(rateOf(channel, inbox, run.state === 'listing' ? 'list' : 'read'), error.retryAfterMs)
          .catch(() => 0)
      : (error.retryAfterMs ?? 0)
  await scope.tx((tx) => backOff(tx, run, error.code, paused))
  return undefined
}

/** The others come first now; after its last attempt it is left out. */
async function passOver(tx: Tx, run: HistoryRunRow, thread: HistoryThreadRow): Promise<void> {
  await lockInbox(tx, run.inboxId)
  const current = await lockRun(tx, run)
  if (!current) return
  if (thread.attempts + 1 < THREAD_ATTEMPTS) return countThreadFailure(tx, thread)
  if (await removeThread(tx, thread)) await advance(tx, current, {})
}

async function backOff(tx: Tx, run: HistoryRunRow, failureCode: string, atLeastMs: number): Promise<void> {
  const current = await lockRun(tx, run)
  if (!current) return
  const ms = BACKOFF_MS[Math.min(current.attempts, BACKOFF_MS.length - 1)] ?? 0
  const nextAttemptAt = later(tx, Math.max(ms, atLeastMs))
  await waitFor(tx, current, { attempts: current.attempts + 1, failureCode, nextAttemptAt })
}

/** Says once what it waits for. */
async function waitFor(tx: Tx, run: HistoryRunRow, columns: Partial<HistoryRunRow>): Promise<void> {
  await updateRun(tx, run.inboxId, columns)
  if (run.failureCode !== columns.failureCode) tx.publish({ type: 'inbox.updated', inboxId: run.inboxId })
}

async function giveUp(tx: Tx, run: HistoryRunRow, failureCode: string): Promise<void> {
  await lockInbox(tx, run.inboxId)
  const current = await lockRun(tx, run)
  if (current) await failRun(tx, current, { failureCode })
}
