import type { Deps } from '../../server/deps.ts'
import { deliverMail } from '../../server/modules/mails/mails.service.ts'
import type { HandlerResult } from '../worker.ts'

/** Sends one mail of the outbox; when it fails, the time of the next try stands on its row. */
export async function sendMail(deps: Deps, payload: { mailId: string }): Promise<HandlerResult> {
  await deliverMail(deps, payload.mailId)
  return undefined
}
