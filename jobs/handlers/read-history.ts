import type { Deps } from '../../server/deps.ts'
import { readHistoryOn } from '../../server/modules/history/read-history.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleReadHistory(
  deps: Deps,
  payload: { accountId: string; inboxId: string },
): Promise<HandlerResult> {
  return readHistoryOn(deps, deps.scopes.system(payload.accountId), payload.inboxId)
}
