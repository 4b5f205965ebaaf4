import type { Tx } from '../../db/scope.ts'
import type { WrittenEcho } from './ingest.ts'

/** The column that remembers what an attempt that failed at the provider was called, besides what it held. */
export const withFormerNames = ({ sql }: Tx) => sql`
  coalesce(raw, '{}'::jsonb) || jsonb_build_object('formerIds', coalesce(raw->'formerIds', '[]'::jsonb)
    || to_jsonb(array_remove(array[external_id, alternate_external_id], null)))`

/**
 * The message of an agent has failed and is open to another attempt, which will have a name of its own. The provider goes
 * on telling of the failed one in its lists: that is neither a new message nor word of the other attempt.
 */
export async function forgetNames(tx: Tx, messageId: string): Promise<void> {
  await tx.sql`
    update messages set raw = ${withFormerNames(tx)}, external_id = null, alternate_external_id = null
    where account_id = ${tx.accountId} and id = ${messageId} and status in ('failed', 'queued') and source = 'agent'
      and external_id is not null`
}

/** Which echoes tell once more of attempts that have failed. One that says that it has arrived is news. */
export async function findFailedBefore(tx: Tx, threadId: string, echoes: readonly WrittenEcho[]): Promise<Set<string>> {
  const told = echoes.filter(({ delivery }) => delivery?.state === 'failed' || delivery?.state === 'sent')
  if (!told.length) return new Set()
  const rows = await tx.sql<{ name: string }[]>`
    select jsonb_array_elements_text(raw->'formerIds') as name from messages
    where account_id = ${tx.accountId} and thread_id = ${threadId} and type in ('outgoing', 'template') and not private
      and raw ? 'formerIds'`
  const former = new Set(rows.map(({ name }) => name))
  return new Set(told.flatMap(({ externalId }) => (former.has(externalId) ? [externalId] : [])))
}
