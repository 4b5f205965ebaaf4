import { selectColumns, partOf } from '../../db/select-columns.ts'
import { inboxes, messages } from '../../db/schema/index.ts'
import type { Fragment } from '../../db/client.ts'
import type { ReadTx } from '../../db/scope.ts'
import { contactColumns, type ContactRow } from '../contacts/contacts.queries.ts'
import type { InboxView } from '../inboxes/inboxes.queries.ts'
import type { Loaders } from '../loaders.ts'
import { conversationColumns, type ConversationRow } from './conversations.queries.ts'
import { reactionsOf, type ReactionView } from './reactions.queries.ts'
import { usageColumns, type WindowUsage } from './reply-window.ts'

/** A conversation with everything around it that a line of a list or the head of a thread shows. */
export interface ConversationOverview extends ConversationRow, WindowUsage {
  readCount: number
  assigneeName: string | null
  assigneeEmail: string | null
  /** Of the last message, when one of the team wrote it. */
  senderName: string | null
  senderEmail: string | null
  /** On the last message. */
  reactions: ReactionView[]
  flags: Record<string, boolean>
}

const CONTACT = contactColumns('contact.')
const INBOX = selectColumns(inboxes, 'i', { prefix: 'inbox.', except: ['credentials'] })
const LAST_MESSAGE = selectColumns(messages, 'l', { prefix: 'lastMessage.' })

/** Conversations `c` with all of that, in one statement; `picked` is a common table of theirs. */
export const selectOverviews = (
  tx: ReadTx,
  userId: string | null,
  picked: Fragment,
): Promise<ConversationOverview[]> => tx.sql<ConversationOverview[]>`
  with picked as (${picked})
  select ${conversationColumns(tx)}, coalesce(r.read_count, 0) as "readCount", u.name as "assigneeName",
    u.email as "assigneeEmail", w.name as "senderName", w.email as "senderEmail", ${usageColumns(tx)},
    ${tx.sql.unsafe(CONTACT)}, ${tx.sql.unsafe(INBOX)}, ${tx.sql.unsafe(LAST_MESSAGE)},
    ${tx.sql.unsafe(reactionsOf('l'))} as reactions,
    (select coalesce(jsonb_object_agg(f.key, f.enabled), '{}') from feature_flags f
      where f.account_id = ${tx.accountId}) as flags
  from picked c
  join threads t on t.account_id = c.account_id and t.id = c.thread_id
  join contacts p on p.account_id = c.account_id and p.id = c.contact_id
  join inboxes i on i.account_id = c.account_id and i.id = c.inbox_id
  left join thread_reads r on r.account_id = c.account_id and r.thread_id = c.thread_id and r.user_id = ${userId}
  left join users u on u.id = c.assignee_id
  left join messages l on l.account_id = c.account_id and l.id = c.last_message_id
  left join users w on w.id = l.sender_id
  order by c.last_activity_at desc, c.id desc`

export async function findOverviews(
  tx: ReadTx,
  userId: string | null,
  ids: readonly string[],
): Promise<ConversationOverview[]> {
  if (!ids.length) return []
  return selectOverviews(
    tx,
    userId,
    tx.sql`select * from conversations where account_id = ${tx.accountId} and id = any(${[...ids]}::uuid[])`,
  )
}

/** What the one statement brought along is not loaded again. */
export function primeOverviews(batch: Loaders, rows: readonly ConversationOverview[]): void {
  for (const row of rows) {
    batch.conversation.prime(row.id, row)
    batch.readCount.prime(row.threadId, row.readCount)
    batch.windowUsage.prime(row.threadId, {
      sentAt: row.sentAt,
      queued: row.queued,
      again: row.again,
      namedAt: row.namedAt,
    })
    batch.contact.prime(row.contactId, partOf<ContactRow>(row, 'contact.'))
    batch.inbox.prime(row.inboxId, { ...partOf<InboxView>(row, 'inbox.'), flags: row.flags })
    const { assigneeId, assigneeName, assigneeEmail } = row
    if (assigneeId && assigneeName !== null) {
      batch.colleague.prime(assigneeId, { id: assigneeId, name: assigneeName, email: assigneeEmail ?? '' })
    }
    primeLastMessage(batch, row)
  }
}

function primeLastMessage(batch: Loaders, row: ConversationOverview): void {
  const message = partOf<typeof messages.$inferSelect>(row, 'lastMessage.')
  const { senderName, senderEmail } = row
  if (!row.lastMessageId || !message.id) return
  // bigint comes as text.
  batch.message.prime(message.id, { ...message, arrival: Number(message.arrival) })
  batch.reactions.prime(message.id, row.reactions)
  if (message.senderId && senderName !== null) {
    batch.colleague.prime(message.senderId, { id: message.senderId, name: senderName, email: senderEmail ?? '' })
  }
}
