import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { accountId, at } from './columns.ts'

/** The account's log. Written without a number; feed_stamp() numbers what is committed, densely per account (I13). */
export const accountEvents = pgTable(
  'account_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    accountId: accountId().references(() => accounts.id),
    seq: bigint({ mode: 'number' }),
    type: text().notNull(),
    inboxId: uuid('inbox_id'),
    conversationId: uuid('conversation_id'),
    messageId: uuid('message_id'),
    /** Set: only this user gets it. */
    userId: uuid('user_id'),
    data: jsonb().$type<Record<string, unknown>>(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('account_events_seq').on(t.accountId, t.seq),
    index('account_events_unstamped')
      .on(t.id)
      .where(sql`seq is null`),
    index('account_events_age').on(t.createdAt),
  ],
)

/** The newest number of each account. */
export const feedHeads = pgTable('feed_heads', {
  accountId: accountId()
    .primaryKey()
    .references(() => accounts.id),
  seq: bigint({ mode: 'number' }).notNull(),
})
