import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/scope.ts'
import { conversations, threadReads, type ConversationStatus } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { violates } from '../../db/errors.ts'
import { AppError, invalid, notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { canSeeInbox } from '../inboxes/inboxes.policy.ts'
import { findAssignable } from '../inboxes/inboxes.queries.ts'
import { findConversations, type ConversationRow } from './conversations.queries.ts'
import { findOverviews, type ConversationOverview } from './overview.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    'conversation.statusChanged': { conversation: ConversationRow; before: ConversationStatus }
    'conversation.read': { threadId: string }
    'conversation.assigned': { conversation: ConversationRow; assigneeId: string | null; assigneeName: string | null }
  }
}

/** One conversation that the actor sees; NOT_FOUND otherwise. */
export async function getConversation(scope: Scope, id: string): Promise<ConversationRow> {
  const conversationId = parseId(id, 'Conversation')
  const [row] = await scope.read((tx) => findConversations(tx, [conversationId]))
  if (!row || !canSeeInbox(scope.actor, row.inboxId)) throw notFound('Conversation')
  return row
}

/** The same with everything around it, in one statement. */
export async function getOverview(scope: Scope, id: string): Promise<ConversationOverview> {
  const conversationId = parseId(id, 'Conversation')
  const userId = scope.actor.kind === 'member' ? scope.actor.userId : null
  const [row] = await scope.read((tx) => findOverviews(tx, userId, [conversationId]))
  if (!row || !canSeeInbox(scope.actor, row.inboxId)) throw notFound('Conversation')
  return row
}

/** Locks a conversation that the actor sees, for a change. A lock on its thread is taken before, or not at all. */
export async function lockConversation(tx: Tx, id: string): Promise<ConversationRow> {
  const conversationId = parseId(id, 'Conversation')
  await tx.sql`select 1 from conversations where account_id = ${tx.accountId} and id = ${conversationId} for no key update`
  const [row] = await findConversations(tx, [conversationId])
  if (!row || !canSeeInbox(tx.actor, row.inboxId)) throw notFound('Conversation')
  return row
}

async function update(tx: Tx, row: ConversationRow, set: Partial<typeof conversations.$inferInsert>): Promise<void> {
  await tx.orm
    .update(conversations)
    .set(set)
    .where(and(eq(conversations.accountId, tx.accountId), eq(conversations.id, row.id)))
}

const announce = (tx: Tx, row: ConversationRow) =>
  tx.publish({ type: 'conversation.updated', inboxId: row.inboxId, conversationId: row.id })

/**
 * Sets the status. SNOOZED takes a time ahead, or none: then it sleeps until the customer writes. Reopening is a
 * CONFLICT while another conversation of the same thread is open.
 */
export async function setConversationStatus(
  scope: Scope,
  input: { conversationId: string; status: ConversationStatus; snoozedUntil?: Date | null },
): Promise<ConversationRow> {
  const snoozedUntil = input.status === 'snoozed' ? (input.snoozedUntil ?? null) : null
  if (snoozedUntil && snoozedUntil <= scope.clock.now()) throw invalid('snoozedUntil', 'Snooze until a time ahead')
  try {
    return await scope.tx(async (tx) => {
      const row = await lockConversation(tx, input.conversationId)
      if (row.status === input.status && row.snoozedUntil?.getTime() === snoozedUntil?.getTime()) return row
      await update(tx, row, { status: input.status, snoozedUntil })
      const changed = { ...row, status: input.status, snoozedUntil }
      if (row.status !== input.status) {
        await tx.emit('conversation.statusChanged', { conversation: changed, before: row.status })
      }
      announce(tx, row)
      return changed
    })
  } catch (error) {
    if (violates(error, 'conversations_live')) {
      throw new AppError('CONFLICT', 'Another conversation with this customer is open', { reason: 'OTHER_OPEN' })
    }
    throw error
  }
}

