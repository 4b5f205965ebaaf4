import type { PersonRef } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import type { ConversationStatus } from '../../db/schema/index.ts'
import { newId, parseId } from '../../kit/ids.ts'
import { resolveContact, updateContactProfile } from '../contacts/contacts.service.ts'
import type { SwapFacts } from '../inboxes/swap.queries.ts'
import { syncContact } from './messages.jobs.ts'

/** A thread as a delivery finds it, with the conversation that it would land in. */
export interface ThreadState {
  id: string
  contactId: string
  customerReadAt: Date | null
  contactUsername: string | null
  conversationId: string | null
  conversationStatus: ConversationStatus | null
}

/** Names of threads are the provider's, whichever the inbox had when they were given. */
export interface ThreadInbox {
  id: string
  channelType: string
  /** Its last swap of providers; null when it never had one. Looked up where it is not given. */
  swap?: SwapFacts | null
}

/** A further name of a thread; whoever gives it holds the thread. */
export const nameThread = (tx: Tx, inbox: ThreadInbox, threadRef: string, threadId: string) => tx.sql`
  insert into thread_aliases (account_id, inbox_id, channel_type, external_id, thread_id)
  values (${tx.accountId}, ${inbox.id}, ${inbox.channelType}, ${threadRef}, ${threadId})
  on conflict (account_id, inbox_id, channel_type, external_id) do nothing`

/**
 * The thread behind the provider's id, locked until commit, or undefined. Whoever needs both locks the thread before its
 * conversation; `no key`, because rows that only refer to the thread need not wait, nor be waited for.
 */
export async function lockThreadByRef(tx: Tx, inbox: ThreadInbox, threadRef: string): Promise<ThreadState | undefined> {
  const [row] = await tx.sql<ThreadState[]>`
    select t.id, t.contact_id as "contactId", t.customer_read_at as "customerReadAt",
      p.username as "contactUsername", c.id as "conversationId", c.status as "conversationStatus"
    from thread_aliases a
    join threads t on t.account_id = a.account_id and t.id = a.thread_id
    join contacts p on p.account_id = t.account_id and p.id = t.contact_id
    left join lateral (
      select id, status from conversations c
      where c.account_id = t.account_id and c.thread_id = t.id
      order by (c.status <> 'resolved') desc, c.last_activity_at desc limit 1) c on true
    where a.account_id = ${tx.accountId} and a.inbox_id = ${inbox.id} and a.channel_type = ${inbox.channelType}
      and a.external_id = ${threadRef}
    for no key update of t`
  return row
}

/** Locks the thread of a conversation, before the conversation itself. */
export async function lockThreadOf(tx: Tx, conversationId: string): Promise<void> {
  const lock = () => tx.sql`
    select 1 from threads t join conversations c on c.account_id = t.account_id and c.thread_id = t.id
    where c.account_id = ${tx.accountId} and c.id = ${parseId(conversationId, 'Conversation')} for no key update of t`
  // The thread was merged into another one while this waited for it: the conversation is there now.
  if (!(await lock()).length) await lock()
}

/** Locks a thread that is known by its own id. */
export const lockThread = (tx: Tx, threadId: string): Promise<void> => lockThreads(tx, [threadId])

/** By id, so that whoever needs two of them waits for whoever has the first. */
export async function lockThreads(tx: Tx, threadIds: readonly string[]): Promise<void> {
  await tx.sql`
    select 1 from threads where account_id = ${tx.accountId} and id = any(${[...threadIds]}::uuid[])
    order by id for no key update`
}

/** A thread that was not seen before; `named`: by name and picture, so that the provider need not be asked. The advisory lock on its key keeps two workers from making it twice. */
export async function createThread(
  tx: Tx,
  input: { inbox: ThreadInbox; threadRef: string; person: PersonRef; seenAt: Date; named: boolean },
): Promise<ThreadState> {
  const { id: inboxId, channelType } = input.inbox
  const contactId = await resolveContact(tx, inboxId, input.person, input.seenAt)
  const id = newId()
  await Promise.all([
    tx.sql`insert into threads (account_id, id, inbox_id, contact_id)
      values (${tx.accountId}, ${id}, ${inboxId}, ${contactId})`,
    tx.sql`insert into thread_aliases (account_id, inbox_id, channel_type, external_id, thread_id)
      values (${tx.accountId}, ${inboxId}, ${channelType}, ${input.threadRef}, ${id})`,
  ])
  if (input.named) await updateContactProfile(tx, contactId, input.person)
  else tx.enqueue(syncContact, { accountId: tx.accountId, threadId: id })
  return {
    id,
    contactId,
    customerReadAt: null,
    contactUsername: input.person.username ?? null,
    conversationId: null,
    conversationStatus: null,
  }
}

/** A new conversation on the thread, with where its customer came from meanwhile. The account's number is taken here, so that its row is locked as briefly as can be. */
export async function createConversation(
  tx: Tx,
  thread: { id: string; contactId: string },
  inboxId: string,
  startedAt: Date,
): Promise<string> {
  const id = newId()
  await tx.sql`
    with number as (
      insert into conversation_numbers as n (account_id, last_number) values (${tx.accountId}, 1)
      on conflict (account_id) do update set last_number = n.last_number + 1 returning last_number),
    referred as (
      update referrals set conversation_id = ${id}
      where account_id = ${tx.accountId} and thread_id = ${thread.id} and conversation_id is null)
    insert into conversations (account_id, id, display_id, inbox_id, thread_id, contact_id, last_activity_at, created_at)
    select ${tx.accountId}, ${id}, last_number, ${inboxId}, ${thread.id}, ${thread.contactId}, ${startedAt}, ${startedAt} from number`
  tx.publish({ type: 'conversation.created', inboxId, conversationId: id })
  return id
}
