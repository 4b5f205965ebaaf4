import type { Deps } from '../../server/deps.ts'
import { drainQueuedMessages } from '../../server/modules/messages/delivery.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleDrainThread(
  deps: Deps,
  payload: { accountId: string; threadId: string },
  isClosing: () => boolean,
): Promise<HandlerResult> {
  return drainQueuedMessages(deps, deps.scopes.system(payload.accountId), payload.threadId, isClosing)
}
