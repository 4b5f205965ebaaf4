import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { at } from './columns.ts'

export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    /** Lower case. */
    email: text().notNull(),
    passwordHash: text('password_hash').notNull(),
    locale: text().notNull().default('en'),
    emailVerifiedAt: at('email_verified_at'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('users_email').on(t.email)],
)

/** One log-in of one browser. The refresh token rotates; the ones before stay good for a moment (tabs, lost answers). */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    tokenHash: text('token_hash').notNull(),
    previousTokenHash: text('previous_token_hash'),
    rotatedAt: at('rotated_at').notNull().defaultNow(),
    previousRotatedAt: at('previous_rotated_at'),
    generation: integer().notNull().default(0),
    userAgent: text('user_agent'),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
    endedAt: at('ended_at'),
  },
  (t) => [
    uniqueIndex('sessions_token').on(t.tokenHash),
    uniqueIndex('sessions_previous_token').on(t.previousTokenHash),
    index('sessions_user')
      .on(t.userId)
      .where(sql`ended_at is null`),
  ],
)

/** Tokens that go out by mail: only their hash is kept, each works once. */
export const mailTokens = pgTable(
  'mail_tokens',
  {
    tokenHash: text('token_hash').primaryKey(),
    purpose: text().$type<'password_reset' | 'email_verification'>().notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    expiresAt: at('expires_at').notNull(),
    usedAt: at('used_at'),
  },
  (t) => [index('mail_tokens_user').on(t.userId)],
)

/** Mails to send: the row is the truth, the queue a hint. Links and their tokens are made when it is sent. */
export const mails = pgTable(
  'mails',
  {
    id: uuid().primaryKey(),
    kind: text().notNull(),
    /** Same key, one mail: set for notices that must not repeat. */
    dedupeKey: text('dedupe_key'),
    userId: uuid('user_id').references(() => users.id, { onDelete: 'cascade' }),
    accountId: uuid('account_id'),
    /** Ids and plain facts only, never a token. */
    data: jsonb().$type<Record<string, string>>().notNull().default({}),
    attempts: integer().notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
    createdAt: at('created_at').notNull().defaultNow(),
    sentAt: at('sent_at'),
    failedAt: at('failed_at'),
  },
  (t) => [
    uniqueIndex('mails_dedupe').on(t.dedupeKey),
    index('mails_unsent')
      .on(t.createdAt)
      .where(sql`sent_at is null and failed_at is null`),
  ],
)
