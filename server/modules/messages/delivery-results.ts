import type { Tx } from '../../db/scope.ts'
import type { Claimed } from './delivery.ts'
import { withFormerNames } from './former-names.ts'
import { settleThread } from './messages.jobs.ts'
import { absorb, type KnownMessage } from './names.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    /** The provider took it. */
    'message.sent': { threadId: string; channelType: string }
  }
}

/** A send that is not answered by then counts as unknown; longer than any provider's time-out (I7). */
export const SENDING_LEASE_MS = 15_000
/** How long a message may wait to be sent before it fails in words (I7). */
export const QUEUE_DEADLINE_MS = 15 * 60_000
/** How long an unconfirmed message may wait for the provider's word before it fails as unknown. */
const UNCONFIRMED_MS = 120_000
const SETTLE_AFTER_MS = 3_000

interface MessagePlace {
  messageId: string
  conversationId: string
  inboxId: string
  /** Set by the attempt that speaks: one that was overtaken by a newer attempt has nothing to say any more. */
  claimedAt?: Date
}

const announce = (tx: Tx, { messageId, conversationId, inboxId }: MessagePlace) =>
  tx.publish({ type: 'message.updated', inboxId, conversationId, messageId })

/**
 * The provider took it. An echo may have been faster and have said so already; an echo may also have been given to an
 * older message with the same text, which then goes back to being unconfirmed: the answer to a call is surer than a text.
 */
export async function recordSent(tx: Tx, claimed: Claimed, externalId: string): Promise<void> {
  const { messageId, conversationId } = claimed
  const inboxId = claimed.inbox.id
  const { sql, accountId } = tx
  // Or an echo that is being given to another message meanwhile would take the id away before it can be corrected.
  const [thread] = await sql<{ id: string }[]>`
    select t.id from threads t join messages m on m.account_id = t.account_id and m.thread_id = t.id
    where m.account_id = ${accountId} and m.id = ${messageId} for no key update of t`
  const stranger = await absorbStranger(tx, messageId, inboxId, externalId)
  const [mistaken] = await sql<Mistaken[]>`
    update messages m set external_id = null, alternate_external_id = null, status = 'unconfirmed', at = m.claimed_at,
      failure_code = null,
      deadline_at = ${new Date(tx.clock.now().getTime() + UNCONFIRMED_MS)}
    from messages before
    where m.account_id = ${accountId} and m.inbox_id = ${inboxId} and m.id <> ${messageId} and m.source = 'agent'
      and (m.external_id = ${externalId} or m.alternate_external_id = ${externalId})
      and before.account_id = m.account_id and before.id = m.id
    returning m.id, m.conversation_id, before.external_id, before.alternate_external_id`
  if (mistaken) announce(tx, { messageId: mistaken.id, conversationId: mistaken.conversation_id, inboxId })
  const names = stranger ?? mistaken
  const name = names?.external_id ?? externalId
  // The provider has said more of this attempt already than that it took it; what it said of another one is no word of it.
  const isTold = sql`(status in ('delivered', 'read') or (status = 'failed' and external_id = ${name}))`
  await sql`
    update messages set status = case when ${isTold} then status else 'sent' end,
      failure_code = case when ${isTold} then failure_code end,
      raw = case when external_id <> ${name} then ${withFormerNames(tx)} else raw end,
      alternate_external_id = case when external_id = ${name} then alternate_external_id
        else ${names?.alternate_external_id ?? null} end,
      external_id = ${name}, deadline_at = null, next_attempt_at = null
    where account_id = ${accountId} and id = ${messageId}
      and (external_id is null or external_id = ${name} or status = 'failed')`
  announce(tx, { messageId, conversationId, inboxId })
  if (thread) await tx.emit('message.sent', { threadId: thread.id, channelType: claimed.inbox.channelType })
}

type Mistaken = Pick<KnownMessage, 'id' | 'conversation_id' | 'external_id' | 'alternate_external_id'>
type Stranger = Mistaken & Pick<KnownMessage, 'at' | 'status'> & { failure_code: string | null }

