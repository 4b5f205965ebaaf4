import { sql } from 'drizzle-orm'
import { boolean, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { inboxes } from './inboxes.ts'

/** How far the reading of an inbox is whose provider has to be asked: one row an inbox. */
export const polls = pgTable(
  'polls',
  {
    accountId: accountId().references(() => accounts.id),
    inboxId: uuid('inbox_id').notNull(),
    /** What is older is past: it is marked as history, and nobody is told. */
    since: at('since').notNull(),
    /** When the list is read next, and the page to ask for while that is under way. */
    listDueAt: at('list_due_at').notNull(),
    listPage: text('list_page'),
    listStartedAt: at('list_started_at'),
    /** What is listed now: those with whom something happened since then; null: everybody. */
    listSince: at('list_since'),
    listPages: integer('list_pages').notNull().default(0),
    /** Somebody lists until then. */
    listClaimedUntil: at('list_claimed_until'),
    /** When the last list of everybody was begun that was read to its end, and the last one of either kind. */
    listedAt: at('listed_at'),
    sweptAt: at('swept_at'),
    /** Whether the provider can list only whom something happened with; null until it was tried. */
    narrows: boolean(),
    probedAt: at('probed_at'),
    /** When something last happened in the inbox: by it it is awake or asleep. */
    activeAt: at('active_at'),
    /** When something was found here that a delivery ought to have brought. */
    missedAt: at('missed_at'),
    failureCode: text('failure_code'),
    attempts: integer().notNull().default(0),
    /** After a failure of the whole inbox: nothing is asked before. */
    nextAttemptAt: at('next_attempt_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    index('polls_due').on(t.listDueAt),
  ],
)

/** The people of such an inbox, each with when they are looked at next. */
export const polledThreads = pgTable(
  'polled_threads',
  {
    accountId: accountId().references(() => accounts.id),
    inboxId: uuid('inbox_id').notNull(),
    threadRef: text('thread_ref').notNull(),
    /** The lock that its deliveries take. */
    threadKey: text('thread_key').notNull(),
    name: text(),
    avatarUrl: text('avatar_url'),
    /** Whether they are in the inbox's channel at all; null until it was asked. */
    present: boolean(),
    /** The last message that is known of, in either direction. */
    activeAt: at('active_at'),
    /** Whether anything was written: asked cheaply, for those who are quiet. A read tells it too. */
    checkedAt: at('checked_at'),
    checkDueAt: at('check_due_at').notNull(),
    /** What was written. Null: there is no reason to read. */
    readDueAt: at('read_due_at'),
    readAt: at('read_at'),
    /** Everything is known up to here, but for what came late. */
    readUpTo: at('read_up_to'),
    /** When a read was begun that also found what had come late, going back far enough. */
    overlappedAt: at('overlapped_at'),
    /** The page to go on with, while not everything is read; its first page's time, newest message and where it ends. */
    readPage: text('read_page'),
    readingAt: at('reading_at'),
    readingUpTo: at('reading_up_to'),
    readingDownTo: at('reading_down_to'),
    /** The newest message of the business of which nobody knows yet whether it was read. */
    unsettledAt: at('unsettled_at'),
    /** When somebody here sent, or opened the conversation: as good as a message. */
    bumpedAt: at('bumped_at'),
    /** Somebody is at it until then. */
    claimedUntil: at('claimed_until'),
    attempts: integer().notNull().default(0),
    /** When the list last named them. */
    listedAt: at('listed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId, t.threadRef] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    index('polled_threads_read')
      .on(t.accountId, t.inboxId, t.readDueAt)
      .where(sql`read_due_at is not null`),
    index('polled_threads_check').on(t.accountId, t.inboxId, t.checkDueAt),
    index('polled_threads_checked').on(t.accountId, t.inboxId, t.checkedAt),
    /** Across all accounts, for the sweeper. */
    index('polled_threads_reads_due')
      .on(t.readDueAt)
      .where(sql`read_due_at is not null`),
    index('polled_threads_checks_due').on(t.checkDueAt),
  ],
)
