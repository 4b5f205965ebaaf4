import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts, memberships } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { threads } from './conversations.ts'
import { inboxes } from './inboxes.ts'

/** An inbox that went over to another provider, with the connection that it left. */
export const inboxSwaps = pgTable(
  'inbox_swaps',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    inboxId: uuid('inbox_id').notNull(),
    userId: uuid('user_id').notNull(),
    fromChannelType: text('from_channel_type').notNull(),
    fromExternalId: text('from_external_id').notNull(),
    /** The columns of the inbox's row that are the connection's, as they were; nothing secret. */
    fromConnection: jsonb('from_connection').$type<Record<string, unknown>>().notNull(),
    /** AES-256-GCM, see kit/crypto; null once they are forgotten. */
    fromCredentials: text('from_credentials'),
    /** Of the address that its deliveries still come to, and what they are signed with, sealed likewise. */
    fromWebhookToken: text('from_webhook_token'),
    fromWebhookKeys: text('from_webhook_keys'),
    toChannelType: text('to_channel_type').notNull(),
    toExternalId: text('to_external_id').notNull(),
    state: text().$type<'open' | 'taken_back' | 'over'>().notNull().default('open'),
    swappedAt: at('swapped_at').notNull(),
    /** Until then it can be taken back. */
    endsAt: at('ends_at').notNull(),
    /** When another program last answered customers after it, and what the provider calls that program. */
    foreignReplyAt: at('foreign_reply_at'),
    foreignReplyVia: text('foreign_reply_via').$type<'automation' | 'api'>(),
    /** Of taking back what was granted, once it is over. */
    attempts: integer().notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.userId], foreignColumns: [memberships.accountId, memberships.userId] }),
    /** One at a time. */
    uniqueIndex('inbox_swaps_open')
      .on(t.accountId, t.inboxId)
      .where(sql`state = 'open'`),
    /** Whose deliveries of the side that was left these are. */
    index('inbox_swaps_from')
      .on(t.fromChannelType, t.fromExternalId)
      .where(sql`state = 'open'`),
    uniqueIndex('inbox_swaps_webhook').on(t.fromWebhookToken),
    index('inbox_swaps_end')
      .on(t.endsAt)
      .where(sql`state = 'open'`),
  ],
)

export interface SwapCandidate {
  threadId: string
  /** 0 to 1. */
  confidence: number
  /** Codes that the client has words for: SAME_NAME, SAME_TEXTS … */
  reasons: string[]
}

/** A thread of the new provider that may be one of the old provider's: somebody has to decide. */
export const swapMatches = pgTable(
  'swap_matches',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    swapId: uuid('swap_id').notNull(),
    inboxId: uuid('inbox_id').notNull(),
    /** As the new provider has it. */
    threadId: uuid('thread_id').notNull(),
    candidates: jsonb().$type<SwapCandidate[]>().notNull(),
    /** certain: a worker merges the two, and the row is gone then · apart: somebody has said so. */
    state: text().$type<'open' | 'certain' | 'apart'>().notNull().default('open'),
    decidedBy: uuid('decided_by'),
    decidedAt: at('decided_at'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.swapId], foreignColumns: [inboxSwaps.accountId, inboxSwaps.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    uniqueIndex('swap_matches_thread').on(t.accountId, t.threadId),
    index('swap_matches_open')
      .on(t.accountId, t.inboxId)
      .where(sql`state = 'open'`),
    index('swap_matches_certain')
      .on(t.createdAt)
      .where(sql`state = 'certain'`),
  ],
)