/** The echo came first and was taken for a message of another program: it was this one all the time (I2). */
async function absorbStranger(
  tx: Tx,
  messageId: string,
  inboxId: string,
  externalId: string,
): Promise<Stranger | undefined> {
  const { sql, accountId } = tx
  const [stranger] = await sql<Stranger[]>`
    select id, conversation_id, at, status, failure_code, external_id, alternate_external_id from messages
    where account_id = ${accountId} and inbox_id = ${inboxId} and id <> ${messageId} and source <> 'agent'
      and (external_id = ${externalId} or alternate_external_id = ${externalId})`
  if (!stranger) return undefined
  await absorb(tx, inboxId, messageId, stranger)
  await sql`
    update messages set at = ${stranger.at}, status = ${stranger.status}, failure_code = ${stranger.failure_code},
      external_id = ${stranger.external_id}, alternate_external_id = ${stranger.alternate_external_id}
    where account_id = ${accountId} and id = ${messageId}`
  return stranger
}

/**
 * It will not go out, for a reason that an agent understands; its place in the quota is free again. Where an earlier
 * attempt may have arrived, that is what stands: this refusal says nothing about it.
 */
export async function recordFailure(tx: Tx, place: MessagePlace, code: string): Promise<void> {
  const rows = await tx.sql`
    update messages set status = 'failed', deadline_at = null, next_attempt_at = null, ${failedAs(tx, code)}
    where account_id = ${tx.accountId} and id = ${place.messageId} and status in ('queued', 'sending', 'unconfirmed')
      and (${place.claimedAt ?? null}::timestamptz is null or claimed_at = ${place.claimedAt ?? null})
    returning id`
  if (rows.length) announce(tx, place)
}

/** The failure's columns. The refused attempt gives its slot back, the earlier one that may have arrived keeps its own. */
export const failedAs = (tx: Tx, code: string) => tx.sql`
  failure_code = case when unknown_sends > 0 then 'DELIVERY_UNKNOWN' else ${code} end,
  unknown_sends = greatest(unknown_sends - ${code === 'DELIVERY_UNKNOWN' ? 0 : 1}, 0)`

export interface Requeue {
  ms: number
  /** False when the attempt says nothing about the message: too fast, or an old token. */
  attemptSpent?: boolean
  refusedVersion?: number
  /** Why, should its time be over before the next attempt. */
  code: string
}

/**
 * Provably not sent: it waits for its next attempt, and everything behind it waits too (I6). Its deadline counts from when
 * it was queued, however often it is put back (I7).
 */
export async function requeue(tx: Tx, claimed: Claimed, again: Requeue): Promise<void> {
  const next = new Date(tx.clock.now().getTime() + again.ms)
  const { messageId, conversationId, inbox, queuedAt } = claimed
  if (next.getTime() > queuedAt.getTime() + QUEUE_DEADLINE_MS) {
    const { claimedAt } = claimed
    return recordFailure(tx, { messageId, conversationId, inboxId: inbox.id, claimedAt }, again.code)
  }
  await tx.sql`
    update messages set status = 'queued', next_attempt_at = ${next},
      attempts = attempts - ${again.attemptSpent === false ? 1 : 0},
      refused_version = coalesce(${again.refusedVersion ?? null}, refused_version),
      claimed_at = case when unknown_since is not null then claimed_at end,
      deadline_at = ${new Date(queuedAt.getTime() + QUEUE_DEADLINE_MS)}
    where account_id = ${tx.accountId} and id = ${messageId} and external_id is null
      and status in ('sending', 'unconfirmed') and claimed_at = ${claimed.claimedAt}`
}

/** It may have been sent: never again by itself. The echo or the provider's list settles it (I5). */
export async function recordUnknown(tx: Tx, claimed: Claimed): Promise<void> {
  const rows = await tx.sql<{ thread_id: string }[]>`
    update messages set status = 'unconfirmed', deadline_at = ${new Date(claimed.claimedAt.getTime() + UNCONFIRMED_MS)}
    where account_id = ${tx.accountId} and id = ${claimed.messageId} and status = 'sending'
      and claimed_at = ${claimed.claimedAt} returning thread_id`
  const [row] = rows
  if (!row) return
  announce(tx, { ...claimed, inboxId: claimed.inbox.id })
  tx.enqueue(settleThread, { accountId: tx.accountId, threadId: row.thread_id }, { delayMs: SETTLE_AFTER_MS })
}
