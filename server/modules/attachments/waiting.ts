import type { MediaRef } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { newId } from '../../kit/ids.ts'
import { storable } from '../../kit/text.ts'
import { fetchMedia } from './attachments.jobs.ts'

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
    media.map(({ kind, ref, url }, position) => ({ id: newId(), messageId: id, position, kind, ref, url })),
  )
  if (!rows.length) return
  const { sql, accountId } = tx
  const added = await sql<{ id: string }[]>`
    insert into attachments (account_id, id, inbox_id, message_id, position, kind, state, source_ref, source_url,
      next_attempt_at, created_at)
    select ${accountId}, u.id, ${inboxId}, m.id, u.position, u.kind, 'waiting', u.ref, u.url, ${tx.clock.now()},
      ${tx.clock.now()}
    from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.messageId)}::uuid[],
      ${rows.map((row) => row.position)}::int[], ${rows.map((row) => row.kind)}::text[],
      ${rows.map((row) => row.ref ?? null)}::text[],
      ${rows.map((row) => (row.url === undefined ? null : storable(row.url)))}::text[])
      as u(id, message_id, position, kind, ref, url)
    join messages m on m.account_id = ${accountId} and m.id = u.message_id
    returning id`
  for (const { id } of added) tx.enqueue(fetchMedia, { accountId, attachmentId: id })
}
