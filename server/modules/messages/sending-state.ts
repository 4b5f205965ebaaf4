import type { Channels } from '../../channels/registry.ts'
import type { ReadTx } from '../../db/scope.ts'
import { blockOf, findWindowUsage, replyWindow, type ReplyWindow } from '../conversations/reply-window.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { findInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'

/** Whether a thread can be written to now, and if not, why. */
export interface SendingState {
  inbox: InboxRow
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
  const [inbox, usage, [account]] = await Promise.all([
    findInbox(tx, thread.inboxId),
    findWindowUsage(tx, [thread.id]),
    tx.sql<{ status: string }[]>`select status from accounts where id = ${tx.accountId}`,
  ])
  if (!inbox) throw new Error('a thread without its inbox')
  const { manifest } = channels.get(inbox.channelType)
  const enabled = await isEnabled(tx, manifest.featureFlag)
  const { sentAt, queued, again } = usage.get(thread.id) ?? { sentAt: [], queued: 0, again: false }
  const blocked = blockOf(inbox, enabled)
  const facts = {
    lastInboundAt: thread.lastInboundAt,
    sentAt,
    again,
    queued: ahead === 'all-queued' ? queued : ahead,
    ...(blocked ? { blocked } : {}),
  }
  return { inbox, window: replyWindow(manifest.window, facts, now), suspended: account?.status === 'suspended' }
}
