import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import type { ByteRange, OpenFile } from '../../files/files.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { canSeeInbox } from '../inboxes/inboxes.policy.ts'
import { fetchMedia } from './attachments.jobs.ts'
import { findAttachment, lockAttachments, type AttachmentRow } from './attachments.queries.ts'

/** The rule for files (I11): that of their inbox; what nobody has sent yet is its uploader's alone. */
function isVisible({ actor }: Pick<Scope, 'actor'>, row: AttachmentRow): boolean {
  if (!canSeeInbox(actor, row.inboxId)) return false
  return row.messageId !== null || (actor.kind === 'member' && actor.userId === row.uploadedBy)
}

export interface ServedFile {
  mime: string
  fileName: string
  /** Changes with the bytes. */
  version: string
  /** Bytes; undefined for the small picture, which is not served in parts. */
  size: number | undefined
  /** NOT_FOUND when the bytes are gone. */
  open(range?: ByteRange): Promise<OpenFile>
}

const EXTENSIONS: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
}

/** The file of an attachment that the actor sees, or its small picture; NOT_FOUND otherwise. */
export async function findFile(deps: Deps, scope: Scope, id: string, part: 'file' | 'thumbnail'): Promise<ServedFile> {
  const attachmentId = parseId(id, 'File')
  const row = await scope.read((tx) => findAttachment(tx, attachmentId))
  const key = part === 'file' ? row?.fileKey : row?.thumbnailKey
  if (!row || !isVisible(scope, row) || row.state !== 'stored' || !key) throw notFound('File')
  const mime = part === 'file' ? (row.mime ?? 'application/octet-stream') : 'image/webp'
  const fileName = `${row.kind}-${attachmentId.slice(-8)}.${EXTENSIONS[mime] ?? 'bin'}`
  return {
    ...{ mime, fileName, version: `${attachmentId}-${part}` },
    size: part === 'file' ? (row.bytes ?? undefined) : undefined,
    async open(range) {
      const file = await deps.files.open(key, range)
      if (!file) throw notFound('File')
      return file
    },
  }
}

/** Begins to fetch a FAILED one again; CONFLICT for any other. */
export async function refetchAttachment(scope: Scope, id: string): Promise<AttachmentRow> {
  const attachmentId = parseId(id, 'Attachment')
  return scope.tx(async (tx) => {
    const [row] = await lockAttachments(tx, [attachmentId])
    if (!row || !isVisible(scope, row)) throw notFound('Attachment')
    if (row.state !== 'failed' || !row.messageId)
      throw new AppError('CONFLICT', 'Only what could not be fetched can be fetched again', { reason: 'NOT_FAILED' })
    const nextAttemptAt = tx.clock.now()
    const [message] = await tx.sql<{ conversation_id: string }[]>`
      with again as (
        update attachments set state = 'waiting', failure_code = null, attempts = 0, next_attempt_at = ${nextAttemptAt}
        where account_id = ${tx.accountId} and id = ${attachmentId})
      select conversation_id from messages where account_id = ${tx.accountId} and id = ${row.messageId}`
    const { inboxId, messageId } = row
    tx.publish({ type: 'message.updated', inboxId, conversationId: message?.conversation_id ?? '', messageId })
    tx.enqueue(fetchMedia, { accountId: tx.accountId, attachmentId })
    return { ...row, state: 'waiting', failureCode: null, attempts: 0, nextAttemptAt }
  })
}

/** Ends an upload that nobody has sent, with its files; one that was sent meanwhile stays. */
export async function discardUpload(deps: Deps, scope: Scope, id: string): Promise<void> {
  const [row] = await scope.tx(
    (tx) => tx.sql<{ file_key: string | null; thumbnail_key: string | null }[]>`
      delete from attachments where account_id = ${tx.accountId} and id = ${id} and message_id is null
      returning file_key, thumbnail_key`,
  )
  for (const key of [row?.file_key, row?.thumbnail_key]) if (key) await deps.files.remove(key)
}
