import { CURSOR_ID, CURSOR_NUMBER, decodeCursor, encodeCursor } from '../kit/pagination.ts'

/** Where an account's log begins and ends; `oldest` is null when no row is left. */
export interface LogExtent {
  readonly head: number
  readonly oldest: number | null
}

export type ResetReason = 'another_database' | 'expired' | 'ahead' | 'gap' | 'slow'

/** A position in one account's log of one database. */
export const feedCursor = (installationId: string, seq: number): string => encodeCursor([installationId, seq])

/**
 * The number to resume after, or why that is not possible.
 * @throws AppError INVALID when the cursor was not made by us
 */
export function parseCursor(
  cursor: string,
  installationId: string,
  extent: LogExtent,
): { seq: number } | { reset: ResetReason } {
  const [madeBy, number] = decodeCursor(cursor, [CURSOR_ID, CURSOR_NUMBER])
  const seq = Number(number)
  if (madeBy !== installationId) return { reset: 'another_database' }
  if (seq > extent.head) return { reset: 'ahead' }
  // Numbers are dense, so the cursor is good while the entry right after it is still there.
  const firstAvailable = extent.oldest ?? extent.head + 1
  return seq + 1 < firstAvailable ? { reset: 'expired' } : { seq }
}
