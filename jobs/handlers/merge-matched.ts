import type { Deps } from '../../server/deps.ts'
import { mergeMatched } from '../../server/modules/messages/merge-threads.ts'
import type { HandlerResult } from '../worker.ts'

export const handleMergeMatched = (
  deps: Deps,
  payload: { accountId: string; threadId: string },
): Promise<HandlerResult> => mergeMatched(deps.scopes.system(payload.accountId), payload.threadId)
