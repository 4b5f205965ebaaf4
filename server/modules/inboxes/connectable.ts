import type { Channel } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { requireFeature } from '../accounts/feature-flags.ts'
import { requireRoom } from './inbox-limit.ts'
import { getInboxRow, type InboxRow } from './inboxes.queries.ts'

/** Throws CHANNEL_UNAVAILABLE with details.reason NOT_CONFIGURED. */
export function requireConfigured({ manifest }: Channel): void {
  if (manifest.configured) return
  const reason = 'NOT_CONFIGURED'
  throw new AppError('CHANNEL_UNAVAILABLE', `${manifest.label} is not set up on this installation`, { reason })
}

/**
 * That the account may connect something of a channel, or this inbox of it again, before anybody is troubled with it.
 * Answers that inbox. Errors: FEATURE_DISABLED, NOT_FOUND, CONFLICT with details.reason INBOX_LIMIT.
 */
export async function requireConnectable(tx: Tx, channel: Channel, inboxId?: string): Promise<InboxRow | undefined> {
  const { featureFlag, id } = channel.manifest
  await requireFeature(tx, featureFlag)
  const again = inboxId ? await getInboxRow(tx, inboxId) : undefined
  if (again && again.channelType !== id) throw notFound('Inbox')
  if (!again || again.disconnectedAt) await requireRoom(tx)
  return again
}
