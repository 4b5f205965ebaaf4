import type { ListedPerson, PeoplePage } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { storable } from '../../kit/text.ts'
import { wakeLane } from './activity.ts'
import { afterListFailure, clearFailure } from './failures.ts'
import { LEASE_MS, type Lane, type Poll } from './lane.ts'
import { followProfiles, type Renamed } from './profiles.ts'
import { LISTED_MS, findPoll, updatePoll, type PollRow } from './polling.queries.ts'
import { listEvery } from './tiers.ts'

const PROBE_EVERY_MS = 24 * 3_600_000
/** The provider's filter knows minutes, and its clock may be another one. */
const OVERLAP_MS = 120_000

/** Who there is: everybody, or, where the provider can tell, those with whom something happened. One list at a time. */
export const listLane: Lane = {
  name: 'list',
  agenda: async (tx, { inbox, deps }) => {
    const now = deps.clock.now()
    const row = await findPoll(tx, inbox.id)
    if (!row) return { due: 0, nextAt: null }
    const nextAt = new Date(Math.max(row.listDueAt.getTime(), row.listClaimedUntil?.getTime() ?? 0))
    return { due: nextAt <= now ? 1 : 0, nextAt }
  },
  claim: async (poll) => {
    const row = await poll.scope.tx((tx) => claim(tx, poll))
    if (!row) return []
    const listing = { ...poll, poll: row }
    return [
      () =>
        ask(listing)
          .catch((error: unknown) => afterListFailure(listing, error))
          .finally(() => (poll.stopped ||= listing.stopped)),
    ]
  },
}

async function claim(tx: Tx, { inbox }: Poll): Promise<PollRow | undefined> {
  const now = tx.clock.now()
  const { count } = await tx.sql`
    update polls set list_claimed_until = ${new Date(now.getTime() + LEASE_MS)}
    where account_id = ${tx.accountId} and inbox_id = ${inbox.id} and list_due_at <= ${now}
      and (list_claimed_until is null or list_claimed_until <= ${now})`
  return count ? findPoll(tx, inbox.id) : undefined
}

const isOlder = (time: Date | null, ms: number, now: Date): boolean => !time || now.getTime() - time.getTime() >= ms

async function ask(poll: Poll): Promise<void> {
  const { poll: row, deps, scope } = poll
  const now = deps.clock.now()
  if (row.listPage === null && isOlder(row.probedAt, PROBE_EVERY_MS, now)) return probe(poll)
  const began = row.listPage === null ? begin(poll, now) : row
  const { listSince, listPage } = began
  const of = { ...(listPage !== null && { page: listPage }), ...(listSince && { changedSince: listSince }) }
  const page = await poll.ask((polling, credentials) => polling.list(credentials, of))
  await scope.tx((tx) => takeOver(tx, { ...poll, poll: began }, page))
}

async function probe(poll: Poll): Promise<void> {
  const narrows = await poll.ask((polling, credentials) => polling.narrows(credentials))
  await poll.scope.tx((tx) =>
    updatePoll(tx, poll.inbox.id, { narrows, probedAt: tx.clock.now(), listClaimedUntil: null }),
  )
}

/** Everybody is listed now and then also where the list tells of changes: it may leave something out. */
function begin({ poll, manner }: Poll, now: Date): PollRow {
  const { everybody } = listEvery(manner, poll.listPages)
  const since = manner.narrows && !isOlder(poll.listedAt, everybody, now) ? poll.sweptAt : null
  return {
    ...poll,
    listStartedAt: now,
    listPages: since ? poll.listPages : 0,
    listSince: since && new Date(since.getTime() - OVERLAP_MS),
  }
}

async function takeOver(tx: Tx, poll: Poll, { people, next }: PeoplePage): Promise<void> {
  const { inbox, poll: began } = poll
  await writePeople(tx, poll, people)
  const { listStartedAt, listSince } = began
  // How many pages everybody takes stays known while only some are listed.
  const listPages = listSince ? began.listPages : began.listPages + 1
  const progress = { listStartedAt, listSince, listPages, listClaimedUntil: null }
  if (next !== undefined) await updatePoll(tx, inbox.id, { ...progress, listPage: next, listDueAt: tx.clock.now() })
  else await finish(tx, poll, progress)
  await clearFailure(tx, poll, 'list')
  for (const lane of ['check', 'read'] as const) wakeLane(tx, inbox.id, lane)
}

