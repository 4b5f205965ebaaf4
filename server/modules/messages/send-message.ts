import { and, eq, sql } from 'drizzle-orm'
import type { Channel, ChannelManifest } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { messages } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError, invalid, notFound } from '../../kit/errors.ts'
import { isId, newId, parseId } from '../../kit/ids.ts'
import { lockConversation } from '../conversations/conversations.service.ts'
import type { ConversationRow } from '../conversations/conversations.queries.ts'
import type { ReplyWindow } from '../conversations/reply-window.ts'
import { findSwapFacts } from '../inboxes/swap.queries.ts'
import { canSeeInbox } from '../inboxes/inboxes.policy.ts'
import { QUEUE_DEADLINE_MS } from './delivery-results.ts'
import { forgetNames } from './former-names.ts'
import {
  attachUpload,
  checkAttachmentIds,
  findSentParts,
  lockUploads,
  readParts,
  sameOrConflict,
  type MessagePart,
  type SentBody,
} from './message-parts.ts'
import { drainThread } from './messages.jobs.ts'
import { findMessages, type MessageRow } from './messages.queries.ts'
import type { OtherContentInput } from './outbound-content.ts'
import { forgetUpload } from './ready-image.ts'
import { readSendingState } from './sending-state.ts'
import { holdPause } from './slowdown.ts'
import { lockThread, lockThreadOf } from './thread-state.ts'

export interface SendMessageInput extends OtherContentInput {
  conversationId: string
  clientMessageId: string
  private?: boolean | null
  attachmentIds?: readonly string[] | null
  inReplyToId?: string | null
  expectedLastMessageId?: string | null
}

/**
 * Takes a reply or a private note in; a reply may be a shared post or a card instead of text. With pictures it becomes
 * several messages in order, of which the first is answered, and there is room for all of them or none is taken. The same
 * `clientMessageId` again answers the same message, with another body it is a CONFLICT (I5); so is a message of somebody
 * else after `expectedLastMessageId` (details.reason NEWER_MESSAGE). A reply that could not go out now throws
 * WINDOW_CLOSED (details.reason), CHANNEL_REAUTH or FEATURE_DISABLED and stores nothing.
 */
export async function sendMessage(deps: Deps, scope: Scope, input: SendMessageInput): Promise<MessageRow> {
  const clientMessageId = checkClientMessageId(input.clientMessageId)
  const isPrivate = input.private ?? false
  const attachmentIds = checkAttachmentIds(input.attachmentIds)
  return scope.tx(async (tx) => {
    await lockThreadOf(tx, input.conversationId)
    const conversation = await lockConversation(tx, input.conversationId)
    const quoted = await findQuoted(tx, conversation, input.inReplyToId)
    const channel = isPrivate ? undefined : await channelOf(deps, tx, conversation)
    const parts = readParts(channel, input, clientMessageId, attachmentIds)
    const body = { parts, private: isPrivate, inReplyToId: quoted?.id ?? null }
    const before = await findSentParts(tx, conversation.id, clientMessageId)
    if (before.length) return sameOrConflict(tx, before, body)
    if (quoted) await requireQuotable(tx, channel?.manifest, quoted, parts)
    await checkExpectedLast(tx, conversation, input.expectedLastMessageId)
    await lockUploads(tx, conversation.inboxId, attachmentIds)
    const out = isPrivate ? undefined : await requireSendable(deps, tx, conversation, parts)
    return insertParts(tx, conversation, body, out)
  })
}

function checkClientMessageId(value: string): string {
  if (!/^[\x21-\x7e]{1,100}$/.test(value)) {
    throw invalid('clientMessageId', 'clientMessageId has 1 to 100 printable characters')
  }
  return value
}

/** What the provider shows above a text: of the kinds that it can, and nothing that the customer never got. */
async function requireQuotable(
  tx: Tx,
  manifest: ChannelManifest | undefined,
  quoted: MessageRow,
  parts: readonly MessagePart[],
): Promise<void> {
  if (parts[0]?.contentType !== 'text') throw invalid('inReplyToId', 'Only a text can quote a message', 'NOT_QUOTABLE')
  const arrived = !quoted.private && quoted.status !== 'failed'
  if (!manifest) return
  if (arrived && manifest.quotable.includes(quoted.contentType) && (await isNamedAt(tx, quoted, manifest.id))) return
  throw invalid('inReplyToId', 'This message cannot be quoted here', 'NOT_QUOTABLE')
}

