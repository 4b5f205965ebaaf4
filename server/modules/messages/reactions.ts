import type { InboundEvent } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { newId } from '../../kit/ids.ts'
import { storable } from '../../kit/text.ts'

export type ReactionEvent = Extract<InboundEvent, { kind: 'reaction' }>

/** The address of a picture is signed anew each time it is told; what is before its query stays. */
const nameOf = ({ emoji, url }: ReactionEvent) => emoji ?? url?.split('?')[0] ?? ''

/** Of one instant, taking back is the later word: a sign is there before it goes. */
const isLater = (a: ReactionEvent, b: ReactionEvent) =>
  a.at > b.at || (a.at.getTime() === b.at.getTime() && a.operation === 'remove')

function lastWords(events: readonly ReactionEvent[]): ReactionEvent[] {
  const words = new Map<string, ReactionEvent>()
  for (const event of events) {
    const key = JSON.stringify([event.on, event.by, nameOf(event)])
    const before = words.get(key)
    if (!before || isLater(event, before)) words.set(key, event)
  }
  return [...words.values()]
}

/** The rows of `u`. One statement may not write a row twice, so each sign is among them once. */
function given({ sql }: Tx, events: readonly ReactionEvent[]) {
  const rows = lastWords(events)
  const column = (value: (event: ReactionEvent) => string) => rows.map(value)
  // Truth as text: postgres.js takes a list of booleans for one boolean, as it does with dates.
  return sql`unnest(${column(() => newId())}::uuid[], ${column((event) => event.on)}::text[],
    ${column((event) => event.by)}::text[],
    ${column((event) => (event.by === 'contact' ? event.person.ref : 'business'))}::text[],
    ${column((event) => storable(event.emoji ?? event.url ?? ''))}::text[],
    ${column((event) => String(event.emoji === undefined))}::text[]::boolean[],
    ${column((event) => String(event.operation === 'remove'))}::text[]::boolean[],
    ${column((event) => event.at.toISOString())}::timestamptz[])
    u(id, message_external_id, author, author_ref, sign, is_picture, removed, at)`
}

/**
 * Writes down which signs are on which messages of a thread, under its lock. Of one author and sign the provider's latest
 * word stands, in whatever order and however often they come; the message itself may come later, or never. A sign is no
 * message: it makes nothing unread, reopens nothing, and opens no window.
 */
export async function applyReactions(
  tx: Tx,
  inboxId: string,
  threadId: string,
  events: readonly ReactionEvent[],
): Promise<void> {
  const { sql, accountId } = tx
  const rows = await sql<{ id: string; conversation_id: string }[]>`
    with told as (
      insert into message_reactions as r (account_id, id, thread_id, message_external_id, author, author_ref, sign,
        is_picture, removed, at)
      select ${accountId}, u.id, ${threadId}, u.message_external_id, u.author, u.author_ref,
        coalesce(known.sign, u.sign), u.is_picture, u.removed, u.at
      from ${given(tx, events)}
      left join lateral (
        select k.sign from message_reactions k
        where k.account_id = ${accountId} and k.thread_id = ${threadId} and k.author_ref = u.author_ref
          and k.message_external_id = u.message_external_id and k.is_picture and u.is_picture
          and split_part(k.sign, '?', 1) = split_part(u.sign, '?', 1) limit 1) known on true
      on conflict (account_id, thread_id, message_external_id, author_ref, sign)
        do update set removed = excluded.removed, at = excluded.at
        where excluded.at > r.at or (excluded.at = r.at and excluded.removed and not r.removed)
      returning message_external_id)
    select distinct m.id, m.conversation_id from told t
    join messages m on m.account_id = ${accountId} and m.inbox_id = ${inboxId}
      and (m.external_id = t.message_external_id or m.alternate_external_id = t.message_external_id)`
  for (const { id: messageId, conversation_id: conversationId } of rows)
    tx.publish({ type: 'message.updated', inboxId, conversationId, messageId })
}
