import { and, eq } from 'drizzle-orm'
import type { ListedThread } from '../../channels/contract.ts'
import type { Channels } from '../../channels/registry.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import { polls, type polledThreads } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { featureFlagsOf } from '../accounts/feature-flags.ts'
import type { PollLane } from './polling.jobs.ts'
import { spreadOf } from './tiers.ts'

export type PollRow = typeof polls.$inferSelect
export type PolledRow = typeof polledThreads.$inferSelect

/** A row in the hands of whoever asks. */
export type ClaimedRow = PolledRow & { claimedUntil: Date }

export async function findPoll(tx: ReadTx, inboxId: string): Promise<PollRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(polls)
    .where(and(eq(polls.accountId, tx.accountId), eq(polls.inboxId, inboxId)))
  return row
}

export async function updatePoll(tx: Tx, inboxId: string, columns: Partial<PollRow>): Promise<void> {
  await tx.orm
    .update(polls)
    .set(columns)
    .where(and(eq(polls.accountId, tx.accountId), eq(polls.inboxId, inboxId)))
}

/** What a lane has to do: how many are due, up to `most`, and when the next one is. */
export interface Agenda {
  due: number
  nextAt: Date | null
}

export async function readAgenda(tx: ReadTx, inboxId: string, now: Date, most: number): Promise<Agenda> {
  const { sql, accountId } = tx
  const ours = sql`account_id = ${accountId} and inbox_id = ${inboxId} and read_due_at is not null`
  const [row] = await sql<Agenda[]>`
    select (select count(*)::int from (select 1 from polled_threads
        where ${ours} and read_due_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
        limit ${most}) d) as due,
      (select min(greatest(read_due_at, claimed_until)) from polled_threads where ${ours}) as "nextAt"`
  return row ?? { due: 0, nextAt: null }
}

/** Whoever is quiet is looked at for want of anything better to do, but not more often than this. */
const SPARE_MS = 60_000
const spareBefore = (now: Date) => new Date(now.getTime() - SPARE_MS)

type Fragment = ReturnType<typeof isSpare>
const isSpare = ({ sql }: ReadTx, now: Date) => sql`present and checked_at <= ${spareBefore(now)}`

/** The same of checks; `spare`: who is quiet counts as due, too. */
export async function checkAgenda(
  tx: ReadTx,
  inboxId: string,
  now: Date,
  { most, spare }: { most: number; spare: boolean },
): Promise<Agenda> {
  const { sql, accountId } = tx
  const ours = sql`account_id = ${accountId} and inbox_id = ${inboxId}`
  const free = sql`${ours} and (claimed_until is null or claimed_until <= ${now})`
  const [row] = await sql<(Agenda & { spares: number; spareAt: Date | null })[]>`
    select (select count(*)::int from (select 1 from polled_threads
        where ${free} and check_due_at <= ${now} limit ${most}) d) as due,
      (select greatest(check_due_at, claimed_until) from polled_threads where ${ours}
        order by check_due_at limit 1) as "nextAt",
      (select count(*)::int from (select 1 from polled_threads
        where ${spare}::boolean and ${free} and ${isSpare(tx, now)} limit ${most}) d) as spares,
      (select checked_at from polled_threads where ${spare}::boolean and ${ours} and present
        order by checked_at limit 1) as "spareAt"`
  if (!row) return { due: 0, nextAt: null }
  const spareAt = row.spareAt && new Date(row.spareAt.getTime() + SPARE_MS)
  const times = [row.nextAt, spareAt].filter((time) => time !== null)
  const nextAt = times.length ? new Date(Math.min(...times.map((time) => time.getTime()))) : null
  return { due: row.due || row.spares, nextAt }
}

const claimed = (sql: ReadTx['sql']) => sql`
  p.account_id as "accountId", p.inbox_id as "inboxId", p.thread_ref as "threadRef", p.thread_key as "threadKey", p.name,
  p.avatar_url as "avatarUrl", p.present, p.active_at as "activeAt", p.checked_at as "checkedAt",
  p.check_due_at as "checkDueAt", p.read_due_at as "readDueAt", p.read_at as "readAt", p.read_up_to as "readUpTo",
  p.overlapped_at as "overlappedAt", p.read_page as "readPage", p.reading_at as "readingAt",
  p.reading_up_to as "readingUpTo", p.reading_down_to as "readingDownTo", p.unsettled_at as "unsettledAt",
  p.bumped_at as "bumpedAt", p.claimed_until as "claimedUntil", p.attempts, p.listed_at as "listedAt"`

export interface Claiming {
  inboxId: string
  now: Date
  until: Date
  limit: number
}

/** Whose conversation pauses for longer than this lets the others go first. */
const PAUSE_MS = 40_000
/** What takes more than a page is read to its end at once, unless it is very much. */
const AT_ONCE_MS = 10_000

/**
 * Takes those who are due to be read. While there are more than the provider allows, who wrote just now comes before who
 * wrote minutes ago, and whoever waits for that is looked at by the check meanwhile.
 */
