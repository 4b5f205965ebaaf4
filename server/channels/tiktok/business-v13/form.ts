import { randomUUID } from 'node:crypto'

export interface Form {
  fields: Readonly<Record<string, string>>
  file: { name: string; fileName: string; mime: string; bytes: Buffer }
}

const quoted = (value: string) => value.replace(/[^\x20-\x7e]|["\\]/g, '_')

/** multipart/form-data in one piece; TikTok wants a real file name and the part's type (TikTok wire reference §4.4). */
export function encodeForm({ fields, file }: Form): { type: string; bytes: Buffer } {
  const boundary = `parley-${randomUUID()}`
  const head = (name: string, rest = '') => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n`
  const pairs = Object.entries(fields).map(([name, value]) => `${head(name)}\r\n${value}\r\n`)
  const fileHead = `${head(file.name, `; filename="${quoted(file.fileName)}"`)}Content-Type: ${file.mime}\r\n\r\n`
  const bytes = [Buffer.from(pairs.join('') + fileHead), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(bytes) }
}
