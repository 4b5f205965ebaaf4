import { and, asc, eq, inArray } from 'drizzle-orm'
import { isDeepStrictEqual } from 'node:util'
import type { Channel } from '../../channels/contract.ts'
import { attachments, messages } from '../../db/schema/index.ts'
import type { Tx } from '../../db/scope.ts'
import { AppError, invalid, notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { lockAttachments } from '../attachments/attachments.queries.ts'
import type { MessageRow } from './messages.queries.ts'
import { isOtherContent, readOtherContent, type MessageBody, type OtherContentInput } from './outbound-content.ts'

const MOST_IMAGES = 10

/** One message of those that a text with pictures becomes: a channel takes a text or one picture at a time. */
export interface MessagePart extends MessageBody {
  clientMessageId: string
  attachmentId: string | null
}

const NOTE_LENGTH = 20_000

interface PartsInput extends OtherContentInput {
  content?: string | null
}

/** What is to be sent, part by part. `channel` undefined: a note. INVALID with the field when it cannot be sent as it is. */
export function readParts(
  channel: Channel | undefined,
  input: PartsInput,
  clientMessageId: string,
  attachmentIds: readonly string[],
): MessagePart[] {
  if (isOtherContent(input)) {
    if (!channel) throw invalid('private', 'A note is text', 'ONE_OF')
    if (attachmentIds.length) throw invalid('attachmentIds', 'A message is one thing', 'ONE_OF')
    return [{ ...readOtherContent(channel, input), clientMessageId, attachmentId: null }]
  }
  const limit = channel?.manifest.limits.textLength ?? NOTE_LENGTH
  return partsOf(clientMessageId, checkContent(input.content, limit, attachmentIds.length > 0), attachmentIds)
}

/** The text as it is: not empty, within the limit (code points), and storable everywhere it goes. */
function checkContent(value: string | null | undefined, limit: number, mayBeEmpty: boolean): string {
  const content = value ?? ''
  if (mayBeEmpty && !content.trim()) return ''
  if (!content.trim()) throw invalid('content', 'A message needs text')
  if (content.includes('\0') || !content.isWellFormed())
    throw invalid('content', 'The text holds characters that cannot be sent')
  const length = [...content].length
  if (length > limit)
    throw new AppError('INVALID', `A message has at most ${limit} characters`, { field: 'content', limit, length })
  return content
}

/** The ids in lower case, each once; a malformed one is NOT_FOUND, as a foreign one is. */
export function checkAttachmentIds(given: readonly string[] | null | undefined): string[] {
  const ids = (given ?? []).map((id) => parseId(id, 'Attachment'))
  if (ids.length > MOST_IMAGES)
    throw new AppError('INVALID', `At most ${MOST_IMAGES} pictures at a time`, {
      field: 'attachmentIds',
      limit: MOST_IMAGES,
    })
  if (new Set(ids).size < ids.length) throw invalid('attachmentIds', 'A picture is named twice')
  return ids
}

const idOfPart = (clientMessageId: string, place: number) => (place ? `${clientMessageId}#${place}` : clientMessageId)

/** The text first, if there is one, then the pictures in their order; the first part carries the client's own id. */
function partsOf(clientMessageId: string, content: string, attachmentIds: readonly string[]): MessagePart[] {
  const text = content ? [{ contentType: 'text', content, details: null, attachmentId: null }] : []
  const images = attachmentIds.map((attachmentId) => ({
    ...{ contentType: 'image', content: null, details: null, attachmentId },
  }))
  return [...text, ...images].map((part, place) => ({ ...part, clientMessageId: idOfPart(clientMessageId, place) }))
}

/** What was sent under a client's id before, in its order; nothing when there is none. */
export async function findSentParts(tx: Tx, conversationId: string, clientMessageId: string): Promise<MessageRow[]> {
  const ids = Array.from({ length: MOST_IMAGES + 1 }, (_, place) => idOfPart(clientMessageId, place))
  return tx.orm
    .select()
    .from(messages)
    .where(
      and(
        eq(messages.accountId, tx.accountId),
        eq(messages.conversationId, conversationId),
        inArray(messages.clientMessageId, ids),
      ),
    )
    .orderBy(asc(messages.arrival))
}

export interface SentBody {
  parts: readonly MessagePart[]
  private: boolean
  inReplyToId: string | null
}

/** The first of what was sent before under the same id, if it was the same; else CONFLICT (I5). */
export async function sameOrConflict(tx: Tx, before: readonly MessageRow[], body: SentBody): Promise<MessageRow> {
  const [first] = before
  const images = before.filter((row) => row.contentType === 'image').map((row) => row.id)
  const carried = images.length ? await findCarried(tx, images) : new Map<string, string>()
  const same =
    before.length === body.parts.length &&
    before.every((row, place) => {
      const part = body.parts[place]
      const attachmentId = carried.get(row.id) ?? null
      return (
        row.clientMessageId === part?.clientMessageId &&
        row.contentType === part.contentType &&
        row.content === part.content &&
        isDeepStrictEqual(row.details, part.details) &&
        attachmentId === part.attachmentId &&
        row.private === body.private
      )
    })
  if (!first || !same || first.inReplyToId !== body.inReplyToId)
    throw new AppError('CONFLICT', 'This clientMessageId was used for another message', { reason: 'ID_REUSED' })
  return first
}

async function findCarried(tx: Tx, messageIds: string[]): Promise<Map<string, string>> {
  const rows = await tx.sql<{ id: string; message_id: string }[]>`
    select id, message_id from attachments
    where account_id = ${tx.accountId} and message_id = any(${messageIds}::uuid[])`
  return new Map(rows.map((row) => [row.message_id, row.id]))
}

/** Locks the actor's own uploads for this inbox: NOT_FOUND for any other, CONFLICT for one that was sent already. */
export async function lockUploads(tx: Tx, inboxId: string, ids: readonly string[]): Promise<void> {
  if (!ids.length) return
  const userId = tx.actor.kind === 'member' ? tx.actor.userId : null
  const rows = await lockAttachments(tx, ids)
  const own = rows.filter((row) => row.inboxId === inboxId && row.uploadedBy === userId && row.state === 'stored')
  if (own.length < ids.length) throw notFound('Attachment')
  if (own.some((row) => row.messageId !== null))
    throw new AppError('CONFLICT', 'A picture was sent already', { reason: 'ATTACHMENT_USED' })
}

/** The upload belongs to its message from now on. */
export async function attachUpload(tx: Tx, attachmentId: string, messageId: string): Promise<void> {
  await tx.orm
    .update(attachments)
    .set({ messageId })
    .where(and(eq(attachments.accountId, tx.accountId), eq(attachments.id, attachmentId)))
}
