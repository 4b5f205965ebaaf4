import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import { findSwapFacts } from '../inboxes/swap.queries.ts'
import { addActivity } from './activity.ts'
import { findConversations } from '../conversations/conversations.queries.ts'
import { areKeptApart } from './match-thread.ts'
import { mergeContacts, removeContactIfAlone } from './merge-contacts.ts'
import { drainThread } from './messages.jobs.ts'
import { dropMatch, findMatch, isProven, settleMatches } from './swap-matches.ts'
import { folded, SENT_MS, uniteTwins } from './twins.ts'

const BUSY_MS = 500
/** Of so many the account is told one by one; the conversation shows the others when it is opened. */
const MOST_TOLD = 50

/** Merges what was written down as certain. Answers when to come again: both threads have something on its way. */
export async function mergeMatched(scope: Scope, threadId: string): Promise<number | undefined> {
  return scope.tx(async (tx) => {
    const match = await findMatch(tx, threadId)
    const [other] = match?.candidates ?? []
    if (match?.state !== 'certain' || !other) return undefined
    const merged = await mergeThreads(tx, match.inboxId, [threadId, other.threadId], { proven: isProven(other) })
    if (merged === 'others') await dropMatch(tx, match)
    return merged === 'busy' ? BUSY_MS : undefined
  })
}

/**
 * `busy`: both have a message on its way, and only one may be; or one has a message whose outcome is open, and the other
 * may have been told of it. `others`: they are two customers after all.
 */
type Merged = 'merged' | 'busy' | 'others'

interface ThreadRow {
  id: string
  contactId: string
  inboundCount: number
  readSignalledCount: number
}

/**
 * Makes one thread of two of the same customer, the one that was here first: messages once, conversations with their
 * numbers, what is unread, signs, links that customers came by, and the names that providers have for thread and customer.
 * Nothing takes it back: without proof, what has come up meanwhile is looked at again behind their locks.
 */
export async function mergeThreads(
  tx: Tx,
  inboxId: string,
  ids: readonly [string, string],
  { proven }: { proven: boolean },
): Promise<Merged> {
  const { sql, accountId } = tx
  // By id, so that two that merge wait for each other; the first of them is the older one.
  const [kept, gone] = await sql<ThreadRow[]>`
    select id, contact_id as "contactId", inbound_count as "inboundCount", read_signalled_count as "readSignalledCount"
    from threads where account_id = ${accountId} and id = any(${[...ids]}::uuid[]) order by id for no key update`
  if (!kept || !gone) {
    await settleMatches(tx, inboxId, ids)
    return 'merged'
  }
  if (!proven && (await areOthers(tx, kept.id, gone.id))) return 'others'
  const [both] = await sql<{ n: number }[]>`
    select count(*)::int as n from messages
    where account_id = ${accountId} and thread_id in (${kept.id}, ${gone.id}) and status = 'sending'`
  if ((both && both.n > 1) || (await awaitsOutcome(tx, [kept.id, gone.id]))) return 'busy'
  const firstChannelType = (await findSwapFacts(tx, inboxId))?.firstChannelType ?? ''
  const doubled = await uniteTwins(tx, inboxId, { kept: kept.id, gone: gone.id, firstChannelType })
  await moveConversations(tx, inboxId, kept, gone)
  await moveSigns(tx, kept, gone)
  await count(tx, kept, gone, doubled)
  await mergeContacts(tx, inboxId, kept.contactId, gone.contactId)
  await settleMatches(tx, inboxId, [kept.id, gone.id])
  await sql`delete from threads where account_id = ${accountId} and id = ${gone.id}`
  if (gone.contactId !== kept.contactId) await removeContactIfAlone(tx, gone.contactId)
  tx.enqueue(drainThread, { accountId, threadId: kept.id })
  return 'merged'
}

