import type { Call } from './endpoint.ts'
import { refuse } from './errors.ts'
import type { Knobs } from './knobs.ts'
import type { Json } from './types.ts'

const DEFAULT = 10
const MOST = 100

export interface Page {
  limit: number
  /** Positive: what stands behind it in the list; negative: what stands before, nearest first (§3). */
  cursorId: number | undefined
}

function integer(value: unknown, name: string): number | undefined {
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw refuse(400, `${name} must be an integer`)
  return number
}

/** Only the query is read: a limit or a cursor in a body goes unseen (§3). */
export function pageOf({ query }: Call): Page {
  const limit = integer(query['limit'], 'limit') ?? DEFAULT
  if (limit < 1 || limit > MOST) throw refuse(400, `limit must be between 1 and ${MOST}`)
  return { limit, cursorId: integer(query['cursorId'], 'cursorId') }
}

interface Listing<T> {
  /** The whole list, in the order in which it is paged through. */
  list: T[]
  idOf: (item: T) => number
  /** Whether a larger id stands further on. */
  ascending: boolean
  shape: (item: T) => Json
}

function cut<T>({ list, idOf, ascending }: Listing<T>, { limit, cursorId }: Page) {
  const backwards = cursorId !== undefined && cursorId < 0
  const mark = Math.abs(cursorId ?? 0)
  const isBehind = (item: T): boolean => (ascending ? idOf(item) > mark : idOf(item) < mark)
  const isBefore = (item: T): boolean => (ascending ? idOf(item) < mark : idOf(item) > mark)
  const candidates = cursorId === undefined ? list : backwards ? list.filter(isBefore).reverse() : list.filter(isBehind)
  return { backwards, page: candidates.slice(0, limit), hasMore: candidates.length > limit }
}

function link(knobs: Knobs, { address, query }: Call, cursorId: number): string | number {
  const next = new URL(address)
  const { limit } = query
  if (limit !== undefined) next.searchParams.set('limit', String(limit))
  next.searchParams.set('cursorId', String(cursorId))
  switch (knobs.cursorStyle) {
    case 'url':
      return next.href
    case 'relative':
      return next.pathname + next.search
    case 'number':
      return cursorId
    case 'string':
      return String(cursorId)
  }
}

const ENDS = { null: null, empty: '', absent: undefined }

/** `{ items, pagination }` (§3). */
export function listAnswer<T>(knobs: Knobs, call: Call, page: Page, listing: Listing<T>): Json {
  const { backwards, page: items, hasMore } = cut(listing, page)
  const end = ENDS[knobs.cursorEnd]
  const [first, last] = [items[0], items.at(-1)]
  const sign = backwards ? -1 : 1
  const started = page.cursorId !== undefined && first !== undefined
  return {
    items: items.map(listing.shape),
    pagination: {
      next: hasMore && last !== undefined ? link(knobs, call, sign * listing.idOf(last)) : end,
      previous: started ? link(knobs, call, -sign * listing.idOf(first)) : null,
    },
  }
}
