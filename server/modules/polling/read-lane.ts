import type { MessagesPage } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { lockThreadKey } from '../intake/intake.queries.ts'
import { notAhead } from '../intake/not-ahead.ts'
import { ingestThread, type WrittenInbound } from '../messages/ingest.ts'
import { noteActivity, wakeLane } from './activity.ts'
import { afterThreadFailure, clearFailure } from './failures.ts'
import { LEASE_MS, type Lane, type Poll } from './lane.ts'
import { findNews } from './news.ts'
import { claimReads, readAgenda, settleClaim, type ClaimedRow, type PolledRow } from './polling.queries.ts'
import { DISTRUST_MS, nextLooks, overlapOf, reachOf, spreadOf } from './tiers.ts'

/** How long an echo may wait for the answer to the call that it perhaps belongs to. */
const ECHO_HOLD_MS = 30_000
/** By then a delivery would have brought it. */
const MISSED_AFTER_MS = 60_000

/** What was written, a page of one person at a time. */
export const readLane: Lane = {
  name: 'read',
  agenda: (tx, poll, most) => readAgenda(tx, poll.inbox.id, poll.deps.clock.now(), most),
  claim: async (poll, limit) => {
    const now = poll.deps.clock.now()
    const until = new Date(now.getTime() + LEASE_MS)
    const rows = await poll.scope.tx((tx) => claimReads(tx, { inboxId: poll.inbox.id, now, until, limit }))
    return rows.map((row) => () => read(poll, row, now).catch((error) => afterThreadFailure(poll, row, 'read', error)))
  },
}

async function read(poll: Poll, row: ClaimedRow, began: Date): Promise<void> {
  const { threadRef, name, avatarUrl } = row
  const person = { threadRef, ...(name !== null && { name }), ...(avatarUrl !== null && { avatarUrl }) }
  const page = await poll.ask((polling, credentials) => polling.read(credentials, person, row.readPage ?? undefined))
  await poll.scope.tx((tx) => takeOver(tx, poll, row, page, began))
}

/** Under the lock that the thread's deliveries take, so that what both tell of is one row (I2). */
async function takeOver(tx: Tx, poll: Poll, row: ClaimedRow, page: MessagesPage, began: Date): Promise<void> {
  await lockThreadKey(tx, row.threadKey)
  const now = tx.clock.now()
  const events = page.messages.map((event) => notAhead(event, now))
  const fresh = await ingest(tx, poll, row, events)
  const endsInNews = fresh.some((event) => event === events.at(-1))
  const newest = events[0]?.at ?? null
  await settleClaim(tx, row, progress(poll, row, { page, events, newest, endsInNews, began, now }))
  await noteMissed(tx, poll, fresh)
  await noteActivity(tx, poll, newest)
  await clearFailure(tx, poll, 'thread')
}

/** Answers what was not known. */
async function ingest(
  tx: Tx,
  poll: Poll,
  row: ClaimedRow,
  events: readonly WrittenInbound[],
): Promise<WrittenInbound[]> {
  const news = await findNews(tx, poll.inbox.id, events)
  if (!news.length) return []
  const { since } = poll.poll
  const told = news.map(({ event }) => event)
  const { deferred } = await ingestThread(tx, poll.inbox, row.threadRef, told, holding(told, tx.clock.now()), {
    past: { since, liveFrom: since },
  })
  const fresh = news.flatMap(({ event, isNew }) => (isNew && !deferred.has(event.externalId) ? [event] : []))
  return fresh
}

/** An echo may be of a message of ours whose answer is on its way: the next read sees it again. */
function holding(told: readonly WrittenInbound[], now: Date): (externalId: string) => boolean {
  const held = told.filter((event) => now.getTime() - event.at.getTime() < ECHO_HOLD_MS)
  const ids = new Set(held.map((event) => event.externalId))
  return (externalId) => ids.has(externalId)
}

/** Deliveries should have told of it: for a while they are not trusted to tell everything, and everybody is looked at. */
async function noteMissed(tx: Tx, { poll, inbox, manner }: Poll, fresh: readonly WrittenInbound[]): Promise<void> {
  if (!manner.byWebhook) return
  const now = tx.clock.now()
  const before = now.getTime() - MISSED_AFTER_MS
  // Before it was connected nothing was delivered.
  const from = Math.max(poll.since.getTime(), inbox.connectedAt.getTime())
  if (!fresh.some(({ at }) => at.getTime() >= from && at.getTime() < before)) return
  const { count } = await tx.sql`
    update polls set missed_at = ${now}, active_at = ${now} where account_id = ${tx.accountId} and inbox_id = ${inbox.id}
      and (missed_at is null or missed_at < ${new Date(now.getTime() - DISTRUST_MS)})`
  if (!count) return
  wakeLane(tx, inbox.id, 'check')
  tx.publish({ type: 'inbox.updated', inboxId: inbox.id })
}

interface Answer {
  page: MessagesPage
  events: readonly WrittenInbound[]
  newest: Date | null
  /** Its last message was not known: what lies behind it need not be, either. */
  endsInNews: boolean
  began: Date
  now: Date
}

const latest = (...times: (Date | null | undefined)[]): Date | null => {
  const known = times.flatMap((time) => time?.getTime() ?? [])
  return known.length ? new Date(Math.max(...known)) : null
}

/** The newest message of the business that may still be delivered, or read. */
const unsettledOf = (events: readonly WrittenInbound[]): Date | null =>
  events.find((event) => event.kind === 'echo' && !['read', 'failed'].includes(event.delivery?.state ?? ''))?.at ?? null

/** Where the next read begins: on with older pages until there is nothing behind that may be unknown, else from the top. */
function progress({ poll, manner }: Poll, row: ClaimedRow, answer: Answer): Partial<PolledRow> {
  const { page, events, newest, endsInNews, began, now } = answer
  const first = row.readPage === null
  const known: ClaimedRow = { ...row, activeAt: latest(row.activeAt, newest) }
  if (first) known.unsettledAt = unsettledOf(events)
  const chain = first
    ? { readingAt: began, readingUpTo: page.newest ?? null, readingDownTo: reachOf(known, poll.since, now) }
    : { readingAt: row.readingAt, readingUpTo: row.readingUpTo, readingDownTo: row.readingDownTo }
  const looks = nextLooks(known, manner, now, spreadOf(row.threadRef, now))
  const { activeAt, unsettledAt } = known
  const seen = { present: true, activeAt, unsettledAt, readAt: began, checkedAt: began, attempts: 0 }
  const overlap = overlapOf(row, poll.since)
  const { next, oldest } = page
  const isBehind =
    oldest !== undefined && (oldest >= (chain.readingDownTo ?? overlap) || (endsInNews && oldest > overlap))
  if (next !== undefined && isBehind) return { ...seen, ...chain, readPage: next, readDueAt: now }
  const reached = next === undefined || !oldest || oldest <= overlap
  return {
    ...{ ...seen, ...looks },
    ...{ readPage: null, readingAt: null, readingUpTo: null, readingDownTo: null },
    readUpTo: latest(row.readUpTo, chain.readingUpTo),
    ...(reached && { overlappedAt: chain.readingAt }),
  }
}