/** Once its outcome is known, what one has sent and what the other was told of it are seen to be one. */
async function awaitsOutcome(tx: Tx, threadIds: string[]): Promise<boolean> {
  const { sql, accountId } = tx
  const rows = await sql`
    select 1 from messages m join messages told on told.account_id = m.account_id and told.thread_id <> m.thread_id
      and told.thread_id = any(${threadIds}::uuid[]) and told.type = 'outgoing' and told.source <> 'agent'
      and told.at > m.created_at - ${sql.unsafe(`interval '${SENT_MS} ms'`)} and told.content_type = m.content_type
      and ${sql.unsafe(`${folded('told')} = ${folded('m')}`)}
    where m.account_id = ${accountId} and m.thread_id = any(${threadIds}::uuid[])
      and m.status in ('sending', 'unconfirmed') limit 1`
  return rows.length > 0
}

/** One provider has a name of its own for each of them, or somebody has said that they are not the same. */
async function areOthers(tx: ReadTx, one: string, other: string): Promise<boolean> {
  const { sql, accountId } = tx
  const [row] = await sql<{ others: boolean }[]>`
    select ${areKeptApart(tx, other)} or exists (select 1 from thread_aliases a
      join thread_aliases b on b.account_id = a.account_id and b.channel_type = a.channel_type and b.thread_id = ${other}
      where a.account_id = t.account_id and a.thread_id = t.id) as others
    from threads t where t.account_id = ${accountId} and t.id = ${one}`
  return row?.others === true
}

interface ConversationPlace {
  id: string
  live: boolean
}

/** What goes on ends in the one that goes on at the kept thread; what is over stays as it is, there. */
async function moveConversations(tx: Tx, inboxId: string, kept: ThreadRow, gone: ThreadRow): Promise<void> {
  const { sql, accountId } = tx
  const [target] = await listConversations(tx, kept.id)
  const theirs = await listConversations(tx, gone.id)
  const [single] = await sql<{ single: boolean }[]>`
    select lock_to_single_conversation as single from inboxes where account_id = ${accountId} and id = ${inboxId}`
  for (const one of theirs) {
    const joins = target && (one.live ? target.live || single?.single : single?.single)
    if (joins) await joinConversations(tx, inboxId, target.id, one.id)
  }
  await sql`
    update messages set thread_id = ${kept.id} where account_id = ${accountId} and thread_id = ${gone.id}`
  await sql`
    update conversations set thread_id = ${kept.id}, contact_id = ${kept.contactId}
    where account_id = ${accountId} and thread_id = ${gone.id}`
  for (const { id } of [...(target ? [target] : []), ...theirs])
    tx.publish({ type: 'conversation.updated', inboxId, conversationId: id })
  if (!target) return
  const rows = await findConversations(tx, [target.id, ...theirs.map(({ id }) => id)])
  const into = rows.find(({ id }) => id === target.id)
  for (const row of rows) {
    const isEmptied = row.id !== target.id && row.lastMessageId === null
    if (into && isEmptied) await addActivity(tx, row, { action: 'merged', displayId: into.displayId })
  }
}

/** Live ones first, then the latest. */
const listConversations = ({ sql, accountId }: ReadTx, threadId: string) => sql<ConversationPlace[]>`
  select id, status <> 'resolved' as live from conversations where account_id = ${accountId} and thread_id = ${threadId}
  order by (status <> 'resolved') desc, last_activity_at desc for update`

async function joinConversations(tx: Tx, inboxId: string, into: string, from: string): Promise<void> {
  const { sql, accountId } = tx
  const moved = await sql<{ id: string; history: boolean; isLine: boolean }[]>`
    update messages m set conversation_id = ${into},
      client_message_id = case when exists (select 1 from messages o where o.account_id = m.account_id
        and o.conversation_id = ${into} and o.client_message_id = m.client_message_id) then null else client_message_id end
    where m.account_id = ${accountId} and m.conversation_id = ${from}
    returning m.id, m.history, m.type = 'activity' as "isLine"`
  await sql`
    update conversations i set
      last_message_id = case when f.last_activity_at > i.last_activity_at or i.last_message_id is null
        then coalesce(f.last_message_id, i.last_message_id) else i.last_message_id end,
      last_activity_at = greatest(i.last_activity_at, f.last_activity_at),
      assignee_id = coalesce(i.assignee_id, f.assignee_id),
      status = case when f.status in ('open', 'pending') and i.status in ('resolved', 'snoozed') then f.status else i.status end,
      snoozed_until = case when f.status in ('open', 'pending') then null else i.snoozed_until end
    from conversations f
    where i.account_id = ${accountId} and i.id = ${into} and f.account_id = i.account_id and f.id = ${from}`
  // Nothing happens in it any more: it is the older one, so that the next message does not land in it.
  await sql`
    update conversations f set status = 'resolved', snoozed_until = null, assignee_id = null, last_message_id = null,
      last_activity_at = least(f.created_at, i.last_activity_at - interval '1 ms')
    from conversations i
    where f.account_id = ${accountId} and f.id = ${from} and i.account_id = f.account_id and i.id = ${into}`
  await sql`update referrals set conversation_id = ${into} where account_id = ${accountId} and conversation_id = ${from}`
  for (const { id: messageId } of moved.filter(({ history, isLine }) => !history && !isLine).slice(-MOST_TOLD)) {
    tx.publish({ type: 'message.removed', inboxId, conversationId: from, data: { messageId } })
    tx.publish({ type: 'message.created', inboxId, conversationId: into, messageId })
  }
}

