import type { Connection } from '../../channels/contract.ts'
import { ChannelError } from '../../channels/contract.ts'
import { and, eq } from 'drizzle-orm'
import { inboxes } from '../../db/schema/index.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { openCredentials, sealCredentials, sealSwapCredentials } from './credentials.ts'
import { lockInbox, type InboxRow } from './inboxes.queries.ts'
import {
  keptConnection,
  leftSide,
  lockOpenSwap,
  lockSwap,
  updateSwap,
  type Side,
  type SwapRow,
} from './swap.queries.ts'

/** How long one renewal may hold what was left before another process may try. */
const LEASE_MS = 60_000

/** As of `renewInboxCredentials`, and for the same reasons. */
type Outcome = 'fresh' | 'busy' | 'later' | 'ended'

/** Nobody may act with what was left any more; should it be taken back, the inbox has to be connected again. */
export async function noteLeftEnded(tx: Tx, swapId: string, reason: string): Promise<void> {
  const swap = await lockSwap(tx, swapId)
  if (swap?.state !== 'open') return
  const ended = { reauthorizationRequired: true, reauthorizationReason: reason }
  await updateSwap(tx, swapId, { fromConnection: { ...swap.fromConnection, ...ended } })
}

/** Renews the credentials of the side that an inbox has left, once the provider has refused them: it still finishes there. */
export async function renewLeft(deps: Deps, scope: Scope, side: Side): Promise<Outcome> {
  const channel = deps.channels.get(side.channelType)
  const { swapId = '' } = side
  const leased = await scope.tx((tx) => lease(tx, side))
  if (typeof leased === 'string') return leased
  if (!channel.renew) {
    await scope.tx((tx) => noteLeftEnded(tx, swapId, 'TOKEN_ENDED'))
    return 'ended'
  }
  try {
    const connection = await channel.renew(openCredentials(deps, leased))
    await scope.tx((tx) => storeRenewed(deps, tx, leased, connection))
    return 'fresh'
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'reauth') {
      deps.log.warn({ err: error, inboxId: side.id }, 'what a swap left could not be renewed yet')
      return 'later'
    }
    await scope.tx((tx) => noteLeftEnded(tx, swapId, 'REFRESH_REFUSED'))
    return 'ended'
  }
}

async function lease(tx: Tx, side: Side): Promise<Side | Outcome> {
  const swap = await lockSwap(tx, side.swapId ?? '')
  if (swap?.state !== 'open') return 'ended'
  const kept = keptConnection(swap)
  if (kept.reauthorizationRequired) return 'ended'
  if (kept.credentialsVersion > side.credentialsVersion) return 'fresh'
  const until = swap.nextAttemptAt
  if (until && until > tx.clock.now()) return 'busy'
  await updateSwap(tx, swap.id, { nextAttemptAt: new Date(tx.clock.now().getTime() + LEASE_MS) })
  return { ...side, ...kept, credentials: swap.fromCredentials }
}

/**
 * The provider has forgotten the old tokens of `before` by now, so the new ones are written wherever that connection is: a
 * swap may have begun, or been taken back, meanwhile. Answers whether it was found.
 */
export async function storeRenewed(
  deps: Deps,
  tx: Tx,
  before: Pick<InboxRow, 'id' | 'channelType' | 'externalId'>,
  connection: Connection,
): Promise<boolean> {
  const inbox = await lockInbox(tx, before.id)
  const renewed = {
    accessExpiresAt: connection.accessExpiresAt ?? null,
    grantedScopes: [...connection.grantedScopes],
    appId: connection.appId ?? null,
  }
  if (isOf(inbox, before)) {
    const credentials = sealCredentials(deps, tx.accountId, inbox.id, connection.credentials)
    await tx.orm
      .update(inboxes)
      .set({ ...renewed, credentials, credentialsVersion: inbox.credentialsVersion + 1, renewAfter: tx.clock.now() })
      .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inbox.id)))
    return true
  }
  const swap = await lockOpenSwap(tx, inbox.id)
  if (!swap || !isOf(leftSide(inbox, swap), before)) return false
  await storeInSwap(deps, tx, inbox, swap, connection)
  return true
}

const isOf = (inbox: Side, { channelType, externalId }: Pick<InboxRow, 'channelType' | 'externalId'>): boolean =>
  inbox.channelType === channelType && inbox.externalId === externalId && inbox.credentials !== null

async function storeInSwap(deps: Deps, tx: Tx, inbox: InboxRow, swap: SwapRow, connection: Connection): Promise<void> {
  const side = leftSide(inbox, swap)
  const { accessExpiresAt = null, consentExpiresAt = side.consentExpiresAt, grantedScopes, appId = null } = connection
  const renewed = { accessExpiresAt, consentExpiresAt, grantedScopes: [...grantedScopes], appId }
  const credentialsVersion = side.credentialsVersion + 1
  const fromConnection = { ...swap.fromConnection, ...renewed, credentialsVersion }
  const fromCredentials = sealSwapCredentials(deps, tx.accountId, swap.id, connection.credentials)
  await updateSwap(tx, swap.id, { fromConnection, fromCredentials, nextAttemptAt: null })
}
