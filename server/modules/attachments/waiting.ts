import type { MediaRef } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { newId } from '../../kit/ids.ts'
import { storable } from '../../kit/text.ts'
import { fetchMedia } from './attachments.jobs.ts'

/** For how long what the provider has not stored yet may still come. */
const PENDING_MS = 24 * 3_600_000

/**
 * Notes what messages carry, to be fetched by a job. With the messages' own transaction, so that neither is without the
 * other; of a message that was not written, because it was here already, nothing is noted.
 */
export async function addWaitingMedia(
  tx: Tx,
  inboxId: string,
  messages: readonly { id: string; media: readonly MediaRef[] }[],
): Promise<void> {
  const rows = messages.flatMap(({ id, media }) =>
    media.map((medium, position) => ({ id: newId(), messageId: id, position, ...medium })),
  )
  if (!rows.length) return
  const { sql, accountId } = tx
  const pendingUntil = new Date(tx.clock.now().getTime() + PENDING_MS).toISOString()
  const added = await sql<{ id: string }[]>`
    insert into attachments (account_id, id, inbox_id, message_id, position, kind, state, source_ref, source_url,
      pending_until, next_attempt_at, created_at)
    select ${accountId}, u.id, ${inboxId}, m.id, u.position, u.kind, 'waiting', u.ref, u.url, u.pending_until,
      ${tx.clock.now()}, ${tx.clock.now()}
    from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.messageId)}::uuid[],
      ${rows.map((row) => row.position)}::int[], ${rows.map((row) => row.kind)}::text[],
      ${rows.map((row) => row.ref ?? null)}::text[],
      ${rows.map((row) => (row.url === undefined ? null : storable(row.url)))}::text[],
      ${rows.map((row) => (row.pending ? pendingUntil : null))}::timestamptz[])
      as u(id, message_id, position, kind, ref, url, pending_until)
    join messages m on m.account_id = ${accountId} and m.id = u.message_id
    returning id`
  for (const { id } of added) tx.enqueue(fetchMedia, { accountId, attachmentId: id })
}
