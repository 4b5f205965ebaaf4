import type { Channels } from '../../channels/registry.ts'
import type { ReadTx } from '../../db/scope.ts'
import {
  blockOf,
  findWindowUsage,
  replyWindow,
  type ReplyWindow,
  type WindowUsage,
} from '../conversations/reply-window.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { findSide, type Side } from '../inboxes/swap.queries.ts'

/** Whether a thread can be written to now, and if not, why. */
export interface SendingState {
  inbox: Side
  window: ReplyWindow
  suspended: boolean
}

/**
 * Reads what decides whether a message may go out. `ahead`: the slots taken before it by what is not sent yet; all that is
 * queued for a new message, its own former attempts for one that is claimed in its turn.
 * Under the thread's lock the answer holds until commit (I8).
 */
export async function readSendingState(
  tx: ReadTx,
  channels: Channels,
  thread: { id: string; inboxId: string; lastInboundAt: Date | null },
  now: Date,
  ahead: 'all-queued' | number,
): Promise<SendingState> {
  const state = await readSideState(tx, channels, { ...thread, channelType: null }, now, ahead)
  if (!state) throw new Error('a thread without its inbox')
  return state
}

const UNUSED: WindowUsage = { sentAt: [], queued: 0, again: false, namedAt: [] }

interface SideOfThread {
  id: string
  inboxId: string
  lastInboundAt: Date | null
  channelType: string | null
}

/**
 * The same of the side of the inbox that a message goes out by: its own (null), or the one that it has left; undefined when
 * that is over.
 */
export async function readSideState(
  tx: ReadTx,
  channels: Channels,
  thread: SideOfThread,
  now: Date,
  ahead: 'all-queued' | number,
): Promise<SendingState | undefined> {
  const [inbox, usage, [account]] = await Promise.all([
    findSide(tx, thread.inboxId, thread.channelType),
    findWindowUsage(tx, [thread.id]),
    tx.sql<{ status: string }[]>`select status from accounts where id = ${tx.accountId}`,
  ])
  if (!inbox) return undefined
  const { manifest } = channels.get(inbox.channelType)
  const enabled = await isEnabled(tx, manifest.featureFlag)
  const { sentAt, queued, again, namedAt } = usage.get(thread.id) ?? UNUSED
  const blocked = blockOf(inbox, enabled)
  const facts = {
    lastInboundAt: thread.lastInboundAt,
    sentAt,
    again,
    named: namedAt.includes(inbox.channelType),
    queued: ahead === 'all-queued' ? queued : ahead,
    ...(blocked ? { blocked } : {}),
  }
  return { inbox, window: replyWindow(manifest.window, facts, now), suspended: account?.status === 'suspended' }
}
