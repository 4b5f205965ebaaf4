import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Deps } from '../../deps.ts'
import type { OpenFile } from '../../files/files.ts'
import { notFound } from '../../kit/errors.ts'
import { deriveKey } from '../../kit/crypto.ts'
import { findAttachment } from './attachments.queries.ts'

/** Long enough for a provider that fetches a picture when its turn comes, and no longer. */
const LIFETIME_MS = 60 * 60_000

/** The parts of an address, in their order in it. */
export interface PictureParams {
  accountId: string
  attachmentId: string
  /** In seconds since the epoch, as text. */
  expiresAt: string
  signature: string
  name: string
}

export const PICTURE_PATH = '/pictures/:accountId/:attachmentId/:expiresAt/:signature/:name'

interface AddressedPicture {
  attachmentId: string
  mime: string
  fileName: string
}

/**
 * An address below PUBLIC_URL that gives this one picture to whoever knows it, for an hour: for providers that take no
 * upload and fetch it themselves. It ends in a name of its kind, which the customer may be shown.
 */
export function pictureAddress(
  { config, clock }: Pick<Deps, 'config' | 'clock'>,
  accountId: string,
  { attachmentId, mime, fileName }: AddressedPicture,
): { url: string; expiresAt: Date } {
  const expiresAt = new Date(Math.ceil((clock.now().getTime() + LIFETIME_MS) / 1000) * 1000)
  const place = { accountId, attachmentId, expiresAt: String(expiresAt.getTime() / 1000), name: nameOf(fileName, mime) }
  const signature = sign(config.jwtSecret, place)
  const path = [accountId, attachmentId, place.expiresAt, signature, place.name].join('/')
  return { url: `${config.publicUrl}/pictures/${path}`, expiresAt }
}

/** What every part of the way understands alike. */
function nameOf(fileName: string, mime: string): string {
  const stem = fileName
    .replace(/\.[^.]*$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  return `${stem || 'picture'}.${mime === 'image/png' ? 'png' : 'jpg'}`
}

const sign = (secret: string, { accountId, attachmentId, expiresAt, name }: Omit<PictureParams, 'signature'>): string =>
  createHmac('sha256', deriveKey(secret, 'picture-address'))
    .update(JSON.stringify([accountId, attachmentId, expiresAt, name]))
    .digest('base64url')

/** As text: many texts decode to the same bytes. */
function isRight(secret: string, params: PictureParams): boolean {
  const [given, right] = [Buffer.from(params.signature), Buffer.from(sign(secret, params))]
  return given.length === right.length && timingSafeEqual(given, right)
}

/** The picture of an address; NOT_FOUND for any other address, once its time is over, and when the picture is gone. */
export async function openAddressed(
  { config, clock, scopes, files }: Pick<Deps, 'config' | 'clock' | 'scopes' | 'files'>,
  params: PictureParams,
): Promise<OpenFile & { mime: string }> {
  const { accountId, attachmentId, expiresAt } = params
  // The time only counts once it is known to be ours.
  if (!isRight(config.jwtSecret, params) || Number(expiresAt) * 1000 <= clock.now().getTime()) throw notFound('Picture')
  const row = await scopes.system(accountId).read((tx) => findAttachment(tx, attachmentId))
  if (row?.state !== 'stored' || !row.messageId || !row.fileKey || !row.mime) throw notFound('Picture')
  const file = await files.open(row.fileKey)
  if (!file) throw notFound('Picture')
  return { ...file, mime: row.mime }
}
