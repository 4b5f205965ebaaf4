import { ChannelError, type ThreadSnapshot } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { updateContactProfile } from '../contacts/contacts.service.ts'
import { findObstacle, obstacleError, type Obstacle } from '../inboxes/obstacle.ts'
import { findSide, findSwapFacts, type Side } from '../inboxes/swap.queries.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import { failedAs } from './delivery-results.ts'
import { findOpen, mayBeOf } from './echoes.ts'
import { ingestThread } from './ingest.ts'
import { findMessages, type MessageRow } from './messages.queries.ts'
import { getVisibleMessage } from './send-message.ts'

interface ThreadPlace {
  threadId: string
  threadRef: string
  contactId: string
  /** The side of it that is asked. */
  inbox: Side
  unreadable: Obstacle | undefined
}

/** Where the provider keeps a thread, and why it may not be asked now. */
async function findPlace(deps: Deps, scope: Scope, threadId: string): Promise<ThreadPlace | undefined> {
  return scope.read(async (tx) => {
    const [row] = await tx.sql<PlaceRow[]>`
      select t.inbox_id, t.contact_id, a.channel_type, a.external_id from threads t
      join inboxes i on i.account_id = t.account_id and i.id = t.inbox_id
      join thread_aliases a on a.account_id = t.account_id and a.thread_id = t.id
      where t.account_id = ${tx.accountId} and t.id = ${threadId}
      order by (a.channel_type = ${sentBy(tx)}) desc nulls last, (a.channel_type = i.channel_type) desc,
        a.created_at desc limit 1`
    const inbox = row && (await findSide(tx, row.inbox_id, row.channel_type))
    if (!inbox) return undefined
    const unreadable = await findObstacle(tx, deps.channels, inbox)
    return { threadId, threadRef: row.external_id, contactId: row.contact_id, inbox, unreadable }
  })
}

interface PlaceRow {
  inbox_id: string
  contact_id: string
  channel_type: string
  external_id: string
}

/** By which provider the oldest message of the thread `t` went out whose outcome is open; null: the inbox's own. */
const sentBy = ({ sql }: ReadTx) => sql`(
  select m.channel_type from messages m
  where m.account_id = t.account_id and m.thread_id = t.id and m.external_id is null and m.claimed_at is not null
    and m.status in ('queued', 'sending', 'unconfirmed', 'failed')
    and (m.status in ('sending', 'unconfirmed') or m.failure_code = 'DELIVERY_UNKNOWN')
  order by (m.status = 'failed'), m.claimed_at limit 1)`

/** The inbox of a thread, for the rate that its reads obey; undefined when it is gone or may not be read now. */
export async function findReadableInbox(deps: Deps, scope: Scope, threadId: string): Promise<Side | undefined> {
  const place = await findPlace(deps, scope, threadId)
  return place?.unreadable ? undefined : place?.inbox
}

const readThread = (deps: Deps, scope: Scope, { inbox, threadRef }: ThreadPlace): Promise<ThreadSnapshot> =>
  withCredentials(deps, scope, inbox, (credentials) =>
    deps.channels.get(inbox.channelType).readThread(credentials, threadRef),
  )

/**
 * Reads the provider's list of a thread and takes over what it says of our messages whose outcome is open. The list is
 * proof that a message arrived, and no proof that it did not: what is not on it goes on waiting.
 */
export async function settleOpenMessages(deps: Deps, scope: Scope, threadId: string): Promise<void> {
  const place = await findPlace(deps, scope, threadId)
  if (!place || place.unreadable) return
  const snapshot = await readThread(deps, scope, place)
  await scope.tx(async (tx) => {
    const open = await findOpen(tx, threadId)
    const echoes = snapshot.messages.filter(
      (event) => event.kind === 'echo' && open.some((message) => mayBeOf(message, event)),
    )
    const events = [...echoes.map(asOurs), ...(snapshot.reactions ?? [])]
    if (events.length) await ingestThread(tx, place.inbox, place.threadRef, events, () => false)
  })
}

// A list may name another source for what went through the API; what it says and the open outcome decide here.
const asOurs = <Event extends { kind: string }>(event: Event): Event =>
  event.kind === 'echo' ? { ...event, via: 'api' } : event

const isRefusal = (error: unknown) => error instanceof ChannelError && error.kind === 'rejected'

/** Takes name and picture of a thread's contact from the provider; its webhooks carry only the username. */
export async function syncThreadContact(deps: Deps, scope: Scope, threadId: string): Promise<void> {
  const place = await findPlace(deps, scope, threadId)
  if (!place || place.unreadable) return
  const snapshot = await readThread(deps, scope, place).catch(async (error: unknown) => {
    // Refused for good: it is not asked again and again.
    if (isRefusal(error)) await scope.tx((tx) => updateContactProfile(tx, place.contactId, undefined))
    throw error
  })
  const person = snapshot.participants.find((participant) => participant.ref !== place.inbox.externalId)
  // Apart from what follows, which takes threads: whoever holds both has taken the thread first.
  await scope.tx((tx) => updateContactProfile(tx, place.contactId, person))
  await scope.tx(async (tx) => {
    await takePastOver(tx, place, snapshot)
    const rows = await tx.sql<{ id: string; inbox_id: string }[]>`
      select id, inbox_id from conversations where account_id = ${tx.accountId} and thread_id = ${threadId}
      order by last_activity_at desc limit 1`
    for (const row of rows) tx.publish({ type: 'conversation.updated', inboxId: row.inbox_id, conversationId: row.id })
  })
}

