import type { Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { composeMail } from './mails.compose.ts'
import { sendMail } from './mails.jobs.ts'
import { insertMail, unsafeClaimMail, unsafeUpdateMail, type MailRequest, type MailRow } from './mails.queries.ts'
import { mailTransportOf } from './mails.transport.ts'

const SECOND_MS = 1_000
const BACK_OFF_MS = [30, 120, 600, 1_800, 3_600, 10_800, 21_600].map((seconds) => seconds * SECOND_MS)

/** Puts a mail of the transaction's account into the outbox; it goes out once that is committed. */
export async function requestMail(tx: Tx, request: MailRequest): Promise<void> {
  const mailId = await insertMail(tx.orm, { ...request, accountId: tx.accountId }, tx.clock.now())
  tx.enqueue(sendMail, { mailId })
}

/** The same for a user outside any account. */
export async function unsafeRequestMail(
  deps: Pick<Deps, 'system' | 'producer' | 'clock'>,
  request: MailRequest,
): Promise<void> {
  const mailId = await insertMail(deps.system.orm, request, deps.clock.now())
  deps.producer.hint(sendMail, { mailId })
}

/**
 * Sends one mail of the outbox, unless another process has it or it is not due. A failure stands on the row: it is tried
 * again with growing pauses and given up after eight attempts, or at once when the address is refused for good.
 */
export async function deliverMail(deps: Deps, mailId: string): Promise<void> {
  const mail = await unsafeClaimMail(deps.system, mailId, deps.clock.now())
  if (!mail) return
  try {
    const composed = await composeMail(deps, mail)
    const now = deps.clock.now()
    if (composed) await mailTransportOf(deps.config).send(composed, mail.id, now)
    await unsafeUpdateMail(deps.system, mail.id, composed ? { sentAt: now } : { failedAt: now })
  } catch (error) {
    await postpone(deps, mail, error)
  }
}

async function postpone(deps: Deps, mail: MailRow, error: unknown): Promise<void> {
  const { code, responseCode, command } = error as { code?: unknown; responseCode?: unknown; command?: unknown }
  const pause = BACK_OFF_MS[mail.attempts - 1]
  const refused = command === 'RCPT TO' && Number(responseCode) >= 550
  const now = deps.clock.now()
  const final = refused || pause === undefined
  // The error's own text may name the recipient.
  deps.log.warn({ mailId: mail.id, kind: mail.kind, code, responseCode, final }, 'mail could not be sent')
  const change = final ? { failedAt: now } : { nextAttemptAt: new Date(now.getTime() + pause) }
  await unsafeUpdateMail(deps.system, mail.id, change)
}
