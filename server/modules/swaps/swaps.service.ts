import type { Scope } from '../../db/scope.ts'
import { notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { CURSOR_ID, decodeCursor, encodeCursor, pageSize } from '../../kit/pagination.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { requireInboxAdministrator } from '../inboxes/inboxes.policy.ts'
import { getInboxRow, type InboxRow, type InboxView } from '../inboxes/inboxes.queries.ts'
import type { SwapRow } from '../inboxes/swap.queries.ts'
import { mergeThreads } from '../messages/merge-threads.ts'
import { chooseCandidate, dropCandidate, keepApart, lockOpenMatch } from '../messages/swap-matches.ts'
import { countOpen, findLastSwap, findSwapThreads, listOpenMatches, type SwapThreadView } from './swaps.queries.ts'

/** A swap as the API shows it: nothing sealed. */
export interface SwapView extends Omit<SwapRow, 'fromCredentials' | 'fromWebhookKeys' | 'fromWebhookToken'> {
  toHandle: string | null
  canTakeBack: boolean
  draining: number
  openDecisions: number
}

/** The last swap of an inbox while anything can be done about it; null for whoever is no administrator. */
export async function getSwap(scope: Scope, inbox: InboxView): Promise<SwapView | null> {
  const { actor } = scope
  if (actor.kind !== 'member' || actor.role !== 'administrator') return null
  return scope.read(async (tx) => {
    const swap = await findLastSwap(tx, inbox.id)
    if (!swap) return null
    const open = await countOpen(tx, swap)
    if (swap.state !== 'open' && !open.openDecisions) return null
    const { fromCredentials: _credentials, fromWebhookKeys: _keys, fromWebhookToken: _token, ...row } = swap
    const canTakeBack = swap.state === 'open' && swap.endsAt > scope.clock.now()
    return { ...row, ...open, canTakeBack, toHandle: swap.state === 'open' ? inbox.handle : null }
  })
}

const MOST_MATCHES = 50

export interface SwapMatchView {
  id: string
  side: SwapThreadView
  candidates: { thread: SwapThreadView; confidence: number; reasons: string[] }[]
}

/** A page of what is to be decided. INVALID for a page size or a cursor. */
export async function listSwapMatches(
  scope: Scope,
  { inboxId }: SwapView,
  page: { first?: number | null; after?: string | null },
): Promise<{ nodes: SwapMatchView[]; hasNextPage: boolean }> {
  const size = Math.min(pageSize(page.first, 20), MOST_MATCHES)
  const after = page.after == null ? undefined : decodeCursor(page.after, [CURSOR_ID])[0]
  return scope.read(async (tx) => {
    const rows = await listOpenMatches(tx, inboxId, { after, limit: size + 1 })
    const ids = rows.flatMap(({ threadId, candidates }) => [threadId, ...candidates.map((one) => one.threadId)])
    const threads = await findSwapThreads(tx, [...new Set(ids)])
    const nodes = rows.slice(0, size).flatMap(({ id, threadId, candidates }) => {
      const side = threads.get(threadId)
      const found = candidates.flatMap(({ threadId: candidate, confidence, reasons }) => {
        const thread = threads.get(candidate)
        return thread ? [{ thread, confidence, reasons }] : []
      })
      return side ? [{ id, side, candidates: found }] : []
    })
    return { nodes, hasNextPage: rows.length > size }
  })
}

export const matchCursor = ({ id }: SwapMatchView): string => encodeCursor([id])

/**
 * Decides who a customer of one provider is at the other: merges the two threads, for good, or leaves them apart. Errors:
 * FORBIDDEN; NOT_FOUND once it is decided, or when the thread is no candidate.
 */
export async function decideSwapMatch(
  scope: Scope,
  input: { matchId: string; threadId?: string | null | undefined },
): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const matchId = parseId(input.matchId, 'Match')
  const chosen = input.threadId == null ? undefined : parseId(input.threadId, 'Thread')
  const decided = await scope.tx(async (tx) => {
    const match = await lockOpenMatch(tx, matchId, chosen)
    if (!match) throw notFound('Match')
    const { inboxId, threadId } = match
    if (chosen && !match.candidates.some((one) => one.threadId === chosen)) throw notFound('Thread')
    if (chosen) {
      const merged = await mergeThreads(tx, inboxId, [threadId, chosen], { proven: false })
      if (merged === 'others') return dropCandidate(tx, match, chosen)
      if (merged === 'busy') await chooseCandidate(tx, match, chosen)
    } else await keepApart(tx, match)
    await recordAudit(tx, 'inbox.swapMatchDecided', { inboxId, threadId, with: chosen ?? null })
    tx.publish({ type: 'inbox.updated', inboxId })
    return getInboxRow(tx, inboxId)
  })
  // After the commit: it is no candidate any more.
  if (!decided) throw notFound('Thread')
  return decided
}
