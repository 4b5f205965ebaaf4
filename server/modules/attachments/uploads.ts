import { attachments } from '../../db/schema/index.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { newId, newToken, parseId } from '../../kit/ids.ts'
import { findConversations } from '../conversations/conversations.queries.ts'
import { canSeeInbox } from '../inboxes/inboxes.policy.ts'
import { getInboxRow } from '../inboxes/inboxes.queries.ts'
import type { AttachmentRow } from './attachments.queries.ts'
import { PictureError, preparePicture, type Picture, type PictureFault, type PictureLimits } from './pictures.ts'

/** Where a channel takes no pictures they still go with private notes. */
const NOTE_LIMITS: PictureLimits = { types: ['image/jpeg', 'image/png'], maxBytes: 3_000_000 }

const REFUSALS: Record<PictureFault, { reason: string; message: string }> = {
  EMPTY: { reason: 'IMAGE_EMPTY', message: 'The file is empty' },
  TYPE: { reason: 'IMAGE_TYPE', message: 'Only JPEG, PNG, WebP, AVIF and GIF pictures can be sent' },
  PIXELS: { reason: 'IMAGE_PIXELS', message: 'The picture has more than 50 megapixels' },
  BROKEN: { reason: 'IMAGE_BROKEN', message: 'The picture is damaged' },
  TOO_LARGE: { reason: 'IMAGE_TOO_LARGE', message: 'The picture is too large' },
}

export interface Upload {
  bytes: Buffer
  fileName: string
}

export interface UploadPlace {
  inboxId: string
  limits: PictureLimits
}

/** Where an upload is for; NOT_FOUND for a conversation that the actor does not see. */
export async function findUploadPlace(deps: Deps, scope: Scope, conversationId: string): Promise<UploadPlace> {
  const id = parseId(conversationId, 'Conversation')
  return scope.read(async (tx) => {
    const [conversation] = await findConversations(tx, [id])
    if (!conversation || !canSeeInbox(scope.actor, conversation.inboxId)) throw notFound('Conversation')
    const { channelType } = await getInboxRow(tx, conversation.inboxId)
    const limits = deps.channels.get(channelType).manifest.images ?? NOTE_LIMITS
    return { inboxId: conversation.inboxId, limits }
  })
}

/**
 * Takes a picture in that a message will carry: looked at, written anew within the channel's limits, and stored. It is its
 * uploader's until it is sent, and is gone after a day if it never is.
 * @throws INVALID with details.reason IMAGE_EMPTY, IMAGE_TYPE, IMAGE_PIXELS, IMAGE_BROKEN or IMAGE_TOO_LARGE
 */
export async function storeUpload(
  deps: Deps,
  scope: Scope,
  place: UploadPlace,
  upload: Upload,
): Promise<AttachmentRow> {
  const picture = await prepare(upload.bytes, place.limits)
  const fileKey = `${scope.accountId}/${newToken()}`
  const thumbnailKey = `${fileKey}-thumbnail`
  await deps.files.put(fileKey, picture.bytes, picture.mime)
  await deps.files.put(thumbnailKey, picture.thumbnail, 'image/webp')
  const { mime, width, height, bytes } = picture
  return scope.tx(async (tx) => {
    const [row] = await tx.orm
      .insert(attachments)
      .values({
        ...{ accountId: tx.accountId, id: newId(), inboxId: place.inboxId, kind: 'image', state: 'stored' },
        ...{ fileKey, thumbnailKey, mime, width, height, bytes: bytes.length },
        uploadedBy: scope.actor.kind === 'member' ? scope.actor.userId : null,
        fileName: safeName(upload.fileName, mime),
        createdAt: tx.clock.now(),
      })
      .returning()
    if (!row) throw new Error('the inserted attachment is gone')
    return row
  })
}

async function prepare(bytes: Buffer, limits: PictureLimits): Promise<Picture> {
  try {
    return await preparePicture(bytes, limits)
  } catch (error) {
    if (!(error instanceof PictureError)) throw error
    const { reason, message } = REFUSALS[error.fault]
    throw new AppError('INVALID', message, { field: 'file', reason })
  }
}

/** A name for the provider and for whoever saves it: letters, digits and little else, with the ending of what it is. */
function safeName(given: string, mime: string): string {
  const stem = given
    .normalize('NFC')
    .replace(/\.[^.]*$/, '')
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, '_')
    .trim()
    .slice(0, 80)
  return `${stem || 'image'}.${mime === 'image/png' ? 'png' : 'jpg'}`
}
