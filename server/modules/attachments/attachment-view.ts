import type { AttachmentRow } from './attachments.queries.ts'

/** Why a picture could not be had, in words that an agent understands. The client translates by code. */
const FAILURES: Readonly<Record<string, string>> = {
  MEDIA_GONE: 'The provider no longer has it.',
  MEDIA_TOO_LARGE: 'It is too large to be shown here.',
  MEDIA_NOT_AN_IMAGE: 'It is not what it says it is.',
  MEDIA_BROKEN: 'The file is damaged.',
  MEDIA_UNSAFE: 'Its address leads to a place that is not public.',
  MEDIA_UNREACHABLE: 'The provider could not be reached.',
}

const addressOf = ({ accountId, id }: AttachmentRow) => `/files/${accountId}/${id}`

/** What is told of an attachment: nothing of where it lies. */
export function toAttachment(row: AttachmentRow) {
  const stored = row.state === 'stored'
  return {
    id: row.id,
    fileType: row.kind,
    state: row.state.toUpperCase() as Uppercase<AttachmentRow['state']>,
    url: stored ? addressOf(row) : null,
    thumbnailUrl: stored && row.thumbnailKey ? `${addressOf(row)}?thumbnail` : null,
    width: row.width,
    height: row.height,
    mimeType: stored ? row.mime : null,
    fileName: row.fileName,
    externalUrl: row.sourceUrl,
    failure: row.failureCode
      ? { code: row.failureCode, message: FAILURES[row.failureCode] ?? 'It could not be fetched.' }
      : null,
  }
}
