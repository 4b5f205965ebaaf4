import { sql } from 'drizzle-orm'
import {
  boolean,
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
import { accountId, at } from './columns.ts'
import { users } from './users.ts'

export const accounts = pgTable(
  'accounts',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    status: text().$type<'active' | 'suspended'>().notNull().default('active'),
    /** How many connected inboxes it may have; null: as many as it likes. */
    inboxLimit: integer('inbox_limit'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [index('accounts_name').on(t.name, t.id)],
)

export type Role = 'administrator' | 'agent'

/** Removed members stay as rows: what they wrote keeps its author. */
export const memberships = pgTable(
  'memberships',
  {
    accountId: accountId().references(() => accounts.id),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    role: text().$type<Role>().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    lastActiveAt: at('last_active_at'),
    removedAt: at('removed_at'),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.userId] }), index('memberships_user').on(t.userId)],
)

export const invitations = pgTable(
  'invitations',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    email: text().notNull(),
    role: text().$type<Role>().notNull(),
    inboxIds: uuid('inbox_ids').array().notNull(),
    invitedBy: uuid('invited_by').notNull(),
    /** Set when the mail goes out. */
    tokenHash: text('token_hash'),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
    acceptedAt: at('accepted_at'),
    revokedAt: at('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    uniqueIndex('invitations_token').on(t.tokenHash),
    uniqueIndex('invitations_open')
      .on(t.accountId, t.email)
      .where(sql`accepted_at is null and revoked_at is null`),
  ],
)

/** What an account's programs sign in with; only the hash is kept, and a revoked one is gone. */
export const apiTokens = pgTable(
  'api_tokens',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    name: text().notNull(),
    tokenHash: text('token_hash').notNull(),
    createdBy: uuid('created_by').notNull(),
    createdAt: at('created_at').notNull(),
    /** To some minutes. */
    lastUsedAt: at('last_used_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.createdBy], foreignColumns: [memberships.accountId, memberships.userId] }),
    uniqueIndex('api_tokens_hash').on(t.tokenHash),
  ],
)

/** Only what differs from the defaults of modules/accounts/feature-flags.ts. */
export const featureFlags = pgTable(
  'feature_flags',
  {
    accountId: accountId().references(() => accounts.id),
    key: text().notNull(),
    enabled: boolean().notNull(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.key] })],
)

export const auditLog = pgTable(
  'audit_log',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    /** Null: Parley itself. */
    userId: uuid('user_id'),
    action: text().notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.id] })],
)
