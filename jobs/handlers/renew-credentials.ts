import type { Deps } from '../../server/deps.ts'
import { renewInTurn } from '../../server/modules/inboxes/renewal-turn.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleRenewCredentials(
  deps: Deps,
  payload: { accountId: string; inboxId: string },
): Promise<HandlerResult> {
  return renewInTurn(deps, deps.scopes.system(payload.accountId), payload.inboxId)
}
