import { ChannelError } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { FetchError, guardedFetch, type FetchFault } from '../../kit/guarded-fetch.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import { claimMedium, type Attempt, type MediumPlace } from './medium-place.ts'
import { inspectPicture, isFilm, PictureError, sniff, type PictureFault } from './pictures.ts'

const MAX_BYTES = { image: 20_000_000, sticker: 20_000_000, emoji: 20_000_000, video: 50_000_000 }
const DOWNLOAD_MS = 40_000
/** Longer than an attempt may take: asking, downloading, decoding, storing. */
const LEASE_MS = 120_000
const BACKOFF_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000, 6 * 3_600_000]
/** While the provider stores it: it may take a while, and then be there at once. */
const PENDING_BACKOFF_MS = BACKOFF_MS.slice(0, 5)
/** Until the inbox can be read again. */
const BLOCKED_MS = 600_000

const FETCH_CODES: Record<FetchFault, string> = {
  unsafe: 'MEDIA_UNSAFE',
  too_large: 'MEDIA_TOO_LARGE',
  gone: 'MEDIA_GONE',
  unreachable: 'MEDIA_UNREACHABLE',
}
const PICTURE_CODES: Record<PictureFault, string> = {
  EMPTY: 'MEDIA_NOT_AN_IMAGE',
  TYPE: 'MEDIA_NOT_AN_IMAGE',
  PIXELS: 'MEDIA_TOO_LARGE',
  BROKEN: 'MEDIA_BROKEN',
  TOO_LARGE: 'MEDIA_TOO_LARGE',
}

/** What went wrong, and whether trying again may help: `blocked` waits for others and costs no attempt. */
interface Failure {
  code: string
  remedy: 'none' | 'later' | 'blocked'
}

interface Stored {
  mime: string
  bytes: number
  width: number | null
  height: number | null
  thumbnailKey: string | null
}

/**
 * Fetches a received picture or film into our files: asks the provider where it is, downloads it, looks at its bytes and
 * stores it with a small picture. What fails is tried again later, a few times, and then says so on the row. Throws
 * ChannelError `rate_limited` alone, after having put the attempt back.
 */
export async function fetchMedium(deps: Deps, scope: Scope, place: MediumPlace): Promise<void> {
  const attempt = await scope.tx((tx) => claimMedium(tx, place.attachmentId, LEASE_MS))
  if (!attempt) return
  if (place.unreadable) return scope.tx((tx) => putBack(tx, place, attempt, BLOCKED_MS))
  try {
    const stored = await download(deps, scope, place, attempt.fileKey)
    await scope.tx((tx) => recordStored(tx, place, stored))
  } catch (error) {
    const failure = failureOf(error)
    deps.log.info({ err: error, attachmentId: place.attachmentId, code: failure.code }, 'a medium was not fetched')
    await scope.tx((tx) => recordFailure(tx, place, attempt, failure))
    if (error instanceof ChannelError && error.kind === 'rate_limited') throw error
  }
}

async function download(deps: Deps, scope: Scope, place: MediumPlace, fileKey: string): Promise<Stored> {
  const { inbox, kind } = place
  const { manifest, media, locateMedium } = deps.channels.get(inbox.channelType)
  const { threadRef, externalId, ref, url } = place
  const medium = { accountRef: inbox.externalId, threadRef, externalId, kind, ...(ref && { ref }), ...(url && { url }) }
  const at = url
    ? { url, headers: {} }
    : await withCredentials(deps, scope, inbox, async (credentials) =>
        (media?.locate ?? locateMedium)?.(credentials, medium),
      )
  if (!at) throw new ChannelError('rejected', 'MEDIA_GONE')
  const { trustedOrigins } = manifest
  const bytes = await guardedFetch({ ...at, trustedOrigins, maxBytes: MAX_BYTES[kind], timeoutMs: DOWNLOAD_MS })
  const mime = await sniff(bytes)
  if (kind === 'video' && mime && isFilm(mime)) {
    await deps.files.put(fileKey, bytes, mime)
    return { mime, bytes: bytes.length, width: null, height: null, thumbnailKey: null }
  }
  const picture = await inspectPicture(bytes)
  const thumbnailKey = `${fileKey}-thumbnail`
  await deps.files.put(fileKey, bytes, picture.mime)
  await deps.files.put(thumbnailKey, picture.thumbnail, 'image/webp')
  const { width, height } = picture
  return { mime: picture.mime, bytes: bytes.length, width, height, thumbnailKey }
}

