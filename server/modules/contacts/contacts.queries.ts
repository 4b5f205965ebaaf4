import type { ReadTx } from '../../db/scope.ts'
import { contacts } from '../../db/schema/index.ts'
import { selectColumns } from '../../db/select-columns.ts'
import { referralsOf, type ReferralView } from './referrals.queries.ts'

export type ContactRow = typeof contacts.$inferSelect & { referrals: ReferralView[] }

/** What is read of a contact of table `p`, as columns: it is nowhere read without where it came from. */
export const contactColumns = (prefix = ''): string =>
  `${selectColumns(contacts, 'p', { prefix })}, ${referralsOf('p')} as "${prefix}referrals"`

const COLUMNS = contactColumns()

export async function findContacts(tx: ReadTx, ids: readonly string[]): Promise<ContactRow[]> {
  if (!ids.length) return []
  return tx.sql<ContactRow[]>`
    select ${tx.sql.unsafe(COLUMNS)} from contacts p
    where p.account_id = ${tx.accountId} and p.id = any(${[...ids]}::uuid[])`
}
