import type { Delivery } from '../../channels/contract.ts'
import type { MessageStatus } from '../../db/schema/index.ts'

/** A word of the provider never takes back one that says more, so that their order does not matter. */
const RANK: Partial<Record<MessageStatus, number>> = { sent: 1, failed: 2, delivered: 3, read: 4 }

const isFurther = (told: Delivery, state: MessageStatus) => (RANK[told.state] ?? 0) > (RANK[state] ?? 0)

/** How far a message has come, by what stands and what is told (I7). */
export const furtherStatus = (status: MessageStatus, told: Delivery | undefined): MessageStatus =>
  told && isFurther(told, status) ? told.state : status

/** The same of what is told twice at once. */
export const furtherDelivery = (first: Delivery | undefined, again: Delivery | undefined): Delivery | undefined =>
  first && !(again && isFurther(again, first.state)) ? first : again

/** The status of a message that is new here: what has failed was read by nobody, whatever the receipts say. */
export const statusOfNew = (byReceipt: MessageStatus, told: Delivery | undefined): MessageStatus =>
  told?.state === 'failed' ? 'failed' : furtherStatus(byReceipt, told)

/** Why it failed: some providers do not say. */
export const failureOf = (told: Delivery | undefined): string | null =>
  told?.state === 'failed' ? (told.code ?? 'BLOCKED_BY_PROVIDER') : null
