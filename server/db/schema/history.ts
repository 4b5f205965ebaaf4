import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { ListedReferral } from '../../channels/contract.ts'
import { accounts } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { inboxes } from './inboxes.ts'

/** What of an inbox's past is read, or was read last: one row an inbox, so that runs never overlap. */
export const historyRuns = pgTable(
  'history_runs',
  {
    accountId: accountId().references(() => accounts.id),
    inboxId: uuid('inbox_id').notNull(),
    reason: text().$type<'connect' | 'gap' | 'request'>().notNull(),
    /** What customers wrote from then on nobody has seen: it counts as unread. */
    since: at('since').notNull(),
    state: text().$type<'listing' | 'reading' | 'done' | 'failed'>().notNull(),
    /** The page of the provider's list to ask for next. */
    page: text(),
    threadsFound: integer('threads_found').notNull().default(0),
    threadsRead: integer('threads_read').notNull().default(0),
    messagesAdded: integer('messages_added').notNull().default(0),
    failureCode: text('failure_code'),
    attempts: integer().notNull().default(0),
    /** When a sweeper comes for it, should nobody be at it any more. */
    nextAttemptAt: at('next_attempt_at'),
    /** When the account last heard how far it is. */
    announcedAt: at('announced_at'),
    startedAt: at('started_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    index('history_runs_open')
      .on(t.nextAttemptAt)
      .where(sql`state in ('listing', 'reading')`),
  ],
)

type StoredReferral = Omit<ListedReferral, 'at'> & { at?: string }

/** The threads that a run still has to read. */
export const historyThreads = pgTable(
  'history_threads',
  {
    accountId: accountId().references(() => accounts.id),
    inboxId: uuid('inbox_id').notNull(),
    threadRef: text('thread_ref').notNull(),
    /** The lock that its deliveries take. */
    threadKey: text('thread_key').notNull(),
    updatedAt: at('updated_at').notNull(),
    /** As the list tells them; times as text. */
    referrals: jsonb().$type<StoredReferral[]>().notNull().default([]),
    attempts: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId, t.threadRef] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
  ],
)
