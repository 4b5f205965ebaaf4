import { and, eq } from 'drizzle-orm'
import { swapMatches, type SwapCandidate } from '../../db/schema/index.ts'
import type { Tx } from '../../db/scope.ts'
import type { System } from '../../deps.ts'
import { newId } from '../../kit/ids.ts'
import { mergeMatched } from './messages.jobs.ts'

export type SwapMatchRow = typeof swapMatches.$inferSelect

interface MatchPlace {
  inboxId: string
  swapId: string
  threadId: string
}

/** Somebody has to decide who a thread's customer is at the other provider. What is decided already stays so. */
export async function askWho(tx: Tx, place: MatchPlace, candidates: SwapCandidate[]): Promise<void> {
  const written = await tx.orm
    .insert(swapMatches)
    .values({ accountId: tx.accountId, id: newId(), ...place, candidates })
    .onConflictDoNothing()
    .returning({ id: swapMatches.id })
  if (written.length) tx.publish({ type: 'inbox.updated', inboxId: place.inboxId })
}

/**
 * Two threads turn out to be one: written down, since each may be in somebody's hands, and done by a worker that takes both.
 * A message that both have is proof, whatever somebody has said before.
 */
export async function noteCertain(tx: Tx, place: MatchPlace, other: string): Promise<void> {
  const candidates = [{ threadId: other, confidence: 1, reasons: ['SAME_MESSAGE'] }]
  await tx.orm
    .insert(swapMatches)
    .values({ accountId: tx.accountId, id: newId(), ...place, candidates, state: 'certain' })
    .onConflictDoUpdate({
      target: [swapMatches.accountId, swapMatches.threadId],
      set: { candidates, state: 'certain' },
    })
  tx.enqueue(mergeMatched, { accountId: tx.accountId, threadId: place.threadId })
}

export async function findMatch(tx: Tx, threadId: string): Promise<SwapMatchRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(swapMatches)
    .where(and(eq(swapMatches.accountId, tx.accountId), eq(swapMatches.threadId, threadId)))
  return row
}

/** One that waits for somebody's word, locked. */
export async function lockOpenMatch(tx: Tx, id: string): Promise<SwapMatchRow | undefined> {
  const { accountId, state } = swapMatches
  const [row] = await tx.orm
    .select()
    .from(swapMatches)
    .where(and(eq(accountId, tx.accountId), eq(swapMatches.id, id), eq(state, 'open')))
    .for('update')
  return row
}

export async function keepApart(tx: Tx, id: string): Promise<void> {
  const decidedBy = tx.actor.kind === 'member' ? tx.actor.userId : null
  await tx.orm
    .update(swapMatches)
    .set({ state: 'apart', decidedBy, decidedAt: tx.clock.now() })
    .where(and(eq(swapMatches.accountId, tx.accountId), eq(swapMatches.id, id)))
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
  const { sql, accountId } = tx
  const ids = [...threadIds]
  await sql`delete from swap_matches where account_id = ${accountId} and thread_id = any(${ids}::uuid[])`
  await sql`
    with left_over as (
      select m.id, coalesce(jsonb_agg(c) filter (where c->>'threadId' <> all(${ids}::text[])), '[]') as candidates
      from swap_matches m cross join lateral jsonb_array_elements(m.candidates) c
      where m.account_id = ${accountId} and m.inbox_id = ${inboxId} and m.state = 'open'
      group by m.id having bool_or(c->>'threadId' = any(${ids}::text[]))
    ), settled as (
      delete from swap_matches m using left_over l
      where m.account_id = ${accountId} and m.id = l.id and l.candidates = '[]')
    update swap_matches m set candidates = l.candidates from left_over l
    where m.account_id = ${accountId} and m.id = l.id and l.candidates <> '[]'`
  tx.publish({ type: 'inbox.updated', inboxId })
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
