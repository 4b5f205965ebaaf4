import type { Channel } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { AppError } from '../../kit/errors.ts'
import { requireFeature } from '../accounts/feature-flags.ts'
import { requireRoom } from './inbox-limit.ts'
import { getInboxRow, type InboxRow } from './inboxes.queries.ts'
import { requireSwappable } from './swap.ts'

/** Throws CHANNEL_UNAVAILABLE with details.reason NOT_CONFIGURED. */
export function requireConfigured({ manifest }: Channel): void {
  if (manifest.configured) return
  const reason = 'NOT_CONFIGURED'
  throw new AppError('CHANNEL_UNAVAILABLE', `${manifest.label} is not set up on this installation`, { reason })
}

/**
 * That the account may connect something of a channel, or this inbox of it again, or this inbox of another channel instead
 * of that one (a swap), before anybody is troubled with it. Answers that inbox. Errors: FEATURE_DISABLED, NOT_FOUND,
 * CONFLICT with details.reason INBOX_LIMIT, and those of `requireSwappable`.
 */
export async function requireConnectable(tx: Tx, channel: Channel, inboxId?: string): Promise<InboxRow | undefined> {
  const { featureFlag, id } = channel.manifest
  await requireFeature(tx, featureFlag)
  const again = inboxId ? await getInboxRow(tx, inboxId) : undefined
  if (again && again.channelType !== id) await requireSwappable(tx, again)
  else if (!again || again.disconnectedAt) await requireRoom(tx)
  return again
}