/** Signs on messages, and where the customer came from; what both tell stands once. */
async function moveSigns(tx: Tx, kept: ThreadRow, gone: ThreadRow): Promise<void> {
  const { sql, accountId } = tx
  await sql`
    delete from message_reactions g using message_reactions k
    where g.account_id = ${accountId} and g.thread_id = ${gone.id} and k.account_id = g.account_id
      and k.thread_id = ${kept.id} and k.message_external_id = g.message_external_id and k.author_ref = g.author_ref
      and k.sign = g.sign`
  await sql`update message_reactions set thread_id = ${kept.id} where account_id = ${accountId} and thread_id = ${gone.id}`
  await sql`
    delete from referrals g using referrals k
    where g.account_id = ${accountId} and g.thread_id = ${gone.id} and k.account_id = g.account_id
      and k.thread_id = ${kept.id} and k.source = g.source
      and (k.at = g.at or (k.facts = g.facts and (k.at is null or g.at is null)))`
  await sql`update referrals set thread_id = ${kept.id} where account_id = ${accountId} and thread_id = ${gone.id}`
  await sql`update thread_aliases set thread_id = ${kept.id} where account_id = ${accountId} and thread_id = ${gone.id}`
}

/** What a member has not read of either stays unread, and what both threads had is one message. */
async function count(tx: Tx, kept: ThreadRow, gone: ThreadRow, doubled: number): Promise<void> {
  const { sql, accountId } = tx
  const twice = Math.min(doubled, gone.inboundCount)
  const total = kept.inboundCount + gone.inboundCount - twice
  const signalled = gone.readSignalledCount >= gone.inboundCount ? total : kept.readSignalledCount
  await sql`
    insert into thread_reads as r (account_id, thread_id, user_id, read_count)
    select ${accountId}, ${kept.id}, u.user_id, greatest(${total}::int
      - (${kept.inboundCount}::int - coalesce(k.read_count, 0))
      - greatest(${gone.inboundCount}::int - coalesce(g.read_count, 0) - ${twice}::int, 0), 0)
    from (select distinct user_id from thread_reads
      where account_id = ${accountId} and thread_id in (${kept.id}, ${gone.id})) u
    left join thread_reads k on k.account_id = ${accountId} and k.thread_id = ${kept.id} and k.user_id = u.user_id
    left join thread_reads g on g.account_id = ${accountId} and g.thread_id = ${gone.id} and g.user_id = u.user_id
    on conflict (account_id, thread_id, user_id) do update set read_count = excluded.read_count, updated_at = now()`
  await sql`delete from thread_reads where account_id = ${accountId} and thread_id = ${gone.id}`
  await sql`
    update threads k set inbound_count = ${total},
      read_signalled_count = ${kept.readSignalledCount >= kept.inboundCount ? signalled : kept.readSignalledCount},
      last_inbound_at = greatest(k.last_inbound_at, g.last_inbound_at),
      customer_read_at = greatest(k.customer_read_at, g.customer_read_at)
    from threads g
    where k.account_id = ${accountId} and k.id = ${kept.id} and g.account_id = k.account_id and g.id = ${gone.id}`
}
