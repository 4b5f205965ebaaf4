import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, primaryKey, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { at, bytea } from './columns.ts'

/** One row: tells this database apart from any other (feed cursors) and proves the encryption key (I13, I14). */
export const installation = pgTable('installation', {
  id: uuid().primaryKey(),
  keyCanary: text('key_canary'),
})

/** What must be closed or reloaded on open sockets; every process reads the last seconds of it (I11). */
export const accessChanges = pgTable(
  'access_changes',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** session: ended · membership: role, inboxes or removal · account: suspension or flags */
    kind: text().$type<'session' | 'membership' | 'account'>().notNull(),
    sessionId: uuid('session_id'),
    userId: uuid('user_id'),
    accountId: uuid('account_id'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [index('access_changes_recent').on(t.createdAt)],
)

export const EVENT_STATE = { pending: 0, done: 1, dead: 2, waiting: 3 } as const

/**
 * Raw webhook deliveries, stored before they are acknowledged (I1). Not a tenant's table: whose a row is follows from
 * (channel_type, account_ref) once an inbox with that external id exists.
 */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    channelType: text('channel_type').notNull(),
    /** Same delivery, same key. */
    eventKey: text('event_key').notNull(),
    /** The provider's id of the business; '' when the body did not say. */
    accountRef: text('account_ref').notNull(),
    /** Work on one key is serial (I3). */
    threadKey: text('thread_key').notNull(),
    raw: bytea().notNull(),
    state: smallint().notNull().default(EVENT_STATE.pending),
    /** Why it waits or is dead, or what was strange about it. */
    code: text(),
    attempts: integer().notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
    receivedAt: at('received_at').notNull().defaultNow(),
    processedAt: at('processed_at'),
  },
  (t) => [
    uniqueIndex('webhook_events_key').on(t.channelType, t.eventKey),
    /** A thread's, in order. Begins and ends with what tells the business, so that its backlog is counted without a row. */
    index('webhook_events_pending')
      .on(t.accountRef, t.threadKey, t.id, t.channelType)
      .where(sql`state = 0`),
    index('webhook_events_stale')
      .on(t.receivedAt)
      .where(sql`state = 0`),
    index('webhook_events_waiting')
      .on(t.channelType, t.accountRef, t.id)
      .where(sql`state = 3`),
    index('webhook_events_dead')
      .on(t.id)
      .where(sql`state = 2`),
    index('webhook_events_dead_business')
      .on(t.channelType, t.accountRef)
      .where(sql`state = 2`),
    index('webhook_events_unnamed')
      .on(t.channelType, t.accountRef)
      .where(sql`code = 'EU_UNRESOLVED'`),
    index('webhook_events_done')
      .on(t.processedAt)
      .where(sql`state = 1`),
    index('webhook_events_given_up')
      .on(t.receivedAt)
      .where(sql`state in (2, 3)`),
  ],
)

/** Where a channel's provider delivers to, as it answered last. Of the whole installation. */
export const channelApps = pgTable('channel_apps', {
  channelType: text('channel_type').primaryKey(),
  /** Null: the provider delivers nowhere. */
  callbackUrl: text('callback_url'),
  /** Since when it is this address. */
  registeredAt: at('registered_at'),
  checkedAt: at('checked_at').notNull(),
  /** Why the last check did not come to its end. */
  failureCode: text('failure_code'),
  /** An operator had the provider deliver nowhere: it stays so until somebody registers it again. */
  removedAt: at('removed_at'),
})

/** Deliveries that were refused for their signature, counted by the hour. */
export const webhookRejections = pgTable(
  'webhook_rejections',
  {
    channelType: text('channel_type').notNull(),
    reason: text().notNull(),
    hour: at('hour').notNull(),
    count: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.channelType, t.hour, t.reason] })],
)

/** An app's credentials that a platform administrator entered; the environment's go before. */
export const channelCredentials = pgTable('channel_credentials', {
  channelType: text('channel_type').primaryKey(),
  appId: text('app_id').notNull(),
  /** AES-256-GCM, see kit/crypto. */
  secret: text().notNull(),
  /** Grows with every write; processes that hold an older one read it again. */
  version: integer().notNull().default(1),
  updatedBy: uuid('updated_by').notNull(),
  updatedAt: at('updated_at').notNull(),
})
