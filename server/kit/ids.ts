import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import { notFound } from './errors.ts'

/** Time-sorted, so that rows land together in their index; never a secret and never a page order. */
export const newId = (): string => uuidv7()

/** Not guessable and not sorted. */
export const newNonce = (): string => randomUUID()

/** 256 random bits for links, cookies and API tokens. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** What is stored of such a token. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url')

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isId = (value: string): boolean => UUID.test(value)

/** The id in lower case; a malformed one is NOT_FOUND, indistinguishable from a foreign one (I10). */
export function parseId(value: string, what: string): string {
  if (!isId(value)) throw notFound(what)
  return value.toLowerCase()
}
