import { and, eq, inArray } from 'drizzle-orm'
import { selectColumns } from '../../db/select-columns.ts'
import { attachments, type AttachmentKind } from '../../db/schema/index.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import type { System } from '../../deps.ts'

export type AttachmentRow = typeof attachments.$inferSelect

const KINDS: readonly string[] = ['image', 'video', 'sticker', 'emoji'] satisfies AttachmentKind[]

/** Whether messages of this content type have attachments: of the others none need be looked for. */
export const carriesAttachments = (contentType: string): boolean => KINDS.includes(contentType)

/** message → its attachments, in order. */
export async function findAttachmentsOf(
  tx: ReadTx,
  messageIds: readonly string[],
): Promise<Map<string, AttachmentRow[]>> {
  const rows = await tx.sql<AttachmentRow[]>`
    select ${tx.sql.unsafe(selectColumns(attachments, 'a'))} from attachments a
    where a.account_id = ${tx.accountId} and a.message_id = any(${[...messageIds]}::uuid[])
    order by a.message_id, a.position`
  const found = new Map<string, AttachmentRow[]>()
  for (const row of rows) {
    const list = found.get(row.messageId ?? '') ?? []
    found.set(row.messageId ?? '', [...list, row])
  }
  return found
}

export async function findAttachment(tx: ReadTx, id: string): Promise<AttachmentRow | undefined> {
  const [row] = await tx.orm
    .select()
    .from(attachments)
    .where(and(eq(attachments.accountId, tx.accountId), eq(attachments.id, id)))
  return row
}

/** Several of them, locked until commit, in no order. */
export const lockAttachments = (tx: Tx, ids: readonly string[]): Promise<AttachmentRow[]> =>
  tx.orm
    .select()
    .from(attachments)
    .where(and(eq(attachments.accountId, tx.accountId), inArray(attachments.id, [...ids])))
    .for('update')

interface AttachmentKey {
  accountId: string
  attachmentId: string
}

/** Crosses tenants: what is to be fetched from a provider and whose time has come. */
export async function unsafeListDueMedia(system: System, now: Date, limit: number): Promise<AttachmentKey[]> {
  const rows = await system.sql<{ account_id: string; id: string }[]>`
    select account_id, id from attachments
    where state = 'waiting' and message_id is not null and next_attempt_at <= ${now}
    order by next_attempt_at limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, attachmentId: row.id }))
}

const DAY_MS = 24 * 3_600_000

/** Crosses tenants: what was uploaded a day ago and never sent. */
export async function unsafeListAbandonedUploads(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  const rows = await system.sql<{ account_id: string; id: string }[]>`
    select account_id, id from attachments
    where message_id is null and created_at < ${new Date(now.getTime() - DAY_MS)} order by created_at limit ${limit}`
  return rows.map((row) => ({ accountId: row.account_id, id: row.id }))
}
