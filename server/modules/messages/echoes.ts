import type { Tx } from '../../db/scope.ts'
import type { SwapFacts } from '../inboxes/swap.queries.ts'
import type { WrittenEcho, WrittenInbound } from './ingest.ts'
import { furtherStatus } from './delivery-rank.ts'
import { SENDING_LEASE_MS } from './delivery-results.ts'
import { findFailedBefore } from './former-names.ts'
import { drainThread } from './messages.jobs.ts'
import type { KnownMessage, Recognised } from './names.ts'
import { saysTheSame } from './outbound-content.ts'
import { nameAsWell, oneToOne } from './twins.ts'
import { recordUndelivered, settleUndelivered } from './provider-word.ts'
import type { ThreadInbox, ThreadState } from './thread-state.ts'

export interface EchoResult {
  /** External ids that belong to messages of ours, or wait to find out. */
  handled: Set<string>
  deferred: Set<string>
}

interface OpenMessage {
  id: string
  conversation_id: string
  channel_type: string | null
  content_type: string
  content: string | null
  details: Record<string, unknown> | null
  status: string
  /** When the first attempt began whose outcome is open, and when the latest did. */
  open_since: Date
  claimed_at: Date
}

/** What the provider told at once of one thread. */
export interface Told {
  written: readonly WrittenInbound[]
  recognised: Recognised
  /** A list may name another source for what went through the API: there what it says and the open outcome decide. */
  from: 'delivery' | 'list'
  /** The inbox is going over from another provider, which has messages of ours on their way. */
  crossing: SwapFacts | null
  mayHold: (externalId: string) => boolean
}

/** How far the provider's clock may be behind ours. */
const CLOCK_SKEW_MS = 60_000

/**
 * Recognises the provider's echoes of what we sent: by id when the answer was there first, else by what it says among the
 * messages whose outcome is open (sending, unconfirmed, failed as unknown or sent again after that), oldest first. An echo is the provider's
 * word: it lifts any of them to SENT, with its time (I5). An echo through the API that fits nothing while something is
 * open is deferred when `mayHold` says so, because the answer with its id may be on its way.
 */
export async function attachEchoes(tx: Tx, inbox: ThreadInbox, thread: ThreadState, told: Told): Promise<EchoResult> {
  const { written, recognised, from, crossing, mayHold } = told
  const inboxId = inbox.id
  const result: EchoResult = { handled: new Set(), deferred: new Set() }
  const echoes = written.filter((event) => event.kind === 'echo')
  if (!echoes.length) return result
  for (const echo of echoes) {
    const message = recognised.get(echo)
    if (message) await confirm(tx, inboxId, thread, message, echo)
  }
  const unknown = echoes.filter((echo) => !recognised.has(echo))
  for (const name of await findFailedBefore(tx, thread.id, unknown)) result.handled.add(name)
  const strangers = unknown.filter(
    (echo) => (from === 'list' || echo.via === 'api' || crossing) && !result.handled.has(echo.externalId),
  )
  if (!strangers.length) return result
  const open = await findOpen(tx, thread.id)
  const elsewhere = crossing ? await findSentElsewhere(tx, { inbox, thread, crossing }, strangers, open) : []
  for (const { echo, message } of elsewhere) {
    await confirm(tx, inboxId, thread, message, echo)
    result.handled.add(echo.externalId)
  }
  for (const echo of strangers) {
    if (result.handled.has(echo.externalId)) continue
    const other = from === 'delivery' && echo.via === 'app'
    const place = open.findIndex((message) => mayBeOf(message, echo) && (!other || isOfOther(message, inbox)))
    const [match] = place >= 0 ? open.splice(place, 1) : []
    // The other provider has it from where it was sent, and whoever sent it is about to hear what it is called there.
    const comes = match && isOfOther(match, inbox) && !echo.alsoKnownAs && mayHold(echo.externalId)
    if (comes) result.deferred.add(echo.externalId)
    else if (match) await settle(tx, inbox, thread, match, echo)
    else if (other) continue
    else if (mayHold(echo.externalId) && open.some((message) => message.status !== 'failed'))
      result.deferred.add(echo.externalId)
    else continue
    result.handled.add(echo.externalId)
  }
  return result
}

/**
 * Whether an echo can be of this message: it says the same, and is from between its first attempt and the end of its last
 * one. All pictures say the same: one that was written in the provider's app is not taken for ours, whatever tells of it.
 */
export const mayBeOf = (message: OpenMessage, echo: WrittenInbound): boolean =>
  saysTheSame(message, echo.content) &&
  !(message.content_type === 'image' && echo.kind === 'echo' && echo.via === 'app') &&
  echo.at.getTime() > message.open_since.getTime() - CLOCK_SKEW_MS &&
  echo.at.getTime() < message.claimed_at.getTime() + SENDING_LEASE_MS + CLOCK_SKEW_MS

type SentElsewhere = OpenMessage & KnownMessage

/**
 * Which echoes are of what an agent sent by the inbox's other provider, which has not said what this one calls it: its time
 * is ours, or that provider's. Both are in order; an echo that is nearer to a message whose outcome is open is left to that.
 * They go by the echo's name as well from then on.
 */
