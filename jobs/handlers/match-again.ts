import type { Deps } from '../../server/deps.ts'
import { matchOnceMore } from '../../server/modules/messages/find-thread.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleMatchAgain(
  deps: Deps,
  payload: { accountId: string; threadId: string },
): Promise<HandlerResult> {
  await matchOnceMore(deps.scopes.system(payload.accountId), payload.threadId)
  return undefined
}
