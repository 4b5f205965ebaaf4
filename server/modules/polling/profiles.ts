import type { Tx } from '../../db/scope.ts'
import { updateContactProfile } from '../contacts/contacts.service.ts'

export interface Renamed {
  contactId: string
  name: string | null
  avatarUrl: string | null
}

/** Takes over what the list calls people now, and shows it in their latest conversation. */
export async function followProfiles(tx: Tx, inboxId: string, renamed: readonly Renamed[]): Promise<void> {
  for (const { contactId, name, avatarUrl } of renamed) {
    await updateContactProfile(tx, contactId, { ...(name && { name }), ...(avatarUrl && { avatarUrl }) })
    const rows = await tx.sql<{ id: string }[]>`
      select id from conversations
      where account_id = ${tx.accountId} and contact_id = ${contactId} and inbox_id = ${inboxId}
      order by last_activity_at desc limit 1`
    for (const row of rows) tx.publish({ type: 'conversation.updated', inboxId, conversationId: row.id })
  }
}
