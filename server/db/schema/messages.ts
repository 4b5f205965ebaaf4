import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { accounts, memberships } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { conversations, threads } from './conversations.ts'
import { inboxes } from './inboxes.ts'

export type MessageType = 'incoming' | 'outgoing' | 'activity' | 'template'
export type MessageStatus = 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unconfirmed'
export type MessageSource = 'contact' | 'agent' | 'app' | 'automation' | 'system'

/** What a worker has yet to settle. */
const OPEN = sql`status in ('queued', 'sending', 'unconfirmed')`

/** What programs are told of an account, in the order of time. */
const CHATS = sql`type <> 'activity' and not private and status is distinct from 'failed'`

export const messages = pgTable(
  'messages',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    /** Breaks ties of `at` by arrival; never leaves the server except inside a cursor. */
    arrival: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    inboxId: uuid('inbox_id').notNull(),
    threadId: uuid('thread_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    type: text().$type<MessageType>().notNull(),
    status: text().$type<MessageStatus>(),
    source: text().$type<MessageSource>().notNull(),
    private: boolean().notNull().default(false),
    /** It was past when it came to us: read from the provider's list, and announced to nobody. */
    history: boolean().notNull().default(false),
    contentType: text('content_type').notNull().default('text'),
    content: text(),
    /**
     * The channel that it goes out by or came in by; null: the one that the inbox had before its first swap of providers.
     */
    channelType: text('channel_type'),
    /** The provider's id, unique in the inbox (I2). */
    externalId: text('external_id'),
    /** The same message's id at the other provider of the thread: it is known by either, and they change places (I2). */
    alternateExternalId: text('alternate_external_id'),
    clientMessageId: text('client_message_id'),
    senderId: uuid('sender_id'),
    inReplyToId: uuid('in_reply_to_id'),
    /** The quoted message's external id, kept also while that message is not here. */
    inReplyToExternalId: text('in_reply_to_external_id'),
    /** What a placeholder or an activity line says. */
    details: jsonb().$type<Record<string, unknown>>(),
    /** The provider's own words for kinds that we cannot show (I4); of ours `formerIds`, the ids of attempts that failed. */
    raw: jsonb(),
    failureCode: text('failure_code'),
    attempts: integer().notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
    /** When QUEUED, SENDING or UNCONFIRMED ends in FAILED at the latest (I7). */
    deadlineAt: at('deadline_at'),
    claimedAt: at('claimed_at'),
    /** Since when it waits to be sent: the first time, or the agent's retry. */
    queuedAt: at('queued_at'),
    /** The version of the inbox's credentials that the provider refused for it. */
    refusedVersion: integer('refused_version'),
    /** Attempts that may have arrived: each keeps its slot in the quota when the agent sends it again. */
    unknownSends: integer('unknown_sends').notNull().default(0),
    /** When the first of them was made: its echo is not older. */
    unknownSince: at('unknown_since'),
    /** The thread's order: the provider's time where it is known, else ours. */
    at: at('at').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    foreignKey({
      columns: [t.accountId, t.conversationId],
      foreignColumns: [conversations.accountId, conversations.id],
    }),
    foreignKey({ columns: [t.accountId, t.senderId], foreignColumns: [memberships.accountId, memberships.userId] }),
    foreignKey({ columns: [t.accountId, t.inReplyToId], foreignColumns: [t.accountId, t.id] }),
    uniqueIndex('messages_external').on(t.accountId, t.inboxId, t.externalId),
    index('messages_alternate_external')
      .on(t.accountId, t.inboxId, t.alternateExternalId)
      .where(sql`alternate_external_id is not null`),
    uniqueIndex('messages_client').on(t.accountId, t.conversationId, t.clientMessageId),
    /** One at a time on a thread (I6). */
    uniqueIndex('messages_sending')
      .on(t.accountId, t.threadId)
      .where(sql`status = 'sending'`),
    index('messages_outbox').on(t.accountId, t.threadId, t.arrival).where(OPEN),
    index('messages_deadline').on(t.deadlineAt).where(OPEN),
    /** What an inbox that was connected again may send after all. */
    index('messages_unsent')
      .on(t.accountId, t.inboxId)
      .where(sql`status = 'failed' and failure_code = 'CHANNEL_REAUTH'`),
    index('messages_page').on(t.accountId, t.conversationId, t.at, t.arrival),
    index('messages_chats').on(t.accountId, t.at, t.arrival).where(CHATS),
    index('messages_receipts')
      .on(t.accountId, t.threadId, t.at)
      .where(sql`status in ('sent', 'delivered')`),
    /** What an echo may belong to. */
    index('messages_open')
      .on(t.accountId, t.threadId, t.claimedAt)
      .where(sql`external_id is null and status in ('queued', 'sending', 'unconfirmed', 'failed')`),
    /** Quota. */
    index('messages_outgoing')
      .on(t.accountId, t.threadId, t.at)
      .where(sql`type in ('outgoing', 'template') and not private`),
    /** What was sent lately, in the order of the table, as good as free to keep. */
    index('messages_claimed').using('brin', t.claimedAt).with({ autosummarize: true }),
    index('messages_quoted')
      .on(t.accountId, t.inReplyToId)
      .where(sql`in_reply_to_id is not null`),
    check('messages_status', sql`(status is not null) = (type in ('outgoing', 'template') and not private)`),
  ],
)
