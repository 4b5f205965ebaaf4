import type { Deps } from '../../server/deps.ts'
import type { ResolveUnnamed } from '../../server/modules/intake/intake.jobs.ts'
import { resolveUnnamed } from '../../server/modules/intake/unnamed.ts'
import type { Later } from '../worker.ts'

export const handleResolveUnnamed = (deps: Deps, payload: ResolveUnnamed): Promise<Later<ResolveUnnamed> | undefined> =>
  resolveUnnamed(deps, deps.scopes.system(payload.accountId), payload)
