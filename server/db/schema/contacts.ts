import { sql } from 'drizzle-orm'
import { foreignKey, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { accountId, at } from './columns.ts'
import { inboxes } from './inboxes.ts'

export const contacts = pgTable(
  'contacts',
  {
    accountId: accountId().references(() => accounts.id),
    id: uuid().notNull(),
    name: text().notNull(),
    username: text(),
    avatarUrl: text('avatar_url'),
    /** When the provider was last asked for name and avatar. */
    profileSyncedAt: at('profile_synced_at'),
    firstSeenAt: at('first_seen_at').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.id] }),
    index('contacts_unsynced')
      .on(t.createdAt)
      .where(sql`profile_synced_at is null`),
  ],
)

/** Who a person is for one inbox. The provider's id is stable, name and username are not. */
export const contactIdentities = pgTable(
  'contact_identities',
  {
    accountId: accountId(),
    inboxId: uuid('inbox_id').notNull(),
    externalId: text('external_id').notNull(),
    contactId: uuid('contact_id').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.accountId, t.inboxId, t.externalId] }),
    foreignKey({ columns: [t.accountId, t.inboxId], foreignColumns: [inboxes.accountId, inboxes.id] }),
    foreignKey({ columns: [t.accountId, t.contactId], foreignColumns: [contacts.accountId, contacts.id] }),
    index('contact_identities_contact').on(t.accountId, t.contactId),
  ],
)
