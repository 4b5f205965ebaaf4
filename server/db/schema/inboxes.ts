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
import { accounts, memberships } from './accounts.ts'
import { accountId, at } from './columns.ts'

export const inboxes = pgTable(
  'inboxes',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    name: text().notNull(),
    channelType: text('channel_type').notNull(),
    /** The provider's id of the business. */
    externalId: text('external_id').notNull(),
    handle: text(),
    avatarUrl: text('avatar_url'),
    /** AES-256-GCM, see kit/crypto; null once disconnected. */
    credentials: text(),
    /** Grows with every write of the credentials: compare-and-swap for renewals. */
    credentialsVersion: integer('credentials_version').notNull().default(0),
    /** Of the address that takes its deliveries, where each inbox has its own. */
    webhookToken: text('webhook_token'),
    /** What those are signed with, sealed like the credentials; null once disconnected. */
    webhookKeys: text('webhook_keys'),
    accessExpiresAt: at('access_expires_at'),
    consentExpiresAt: at('consent_expires_at'),
    /** The last warning that the present consent ends, in days before it. */
    consentWarnedDays: integer('consent_warned_days'),
    renewAfter: at('renew_after'),
    /** One renewal at a time. */
    renewalLeaseUntil: at('renewal_lease_until'),
    reauthorizationRequired: boolean('reauthorization_required').notNull().default(false),
    reauthorizationReason: text('reauthorization_reason'),
    /** The channel's own settings, checked by its schema. */
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    lockToSingleConversation: boolean('lock_to_single_conversation').notNull().default(true),
    /** What the business allowed; null where nobody has noted it yet. */
    grantedScopes: text('granted_scopes').array(),
    /** The channel's dialect that it was connected by, and the app that it was connected to; null where nobody noted it. */
    dialect: text(),
    appId: text('app_id'),
    /** What the provider's limits count for it alone; null: they count for the whole app. No secret. */
    rateScope: text('rate_scope'),
    /** The provider slows this business down: nothing is sent before. */
    sendingPausedUntil: at('sending_paused_until'),
    /** What came to its own address and was signed with none of its keys: since when, until when, how often. */
    refusedSince: at('refused_since'),
    refusedAt: at('refused_at'),
    refusedCount: integer('refused_count').notNull().default(0),
    /** Since when deliveries may be missing; history repairs it. */
    gapSince: at('gap_since'),
    lastEventAt: at('last_event_at'),
    createdAt: at('created_at').notNull().defaultNow(),
    /** When the present consent was given: what the provider says of an older one is outdated. */
    connectedAt: at('connected_at').notNull().defaultNow(),
    disconnectedAt: at('disconnected_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    /** One business, one connected inbox in the whole installation: a delivery has one owner. */
    uniqueIndex('inboxes_external')
      .on(t.channelType, t.externalId)
      .where(sql`disconnected_at is null`),
    uniqueIndex('inboxes_webhook').on(t.webhookToken),
    index('inboxes_renewal')
      .on(t.renewAfter)
      .where(sql`disconnected_at is null and not reauthorization_required`),
    index('inboxes_consent')
      .on(t.consentExpiresAt)
      .where(sql`disconnected_at is null and not reauthorization_required`),
    index('inboxes_gap')
      .on(t.gapSince)
      .where(sql`gap_since is not null`),
  ],
)

/** Which agents see which inbox; administrators see all of them. */
export const inboxMembers = pgTable(
  'inbox_members',
  {
    accountId: accountId(),
    inboxId: uuid('inbox_id').notNull(),
    userId: uuid('user_id').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId, t.userId] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }).onDelete(
      'cascade',
    ),
    foreignKey({ columns: [t.accountId, t.userId], foreignColumns: [memberships.accountId, memberships.userId] }),
    index('inbox_members_user').on(t.accountId, t.userId),
  ],
)

/** A connection that is made and waits for an administrator's word, since it is not the business that was expected. */
export const pendingConnections = pgTable(
  'pending_connections',
  {
    accountId: accountId(),
    id: uuid().notNull(),
    /** The inbox that was to be connected again. */
    inboxId: uuid('inbox_id').notNull(),
    /** Who started it, and alone may decide. */
    userId: uuid('user_id').notNull(),
    externalId: text('external_id').notNull(),
    /** Name and picture of the business, as shown to whoever decides. */
    profile: jsonb().$type<{ name: string; handle?: string; avatarUrl?: string }>().notNull(),
    /** AES-256-GCM, see kit/crypto: the connection. */
    connection: text().notNull(),
    expiresAt: at('expires_at').notNull(),
    /** Of taking it back at the provider, once nobody wants it. */
    attempts: integer().notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.userId], foreignColumns: [memberships.accountId, memberships.userId] }),
    index('pending_connections_expiry').on(t.expiresAt),
  ],
)

/** One started OAuth connection; its state works once (I16). */
export const oauthStates = pgTable(
  'oauth_states',
  {
    accountId: accountId().references(() => accounts.id),
    jti: uuid().notNull(),
    expiresAt: at('expires_at').notNull(),
    usedAt: at('used_at'),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.jti] }), index('oauth_states_expiry').on(t.expiresAt)],
)
