import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { memberships } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { inboxes } from './inboxes.ts'
import { messages } from './messages.ts'

export type AttachmentKind = 'image' | 'video' | 'sticker' | 'emoji'
/** waiting: to be fetched from the provider · stored: in our files · failed: it could not be had, `failureCode` says why */
export type AttachmentState = 'waiting' | 'stored' | 'failed'

/** A picture or film of a message; or one that an agent has uploaded and not sent yet, without a message. */
export const attachments = pgTable(
  'attachments',
  {
    accountId: accountId(),
    id: uuid().notNull(),
    inboxId: uuid('inbox_id').notNull(),
    messageId: uuid('message_id'),
    /** Its place in the message, from 0. */
    position: integer().notNull().default(0),
    kind: text().$type<AttachmentKind>().notNull(),
    state: text().$type<AttachmentState>().notNull(),
    failureCode: text('failure_code'),
    /** The provider's id of it, by which it is located. */
    sourceRef: text('source_ref'),
    /** The provider's address of it; may expire. */
    sourceUrl: text('source_url'),
    uploadedBy: uuid('uploaded_by'),
    fileName: text('file_name'),
    /** Where our files hold it, and the small picture of it. */
    fileKey: text('file_key'),
    thumbnailKey: text('thumbnail_key'),
    mime: text(),
    bytes: integer(),
    width: integer(),
    height: integer(),
    /** What the provider called it when it was handed over for sending. */
    uploadRef: text('upload_ref'),
    uploadRefExpiresAt: at('upload_ref_expires_at'),
    /** The provider has not stored it yet: until then what is not there may still come. */
    pendingUntil: at('pending_until'),
    attempts: integer().notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.messageId], foreignColumns: [messages.accountId, messages.id] }),
    foreignKey({ columns: [t.accountId, t.uploadedBy], foreignColumns: [memberships.accountId, memberships.userId] }),
    index('attachments_message').on(t.accountId, t.messageId, t.position),
    index('attachments_waiting')
      .on(t.nextAttemptAt)
      .where(sql`state = 'waiting'`),
    index('attachments_unsent')
      .on(t.createdAt)
      .where(sql`message_id is null`),
  ],
)
