import type { Deps } from '../../server/deps.ts'
import { fetchMedium } from '../../server/modules/attachments/fetch-media.ts'
import { findWaitingMedium } from '../../server/modules/attachments/medium-place.ts'
import { readUnderRate } from '../../server/modules/messages/provider-reads.ts'
import type { HandlerResult } from '../worker.ts'

/** What has an address of its own is fetched without a call of the provider's, and without its rate. */
export async function handleFetchMedia(
  deps: Deps,
  payload: { accountId: string; attachmentId: string },
): Promise<HandlerResult> {
  const { accountId, attachmentId } = payload
  const scope = deps.scopes.system(accountId)
  const place = await findWaitingMedium(deps, scope, attachmentId)
  if (!place) return undefined
  const work = () => fetchMedium(deps, scope, place)
  if (place.url ?? place.unreadable) return work().then(() => undefined)
  const taker = { accountId, waiter: `fetch-media-${attachmentId}` }
  return readUnderRate(deps, place.inbox, taker, work)
}
