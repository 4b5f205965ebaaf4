import type { Channels } from '../../channels/registry.ts'
import type { Tx } from '../../db/scope.ts'
import { QUEUE_DEADLINE_MS } from './delivery-results.ts'
import { lockForSending, wasNeverTried, type Next } from './outbox.ts'
import { forgetUpload } from './ready-image.ts'
import { readSendingState } from './sending-state.ts'
import { pausedUntil } from './slowdown.ts'

/**
 * Has the oldest message of a thread go out by the inbox's own provider: the one that was left, where it was to be
 * finished, is slowed down, and what was written since must not wait for hours behind it (I6). Only what was never handed
 * to that one, so that it is not sent twice (I5), and only where it can go out now. Answers whether it does.
 */
export async function goOver(
  channels: Channels,
  tx: Tx,
  threadId: string,
  { messageId, contentType }: Next,
): Promise<boolean> {
  const now = tx.clock.now()
  const thread = await lockForSending(tx, threadId)
  if (!thread) return false
  const { inbox, window, suspended } = await readSendingState(tx, channels, thread, now, 0)
  const { sends, images } = channels.get(inbox.channelType).manifest
  const sendable = sends.some((kind) => kind === contentType)
  // Whom a picture is handed over to may allow none on this thread: it would fail, and here it only waits.
  if (
    !sendable ||
    (contentType === 'image' && images?.by !== 'address') ||
    suspended ||
    window.reason ||
    pausedUntil(inbox, now)
  )
    return false
  const { count } = await tx.sql`
    update messages m set channel_type = ${inbox.channelType}, attempts = 0, refused_version = null,
      next_attempt_at = null, queued_at = ${now}, deadline_at = ${new Date(now.getTime() + QUEUE_DEADLINE_MS)}
    where m.account_id = ${tx.accountId} and m.id = ${messageId} and m.status = 'queued'
      and m.channel_type <> ${inbox.channelType} and ${wasNeverTried(tx)}`
  // The other provider does not have its picture.
  if (count) await forgetUpload(tx, messageId)
  return count > 0
}
