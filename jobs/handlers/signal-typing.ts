import type { Deps } from '../../server/deps.ts'
import { showTyping } from '../../server/modules/messages/signals.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleSignalTyping(
  deps: Deps,
  payload: { accountId: string; threadId: string },
): Promise<HandlerResult> {
  await showTyping(deps, deps.scopes.system(payload.accountId), payload.threadId)
  return undefined
}
