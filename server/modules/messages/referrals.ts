import type { InboundEvent } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { newId } from '../../kit/ids.ts'
import { storableJson } from '../../kit/text.ts'

export type ReferralEvent = Extract<InboundEvent, { kind: 'referral' }>

interface Place {
  inboxId: string
  threadId: string
  contactId: string
  /** Undefined: the next conversation of the thread takes them. */
  conversationId: string | undefined
}

/** Writes down where a customer came from, each time once. */
export async function applyReferrals(tx: Tx, place: Place, events: readonly ReferralEvent[]): Promise<void> {
  const { inboxId, threadId, contactId, conversationId } = place
  for (const { at, referral } of events) {
    const added = await tx.sql`
      insert into referrals (account_id, id, thread_id, contact_id, conversation_id, source, facts, at)
      values (${tx.accountId}, ${newId()}, ${threadId}, ${contactId}, ${conversationId ?? null}, ${referral.source},
        ${storableJson(referral.facts)}::text::jsonb, ${at})
      on conflict (account_id, thread_id, at, source) do nothing`
    if (added.count && conversationId) tx.publish({ type: 'conversation.updated', inboxId, conversationId })
  }
}
