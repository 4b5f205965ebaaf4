import { buffer } from 'node:stream/consumers'
import { ChannelError, type UploadReceipt } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import type { Taker } from '../../queue/token-bucket.ts'
import { imagesAllowed } from '../attachments/image-permission.ts'
import { pictureAddress } from '../attachments/picture-address.ts'
import { findSide, type Side } from '../inboxes/swap.queries.ts'
import { endSide, withCredentials } from '../inboxes/with-credentials.ts'
import { recordFailure } from './delivery-results.ts'
import { sendBackoff } from './send-backoff.ts'

/** What the channel calls a send whose picture the provider has forgotten. */
export const UPLOAD_EXPIRED = 'UPLOAD_EXPIRED'
/** A picture is handed over anew when less than this is left of its time. */
const MARGIN_MS = 10 * 60_000
const PAUSED_MS = 1_000

/** ready: it may be claimed · again: the message is not what it was · wait: come again. */
export type Readying = { kind: 'ready' } | { kind: 'again' } | { kind: 'wait'; ms: number }

interface QueuedImage {
  messageId: string
  conversationId: string
  threadId: string
  threadRef: string
  inbox: Side
  attempts: number
  attachmentId: string
  fileKey: string
  mime: string
  fileName: string
}

interface StoredImage {
  inbox_id: string
  channel_type: string | null
  conversation_id: string
  thread_id: string
  thread_ref: string
  attempts: number
  attachment_id: string
  file_key: string
  mime: string
  file_name: string | null
  upload_ref_expires_at: Date | null
}

/** Undefined when the picture is with the provider, or the message no longer waits. */
async function findUnready(scope: Scope, messageId: string, now: Date): Promise<QueuedImage | undefined> {
  return scope.read(async (tx) => {
    const [row] = await tx.sql<StoredImage[]>`
      select m.inbox_id, m.channel_type, m.conversation_id, m.thread_id, r.external_id as thread_ref, m.attempts,
        a.id as attachment_id, a.file_key, a.mime, a.file_name, a.upload_ref_expires_at
      from messages m
      join attachments a on a.account_id = m.account_id and a.message_id = m.id and a.position = 0
      join inboxes i on i.account_id = m.account_id and i.id = m.inbox_id
      join thread_aliases r on r.account_id = m.account_id and r.thread_id = m.thread_id
        and r.channel_type = coalesce(m.channel_type, i.channel_type)
      where m.account_id = ${tx.accountId} and m.id = ${messageId} and m.status = 'queued'
      order by r.created_at desc limit 1`
    if (!row || (row.upload_ref_expires_at?.getTime() ?? 0) > now.getTime() + MARGIN_MS) return undefined
    const { conversation_id: conversationId, thread_id: threadId, thread_ref: threadRef, attempts, mime } = row
    const inbox = await findSide(tx, row.inbox_id, row.channel_type)
    if (!inbox) return undefined
    const file = { attachmentId: row.attachment_id, fileKey: row.file_key, fileName: row.file_name ?? 'image' }
    return { messageId, conversationId, threadId, threadRef, inbox, attempts, mime, ...file }
  })
}

/**
 * Hands the picture of a queued message over, or gives it an address, before the message is claimed: nothing is sent by
 * that, so a process that is killed here leaves a message that still waits. Each call of the provider takes a token. Where
 * the provider takes no pictures the message fails in words.
 */
export async function readyImage(deps: Deps, scope: Scope, messageId: string, taker: Taker): Promise<Readying> {
  const image = await findUnready(scope, messageId, deps.clock.now())
  // A broken connection is the claim's to tell.
  if (!image?.inbox.credentials || image.inbox.reauthorizationRequired) return { kind: 'ready' }
  try {
    return await handOver(deps, scope, image, taker)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return afterFailure(deps, scope, image, error)
  }
}