type Progress = Pick<PollRow, 'listStartedAt' | 'listSince' | 'listPages' | 'listClaimedUntil'>

async function finish(tx: Tx, { inbox, manner }: Poll, progress: Progress): Promise<void> {
  const began = progress.listStartedAt ?? tx.clock.now()
  const { next } = listEvery(manner, progress.listPages)
  const due = { listPage: null, sweptAt: began, attempts: 0, listDueAt: new Date(began.getTime() + next) }
  // Who is on the list no more is not asked about, and is there again once the list has them. People before their inbox,
  // as everywhere, so that two never wait for each other.
  if (!progress.listSince)
    await tx.sql`
    update polled_threads set present = false, read_due_at = null, check_due_at = ${new Date(began.getTime() + GONE_MS)}
    where account_id = ${tx.accountId} and inbox_id = ${inbox.id} and present is not false
      and listed_at < ${new Date(began.getTime() - LISTED_MS)}`
  await updatePoll(tx, inbox.id, { ...progress, ...due, ...(!progress.listSince && { listedAt: began }) })
}

const GONE_MS = 24 * 3_600_000
/**
 * Who was in another channel may have come to this one: asked again when something happened, so long after the last time
 * at the soonest. Who was missing from the list before is asked at once.
 */
const ELSEWHERE_MS = 10 * 60_000
/** A read of that time knows already what made the list name them. */
const JUST_READ_MS = 2_000

async function writePeople(tx: Tx, { inbox, poll }: Poll, people: readonly ListedPerson[]): Promise<void> {
  if (!people.length) return
  const now = tx.clock.now()
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const changed = poll.listSince !== null
  const column = (of: (person: ListedPerson) => string | null) => people.map(of)
  const text = (value: string | undefined) => (value === undefined ? null : storable(value))
  const renamed = await tx.sql<Renamed[]>`
    with before as (
      select thread_ref, name, avatar_url from polled_threads
      where account_id = ${tx.accountId} and inbox_id = ${inbox.id}
        and thread_ref = any(${column((one) => one.threadRef)}::text[])
    ), listed as (
    insert into polled_threads as p (account_id, inbox_id, thread_ref, thread_key, name, avatar_url, check_due_at, listed_at)
    select ${tx.accountId}, ${inbox.id}, u.thread_ref, u.thread_key, u.name, u.avatar_url, ${now}, ${now}
    from unnest(${column((one) => one.threadRef)}::text[], ${column((one) => one.threadKey)}::text[],
      ${column((one) => text(one.name))}::text[], ${column((one) => text(one.avatarUrl))}::text[])
      u(thread_ref, thread_key, name, avatar_url)
    on conflict (account_id, inbox_id, thread_ref) do update set
      thread_key = excluded.thread_key, name = excluded.name, avatar_url = excluded.avatar_url, listed_at = excluded.listed_at,
      check_due_at = case when p.present is not false then p.check_due_at
        when p.listed_at < ${poll.listedAt && new Date(poll.listedAt.getTime() - LISTED_MS)} then least(p.check_due_at, ${now})
        when ${changed}::boolean then least(p.check_due_at, greatest(${now}, p.checked_at + ${ELSEWHERE_MS} * interval '1 ms'))
        else p.check_due_at end,
      read_due_at = case when ${changed}::boolean and p.present and (p.read_at is null or p.read_at < ${ago(JUST_READ_MS)})
        then least(p.read_due_at, ${now}) else p.read_due_at end
      where ${changed}::boolean or not p.present or p.listed_at <= ${ago(LISTED_MS)}
        or (p.thread_key, p.name, p.avatar_url) is distinct from (excluded.thread_key, excluded.name, excluded.avatar_url)
      returning p.thread_ref, p.name, p.avatar_url)
    select i.contact_id as "contactId", n.name, n.avatar_url as "avatarUrl" from listed n
    join before o on o.thread_ref = n.thread_ref and (o.name, o.avatar_url) is distinct from (n.name, n.avatar_url)
    join contact_identities i on i.account_id = ${tx.accountId} and i.inbox_id = ${inbox.id} and i.external_id = n.thread_ref
    order by i.contact_id`
  await followProfiles(tx, inbox.id, renamed)
}
