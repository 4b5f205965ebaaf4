import DataLoader from 'dataloader'
import { eq, getTableColumns, inArray, and, sql } from 'drizzle-orm'
import type { ReadTx, Scope } from '../db/scope.ts'
import { inboxes, users } from '../db/schema/index.ts'
import { findAttachmentsOf, type AttachmentRow } from './attachments/attachments.queries.ts'
import { findContacts, type ContactRow } from './contacts/contacts.queries.ts'
import { findConversations, findReadCounts, type ConversationRow } from './conversations/conversations.queries.ts'
import { findReactions, type ReactionView } from './conversations/reactions.queries.ts'
import { findWindowUsage, type WindowUsage } from './conversations/reply-window.ts'
import { findHistoryRuns, type HistoryRunRow } from './history/history.queries.ts'
import { findInboxMemberIds, type InboxView } from './inboxes/inboxes.queries.ts'
import { findWrittenMessages, type MessageRow, type WrittenMessage } from './messages/messages.queries.ts'

/** An inbox with the account's feature flags, which decide whether it may send. */
export interface FlaggedInbox extends InboxView {
  flags: Record<string, boolean>
}

/** A colleague: what everybody in the account may know. */
export interface Colleague {
  id: string
  name: string
  email: string
}

/**
 * Batched look-ups of one account, each row loaded once an operation, for HTTP and sockets alike (Mercurius's own loaders
 * throw under another transport).
 */
export function createLoaders(scope: Scope) {
  const byId = <Row extends { id: string }>(find: (tx: ReadTx, ids: readonly string[]) => Promise<Row[]>) =>
    new DataLoader<string, Row | undefined>(async (ids) => {
      const rows = new Map((await scope.read((tx) => find(tx, ids))).map((row) => [row.id, row]))
      return ids.map((id) => rows.get(id))
    })
  const fromMap = <Value>(find: (tx: ReadTx, ids: readonly string[]) => Promise<Map<string, Value>>, none: Value) =>
    new DataLoader<string, Value>(async (ids) => {
      const found = await scope.read((tx) => find(tx, ids))
      return ids.map((id) => found.get(id) ?? none)
    })
  const { actor } = scope
  const colleague = byId<Colleague>(findColleagues)
  /** By message. */
  const reactions = fromMap<ReactionView[]>(findReactions, [])
  const message = byId<MessageRow>(async (tx, ids) => {
    const rows = await findWrittenMessages(tx, ids)
    primeAround({ colleague, reactions }, rows)
    return rows
  })
  return {
    conversation: byId<ConversationRow>(findConversations),
    message,
    reactions,
    /** By message. */
    attachments: fromMap<AttachmentRow[]>(findAttachmentsOf, []),
    contact: byId<ContactRow>(findContacts),
    inbox: byId<FlaggedInbox>(findFlaggedInboxes),
    colleague,
    historyRun: fromMap<HistoryRunRow | undefined>(findHistoryRuns, undefined),
    inboxMemberIds: fromMap<string[]>(findInboxMemberIds, []),
    windowUsage: fromMap<WindowUsage>(findWindowUsage, { sentAt: [], queued: 0, again: false, namedAt: [] }),
    /** By thread; of the asking member. */
    readCount: fromMap<number>(
      async (tx, ids) => (actor.kind === 'member' ? findReadCounts(tx, actor.userId, ids) : new Map<string, number>()),
      0,
    ),
  }
}

export type Loaders = ReturnType<typeof createLoaders>

/** Messages that a statement of ours has read already, with who wrote them and the signs on them. */
export function primeMessages(batch: Loaders, rows: readonly WrittenMessage[]): void {
  for (const row of rows) batch.message.prime(row.id, row)
  primeAround(batch, rows)
}

function primeAround(batch: Pick<Loaders, 'colleague' | 'reactions'>, rows: readonly WrittenMessage[]): void {
  const { colleague } = batch
  for (const { id, reactions, senderId, senderName, senderEmail } of rows) {
    batch.reactions.prime(id, reactions)
    if (senderId && senderName !== null)
      colleague.prime(senderId, { id: senderId, name: senderName, email: senderEmail ?? '' })
  }
}

const { credentials: _credentials, ...inboxColumns } = getTableColumns(inboxes)

async function findFlaggedInboxes(tx: ReadTx, ids: readonly string[]): Promise<FlaggedInbox[]> {
  return tx.orm
    .select({
      ...inboxColumns,
      flags: sql<Record<string, boolean>>`coalesce(
        (select jsonb_object_agg(f.key, f.enabled) from feature_flags f where f.account_id = ${tx.accountId}), '{}')`,
    })
    .from(inboxes)
    .where(and(eq(inboxes.accountId, tx.accountId), inArray(inboxes.id, [...ids])))
}

const findColleagues = (tx: ReadTx, ids: readonly string[]): Promise<Colleague[]> =>
  tx.orm
    .select({ id: users.id, name: users.name, email: users.email })
    .from(users)
    .where(inArray(users.id, [...ids]))
