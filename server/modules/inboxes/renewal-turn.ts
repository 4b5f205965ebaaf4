import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { findInbox } from './inboxes.queries.ts'
import { renewInboxCredentials } from './renewal.ts'

/**
 * Renews ahead of time, under the channel's rate and after the sends (I9): many inboxes that fall due together, for
 * instance after a night without workers, are no burst. Answers in how many ms to come again while there is no token.
 */
export async function renewInTurn(deps: Deps, scope: Scope, inboxId: string): Promise<number | undefined> {
  const inbox = await scope.read((tx) => findInbox(tx, inboxId))
  if (!inbox?.renewAfter || inbox.renewAfter > deps.clock.now()) return undefined
  const { rate } = deps.channels.get(inbox.channelType).manifest
  const taker = { accountId: scope.accountId, waiter: `renew:${inboxId}` }
  const wait = await deps.buckets.takeSpare(rate, taker)
  if (wait > 0) return wait
  await renewInboxCredentials(deps, scope, inboxId)
  return undefined
}
