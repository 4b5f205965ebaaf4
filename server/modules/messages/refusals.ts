import type { Channels } from '../../channels/registry.ts'
import type { Tx } from '../../db/scope.ts'
import type { ReplyWindow } from '../conversations/reply-window.ts'
import type { Claimed } from './delivery.ts'
import { recordFailure, requeue } from './delivery-results.ts'
import { readSideState } from './sending-state.ts'
import { pauseSending, postponeQueued } from './slowdown.ts'

/** Why a message fails at a closed window, as its failure says it. */
export function refusalOf(reason: ReplyWindow['reason']): string | undefined {
  if (reason === 'NO_INBOUND' || reason === 'EXPIRED') return 'WINDOW_CLOSED'
  return reason ?? undefined
}

/**
 * The provider said no. Where it says so of its rules of messaging, in one code for many situations (TikTok wire
 * reference §11), our own window tells which: over, used up, or else blocked. "Too fast" is about the connection: everything
 * waits that goes out by it, this message too, unless its window will be closed by then.
 */
export async function recordRefusal(channels: Channels, tx: Tx, claimed: Claimed, code: string): Promise<void> {
  if (code === 'SENDING_TOO_FAST') return slowDown(channels, tx, claimed)
  const known = code === 'BLOCKED_BY_PROVIDER' ? await windowAt(channels, tx, claimed, tx.clock.now()) : undefined
  const closed = known?.reason === 'EXPIRED' || known?.reason === 'QUOTA_USED' ? refusalOf(known.reason) : undefined
  await recordFailure(tx, placeOf(claimed), closed ?? code)
}

async function slowDown(channels: Channels, tx: Tx, claimed: Claimed): Promise<void> {
  const { inbox } = claimed
  const until = await pauseSending(tx, inbox)
  const { reason } = await windowAt(channels, tx, claimed, until)
  const code = 'SENDING_TOO_FAST'
  if (reason) await recordFailure(tx, placeOf(claimed), code)
  else {
    const ms = until.getTime() - tx.clock.now().getTime()
    await requeue(tx, { ...claimed, queuedAt: until }, { ms, attemptSpent: false, code })
  }
  await postponeQueued(tx, inbox, until)
}

/** The window of a message's thread at a time, its own slot given back. */
async function windowAt(channels: Channels, tx: Tx, { messageId, inbox }: Claimed, at: Date): Promise<ReplyWindow> {
  const [thread] = await tx.sql<{ id: string; inboxId: string; lastInboundAt: Date | null }[]>`
    select t.id, t.inbox_id as "inboxId", t.last_inbound_at as "lastInboundAt" from threads t
    join messages m on m.account_id = t.account_id and m.thread_id = t.id
    where m.account_id = ${tx.accountId} and m.id = ${messageId}`
  if (!thread) throw new Error('a message without its thread')
  const state = await readSideState(tx, channels, { ...thread, channelType: inbox.channelType }, at, -1)
  if (!state) throw new Error('a provider that was left has gone meanwhile')
  return state.window
}

export const placeOf = ({ messageId, conversationId, inbox, claimedAt }: Claimed) => ({
  messageId,
  conversationId,
  inboxId: inbox.id,
  claimedAt,
})
