import type { Deps } from '../../server/deps.ts'
import { showRead } from '../../server/modules/messages/signals.ts'
import type { HandlerResult } from '../worker.ts'

export const handleSignalRead = (
  deps: Deps,
  payload: { accountId: string; threadId: string },
): Promise<HandlerResult> => showRead(deps, deps.scopes.system(payload.accountId), payload.threadId)
