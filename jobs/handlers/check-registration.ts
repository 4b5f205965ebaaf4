import type { Deps } from '../../server/deps.ts'
import { checkRegistration } from '../../server/modules/intake/registration.ts'
import type { HandlerResult } from '../worker.ts'

export const handleCheckRegistration = (deps: Deps, payload: { channelType: string }): Promise<HandlerResult> =>
  checkRegistration(deps, payload.channelType)
