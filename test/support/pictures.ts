import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { crc32, deflateSync } from 'node:zlib'
import type { Actor } from './actor.ts'

/** A picture of one colour. */
export const picture = (
  options: { width?: number; height?: number; colour?: string; format?: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' } = {},
): Promise<Buffer> => {
  const { width = 320, height = 200, colour = '#d04f3a', format = 'jpeg' } = options
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .toFormat(format)
    .toBuffer()
}

/** Noise, which no format makes small. */
export const noise = (width: number, height: number): Promise<Buffer> => {
  const bytes = randomBytes(width * height * 3)
  return sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A PNG of a few kB that says it has so many pixels. */
export function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const rows = deflateSync(Buffer.alloc(1024 * 1024))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

export interface UploadAnswer {
  status: number
  attachments: { id: string; url: string; thumbnailUrl: string; width: number; height: number; mimeType: string }[]
  error?: { code: string; details?: { reason?: string; field?: string } }
}

/** Uploads as the client does. */
export async function upload(
  actor: Actor,
  conversationId: string,
  files: readonly { bytes: Buffer; name?: string; type?: string }[],
  accountId = actor.accountId,
): Promise<UploadAnswer> {
  const form = new FormData()
  form.set('accountId', accountId)
  form.set('conversationId', conversationId)
  for (const { bytes, name = 'photo.jpg', type = 'image/jpeg' } of files)
    form.append('file', new Blob([new Uint8Array(bytes)], { type }), name)
  const { authorization = '' } = actor.headers()
  const response = await fetch(`${actor.world.url}/uploads`, { method: 'POST', headers: { authorization }, body: form })
  return { status: response.status, attachments: [], ...((await response.json()) as object) }
}
