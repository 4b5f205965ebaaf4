import type { Delivery } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { failureOf } from './delivery-rank.ts'
import { failedAs } from './delivery-results.ts'
import { forgetNames } from './former-names.ts'

/**
 * The provider had taken it, and has not brought it to the customer: it has failed, and its place in the quota is free
 * again. What is further than that stays so. Answers whether something changed.
 */
export async function recordUndelivered(tx: Tx, messageId: string, told: Delivery): Promise<boolean> {
  const [row] = await tx.sql<{ failure_code: string }[]>`
    update messages set status = 'failed', ${failedAs(tx, failureOf(told) ?? '')}
    where account_id = ${tx.accountId} and id = ${messageId} and status = 'sent' returning failure_code`
  // Another attempt may have arrived, and its echo is to find the message open.
  if (row?.failure_code === 'DELIVERY_UNKNOWN') await forgetNames(tx, messageId)
  return row !== undefined
}

/**
 * What the provider says of an attempt whose outcome was open is that it failed. Where another one may have arrived, or is
 * still to come, that is what the message waits for (I5).
 */
export async function settleUndelivered(
  tx: Tx,
  messageId: string,
  names: { externalId: string; alsoKnownAs?: string },
  told: Delivery,
): Promise<void> {
  const { sql, accountId } = tx
  const waits = sql`status = 'queued'`
  const [row] = await sql<{ status: string; failure_code: string | null }[]>`
    update messages set status = case when ${waits} then status else 'failed' end,
      failure_code = case when ${waits} then null when unknown_sends > 0 then 'DELIVERY_UNKNOWN' else ${failureOf(told)} end,
      external_id = ${names.externalId}, alternate_external_id = ${names.alsoKnownAs ?? null},
      deadline_at = case when ${waits} then deadline_at end, next_attempt_at = case when ${waits} then next_attempt_at end,
      claimed_at = case when not (${waits}) or unknown_sends > 1 then claimed_at end,
      unknown_since = case when not (${waits}) or unknown_sends > 1 then unknown_since end,
      unknown_sends = greatest(unknown_sends - 1, 0)
    where account_id = ${accountId} and id = ${messageId}
    returning status, failure_code`
  if (row?.status === 'queued' || row?.failure_code === 'DELIVERY_UNKNOWN') await forgetNames(tx, messageId)
}