/** Gives the conversation to somebody who sees its inbox, or to nobody. Anybody else is NOT_FOUND. */
export async function assignConversation(
  scope: Scope,
  input: { conversationId: string; assigneeId?: string | null },
): Promise<ConversationRow> {
  const assigneeId = input.assigneeId == null ? null : parseId(input.assigneeId, 'Assignee')
  return scope.tx(async (tx) => {
    const row = await lockConversation(tx, input.conversationId)
    if (row.assigneeId === assigneeId) return row
    const assignee = assigneeId ? await findAssignable(tx, row.inboxId, assigneeId) : undefined
    if (assigneeId && !assignee) throw notFound('Assignee')
    await update(tx, row, { assigneeId })
    const changed = { ...row, assigneeId }
    await tx.emit('conversation.assigned', { conversation: changed, assigneeId, assigneeName: assignee?.name ?? null })
    announce(tx, row)
    return changed
  })
}

/** Moves the member's own marker to the thread's newest message; never backwards. */
export async function markConversationRead(scope: Scope, id: string): Promise<ConversationRow> {
  const { actor } = scope
  if (actor.kind !== 'member') throw new Error('only a member reads')
  const row = await getConversation(scope, id)
  await scope.tx(async (tx) => {
    const moved = await tx.orm
      .insert(threadReads)
      .values({ accountId: tx.accountId, threadId: row.threadId, userId: actor.userId, readCount: row.inboundCount })
      .onConflictDoUpdate({
        target: [threadReads.accountId, threadReads.threadId, threadReads.userId],
        set: { readCount: row.inboundCount, updatedAt: sql`now()` },
        setWhere: sql`${threadReads.readCount} < excluded.read_count`,
      })
      .returning({ readCount: threadReads.readCount })
    if (!moved.length) return
    tx.publish({
      type: 'conversation.read',
      inboxId: row.inboxId,
      conversationId: row.id,
      userId: actor.userId,
      data: { readCount: row.inboundCount },
    })
    await tx.emit('conversation.read', { threadId: row.threadId })
  })
  return row
}

/** Takes a removed member's conversations from them; all of them are announced. */
export async function unassignMember(tx: Tx, userId: string): Promise<void> {
  const rows = await tx.orm
    .update(conversations)
    .set({ assigneeId: null })
    .where(and(eq(conversations.accountId, tx.accountId), eq(conversations.assigneeId, userId)))
    .returning({ id: conversations.id, inboxId: conversations.inboxId })
  for (const row of rows) tx.publish({ type: 'conversation.updated', inboxId: row.inboxId, conversationId: row.id })
}

/** Takes an inbox's conversations from members who do not see it any more; all of them are announced. */
export async function unassignFromInbox(tx: Tx, inboxId: string, userIds: readonly string[]): Promise<void> {
  const rows = await tx.orm
    .update(conversations)
    .set({ assigneeId: null })
    .where(
      and(
        eq(conversations.accountId, tx.accountId),
        eq(conversations.inboxId, inboxId),
        inArray(conversations.assigneeId, [...userIds]),
      ),
    )
    .returning({ id: conversations.id })
  for (const { id } of rows) tx.publish({ type: 'conversation.updated', inboxId, conversationId: id })
}

/** Opens a snoozed conversation whose time has come; does nothing when it was changed meanwhile. */
export async function wakeConversation(scope: Scope, id: string): Promise<void> {
  await scope.tx(async (tx) => {
    const row = await lockConversation(tx, id)
    if (row.status !== 'snoozed' || !row.snoozedUntil || row.snoozedUntil > tx.clock.now()) return
    await update(tx, row, { status: 'open', snoozedUntil: null })
    const changed: ConversationRow = { ...row, status: 'open', snoozedUntil: null }
    await tx.emit('conversation.statusChanged', { conversation: changed, before: 'snoozed' })
    announce(tx, row)
  })
}

/** Crosses tenants: snoozed conversations whose time has come. */
export async function unsafeListDueSnoozes(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  const rows = await system.sql<{ account_id: string; id: string }[]>`
    select account_id, id from conversations
    where status = 'snoozed' and snoozed_until <= ${now} order by snoozed_until limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, id: row.id }))
}