async function handOver(deps: Deps, scope: Scope, image: QueuedImage, taker: Taker): Promise<Readying> {
  const { inbox } = image
  const { manifest, media } = deps.channels.get(inbox.channelType)
  if (manifest.images?.by === 'address') return giveAddress(deps, scope, image)
  if (!media) return fail(scope, image, 'IMAGES_NOT_ALLOWED')
  let wait = 0
  const token = async () => (wait = await deps.buckets.take(rateOf({ manifest }, inbox), taker)) === 0
  const allowed = await imagesAllowed(deps, scope, image, token)
  if (allowed === undefined) return { kind: 'wait', ms: wait }
  if (!allowed) return fail(scope, image, 'IMAGES_NOT_ALLOWED')
  const file = await deps.files.open(image.fileKey)
  if (!file) return fail(scope, image, 'FILE_GONE')
  if (!(await token())) {
    file.stream.destroy()
    return { kind: 'wait', ms: wait }
  }
  const { mime, fileName } = image
  const picture = { bytes: await buffer(file.stream), mime, fileName }
  const receipt = await withCredentials(deps, scope, inbox, (credentials) =>
    media.upload(credentials, inbox.externalId, picture),
  )
  return recordReady(scope, image, receipt)
}

/** The provider fetches it once it is sent; nobody is asked before. */
async function giveAddress(deps: Deps, scope: Scope, image: QueuedImage): Promise<Readying> {
  const file = await deps.files.open(image.fileKey)
  if (!file) return fail(scope, image, 'FILE_GONE')
  file.stream.destroy()
  const { url, expiresAt } = pictureAddress(deps, scope.accountId, image)
  return recordReady(scope, image, { ref: url, expiresAt })
}

async function recordReady(scope: Scope, image: QueuedImage, { ref, expiresAt }: UploadReceipt): Promise<Readying> {
  await scope.tx(async (tx) => {
    await tx.sql`
      update attachments set upload_ref = ${ref}, upload_ref_expires_at = ${expiresAt}
      where account_id = ${tx.accountId} and id = ${image.attachmentId}`
    // What handing it over cost is not held against the sending.
    await tx.sql`
      update messages set attempts = 0
      where account_id = ${tx.accountId} and id = ${image.messageId} and status = 'queued' and attempts > 0`
  })
  return { kind: 'ready' }
}

/** Only while it waits: another worker may have handed the picture over and be sending it. */
async function fail(scope: Scope, image: QueuedImage, code: string): Promise<Readying> {
  const { messageId, conversationId, inbox } = image
  await scope.tx(async (tx) => {
    const [waits] = await tx.sql`
      select 1 from messages where account_id = ${tx.accountId} and id = ${messageId} and status = 'queued' for update`
    if (waits) await recordFailure(tx, { messageId, conversationId, inboxId: inbox.id }, code)
  })
  return { kind: 'again' }
}

async function afterFailure(deps: Deps, scope: Scope, image: QueuedImage, error: ChannelError): Promise<Readying> {
  const { inbox } = image
  switch (error.kind) {
    case 'rate_limited': {
      const { rate } = deps.channels.get(inbox.channelType).manifest
      return { kind: 'wait', ms: await deps.buckets.pause(rate, error.retryAfterMs).catch(() => PAUSED_MS) }
    }
    case 'unavailable':
    case 'unknown':
      return putOff(scope, image, error)
    case 'unauthorized':
    case 'reauth':
      await scope.tx((tx) => endSide(tx, inbox, error.code))
      return fail(scope, image, 'CHANNEL_REAUTH')
    default:
      return fail(scope, image, error.code)
  }
}

/** Again after a while, a few times; everything behind it waits too (I6). */
async function putOff(scope: Scope, image: QueuedImage, { code, retryAfterMs }: ChannelError): Promise<Readying> {
  const ms = sendBackoff(image.attempts + 1, retryAfterMs)
  if (ms === undefined) return fail(scope, image, code)
  await scope.tx(
    (tx) => tx.sql`
      update messages set attempts = attempts + 1,
        next_attempt_at = ${new Date(tx.clock.now().getTime() + ms)}
      where account_id = ${tx.accountId} and id = ${image.messageId} and status = 'queued'`,
  )
  return { kind: 'again' }
}

/** The provider has forgotten the picture: it is handed over anew before the next attempt. */
export async function forgetUpload(tx: Tx, messageId: string): Promise<void> {
  await tx.sql`
    update attachments set upload_ref = null, upload_ref_expires_at = null
    where account_id = ${tx.accountId} and message_id = ${messageId}`
}
