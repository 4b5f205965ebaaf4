import type { Deps } from '../../server/deps.ts'
import { ingestDeliveries, type ThreadDelivery } from '../../server/modules/intake/intake.service.ts'
import type { HandlerResult } from '../worker.ts'

export async function handleIngestThread(deps: Deps, payload: ThreadDelivery): Promise<HandlerResult> {
  await ingestDeliveries(deps, payload)
  return undefined
}
