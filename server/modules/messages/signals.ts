import { ChannelError, type ThreadSignal } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { getConversation } from '../conversations/conversations.service.ts'
import type { ConversationRow } from '../conversations/conversations.queries.ts'
import { findInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { sendsSignal } from '../inboxes/signal-settings.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import { signalRead, signalTyping } from './messages.jobs.ts'
import { readUnderRate } from './provider-reads.ts'
import { readSendingState } from './sending-state.ts'

/**
 * Somebody types a reply: the customer sees it for a few seconds. Nothing is stored, and nothing is lost when it fails.
 * NOT_FOUND for a conversation that the actor does not see.
 */
export async function setTyping(deps: Deps, scope: Scope, conversationId: string): Promise<ConversationRow> {
  const conversation = await getConversation(scope, conversationId)
  const inbox = await scope.read((tx) => findInbox(tx, conversation.inboxId))
  const { accountId, threadId } = conversation
  if (inbox && shows(deps, inbox, 'typing')) deps.producer.hint(signalTyping, { accountId, threadId })
  return conversation
}

/** An agent has read a thread up to now: the customer may see it. */
export function requestReadSignal(tx: Tx, threadId: string): void {
  tx.enqueue(signalRead, { accountId: tx.accountId, threadId })
}

const shows = ({ channels }: Deps, inbox: InboxRow, signal: ThreadSignal): boolean =>
  channels.get(inbox.channelType).manifest.signals.includes(signal) && sendsSignal(inbox, signal)

interface SignalPlace {
  inbox: InboxRow
  threadRef: string
  inboundCount: number
}

interface ThreadRow {
  id: string
  inboxId: string
  threadRef: string
  lastInboundAt: Date | null
  inboundCount: number
  signalledCount: number
  readCount: number
}

/** Where to show it; undefined when it is not to be shown now, since nobody may write there or it would be no news. */
async function findPlace(
  deps: Deps,
  tx: ReadTx,
  threadId: string,
  signal: ThreadSignal,
): Promise<SignalPlace | undefined> {
  const [thread] = await tx.sql<ThreadRow[]>`
    select t.id, t.inbox_id as "inboxId", a.external_id as "threadRef", t.last_inbound_at as "lastInboundAt",
      t.inbound_count as "inboundCount", t.read_signalled_count as "signalledCount",
      (select coalesce(max(r.read_count), 0) from thread_reads r
        where r.account_id = t.account_id and r.thread_id = t.id) as "readCount"
    from threads t
    join inboxes i on i.account_id = t.account_id and i.id = t.inbox_id
    join thread_aliases a on a.account_id = t.account_id and a.thread_id = t.id and a.channel_type = i.channel_type
    where t.account_id = ${tx.accountId} and t.id = ${threadId} order by a.created_at desc limit 1`
  if (!thread) return undefined
  const { inboundCount, signalledCount, readCount, threadRef } = thread
  // The whole thread is marked at once: not before somebody has read all of it.
  if (signal === 'read' && (signalledCount >= inboundCount || readCount < inboundCount)) return undefined
  const { inbox, window, suspended } = await readSendingState(tx, deps.channels, thread, deps.clock.now(), 0)
  return !suspended && window.open && shows(deps, inbox, signal) ? { inbox, threadRef, inboundCount } : undefined
}

const show = (deps: Deps, scope: Scope, { inbox, threadRef }: SignalPlace, signal: ThreadSignal): Promise<void> =>
  withCredentials(deps, scope, inbox, async (credentials) => {
    const place = { accountRef: inbox.externalId, threadRef }
    await deps.channels.get(inbox.channelType).signal?.(credentials, place, signal)
  })

/** Shows typing if the provider's rate has something left over now; a moment later it would be untrue. */
export async function showTyping(deps: Deps, scope: Scope, threadId: string): Promise<void> {
  const place = await scope.read((tx) => findPlace(deps, tx, threadId, 'typing'))
  if (!place) return
  const rate = rateOf(deps.channels.get(place.inbox.channelType), place.inbox)
  if ((await deps.buckets.takeSpare(rate, { accountId: scope.accountId })) > 0) return
  try {
    await show(deps, scope, place, 'typing')
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    deps.log.info({ err: error, inboxId: place.inbox.id }, 'typing was not shown')
    if (error.kind === 'rate_limited') await deps.buckets.pause(rate, error.retryAfterMs).catch(() => 0)
  }
}

/**
 * Tells the provider that the thread is read, once for all that is new in it, and writes that down when it was told.
 * Answers when to come again: there was no token, or the provider was busy.
 */
export async function showRead(deps: Deps, scope: Scope, threadId: string): Promise<number | undefined> {
  const place = await scope.read((tx) => findPlace(deps, tx, threadId, 'read'))
  const taker = { accountId: scope.accountId, waiter: `signal-read-${threadId}` }
  return readUnderRate(deps, place?.inbox, taker, async () => {
    if (!place) return
    await show(deps, scope, place, 'read')
    await scope.tx(
      (tx) => tx.sql`
        update threads set read_signalled_count = greatest(read_signalled_count, ${place.inboundCount})
        where account_id = ${tx.accountId} and id = ${threadId}`,
    )
  })
}
