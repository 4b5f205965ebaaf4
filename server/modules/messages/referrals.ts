import type { ListedReferral } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { newId } from '../../kit/ids.ts'
import { storableJson } from '../../kit/text.ts'

interface Place {
  inboxId: string
  threadId: string
  contactId: string
  /** Undefined: the next conversation of the thread takes them. */
  conversationId: string | undefined
}

/**
 * Writes down where a customer came from, each time once, whether a delivery tells it or a list. One whose time is not
 * known is kept until one of the same facts comes with its time, and not beside it. The thread is locked.
 */
export async function applyReferrals(tx: Tx, place: Place, told: readonly ListedReferral[]): Promise<void> {
  const { inboxId, threadId, contactId, conversationId } = place
  const { sql, accountId } = tx
  for (const { at = null, referral } of told) {
    const { source } = referral
    const facts = storableJson(referral.facts)
    const same = sql`account_id = ${accountId} and thread_id = ${threadId} and source = ${source}
      and facts = ${facts}::text::jsonb`
    const added = await sql`
      with replaced as (delete from referrals where ${same} and at is null and ${at}::timestamptz is not null)
      insert into referrals (account_id, id, thread_id, contact_id, conversation_id, source, facts, at)
      select ${accountId}, ${newId()}, ${threadId}, ${contactId}, ${conversationId ?? null}, ${source},
        ${facts}::text::jsonb, ${at}::timestamptz
      where ${at}::timestamptz is not null or not exists (select 1 from referrals where ${same})
      on conflict (account_id, thread_id, at, source) do nothing`
    if (added.count && conversationId) tx.publish({ type: 'conversation.updated', inboxId, conversationId })
  }
}