/**
 * Somebody writes whom the provider that an inbox has gone over to has not told of before: what they wrote in the past says
 * who they are at the other one. Its lists may end before they come to it.
 */
async function takePastOver(tx: Tx, { inbox, threadRef }: ThreadPlace, { messages }: ThreadSnapshot): Promise<void> {
  const swap = await findSwapFacts(tx, inbox.id)
  if (!swap?.isOpen || !messages.length) return
  const past = { since: swap.swappedAt, liveFrom: swap.swappedAt }
  await ingestThread(tx, { ...inbox, swap }, threadRef, messages, () => false, { past })
}

/**
 * The agent's "check": asks the provider now, in a scope of its own so that nothing of the request is held meanwhile.
 * CONFLICT unless the outcome is open; FEATURE_DISABLED, FORBIDDEN (suspended) and CHANNEL_REAUTH as for sending;
 * RATE_LIMITED (retryAfterMs) or CHANNEL_UNAVAILABLE when it cannot ask.
 */
export async function checkMessage(deps: Deps, scope: Scope, id: string): Promise<MessageRow> {
  const messageId = parseId(id, 'Message')
  const message = await scope.tx((tx) => getVisibleMessage(tx, messageId))
  const open = message.status === 'unconfirmed' || message.failureCode === 'DELIVERY_UNKNOWN'
  if (!open) throw new AppError('CONFLICT', 'The outcome of this message is known', { reason: 'NOT_OPEN' })
  const system = deps.scopes.system(scope.accountId)
  const { inbox } = requireReadable(await findPlace(deps, system, message.threadId))
  const taker = { accountId: scope.accountId, waiter: message.threadId }
  const rate = rateOf(deps.channels.get(inbox.channelType), inbox, 'read')
  const retryAfterMs = await deps.buckets.takeSoon(rate, taker)
  if (retryAfterMs > 0)
    throw new AppError('RATE_LIMITED', 'The provider is busy; try again in a moment', { retryAfterMs })
  try {
    await settleOpenMessages(deps, system, message.threadId)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const reason = { reason: error.code }
    throw new AppError('CHANNEL_UNAVAILABLE', 'The provider did not answer; try again in a moment', reason)
  }
  const [row] = await scope.read((tx) => findMessages(tx, [messageId]))
  return row ?? message
}

function requireReadable(place: ThreadPlace | undefined): ThreadPlace {
  if (place && !place.unreadable) return place
  throw obstacleError(place?.unreadable ?? 'CHANNEL_REAUTH')
}

/**
 * What waits on an inbox, to go out by some channels, or in the whole account fails at once, with the reason and a retry
 * (I15); of one inbox what waits for the provider that it has left only when it is disconnected. Only what still waits: a message that a worker has claimed meanwhile is the provider's to answer for.
 */
export async function failQueuedMessages(
  tx: Tx,
  of: { inboxId: string } | { channelTypes: readonly string[] } | 'account',
  code: string,
): Promise<void> {
  const { sql } = tx
  const where =
    of === 'account'
      ? sql`true`
      : 'inboxId' in of
        ? sql`m.inbox_id = ${of.inboxId} and (${code} = 'CHANNEL_DISCONNECTED' or m.channel_type is null
            or m.channel_type = (select channel_type from inboxes where account_id = ${tx.accountId} and id = ${of.inboxId}))`
        : sql`coalesce(m.channel_type, (select channel_type from inboxes
            where account_id = m.account_id and id = m.inbox_id)) = any(${[...of.channelTypes]}::text[])`
  const rows = await sql<{ id: string; inbox_id: string; conversation_id: string }[]>`
    update messages m set status = 'failed', deadline_at = null, next_attempt_at = null, ${failedAs(tx, code)}
    where m.account_id = ${tx.accountId} and m.status = 'queued' and ${where}
    returning m.id, m.inbox_id, m.conversation_id`
  for (const row of rows) {
    const { id: messageId, inbox_id: inboxId, conversation_id: conversationId } = row
    tx.publish({ type: 'message.updated', inboxId, conversationId, messageId })
  }
}

/** An inbox goes over to another provider: what is on its way is finished where it began. */
export async function finishAt(tx: Tx, { inboxId, from }: { inboxId: string; from: string }): Promise<void> {
  await tx.sql`
    update messages set channel_type = ${from}
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and channel_type is null
      and status in ('queued', 'sending', 'unconfirmed')`
}
