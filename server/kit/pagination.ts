import { AppError } from './errors.ts'

export const MAX_PAGE = 100

/** Checks a page size: 1 to 100. */
export function pageSize(asked: number | null | undefined, fallback: number): number {
  const size = asked ?? fallback
  if (size < 1 || size > MAX_PAGE)
    throw new AppError('INVALID', `A page holds 1 to ${MAX_PAGE} rows`, { field: 'first' })
  return size
}

/** Opaque to clients, meaningless to guess: only ever compared inside the account it is used in. */
export const encodeCursor = (parts: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** The parts of a cursor, or INVALID when it was not made by us or not for this list. */
export function decodeCursor(cursor: string, pattern: readonly RegExp[]): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(parts) && parts.length === pattern.length) {
      const texts = parts.map(String)
      if (texts.every((text, place) => pattern[place]?.test(text))) return texts
    }
  } catch {
    // falls through to the one answer for every malformed cursor
  }
  throw new AppError('INVALID', 'Malformed cursor', { field: 'cursor' })
}

/** Milliseconds up to the year 5138: beyond 9999 no date is written the way that Postgres reads it. */
export const CURSOR_TIME = /^\d{1,14}$/
export const CURSOR_NUMBER = /^\d{1,18}$/
export const CURSOR_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
