import { ChannelError, type RatedCall } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Tx } from '../../db/scope.ts'
import { isConnectionError } from '../intake/connection-errors.ts'
import { absent } from './absence.ts'
import type { Poll } from './lane.ts'
import {
  hasAnswered,
  settleClaim,
  updatePoll,
  type ClaimedRow,
  type PolledRow,
  type PollRow,
} from './polling.queries.ts'

const BACKOFF_MS = [5_000, 30_000, 120_000, 600_000]

const backOff = (attempts: number, atLeastMs = 0): number =>
  Math.max(BACKOFF_MS[Math.min(attempts, BACKOFF_MS.length - 1)] ?? 0, atLeastMs)

const later = (tx: Tx, ms: number) => new Date(tx.clock.now().getTime() + ms)

/** After which nothing is asked in the inbox's name for now: it is connected wrongly, or not any more. */
async function stopsInbox(poll: Poll, error: ChannelError): Promise<boolean> {
  if (error.kind === 'misconfigured') {
    poll.stopped = true
    await poll.scope.tx((tx) => failPoll(tx, poll, { failureCode: error.code, wholly: true }))
    return true
  }
  // Whoever asked has noted it already.
  poll.stopped ||= error.kind === 'unauthorized' || error.kind === 'reauth'
  return poll.stopped
}

async function rest({ deps, inbox }: Poll, call: RatedCall, error: ChannelError): Promise<void> {
  const rate = rateOf(deps.channels.get(inbox.channelType), inbox, call)
  await deps.buckets.pause(rate, error.retryAfterMs).catch(() => 0)
}

/** Counts a failure of the whole inbox, and says so once; `wholly`: nothing is asked before the next attempt. */
async function failPoll(
  tx: Tx,
  { poll, inbox }: Poll,
  {
    failureCode,
    wholly,
    atLeastMs,
    ...columns
  }: { failureCode: string; wholly: boolean; atLeastMs?: number } & Partial<
    Pick<PollRow, 'listPage' | 'narrows' | 'probedAt'>
  >,
): Promise<void> {
  const at = later(tx, backOff(poll.attempts, atLeastMs))
  const attempt = wholly ? { nextAttemptAt: at } : { listDueAt: at }
  await updatePoll(tx, inbox.id, {
    ...columns,
    ...{ failureCode, attempts: poll.attempts + 1, listClaimedUntil: null },
    ...attempt,
  })
  if (poll.failureCode !== failureCode) tx.publish({ type: 'inbox.updated', inboxId: inbox.id })
}

/** What the provider said no to before it answers again: also when only the list failed, which only the list clears. */
export async function clearFailure(tx: Tx, { poll, inbox }: Poll, by: 'list' | 'thread'): Promise<void> {
  if (poll.failureCode === null || (by === 'thread' && poll.nextAttemptAt === null)) return
  await updatePoll(tx, inbox.id, { failureCode: null, attempts: 0, nextAttemptAt: null })
  tx.publish({ type: 'inbox.updated', inboxId: inbox.id })
}

/** A list that could not be read: from the page where it stopped, or anew where its cursors lead nowhere. */
export async function afterListFailure(poll: Poll, error: unknown): Promise<void> {
  if (isConnectionError(error)) throw error
  const { deps, scope, inbox } = poll
  if (!(error instanceof ChannelError)) {
    deps.log.error({ err: error, inboxId: inbox.id }, 'a list of people could not be taken over')
    return scope.tx((tx) => failPoll(tx, poll, { failureCode: 'INTERNAL', wholly: false, listPage: null }))
  }
  deps.log.info({ err: error, inboxId: inbox.id }, 'an inbox could not be listed')
  if (await stopsInbox(poll, error)) return scope.tx((tx) => updatePoll(tx, inbox.id, { listClaimedUntil: null }))
  if (error.kind === 'rate_limited') {
    await rest(poll, 'list', error)
    return scope.tx((tx) => updatePoll(tx, inbox.id, { listClaimedUntil: null }))
  }
  const { code: failureCode, retryAfterMs: atLeastMs = 0 } = error
  const anew = error.kind === 'rejected' || failureCode === 'CURSOR_REPEATS'
  // Perhaps it is the condition that it does not understand any more: it is tried out again.
  const again = error.kind === 'rejected' ? { narrows: null, probedAt: null } : {}
  await scope.tx((tx) =>
    failPoll(tx, poll, { ...{ failureCode, atLeastMs, wholly: false }, ...(anew && { listPage: null }), ...again }),
  )
}

type Due = 'readDueAt' | 'checkDueAt'

/** Longer than the longest pause between two attempts. */
const LATELY_MS = 15 * 60_000

/** A failure that hits everybody says nothing of one: then it makes the pauses longer, and does not use up patience. */
async function countAttempt(tx: Tx, { inboxId, attempts }: ClaimedRow): Promise<number> {
  if (attempts < BACKOFF_MS.length || (await hasAnswered(tx, inboxId, later(tx, -LATELY_MS)))) return attempts + 1
  return attempts
}

/** A page in the place of an answer tells nothing of somebody who was never looked at: the past would go without them. */
const isGone = ({ present }: ClaimedRow, { code }: ChannelError): boolean =>
  code === 'THREAD_GONE' || (code === 'CONTACT_PAGE_GONE' && present !== null)

/** Of one person: the others are asked about meanwhile. What was found before stays known, and nothing is passed over. */
export async function afterThreadFailure(poll: Poll, row: ClaimedRow, call: 'check' | 'read', error: unknown) {
  const { deps, scope, inbox } = poll
  const due: Due = call === 'read' ? 'readDueAt' : 'checkDueAt'
  const settle = (columns: (tx: Tx) => Partial<PolledRow> | Promise<Partial<PolledRow>>) =>
    scope.tx(async (tx) => settleClaim(tx, row, await columns(tx)))
  if (isConnectionError(error)) {
    // If Postgres is there again already, nobody need wait for the end of the claim.
    await settle(() => ({})).catch(() => {})
    throw error
  }
  const { threadRef, attempts } = row
  const tryLater = (atLeastMs?: number) =>
    settle(async (tx) => ({
      attempts: await countAttempt(tx, row),
      ...{ [due]: later(tx, backOff(attempts, atLeastMs)), readPage: null },
    }))
  if (!(error instanceof ChannelError)) {
    deps.log.error({ err: error, inboxId: inbox.id, threadRef }, 'what somebody wrote could not be taken over')
    return tryLater()
  }
  deps.log.info({ err: error, inboxId: inbox.id, threadRef }, 'somebody could not be asked about')
  const stops = await stopsInbox(poll, error)
  // Perhaps only this one is refused: then the others come first when it is tried again.
  if (error.kind === 'misconfigured') return tryLater()
  if (stops) return settle(() => ({}))
  if (error.kind === 'rate_limited') {
    await rest(poll, call, error)
    return settle(() => ({}))
  }
  if (isGone(row, error)) return settle((tx) => absent(row, tx.clock.now()))
  return tryLater(error.retryAfterMs)
}
