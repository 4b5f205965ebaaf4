import type { Deps } from '../../server/deps.ts'
import { readUnderRate } from '../../server/modules/messages/provider-reads.ts'
import { findReadableInbox, syncThreadContact } from '../../server/modules/messages/settle.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleSyncContact(
  deps: Deps,
  payload: { accountId: string; threadId: string },
): Promise<HandlerResult> {
  const scope = deps.scopes.system(payload.accountId)
  const inbox = await findReadableInbox(deps, scope, payload.threadId)
  const taker = { accountId: payload.accountId, waiter: `sync-contact-${payload.threadId}` }
  return readUnderRate(deps, inbox, taker, () => syncThreadContact(deps, scope, payload.threadId))
}