async function findSentElsewhere(
  tx: Tx,
  { inbox, thread, crossing }: { inbox: ThreadInbox; thread: ThreadState; crossing: SwapFacts },
  strangers: readonly WrittenEcho[],
  open: readonly OpenMessage[],
): Promise<{ echo: WrittenEcho; message: SentElsewhere }[]> {
  const unnamed = strangers.filter(({ alsoKnownAs }) => !alsoKnownAs)
  const times = unnamed.map(({ at }) => at.getTime())
  if (!times.length) return []
  const { sql, accountId } = tx
  const sent = await sql<SentElsewhere[]>`
    select id, thread_id, conversation_id, channel_type, type, source, status, content_type, content, details, external_id,
      alternate_external_id, at, at as open_since, at as claimed_at
    from messages
    where account_id = ${accountId} and thread_id = ${thread.id} and type = 'outgoing' and not private
      and at between ${new Date(Math.min(...times) - SENDING_LEASE_MS - CLOCK_SKEW_MS)}
        and ${new Date(Math.max(...times) + CLOCK_SKEW_MS)}
      and source = 'agent' and status in ('sent', 'delivered', 'read')
      and external_id is not null and alternate_external_id is null
      and coalesce(channel_type, ${crossing.firstChannelType}) <> ${inbox.channelType}
    order by at, arrival`
  const away = ({ claimed_at }: OpenMessage, echo: WrittenEcho) => Math.abs(echo.at.getTime() - claimed_at.getTime())
  const pairs = unnamed.flatMap((echo) =>
    sent
      .filter((message) => mayBeOf(message, echo))
      .filter((message) => !open.some((one) => mayBeOf(one, echo) && away(one, echo) < away(message, echo)))
      .map((message) => ({ one: message.id, other: echo.externalId, echo, message })),
  )
  const found = oneToOne(pairs)
  await nameAsWell(tx, found)
  return found
}

const isOfOther = ({ channel_type }: OpenMessage, inbox: ThreadInbox): boolean =>
  channel_type !== null && channel_type !== inbox.channelType

export async function findOpen(tx: Tx, threadId: string): Promise<OpenMessage[]> {
  return tx.sql<OpenMessage[]>`
    select id, conversation_id, channel_type, content_type, content, details, status, coalesce(unknown_since, claimed_at) as open_since, claimed_at
    from messages
    where account_id = ${tx.accountId} and thread_id = ${threadId} and external_id is null
      and type = 'outgoing' and not private and claimed_at is not null
      and status in ('queued', 'sending', 'unconfirmed', 'failed')
      and (status in ('sending', 'unconfirmed') or unknown_sends > 0 or failure_code = 'DELIVERY_UNKNOWN')
    order by claimed_at`
}

const statusAt = (thread: ThreadState, at: Date) =>
  thread.customerReadAt && at <= thread.customerReadAt ? 'read' : 'sent'

async function settle(
  tx: Tx,
  { id: inboxId, channelType }: ThreadInbox,
  thread: ThreadState,
  message: OpenMessage,
  echo: WrittenEcho,
): Promise<void> {
  const { delivery } = echo
  // The attempt that was still to come is none any more, and takes no slot.
  if (delivery?.state === 'failed') await settleUndelivered(tx, message.id, echo, delivery)
  else
    await tx.sql`
    update messages set status = ${furtherStatus(statusAt(thread, echo.at), delivery)}, external_id = ${echo.externalId},
      alternate_external_id = ${echo.alsoKnownAs ?? null}, channel_type = ${channelType}, at = ${echo.at},
      unknown_sends = unknown_sends - case when status = 'queued' then 1 else 0 end,
      failure_code = null, deadline_at = null, next_attempt_at = null
    where account_id = ${tx.accountId} and id = ${message.id}`
  tx.publish({ type: 'message.updated', inboxId, conversationId: message.conversation_id, messageId: message.id })
  tx.enqueue(drainThread, { accountId: tx.accountId, threadId: thread.id })
}

/**
 * The echo of a message whose id we have: it brings the provider's time, by which a receipt is about it or is not, and what
 * has become of it. Told by another provider than before it keeps its time, and so its place among the others.
 */
async function confirm(
  tx: Tx,
  inboxId: string,
  thread: ThreadState,
  message: KnownMessage,
  echo: WrittenEcho,
): Promise<void> {
  const { id: messageId, conversation_id: conversationId, type } = message
  if (type === 'incoming' || !message.status) return
  const { delivery } = echo
  const failed = delivery?.state === 'failed' && (await recordUndelivered(tx, messageId, delivery))
  const changed = await moveOn(tx, thread, failed ? { ...message, status: 'failed' } : message, echo)
  if (failed || changed) tx.publish({ type: 'message.updated', inboxId, conversationId, messageId })
}

/** Answers whether something changed. */
async function moveOn(tx: Tx, thread: ThreadState, message: KnownMessage, echo: WrittenEcho): Promise<boolean> {
  const at = message.external_id === echo.externalId ? echo.at : message.at
  const isLater = at.getTime() !== message.at.getTime()
  const byReceipt = message.status === 'sent' || (message.status === 'read' && thread.customerReadAt !== null)
  const came = isLater && byReceipt ? statusAt(thread, at) : (message.status ?? 'sent')
  const status = echo.delivery?.state === 'failed' ? came : furtherStatus(came, echo.delivery)
  if (!isLater && status === message.status) return false
  const { count } = await tx.sql`
    update messages set at = ${at}, status = ${status},
      failure_code = case when ${status} = 'failed' then failure_code end
    where account_id = ${tx.accountId} and id = ${message.id} and status = ${message.status}`
  return count > 0
}
