import type { ClaimedRow, PolledRow } from './polling.queries.ts'
import { nextAbsentLook, spreadOf } from './tiers.ts'

/** Somebody is not in the channel, or not there at all: nobody reads them until a look finds them again. */
export const absent = (row: ClaimedRow, now: Date): Partial<PolledRow> => ({
  ...{ present: false, checkedAt: now, checkDueAt: nextAbsentLook(row, now, spreadOf(row.threadRef, now)) },
  ...{ readDueAt: null, readPage: null, attempts: 0 },
})
