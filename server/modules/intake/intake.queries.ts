import { WRONG_APP } from '../../channels/contract.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import { EVENT_STATE } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { readSwapFacts, swapFactsOf, type SwapFacts } from '../inboxes/swap.queries.ts'

// States that rows are looked for by stand in the statements as literals (0 pending, 1 done, 2 dead, 3 waiting): with a
// parameter a prepared statement's generic plan could not use the partial indexes.

/** Somebody in Europe wrote, and no list told who or what. */
export const UNNAMED_UNRESOLVED = 'EU_UNRESOLVED'

export interface PendingEvent {
  id: number
  raw: Buffer
  code: string | null
  receivedAt: Date
}

/** What working off deliveries needs of their inbox. */
export interface IntakeInbox {
  id: string
  channelType: string
  lockToSingleConversation: boolean
  lastEventAt: Date | null
  swap: SwapFacts | null
}

/** Once a batch, so prepared: Drizzle's would be planned each time, and hold up the wave that it is part of. */
export async function findIntakeInbox(tx: Tx, id: string): Promise<IntakeInbox | undefined> {
  const [row] = await tx.sql<(IntakeInbox & { swap: Parameters<typeof readSwapFacts>[0] })[]>`
    select id, channel_type as "channelType", lock_to_single_conversation as "lockToSingleConversation",
      last_event_at as "lastEventAt", ${tx.sql.unsafe(swapFactsOf)} as swap
    from inboxes i where account_id = ${tx.accountId} and id = ${id}`
  return row && { ...row, swap: readSwapFacts(row.swap) }
}

/** Serialises the work on one provider thread across workers until commit (I3). Sent once it is awaited or executed. */
export const lockThreadKey = (tx: Tx, threadKey: string) =>
  tx.sql`select pg_advisory_xact_lock(hashtextextended(${threadKey}, 0))`

type PendingRow = Omit<PendingEvent, 'id'> & { id: string }
const withNumber = (row: PendingRow): PendingEvent => ({ ...row, id: Number(row.id) })

/** Its own statement, after the lock: what another worker finished is not seen as pending. */
export const takePending = (tx: Tx, thread: ThreadOfBusiness, limit: number): Promise<PendingEvent[]> =>
  listPending(tx, thread, limit, tx.clock.now())

/** A thread's key does not name the business where its deliveries do not. */
export interface ThreadOfBusiness {
  threadKey: string
  accountRef: string
  /** What the keys of its events begin with, where not everybody's are to be worked off. */
  keyPrefix?: string | undefined
}

/** What the keys of the events begin with that came to an inbox's own address. */
export const inboxKeyPrefix = (inboxId: string) => `${inboxId} `

/** Those that are due at a time, or all of them. */
export async function listPending(
  tx: ReadTx,
  { threadKey, accountRef, keyPrefix = '' }: ThreadOfBusiness,
  limit: number,
  dueAt: Date | null,
): Promise<PendingEvent[]> {
  const rows = await tx.sql<PendingRow[]>`
    select id, raw, code, received_at as "receivedAt" from webhook_events
    where thread_key = ${threadKey} and account_ref = ${accountRef} and state = 0
      and starts_with(event_key, ${keyPrefix})
      and (next_attempt_at is null or ${dueAt}::timestamptz is null or next_attempt_at <= ${dueAt})
    order by id limit ${limit}`
  return rows.map(withNumber)
}

/** The same of one event: none when another worker has taken care of it meanwhile. */
export async function takePendingEvent(tx: Tx, id: number): Promise<PendingEvent[]> {
  const rows = await tx.sql<PendingRow[]>`
    select id, raw, code, received_at as "receivedAt" from webhook_events
    where id = ${id} and state = 0 and (next_attempt_at is null or next_attempt_at <= ${tx.clock.now()})`
  return rows.map(withNumber)
}

export const markDone = (tx: Tx, ids: readonly number[], code: string | null) => tx.sql`
  update webhook_events set state = ${EVENT_STATE.done}, processed_at = now(), code = coalesce(${code}, code)
  where id = any(${[...ids]}::bigint[])`

export const markDead = (tx: Tx, id: number, code: string) => tx.sql`
  update webhook_events set state = ${EVENT_STATE.dead}, code = ${code}, attempts = attempts + 1, processed_at = now()
  where id = ${id}`

/** It comes again in a moment; what came after it need not wait. */
export const postpone = (tx: Tx, ids: readonly number[], at: Date) => tx.sql`
  update webhook_events set next_attempt_at = ${at} where id = any(${[...ids]}::bigint[])`

/** Counts a failure; the third one ends in the dead letters (I4). What another worker has finished has not failed. */
export const countFailure = (tx: Tx, id: number, code: string, at: Date) => tx.sql`
  update webhook_events set attempts = attempts + 1, next_attempt_at = ${at},
    state = case when attempts >= 2 then ${EVENT_STATE.dead}::smallint else state end,
    code = case when attempts >= 2 then ${code} else code end
  where id = ${id} and state = 0`

/** When the inbox was last heard of; whoever finds the row locked leaves it to the other. */
export const touchInbox = (tx: Tx, inboxId: string, at: Date) => tx.sql`
  update inboxes set last_event_at = ${at} where account_id = ${tx.accountId} and id in (
    select id from inboxes where account_id = ${tx.accountId} and id = ${inboxId} for no key update skip locked)`

/** Crosses tenants: events that no account can work off now wait with their reason (I1), or are dead: so is another app's. */
export async function unsafeSetAside(
  system: System,
  { threadKey, accountRef }: { threadKey: string; accountRef: string },
  state: typeof EVENT_STATE.waiting | typeof EVENT_STATE.dead,
  code: string,
): Promise<void> {
  await system.sql`
    update webhook_events set code = coalesce(code, ${code}), processed_at = now(),
      state = case when code = ${WRONG_APP} then ${EVENT_STATE.dead}::smallint else ${state}::smallint end
    where thread_key = ${threadKey} and account_ref = ${accountRef} and state = 0`
}

/**
 * Crosses tenants: what another inbox's keys signed is dead. It names no business any more, so that it counts at nobody's;
 * a replay gives it back to its own inbox, should that be connected to the business again.
 */
export async function unsafeSetAsideForeign(
  system: System,
  { threadKey, accountRef }: { threadKey: string; accountRef: string },
  keyPrefix: string,
): Promise<void> {
  await system.sql`
    update webhook_events set state = ${EVENT_STATE.dead}, code = 'OTHER_INBOX', account_ref = '', processed_at = now()
    where thread_key = ${threadKey} and account_ref = ${accountRef} and state = 0
      and not starts_with(event_key, ${keyPrefix})`
}

export interface StaleThread {
  channelType: string
  accountRef: string
  threadKey: string
}

/** Crosses tenants: threads with events that nobody has worked off for a while. */
export async function unsafeListStaleThreadKeys(system: System, now: Date, limit: number): Promise<StaleThread[]> {
  return system.sql<StaleThread[]>`
    select channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey" from webhook_events
    where state = 0 and received_at < ${new Date(now.getTime() - 3_000)}
      and (next_attempt_at is null or next_attempt_at <= ${now})
    group by channel_type, account_ref, thread_key order by min(id) limit ${limit}`
}
