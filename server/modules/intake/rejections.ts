import type { Channel } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { unsafeFindInboxRoute } from '../inboxes/inboxes.queries.ts'
import { findBusinessOf } from './business.ts'
import { unsafeListConnected } from './registration.queries.ts'

/** What a delivery tells of happened a little before it was signed. */
const MARGIN_MS = 60_000

/**
 * A delivery whose signature is right and too old was refused, and may not come again: marks since when the inbox may
 * lack something, which history repairs (I1). Not awaited, never throws.
 */
export function noteRejectedDelivery(
  deps: Deps,
  channel: Channel,
  delivery: { body: Buffer; addressed: string | undefined },
  signedAt: Date,
): void {
  markGap(deps, channel, delivery, signedAt).catch((error: unknown) => {
    deps.log.warn({ err: error }, 'the gap of an inbox could not be noted')
  })
}

async function markGap(
  deps: Deps,
  channel: Channel,
  { body, addressed }: { body: Buffer; addressed: string | undefined },
  signedAt: Date,
): Promise<void> {
  const accountRef = addressed ?? (await findBusinessOf(deps.system, channel, body))
  const { id } = channel.manifest
  const since = new Date(signedAt.getTime() - MARGIN_MS)
  const route = accountRef && (await unsafeFindInboxRoute(deps.system, id, accountRef))
  // Where a delivery does not say whose it is, it may be anybody's.
  const unnamed = !accountRef && channel.webhook?.route(body).threadRef !== undefined
  const lacking = route ? [route] : unnamed ? await unsafeListConnected(deps.system, id) : []
  for (const { accountId, inboxId } of lacking)
    await deps.scopes.system(accountId).tx((tx) => widenGap(tx, inboxId, since))
}

/** The inbox may lack something since then, if it was not said to lack more already. */
export async function widenGap(tx: Tx, inboxId: string, since: Date): Promise<void> {
  await tx.sql`
    update inboxes set gap_since = least(gap_since, ${since})
    where account_id = ${tx.accountId} and id = ${inboxId} and (gap_since is null or gap_since > ${since})`
}

/** The inbox lacks what was refused at its own address from then on, for want of a key. */
export const widenGapToRefusal = (tx: Tx, inboxId: string, refusedSince: Date): Promise<void> =>
  widenGap(tx, inboxId, new Date(refusedSince.getTime() - MARGIN_MS))

/** The inbox may lack something since it heard of its business last, or has come to this provider. */
export async function widenGapToLastEvent(tx: Tx, inboxId: string): Promise<void> {
  const heardAt = tx.sql`coalesce(last_event_at, greatest(connected_at, (
    select max(s.swapped_at) from inbox_swaps s where s.account_id = inboxes.account_id and s.inbox_id = inboxes.id)))`
  await tx.sql`
    update inboxes set gap_since = least(gap_since, ${heardAt})
    where account_id = ${tx.accountId} and id = ${inboxId} and (gap_since is null or gap_since > ${heardAt})`
}