/** Whether a message has a name at the provider that is to show it: after a swap it may not. */
async function isNamedAt(tx: Tx, message: MessageRow, channelType: string): Promise<boolean> {
  if (message.alternateExternalId || message.channelType === channelType) return true
  const swap = await findSwapFacts(tx, message.inboxId)
  return !swap || (message.channelType ?? swap.firstChannelType) === channelType
}

async function channelOf(deps: Deps, tx: Tx, conversation: ConversationRow): Promise<Channel> {
  const [row] = await tx.sql<{ channel_type: string }[]>`
    select channel_type from inboxes where account_id = ${tx.accountId} and id = ${conversation.inboxId}`
  return deps.channels.get(row?.channel_type ?? '')
}

async function findQuoted(
  tx: Tx,
  conversation: ConversationRow,
  id: string | null | undefined,
): Promise<MessageRow | undefined> {
  if (id == null) return undefined
  const [quoted] = await findMessages(tx, [parseId(id, 'Quoted message')])
  if (quoted?.threadId !== conversation.threadId) throw notFound('Quoted message')
  return quoted
}

async function checkExpectedLast(tx: Tx, conversation: ConversationRow, expected: string | null | undefined) {
  if (expected == null) return
  if (!isId(expected)) throw notFound('Expected message')
  const userId = tx.actor.kind === 'member' ? tx.actor.userId : null
  const [row] = await tx.sql<{ known: boolean; newer: string | null }[]>`
    select e.id is not null as known, n.id as newer
    from (select 1) one
    left join messages e on e.account_id = ${tx.accountId} and e.id = ${expected} and e.thread_id = ${conversation.threadId}
    left join lateral (
      select m.id from messages m
      where m.account_id = e.account_id and m.conversation_id = ${conversation.id} and (m.at, m.arrival) > (e.at, e.arrival)
        and m.type <> 'activity' and (m.sender_id is null or m.sender_id is distinct from ${userId})
      order by m.at desc, m.arrival desc limit 1) n on true`
  if (!row?.known) throw notFound('Expected message')
  if (row.newer) {
    throw new AppError('CONFLICT', 'A newer message is in the conversation', {
      reason: 'NEWER_MESSAGE',
      messageId: row.newer,
    })
  }
}

/** From when on a reply may go out, where the provider slows the inbox down, and by which channel. */
interface WayOut {
  from: Date | undefined
  channelType: string
}

/** Throws what keeps a reply from going out, all parts of it. */
async function requireSendable(
  deps: Deps,
  tx: Tx,
  conversation: ConversationRow,
  parts: readonly Pick<MessagePart, 'attachmentId'>[],
): Promise<WayOut> {
  const thread = { id: conversation.threadId, inboxId: conversation.inboxId, lastInboundAt: conversation.lastInboundAt }
  const now = tx.clock.now()
  const { inbox, window, suspended } = await readSendingState(tx, deps.channels, thread, now, 'all-queued')
  if (suspended) throw new AppError('FORBIDDEN', 'The account is suspended', { reason: 'ACCOUNT_SUSPENDED' })
  throwIfClosed(window)
  const { sends } = deps.channels.get(inbox.channelType).manifest
  if (parts.some((part) => part.attachmentId) && !sends.includes('image'))
    throw invalid('attachmentIds', 'This channel takes no pictures', 'NOT_SENT_HERE')
  const { remaining, closesAt } = window
  if (remaining !== null && remaining < parts.length)
    throw new AppError('WINDOW_CLOSED', 'There are not enough replies left for all of it', {
      ...{ reason: 'QUOTA_USED', closesAt, remaining, needed: parts.length },
    })
  return { from: await holdPause(tx, inbox), channelType: inbox.channelType }
}

function throwIfClosed(window: ReplyWindow): void {
  const { reason } = window
  if (reason === 'CHANNEL_DISABLED') throw new AppError('FEATURE_DISABLED', 'This inbox cannot send', { reason })
  if (reason === 'CHANNEL_REAUTH')
    throw new AppError('CHANNEL_REAUTH', 'The inbox needs to be connected again', { reason })
  if (reason) throw new AppError('WINDOW_CLOSED', 'The reply window is closed', { reason, closesAt: window.closesAt })
}