function failureOf(error: unknown): Failure {
  if (error instanceof FetchError)
    return { code: FETCH_CODES[error.fault], remedy: error.fault === 'unreachable' ? 'later' : 'none' }
  if (error instanceof PictureError) return { code: PICTURE_CODES[error.fault], remedy: 'none' }
  if (!(error instanceof ChannelError)) return { code: 'MEDIA_UNREACHABLE', remedy: 'later' }
  if (error.kind === 'rejected') return { code: 'MEDIA_GONE', remedy: 'none' }
  const passes = ['rate_limited', 'unauthorized', 'reauth'].includes(error.kind)
  return { code: 'MEDIA_UNREACHABLE', remedy: passes ? 'blocked' : 'later' }
}

function announce(tx: Tx, { inbox, conversationId, messageId }: MediumPlace): void {
  tx.publish({ type: 'message.updated', inboxId: inbox.id, conversationId, messageId })
}

async function recordStored(tx: Tx, place: MediumPlace, stored: Stored): Promise<void> {
  const { mime, bytes, width, height, thumbnailKey } = stored
  const rows = await tx.sql`
    update attachments set state = 'stored', failure_code = null, next_attempt_at = null, mime = ${mime},
      bytes = ${bytes}, width = ${width}, height = ${height}, thumbnail_key = ${thumbnailKey}
    where account_id = ${tx.accountId} and id = ${place.attachmentId} and state = 'waiting' returning id`
  if (rows.length) announce(tx, place)
}

async function recordFailure(tx: Tx, place: MediumPlace, attempt: Attempt, failure: Failure): Promise<void> {
  if (failure.remedy === 'blocked') return putBack(tx, place, attempt, BLOCKED_MS)
  const ms = backoffOf(tx, place, attempt, failure)
  if (ms !== undefined) {
    const next = new Date(tx.clock.now().getTime() + ms * (0.8 + Math.random() * 0.4))
    await tx.sql`update attachments set next_attempt_at = ${next} where ${ours(tx, place, attempt)}`
    return
  }
  const rows = await tx.sql`
    update attachments set state = 'failed', failure_code = ${failure.code}, next_attempt_at = null
    where ${ours(tx, place, attempt)} returning id`
  if (rows.length) announce(tx, place)
}

/** Undefined: it is not tried again. */
function backoffOf(tx: Tx, { pendingUntil }: MediumPlace, { attempts }: Attempt, { remedy }: Failure) {
  if (pendingUntil && tx.clock.now() < pendingUntil)
    return PENDING_BACKOFF_MS[attempts - 1] ?? PENDING_BACKOFF_MS.at(-1)
  return remedy === 'later' ? BACKOFF_MS[attempts - 1] : undefined
}

async function putBack(tx: Tx, place: MediumPlace, attempt: Attempt, ms: number): Promise<void> {
  await tx.sql`
    update attachments set attempts = attempts - 1, next_attempt_at = ${new Date(tx.clock.now().getTime() + ms)}
    where ${ours(tx, place, attempt)}`
}

/** Only while no later attempt has begun. */
const ours = (tx: Tx, { attachmentId }: MediumPlace, { until }: Attempt) => tx.sql`
  account_id = ${tx.accountId} and id = ${attachmentId} and state = 'waiting' and next_attempt_at = ${until}`
