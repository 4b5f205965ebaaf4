import type { Deps } from '../../server/deps.ts'
import { readUnderRate } from '../../server/modules/messages/provider-reads.ts'
import { findReadableInbox, settleOpenMessages } from '../../server/modules/messages/settle.ts'
import type { HandlerResult } from '../worker.ts'

/** One look; the sweeper looks again while a message is unconfirmed, and its deadline ends the wait. */
export async function handleSettleThread(
  deps: Deps,
  payload: { accountId: string; threadId: string },
): Promise<HandlerResult> {
  const scope = deps.scopes.system(payload.accountId)
  const inbox = await findReadableInbox(deps, scope, payload.threadId)
  const taker = { accountId: payload.accountId, waiter: `settle-thread-${payload.threadId}` }
  return readUnderRate(deps, inbox, taker, () => settleOpenMessages(deps, scope, payload.threadId))
}