async function insertParts(
  tx: Tx,
  conversation: ConversationRow,
  body: SentBody,
  out: WayOut | undefined,
): Promise<MessageRow> {
  const rows: MessageRow[] = []
  for (const part of body.parts) rows.push(await insertMessage(tx, conversation, body, { ...part, out }))
  const last = rows.at(-1)
  if (!last || !rows[0]) throw new Error('a message without parts')
  await tx.sql`
    update conversations set last_activity_at = greatest(last_activity_at, ${last.at}),
      last_message_id = case when ${last.at} >= last_activity_at then ${last.id} else last_message_id end
    where account_id = ${tx.accountId} and id = ${conversation.id}`
  if (!body.private) tx.enqueue(drainThread, { accountId: tx.accountId, threadId: conversation.threadId })
  return rows[0]
}

async function insertMessage(
  tx: Tx,
  conversation: ConversationRow,
  body: SentBody,
  part: MessagePart & { out: WayOut | undefined },
): Promise<MessageRow> {
  const now = tx.clock.now()
  const { id, inboxId, threadId } = conversation
  const [row] = await tx.orm
    .insert(messages)
    .values({
      accountId: tx.accountId,
      id: newId(),
      inboxId,
      threadId,
      conversationId: id,
      type: 'outgoing',
      status: body.private ? null : 'queued',
      source: 'agent',
      private: body.private,
      contentType: part.contentType,
      content: part.content,
      details: part.details,
      clientMessageId: part.clientMessageId,
      senderId: tx.actor.kind === 'member' ? tx.actor.userId : null,
      inReplyToId: part.contentType === 'text' ? body.inReplyToId : null,
      channelType: part.out?.channelType ?? null,
      ...(body.private ? {} : waitingFrom(part.out?.from, now)),
      at: now,
      createdAt: now,
    })
    .returning()
  if (!row) throw new Error('the inserted message is gone')
  if (part.attachmentId) await attachUpload(tx, part.attachmentId, row.id)
  tx.publish({ type: 'message.created', inboxId, conversationId: id, messageId: row.id })
  return row
}

/** Its time to be sent in begins when it may be sent. */
function waitingFrom(from: Date | undefined, now: Date) {
  const queuedAt = from ?? now
  return { queuedAt, nextAttemptAt: from ?? null, deadlineAt: new Date(queuedAt.getTime() + QUEUE_DEADLINE_MS) }
}

const mayHaveArrived = sql`${messages.failureCode} = 'DELIVERY_UNKNOWN'`

/**
 * Queues a FAILED message again, at its old place in the order; also the agent's "send anyway" after DELIVERY_UNKNOWN.
 * Anything else is a CONFLICT; window and connection are checked as for a new one.
 */
export async function retryMessage(deps: Deps, scope: Scope, id: string): Promise<MessageRow> {
  const messageId = parseId(id, 'Message')
  return scope.tx(async (tx) => {
    const message = await getVisibleMessage(tx, messageId)
    await lockThread(tx, message.threadId)
    const conversation = await lockConversation(tx, message.conversationId)
    const { from, channelType } = await requireSendable(deps, tx, conversation, [{ attachmentId: null }])
    await forgetNames(tx, messageId)
    const [row] = await tx.orm
      .update(messages)
      .set({
        status: 'queued',
        failureCode: null,
        attempts: 0,
        channelType,
        ...waitingFrom(from, tx.clock.now()),
        refusedVersion: null,
        // An attempt that may have arrived keeps its slot, and its echo may still come.
        unknownSends: sql`${messages.unknownSends} + case when ${mayHaveArrived} then 1 else 0 end`,
        unknownSince: sql`case when ${mayHaveArrived} then coalesce(${messages.unknownSince}, ${messages.claimedAt}) end`,
        claimedAt: sql`case when ${mayHaveArrived} then ${messages.claimedAt} end`,
      })
      .where(
        and(
          eq(messages.accountId, tx.accountId),
          eq(messages.id, messageId),
          eq(messages.status, 'failed'),
          sql`${messages.externalId} is null`,
        ),
      )
      .returning()
    // The other provider does not have it.
    if (row && message.channelType !== channelType) await forgetUpload(tx, messageId)
    if (!row) throw new AppError('CONFLICT', 'Only failed messages can be sent again', { reason: 'NOT_FAILED' })
    tx.publish({ type: 'message.updated', inboxId: row.inboxId, conversationId: row.conversationId, messageId })
    tx.enqueue(drainThread, { accountId: tx.accountId, threadId: row.threadId })
    return row
  })
}

/** A message that the actor sees; NOT_FOUND otherwise. */
export async function getVisibleMessage(tx: Tx, messageId: string): Promise<MessageRow> {
  const [message] = await findMessages(tx, [messageId])
  if (!message || !canSeeInbox(tx.actor, message.inboxId)) throw notFound('Message')
  return message
}
