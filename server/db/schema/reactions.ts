import { boolean, foreignKey, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { contacts } from './contacts.ts'
import { conversations, threads } from './conversations.ts'
import { accountId, at } from './columns.ts'

/**
 * Signs on messages, as the provider named the message: it may come later than its sign, or never. One row a person
 * and sign; the provider's time decides which word was the last.
 */
export const messageReactions = pgTable(
  'message_reactions',
  {
    accountId: accountId(),
    id: uuid().notNull(),
    threadId: uuid('thread_id').notNull(),
    messageExternalId: text('message_external_id').notNull(),
    author: text().$type<'contact' | 'business'>().notNull(),
    /** The provider's id of the customer; the business is one author, whoever writes for it. */
    authorRef: text('author_ref').notNull(),
    /** The emoji, or the address of a picture. */
    sign: text().notNull(),
    isPicture: boolean('is_picture').notNull().default(false),
    removed: boolean().notNull(),
    at: at('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    uniqueIndex('message_reactions_sign').on(t.accountId, t.threadId, t.messageExternalId, t.authorRef, t.sign),
  ],
)

/** Where a customer came from, each time. */
export const referrals = pgTable(
  'referrals',
  {
    accountId: accountId(),
    id: uuid().notNull(),
    threadId: uuid('thread_id').notNull(),
    contactId: uuid('contact_id').notNull(),
    conversationId: uuid('conversation_id'),
    source: text().$type<'ad' | 'short_link' | 'other'>().notNull(),
    facts: jsonb().$type<Record<string, string>>().notNull(),
    /** Null: told by a list that does not say when. */
    at: at('at'),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    foreignKey({ columns: [t.accountId, t.threadId], foreignColumns: [threads.accountId, threads.id] }),
    foreignKey({ columns: [t.accountId, t.contactId], foreignColumns: [contacts.accountId, contacts.id] }),
    foreignKey({
      columns: [t.accountId, t.conversationId],
      foreignColumns: [conversations.accountId, conversations.id],
    }),
    uniqueIndex('referrals_once').on(t.accountId, t.threadId, t.at, t.source),
    index('referrals_contact').on(t.accountId, t.contactId, t.at),
  ],
)
