import type { Deps } from '../../server/deps.ts'
import { resolveUnnamed } from '../../server/modules/intake/unnamed.ts'
import type { HandlerResult } from '../worker.ts'

export const handleResolveUnnamed = (
  deps: Deps,
  payload: { accountId: string; inboxId: string; threadKey: string },
): Promise<HandlerResult> => resolveUnnamed(deps, deps.scopes.system(payload.accountId), payload)
