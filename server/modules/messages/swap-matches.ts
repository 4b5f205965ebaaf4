import { and, eq, sql } from 'drizzle-orm'
import type { Fragment } from '../../db/client.ts'
import { swapMatches, type SwapCandidate } from '../../db/schema/index.ts'
import type { Tx } from '../../db/scope.ts'
import type { System } from '../../deps.ts'
import { newId } from '../../kit/ids.ts'
import { LISTEN_MS, UNDERWAY_MS } from './match-thread.ts'
import { mergeMatched } from './messages.jobs.ts'
import { lockThreads } from './thread-state.ts'

export type SwapMatchRow = typeof swapMatches.$inferSelect

export interface MatchPlace {
  inboxId: string
  swapId: string
  threadId: string
}

/** Somebody has to decide who a thread's customer is at the other provider, of whom is known now. What is decided stays so. */
export async function askWho(tx: Tx, place: MatchPlace, candidates: SwapCandidate[]): Promise<void> {
  const written = await tx.orm
    .insert(swapMatches)
    .values({ accountId: tx.accountId, id: newId(), ...place, candidates })
    .onConflictDoUpdate({
      target: [swapMatches.accountId, swapMatches.threadId],
      set: { candidates },
      setWhere: sql`${swapMatches.state} = 'open' and ${swapMatches.candidates} <> excluded.candidates`,
    })
    .returning({ id: swapMatches.id })
  if (written.length) tx.publish({ type: 'inbox.updated', inboxId: place.inboxId })
}

const PROOF = 'SAME_MESSAGE'

/** A message that both have is proof, whatever somebody has said before. */
export const noteProven = (tx: Tx, place: MatchPlace, threadId: string): Promise<void> =>
  noteCertain(tx, place, { threadId, confidence: 1, reasons: [PROOF] })

export const isProven = ({ reasons }: SwapCandidate): boolean => reasons.includes(PROOF)

/**
 * Two threads turn out to be one: written down, since each may be in somebody's hands, and done by a worker that takes both.
 * Nothing but proof is above what somebody has said.
 */
export async function noteCertain(tx: Tx, place: MatchPlace, candidate: SwapCandidate): Promise<void> {
  const candidates = [candidate]
  const written = await tx.orm
    .insert(swapMatches)
    .values({ accountId: tx.accountId, id: newId(), ...place, candidates, state: 'certain' })
    .onConflictDoUpdate({
      target: [swapMatches.accountId, swapMatches.threadId],
      set: { candidates, state: 'certain' },
      setWhere: sql`${isProven(candidate)}::boolean or ${swapMatches.state} = 'open'`,
    })
    .returning({ id: swapMatches.id })
  if (written.length) tx.enqueue(mergeMatched, { accountId: tx.accountId, threadId: place.threadId })
}

export async function findMatch(tx: Tx, threadId: string): Promise<SwapMatchRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(swapMatches)
    .where(and(eq(swapMatches.accountId, tx.accountId), eq(swapMatches.threadId, threadId)))
  return row
}

/** One that waits for somebody's word, locked, and before it the threads that the word is about, as everywhere. */
export async function lockOpenMatch(tx: Tx, id: string, chosen: string | undefined): Promise<SwapMatchRow | undefined> {
  const { accountId, state } = swapMatches
  const isIt = and(eq(accountId, tx.accountId), eq(swapMatches.id, id), eq(state, 'open'))
  const [asked] = await tx.orm.select().from(swapMatches).where(isIt)
  if (!asked) return undefined
  await lockThreads(tx, [asked.threadId, ...(chosen ? [chosen] : [])])
  await holdMatches(tx, asked.inboxId, [asked.threadId, ...asked.candidates.map((one) => one.threadId)])
  const [row] = await tx.orm.select().from(swapMatches).where(isIt).for('update')
  return row
}

/** All that is to be decided of threads, or between them, at once and in order: each side of a pair has a row of its own. */
async function holdMatches({ sql, accountId }: Tx, inboxId: string, threadIds: readonly string[]): Promise<void> {
  const ids = [...threadIds]
  await sql`
    select 1 from swap_matches m where m.account_id = ${accountId} and m.inbox_id = ${inboxId}
      and (m.thread_id = any(${ids}::uuid[])
        or exists (select 1 from jsonb_array_elements(m.candidates) c where c->>'threadId' = any(${ids}::text[])))
    order by m.id for update`
}

/** Somebody has said that it is none of the candidates: neither side of such a pair is asked about the other again. */
export async function keepApart(tx: Tx, { id, threadId, candidates }: SwapMatchRow): Promise<void> {
  const decidedBy = tx.actor.kind === 'member' ? tx.actor.userId : null
  await tx.orm
    .update(swapMatches)
    .set({ state: 'apart', decidedBy, decidedAt: tx.clock.now() })
    .where(and(eq(swapMatches.accountId, tx.accountId), eq(swapMatches.id, id)))
  const others = candidates.map((one) => one.threadId)
  await removeCandidates(tx, [threadId], tx.sql`m.thread_id = any(${others}::uuid[])`)
}

