import type { Deps } from '../../server/deps.ts'
import { pollOnce } from '../../server/modules/polling/poll-inbox.ts'
import type { PollLane } from '../../server/modules/polling/polling.jobs.ts'
import type { HandlerResult } from '../worker.ts'

export async function handlePollInbox(
  deps: Deps,
  { accountId, ...of }: { accountId: string; inboxId: string; lane: PollLane },
  isClosing: () => boolean,
): Promise<HandlerResult> {
  return pollOnce(deps, deps.scopes.system(accountId), of, isClosing)
}
