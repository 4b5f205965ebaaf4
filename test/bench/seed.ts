import type { Sql } from 'postgres'
import { newId } from '../../server/kit/ids.ts'

/** A thread with its customer and its open conversation, known already. */
export interface SeededThread {
  threadId: string
  conversationId: string
  contactId: string
  threadRef: string
  personRef: string
}

export interface SeededAccount {
  accountId: string
  inboxId: string
  /** The provider's id of the business. */
  business: string
  threads: SeededThread[]
}

/** Accounts with one connected inbox and threads that have an open conversation each. */
export async function seedAccounts(sql: Sql, accounts: number, threadsEach: number): Promise<SeededAccount[]> {
  const seeded = Array.from({ length: accounts }, (_, place) => accountOf(`${newId().slice(-8)}${place}`, threadsEach))
  for (const account of seeded) await insertAccount(sql, account)
  return seeded
}

function accountOf(mark: string, threads: number): SeededAccount {
  return {
    accountId: newId(),
    inboxId: newId(),
    business: `business-${mark}`,
    threads: Array.from({ length: threads }, (_, place) => ({
      threadId: newId(),
      conversationId: newId(),
      contactId: newId(),
      threadRef: `thread-${mark}-${place}==`,
      personRef: `person-${mark}-${place}`,
    })),
  }
}

async function insertAccount(sql: Sql, { accountId, inboxId, business, threads }: SeededAccount): Promise<void> {
  const column = (key: keyof SeededThread) => threads.map((thread) => thread[key])
  await sql`insert into accounts (id, name) values (${accountId}, 'Bench')`
  await sql`
    insert into inboxes (account_id, id, name, channel_type, external_id)
    values (${accountId}, ${inboxId}, 'Bench', 'tiktok', ${business})`
  await sql`
    insert into contacts (account_id, id, name, username, first_seen_at, profile_synced_at)
    select ${accountId}, id, 'Customer ' || place, 'alice.demo', now(), now()
    from unnest(${column('contactId')}::uuid[]) with ordinality u(id, place)`
  await sql`
    insert into contact_identities (account_id, inbox_id, external_id, contact_id)
    select ${accountId}, ${inboxId}, ref, id
    from unnest(${column('personRef')}::text[], ${column('contactId')}::uuid[]) u(ref, id)`
  await sql`
    insert into threads (account_id, id, inbox_id, contact_id)
    select ${accountId}, id, ${inboxId}, contact
    from unnest(${column('threadId')}::uuid[], ${column('contactId')}::uuid[]) u(id, contact)`
  await sql`
    insert into thread_aliases (account_id, inbox_id, channel_type, external_id, thread_id)
    select ${accountId}, ${inboxId}, 'tiktok', ref, id
    from unnest(${column('threadRef')}::text[], ${column('threadId')}::uuid[]) u(ref, id)`
  await sql`
    insert into conversations (account_id, id, display_id, inbox_id, thread_id, contact_id, last_activity_at)
    select ${accountId}, id, place, ${inboxId}, thread, contact, now() - interval '1 hour'
    from unnest(${column('conversationId')}::uuid[], ${column('threadId')}::uuid[], ${column('contactId')}::uuid[])
      with ordinality u(id, thread, contact, place)`
  await sql`insert into conversation_numbers (account_id, last_number) values (${accountId}, ${threads.length})`
}

/** Members of an account, each with a session. */
export async function seedMembers(
  sql: Sql,
  accountId: string,
  count: number,
  role: 'administrator' | 'agent' = 'administrator',
): Promise<{ sessionId: string; userId: string }[]> {
  const members = Array.from({ length: count }, () => ({ sessionId: newId(), userId: newId() }))
  const users = members.map(({ userId }) => userId)
  await sql`
    insert into users (id, name, email, password_hash)
    select id, 'Member', id || '@bench.example', 'none' from unnest(${users}::uuid[]) u(id)`
  await sql`
    insert into memberships (account_id, user_id, role) select ${accountId}, id, ${role} from unnest(${users}::uuid[]) u(id)`
  await sql`
    insert into sessions (id, user_id, token_hash, expires_at)
    select session, id, session::text, now() + interval '1 day'
    from unnest(${members.map(({ sessionId }) => sessionId)}::uuid[], ${users}::uuid[]) u(session, id)`
  return members
}