export function claimReads({ sql, accountId }: Tx, { inboxId, now, until, limit }: Claiming): Promise<ClaimedRow[]> {
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const quiet = sql`${ago(PAUSE_MS)}::timestamptz - greatest(active_at, bumped_at)`
  // A join may run a subquery more than once, and would take more than was asked for: a CTE runs once.
  return sql<ClaimedRow[]>`
    with due as (
      select thread_ref from polled_threads
      where account_id = ${accountId} and inbox_id = ${inboxId} and read_due_at <= ${now}
        and (claimed_until is null or claimed_until <= ${now})
      order by (read_page is not null and reading_at > ${ago(AT_ONCE_MS)}) desc,
        read_due_at + coalesce(greatest(least(${quiet}, interval '5 minutes') / 2, interval '0'), interval '0'), thread_ref
      limit ${limit} for update skip locked)
    update polled_threads p set claimed_until = ${until} from due
    where p.account_id = ${accountId} and p.inbox_id = ${inboxId} and p.thread_ref = due.thread_ref
    returning ${claimed(sql)}`
}

const LIVELY_MS = 3_600_000

/**
 * Whose turn it is. Neither a long list of new people nor many with whom something happened lately hold up everybody else:
 * of sixteen claims eight are for both of them first, seven for those alone who are lively, and one for neither. Then comes
 * whoever is quiet, with `spare` the one who waits longest, so that of many nobody waits much longer than the others.
 */
function turnsOf(tx: Tx, { now, spare }: { now: Date; spare: boolean }): Fragment[] {
  const { sql } = tx
  const due = (who: Fragment) => sql`check_due_at <= ${now} and ${who} order by check_due_at, thread_ref`
  const lively = sql`greatest(active_at, bumped_at) > ${new Date(now.getTime() - LIVELY_MS)}`
  const lot = spreadOf('checks', now)()
  const first = lot < 0.5 ? [sql`(present is not true or ${lively})`] : lot < 0.9375 ? [lively] : []
  const quiet = spare ? sql`${isSpare(tx, now)} order by checked_at, thread_ref` : due(sql`present`)
  return [...first.map(due), quiet, due(sql`true`)]
}

/** Takes those who are due to be looked at, up to the limit, in the order of their turns. */
export async function claimChecks(tx: Tx, claiming: Claiming & { spare: boolean }): Promise<ClaimedRow[]> {
  const { sql, accountId } = tx
  const { inboxId, now, until, limit } = claiming
  const claim = (which: Fragment, most: number) => sql<ClaimedRow[]>`
    with due as (
      select thread_ref from polled_threads
      where account_id = ${accountId} and inbox_id = ${inboxId} and (claimed_until is null or claimed_until <= ${now})
        and ${which} limit ${most} for update skip locked)
    update polled_threads p set claimed_until = ${until} from due
    where p.account_id = ${accountId} and p.inbox_id = ${inboxId} and p.thread_ref = due.thread_ref
    returning ${claimed(sql)}`
  const rows: ClaimedRow[] = []
  for (const turn of turnsOf(tx, claiming)) {
    if (rows.length < limit) rows.push(...(await claim(turn, limit - rows.length)))
  }
  return rows
}

/** As the database calls them. */
const byColumn = (columns: Partial<PolledRow>) =>
  Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )

/**
 * Writes what came of a claim and gives it back; nothing once somebody else has it. Whoever was told meanwhile to be looked
 * at, or read, is: the answer may be older than that.
 */
export async function settleClaim(tx: Tx, row: ClaimedRow, columns: Partial<PolledRow>): Promise<void> {
  const { sql, accountId } = tx
  const { checkDueAt, readDueAt, ...others } = columns
  const due = (name: string, before: Date | null, at: Date | null | undefined) =>
    at === undefined
      ? sql``
      : sql`${sql(name)} = case
          when ${sql(name)} is not distinct from ${before} and bumped_at is not distinct from ${row.bumpedAt} then ${at}
          else least(${sql(name)}, ${at}) end,`
  await sql`
    update polled_threads set ${due('check_due_at', row.checkDueAt, checkDueAt)}
      ${due('read_due_at', row.readDueAt, readDueAt)} ${sql({ ...byColumn(others), claimed_until: null })}
    where account_id = ${accountId} and inbox_id = ${row.inboxId} and thread_ref = ${row.threadRef}
      and claimed_until = ${row.claimedUntil}`
}

/** When somebody was last looked at; who never was waits since they were listed. */
const lookedAt = ({ sql }: Pick<ReadTx, 'sql'> | System) => sql`coalesce(greatest(checked_at, read_at), check_due_at)`

/** What there is to say of how an inbox is read. */
export interface PollingFacts {
  /** Who is in the channel, and of them who is read again and again. */
  contacts: number
  active: number
  /** When whoever waits longest was last looked at. */
  oldestAt: Date | null
}

