import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts, memberships } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { contacts } from './contacts.ts'
import { inboxes } from './inboxes.ts'

/**
 * One provider thread with one person. Conversations come and go on it; window, quota, unread and order belong to it.
 */
export const threads = pgTable(
  'threads',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    inboxId: uuid('inbox_id').notNull(),
    contactId: uuid('contact_id').notNull(),
    /** How many messages of the customer there are: unread is this less the member's marker. */
    inboundCount: integer('inbound_count').notNull().default(0),
    /** Provider's time of the customer's last message: opens the reply window. */
    lastInboundAt: at('last_inbound_at'),
    /** Up to when the customer has read. */
    customerReadAt: at('customer_read_at'),
    /** How many of `inboundCount` the provider was told to show as read. */
    readSignalledCount: integer('read_signalled_count').notNull().default(0),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.contactId], foreignColumns: [contacts.accountId, contacts.id] }),
    index('threads_inbox').on(t.accountId, t.inboxId),
    index('threads_contact').on(t.accountId, t.contactId),
  ],
)

/** The provider's names for a thread; they change when a business swaps its provider. */
export const threadAliases = pgTable(
  'thread_aliases',
  {
    accountId: accountId(),
    inboxId: uuid('inbox_id').notNull(),
    /** Whose name it is: an inbox that went over to another provider has both. */
    channelType: text('channel_type').notNull(),
    externalId: text('external_id').notNull(),
    threadId: uuid('thread_id').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId, t.channelType, t.externalId] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    index('thread_aliases_thread').on(t.accountId, t.threadId),
  ],
)

/** A member's marker on a thread: how many of the customer's messages they have read. */
export const threadReads = pgTable(
  'thread_reads',
  {
    accountId: accountId(),
    threadId: uuid('thread_id').notNull(),
    userId: uuid('user_id').notNull(),
    readCount: integer('read_count').notNull(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.threadId, t.userId] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    foreignKey({ columns: [t.accountId, t.userId], foreignColumns: [memberships.accountId, memberships.userId] }),
  ],
)

export type ConversationStatus = 'open' | 'pending' | 'snoozed' | 'resolved'

export const conversations = pgTable(
  'conversations',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    displayId: integer('display_id').notNull(),
    inboxId: uuid('inbox_id').notNull(),
    threadId: uuid('thread_id').notNull(),
    contactId: uuid('contact_id').notNull(),
    /** Text and not a Postgres enum: comparing enums is not leakproof, so no index would serve it under RLS. */
    status: text().$type<ConversationStatus>().notNull().default('open'),
    snoozedUntil: at('snoozed_until'),
    assigneeId: uuid('assignee_id'),
    lastActivityAt: at('last_activity_at').notNull(),
    lastMessageId: uuid('last_message_id'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    foreignKey({ columns: [t.accountId, t.contactId], foreignColumns: [contacts.accountId, contacts.id] }),
    foreignKey({ columns: [t.accountId, t.assigneeId], foreignColumns: [memberships.accountId, memberships.userId] }),
    uniqueIndex('conversations_display_id').on(t.accountId, t.displayId),
    /** At most one that is not resolved on a thread: two deliveries cannot open two. */
    uniqueIndex('conversations_live')
      .on(t.accountId, t.threadId)
      .where(sql`status <> 'resolved'`),
    index('conversations_thread').on(t.accountId, t.threadId, t.lastActivityAt.desc().nullsFirst()),
    index('conversations_contact').on(t.accountId, t.contactId),
    index('conversations_list').on(
      t.accountId,
      t.status,
      t.lastActivityAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('conversations_inbox_list').on(
      t.accountId,
      t.inboxId,
      t.status,
      t.lastActivityAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('conversations_assignee_list').on(
      t.accountId,
      t.assigneeId,
      t.inboxId,
      t.status,
      t.lastActivityAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('conversations_snoozed')
      .on(t.snoozedUntil)
      .where(sql`status = 'snoozed'`),
  ],
)

/** The last number given out; its row is locked last in a transaction, and only for a new conversation. */
export const conversationNumbers = pgTable('conversation_numbers', {
  accountId: accountId()
    .primaryKey()
    .references(() => accounts.id),
  lastNumber: integer('last_number').notNull(),
})
