import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'

/** timestamptz(3): the milliseconds of a provider's clock, and no more, so that keyset cursors compare exactly. */
export const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })

export const accountId = () => uuid('account_id').notNull()

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
