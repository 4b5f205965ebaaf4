import type { ReadTx, Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../kit/errors.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { getInbox } from '../inboxes/inboxes.service.ts'
import type { InboxRow, InboxView } from '../inboxes/inboxes.queries.ts'
import { retryMessage } from './send-message.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { blockOf, findWindowUsage, replyWindow, type WindowUsage } from '../conversations/reply-window.ts'

/** Who waited longer than that for an answer need not be surprised by it. */
const OFFER_MS = 48 * 3_600_000
/** Of more than that nobody reads the number, and one click sends no more. */
const MOST = 500

const NOTHING_SENT: WindowUsage = { sentAt: [], queued: 0, again: false, namedAt: [] }

interface Unsent {
  threadId: string
  lastInboundAt: Date | null
  messageIds: string[]
}

/** What failed since the inbox had to be connected again, by thread and in the order in which it was written. */
const findUnsent = (tx: ReadTx, inboxId: string, now: Date): Promise<Unsent[]> => tx.sql<Unsent[]>`
  select t.id as "threadId", t.last_inbound_at as "lastInboundAt", array_agg(m.id order by m.arrival) as "messageIds"
  from (
    select id, account_id, thread_id, arrival from messages
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and status = 'failed'
      and failure_code = 'CHANNEL_REAUTH' and external_id is null
      and queued_at > ${new Date(now.getTime() - OFFER_MS)}
    order by arrival limit ${MOST}) m
  join threads t on t.account_id = m.account_id and t.id = m.thread_id
  group by t.id, t.last_inbound_at order by min(m.arrival)`

/** What of it window and quota let out now: of each thread the oldest. */
async function findSendable(deps: Deps, tx: ReadTx, inbox: InboxView, now: Date): Promise<string[]> {
  const { manifest } = deps.channels.get(inbox.channelType)
  if (blockOf(inbox, await isEnabled(tx, manifest.featureFlag))) return []
  const unsent = await findUnsent(tx, inbox.id, now)
  const usage = unsent.length
    ? await findWindowUsage(
        tx,
        unsent.map(({ threadId }) => threadId),
      )
    : new Map<string, WindowUsage>()
  return unsent.flatMap(({ threadId, lastInboundAt, messageIds }) => {
    const { sentAt, queued, again, namedAt } = usage.get(threadId) ?? NOTHING_SENT
    const named = namedAt.includes(inbox.channelType)
    const window = replyWindow(manifest.window, { lastInboundAt, sentAt, queued, again, named }, now)
    return window.open ? messageIds.slice(0, window.remaining ?? undefined) : []
  })
}

/** How many messages could not be sent while the inbox was not connected, and could be sent now. */
export async function countUnsent(deps: Deps, scope: Scope, inbox: InboxView): Promise<number> {
  const sendable = await scope.read((tx) => findSendable(deps, tx, inbox, scope.clock.now()))
  return sendable.length
}

/**
 * Sends what could not be sent while the inbox was not connected, once: each message obeys window and quota as a single
 * retry does, each thread keeps its order, and what may not go out keeps its reason. For whoever sees the inbox.
 */
export async function retryUnsentMessages(deps: Deps, scope: Scope, id: string): Promise<InboxRow> {
  const inbox = await getInbox(scope, id)
  const messageIds = await scope.read((tx) => findSendable(deps, tx, inbox, scope.clock.now()))
  for (const messageId of messageIds) {
    await retryMessage(deps, scope, messageId).catch((error: unknown) => {
      // The window has closed, or somebody was faster.
      if (!(error instanceof AppError)) throw error
    })
  }
  if (messageIds.length)
    await scope.tx((tx) => recordAudit(tx, 'inbox.unsentRetried', { inboxId: inbox.id, count: messageIds.length }))
  return inbox
}
