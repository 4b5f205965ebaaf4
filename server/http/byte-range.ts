import type { FastifyRequest } from 'fastify'
import type { ByteRange } from '../files/files.ts'

/**
 * The part of a file that a request asks for, within its bytes; `BEYOND` when none of it is there. Undefined: the whole,
 * also for several parts at once, for what cannot be read, and when the part is wanted of another version (`If-Range`).
 */
export function readRange(
  { method, headers }: Pick<FastifyRequest, 'method' | 'headers'>,
  etag: string,
  size: number | undefined,
): ByteRange | 'BEYOND' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(headers.range ?? '') ?? []
  const isOther = headers['if-range'] !== undefined && headers['if-range'] !== etag
  if (size === undefined || method !== 'GET' || isOther || !(first || last)) return undefined
  if (first && last && Number(first) > Number(last)) return undefined
  const end = size - 1
  // Without a first byte it is the length of the end.
  const range = first
    ? { first: Number(first), last: last ? Math.min(Number(last), end) : end }
    : { first: Math.max(0, size - Number(last)), last: end }
  return range.first > range.last ? 'BEYOND' : range
}