export async function findPollingFacts(tx: ReadTx, inboxId: string): Promise<PollingFacts> {
  const [row] = await tx.sql<PollingFacts[]>`
    select (count(*) filter (where present))::int as contacts,
      (count(*) filter (where present and read_due_at is not null))::int as active,
      min(${lookedAt(tx)}) as "oldestAt"
    from polled_threads where account_id = ${tx.accountId} and inbox_id = ${inboxId} and present is not false`
  return row ?? { contacts: 0, active: 0, oldestAt: null }
}

/** An inbox and what is due there. */
export interface DuePoll {
  accountId: string
  inboxId: string
  lane: PollLane
}

/** Crosses tenants: inboxes that somebody should be asking by now. Not those that cannot be asked. */
export function unsafeListDuePolls({ sql }: System, now: Date, limit: number): Promise<DuePoll[]> {
  const free = sql`t.account_id = p.account_id and t.inbox_id = p.inbox_id
    and (t.claimed_until is null or t.claimed_until <= ${now})`
  return sql<DuePoll[]>`
    select p.account_id as "accountId", p.inbox_id as "inboxId", lane from polls p
    join inboxes i on i.account_id = p.account_id and i.id = p.inbox_id
    cross join lateral (
      select 'list' as lane where p.list_due_at <= ${now}
      union all select 'check' where exists (select 1 from polled_threads t where ${free} and t.check_due_at <= ${now})
      union all select 'read' where exists (select 1 from polled_threads t where ${free} and t.read_due_at <= ${now})) due
    where i.disconnected_at is null and not i.reauthorization_required
      and (p.next_attempt_at is null or p.next_attempt_at <= ${now})
    order by p.list_due_at limit ${limit}`
}

/**
 * Crosses tenants: when whoever waits longest was last looked at, of all who are in the channel of an inbox that may be
 * asked, or may turn out to be.
 */
export async function unsafeFindOldestLook(system: System, channels: Channels): Promise<Date | null> {
  const { sql } = system
  const on = featureFlagsOf({}).flatMap(({ key, enabled }) => (enabled ? [key] : []))
  const polled = channels.all().flatMap(({ manifest, polling }) => (polling ? [manifest] : []))
  const [row] = await sql<{ at: Date | null }[]>`
    select min(${lookedAt(system)}) as at from polled_threads t
    join polls p on p.account_id = t.account_id and p.inbox_id = t.inbox_id
    join inboxes i on i.account_id = t.account_id and i.id = t.inbox_id
    join accounts a on a.id = t.account_id
    join unnest(${polled.map(({ id }) => id)}::text[], ${polled.map(({ featureFlag }) => featureFlag)}::text[])
      c(type, flag) on c.type = i.channel_type
    left join feature_flags f on f.account_id = i.account_id and f.key = c.flag
    where t.present is not false and i.disconnected_at is null and not i.reauthorization_required
      and a.status <> 'suspended' and coalesce(f.enabled, c.flag = any(${on}::text[]))`
  return row?.at ?? null
}

/** So often somebody new is looked at in vain, for most of an hour, before they hold up nobody any more. */
const PATIENCE = 8
/** So long somebody holds the past of everybody up at the most. */
const WAITED_FOR_MS = 24 * 3_600_000

/** That somebody is on the list is written down so often: most of it says what the one before said. */
export const LISTED_MS = 60_000

/** Whether the provider has told of anybody since a time: that somebody is gone may be what it says of everybody. */
export async function hasAnswered(tx: ReadTx, inboxId: string, since: Date): Promise<boolean> {
  const [row] = await tx.sql<{ answered: boolean }[]>`
    select exists (select 1 from polled_threads
      where account_id = ${tx.accountId} and inbox_id = ${inboxId} and checked_at > ${since}
        and (present or active_at is null)) as answered`
  return row?.answered ?? false
}

/**
 * Who has ever exchanged a message in the inbox's channel, once everybody was listed since a time, and looked at as far as
 * that can be done within a day; undefined before. `unknown`: how many could not be looked at. Who is on the list and seems to be gone
 * all the same may be there again by the time they are read.
 */
export async function findPolledThreads(
  tx: Tx,
  { inboxId, startedAt }: { inboxId: string; startedAt: Date },
): Promise<{ threads: ListedThread[]; unknown: number } | undefined> {
  const { sql, accountId } = tx
  const ours = sql`account_id = ${accountId} and inbox_id = ${inboxId}`
  const isOld = tx.clock.now().getTime() - startedAt.getTime() > WAITED_FOR_MS
  const [state] = await sql<{ ready: boolean; unknown: number }[]>`
    select listed_at >= ${startedAt} and (u.fresh = 0 or ${isOld}::boolean) as ready, u.all as unknown from polls,
      (select count(*)::int as all, (count(*) filter (where attempts < ${PATIENCE}))::int as fresh
        from polled_threads where ${ours} and present is null) u
    where ${ours}`
  if (!state?.ready) return undefined
  const threads = await sql<ListedThread[]>`
    select thread_ref as "threadRef", thread_key as "threadKey", active_at as "updatedAt" from polled_threads
    where ${ours} and active_at is not null
      and (present or (not present and listed_at >= ${new Date(startedAt.getTime() - LISTED_MS)}))`
  return { threads, unknown: state.unknown }
}
