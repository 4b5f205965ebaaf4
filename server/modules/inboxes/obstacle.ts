import type { Channels } from '../../channels/registry.ts'
import type { ReadTx } from '../../db/scope.ts'
import { AppError } from '../../kit/errors.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import type { InboxRow } from './inboxes.queries.ts'

/** Why the provider may not be asked in an inbox's name now. */
export type Obstacle = 'ACCOUNT_SUSPENDED' | 'CHANNEL_DISABLED' | 'CHANNEL_REAUTH'

/**
 * A suspension and a flag that is off bind reading as they bind sending (I12). Renewals alone go on meanwhile: they keep
 * the connection alive for the day it is used again.
 */
export async function findObstacle(
  tx: ReadTx,
  channels: Channels,
  inbox: Pick<InboxRow, 'channelType' | 'credentials' | 'reauthorizationRequired'>,
): Promise<Obstacle | undefined> {
  const [account] = await tx.sql<{ status: string }[]>`select status from accounts where id = ${tx.accountId}`
  if (account?.status === 'suspended') return 'ACCOUNT_SUSPENDED'
  if (!(await isEnabled(tx, channels.get(inbox.channelType).manifest.featureFlag))) return 'CHANNEL_DISABLED'
  return inbox.credentials && !inbox.reauthorizationRequired ? undefined : 'CHANNEL_REAUTH'
}

/** To whoever asked for it: FORBIDDEN, FEATURE_DISABLED or CHANNEL_REAUTH, with the obstacle as details.reason. */
export function obstacleError(reason: Obstacle): AppError {
  if (reason === 'ACCOUNT_SUSPENDED') return new AppError('FORBIDDEN', 'The account is suspended', { reason })
  if (reason === 'CHANNEL_DISABLED') return new AppError('FEATURE_DISABLED', 'This inbox is switched off', { reason })
  return new AppError('CHANNEL_REAUTH', 'The inbox needs to be connected again', { reason })
}
