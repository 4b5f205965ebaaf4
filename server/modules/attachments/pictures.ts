import { fileTypeFromBuffer } from 'file-type'
import sharp, { type Sharp } from 'sharp'

/** What the browsers of agents show; told by the first bytes, whatever else is claimed. */
const PICTURES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']
const FILMS = ['video/mp4', 'video/webm']
const MAX_PIXELS = 50_000_000
/** Larger ones take long to write as PNG and do not become small. */
const PNG_PIXELS = 8_000_000
const THUMBNAIL_PX = 640
const TIMEOUT_S = 15
/** Longest sides and qualities that are tried until a picture is small enough. */
const TRIALS = [
  { side: 4096, quality: 88 },
  { side: 2560, quality: 82 },
  { side: 1920, quality: 75 },
  { side: 1280, quality: 65 },
  { side: 800, quality: 50 },
] as const

// One picture at a time in a slot: the slots are what is counted, and nothing of one customer's stays in a cache.
sharp.concurrency(1)
sharp.cache(false)

export type PictureFault = 'EMPTY' | 'TYPE' | 'PIXELS' | 'BROKEN' | 'TOO_LARGE'

export class PictureError extends Error {
  readonly fault: PictureFault

  constructor(fault: PictureFault, cause?: unknown) {
    super(`picture: ${fault}`, { cause })
    this.name = 'PictureError'
    this.fault = fault
  }
}

export interface Picture {
  bytes: Buffer
  mime: string
  width: number
  height: number
  thumbnail: Buffer
}

/** The type of a picture or film that we keep, by its first bytes; undefined for anything else. */
export async function sniff(bytes: Buffer): Promise<string | undefined> {
  const mime = (await fileTypeFromBuffer(bytes))?.mime
  return mime && [...PICTURES, ...FILMS].includes(mime) ? mime : undefined
}

export const isFilm = (mime: string): boolean => FILMS.includes(mime)

/** The first frame, upright, with a limit to its pixels and to the time that it takes. */
const decode = (bytes: Buffer): Sharp =>
  sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'truncated', animated: false })
    .autoOrient()
    .timeout({ seconds: TIMEOUT_S })

async function picked<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PictureError) throw error
    throw new PictureError(/pixel limit|timeout/i.test(String(error)) ? 'PIXELS' : 'BROKEN', error)
  }
}

async function measure(bytes: Buffer) {
  const { autoOrient, hasAlpha, format } = await sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata()
  if (autoOrient.width * autoOrient.height > MAX_PIXELS) throw new PictureError('PIXELS')
  return { ...autoOrient, hasAlpha, format }
}

const thumbnailOf = (bytes: Buffer): Promise<Buffer> =>
  decode(bytes)
    .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer()

/**
 * A picture that came from outside, as it is, with its size and a small picture of it. All of it is decoded on the way.
 * @throws PictureError
 */
export const inspectPicture = (bytes: Buffer): Promise<Picture> => inSlot(() => inspect(bytes))

async function inspect(bytes: Buffer): Promise<Picture> {
  const mime = await sniff(bytes)
  if (!mime || isFilm(mime)) throw new PictureError(bytes.length ? 'TYPE' : 'EMPTY')
  return picked(async () => {
    const { width, height } = await measure(bytes)
    return { bytes, mime, width, height, thumbnail: await thumbnailOf(bytes) }
  })
}

export interface PictureLimits {
  readonly types: readonly string[]
  readonly maxBytes: number
}

/** What is written anew carries no metadata, no second frame and no hidden tail. */
async function* versionsOf(bytes: Buffer, types: readonly string[]): AsyncGenerator<{ mime: string; bytes: Buffer }> {
  const { format, hasAlpha, width, height } = await measure(bytes)
  const mayBePng = types.includes('image/png') && width * height <= PNG_PIXELS
  if (mayBePng && (format === 'png' || hasAlpha))
    yield { mime: 'image/png', bytes: await decode(bytes).png().toBuffer() }
  for (const { side, quality } of TRIALS) {
    const resized = decode(bytes).resize(side, side, { fit: 'inside', withoutEnlargement: true })
    const jpeg = resized.flatten({ background: '#ffffff' }).jpeg({ quality })
    yield { mime: 'image/jpeg', bytes: await jpeg.toBuffer() }
  }
}

/**
 * A picture that an agent sends, written anew within the limits of a channel: PNG stays PNG where it is small enough,
 * everything else becomes JPEG, as large as it may be. Metadata is gone, the orientation is applied.
 * @throws PictureError
 */
export const preparePicture = (bytes: Buffer, limits: PictureLimits): Promise<Picture> =>
  inSlot(() => prepare(bytes, limits))

async function prepare(bytes: Buffer, limits: PictureLimits): Promise<Picture> {
  const given = await sniff(bytes)
  if (!given || isFilm(given)) throw new PictureError(bytes.length ? 'TYPE' : 'EMPTY')
  return picked(async () => {
    for await (const version of versionsOf(bytes, limits.types)) {
      if (version.bytes.length > limits.maxBytes) continue
      const { width, height } = await measure(version.bytes)
      return { ...version, width, height, thumbnail: await thumbnailOf(version.bytes) }
    }
    throw new PictureError('TOO_LARGE')
  })
}

const SLOTS = 2
let taken = 0
const waiting: (() => void)[] = []

/** Decoding takes a thread of libuv for long: two at a time, so that log-ins and look-ups find one free. */
async function inSlot<Result>(work: () => Promise<Result>): Promise<Result> {
  if (taken < SLOTS) taken += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else taken -= 1
  }
}