/** A thread turns out to be another customer's than the one that is asked about. */
export async function dropCandidate(tx: Tx, { id, inboxId }: SwapMatchRow, threadId: string): Promise<void> {
  await removeCandidates(tx, [threadId], tx.sql`m.id = ${id}`)
  tx.publish({ type: 'inbox.updated', inboxId })
}

export async function dropMatch(tx: Tx, { id, inboxId }: SwapMatchRow): Promise<void> {
  await tx.orm.delete(swapMatches).where(and(eq(swapMatches.accountId, tx.accountId), eq(swapMatches.id, id)))
  tx.publish({ type: 'inbox.updated', inboxId })
}

/** Somebody has said who it is: a worker merges the two as soon as only one of them sends. */
export async function chooseCandidate(tx: Tx, match: SwapMatchRow, threadId: string): Promise<void> {
  const candidates = match.candidates.filter((one) => one.threadId === threadId)
  await tx.orm
    .update(swapMatches)
    .set({ candidates, state: 'certain' })
    .where(and(eq(swapMatches.accountId, tx.accountId), eq(swapMatches.id, match.id)))
  tx.enqueue(mergeMatched, { accountId: tx.accountId, threadId: match.threadId })
}

/** Two threads are one now: they are no candidates any more, and what has no other candidate is settled. */
export async function settleMatches(tx: Tx, inboxId: string, threadIds: readonly string[]): Promise<void> {
  const { accountId } = tx
  const ids = [...threadIds]
  await holdMatches(tx, inboxId, ids)
  await tx.sql`delete from swap_matches where account_id = ${accountId} and thread_id = any(${ids}::uuid[])`
  await removeCandidates(tx, ids, tx.sql`m.inbox_id = ${inboxId}`)
  tx.publish({ type: 'inbox.updated', inboxId })
}

/** A thread has got a name of the other provider: who its customer is there is known, and nobody else is it any more. */
export async function settleNamed(tx: Tx, inboxId: string, threadId: string): Promise<void> {
  await holdMatches(tx, inboxId, [threadId])
  const { count: own } = await tx.sql`
    delete from swap_matches where account_id = ${tx.accountId} and thread_id = ${threadId} and state = 'open'`
  const others = await removeCandidates(tx, [threadId], tx.sql`m.inbox_id = ${inboxId}`)
  if (own + others) tx.publish({ type: 'inbox.updated', inboxId })
}

/**
 * Takes threads off what is to be decided of `m`; what has no other candidate is settled. Answers how much changed. Held in
 * order before it is looked at, since another one may be leaving the same lists.
 */
async function removeCandidates({ sql, accountId }: Tx, ids: string[], of: Fragment): Promise<number> {
  const rows = await sql<{ id: string }[]>`
    select m.id from swap_matches m where m.account_id = ${accountId} and m.state = 'open' and ${of}
      and exists (select 1 from jsonb_array_elements(m.candidates) c where c->>'threadId' = any(${ids}::text[]))
    order by m.id for update`
  if (!rows.length) return 0
  const held = rows.map(({ id }) => id)
  await sql`
    update swap_matches m set candidates = (select coalesce(jsonb_agg(c order by place), '[]')
      from jsonb_array_elements(m.candidates) with ordinality e(c, place) where c->>'threadId' <> all(${ids}::text[]))
    where m.account_id = ${accountId} and m.id = any(${held}::uuid[])`
  await sql`
    delete from swap_matches where account_id = ${accountId} and id = any(${held}::uuid[]) and candidates = '[]'`
  return rows.length
}

/** Crosses tenants: threads that are to be merged, and that nobody has come to yet. */
export async function unsafeListCertain(
  { sql }: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; threadId: string }[]> {
  return sql<{ accountId: string; threadId: string }[]>`
    select account_id as "accountId", thread_id as "threadId" from swap_matches
    where state = 'certain' and created_at < ${new Date(now.getTime() - 3_000)} order by created_at limit ${limit}`
}

/** Crosses tenants: what is to be decided while both providers tell of what is written, which may decide it. */
export async function unsafeListUndecided(
  { sql }: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; threadId: string }[]> {
  return sql<{ accountId: string; threadId: string }[]>`
    select m.account_id as "accountId", m.thread_id as "threadId" from inbox_swaps s
    join swap_matches m on m.account_id = s.account_id and m.swap_id = s.id and m.state = 'open'
    where s.state = 'open' and s.swapped_at > ${new Date(now.getTime() - LISTEN_MS - UNDERWAY_MS * 2)}
    order by m.created_at limit ${limit}`
}
