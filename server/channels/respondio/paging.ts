import { asRecord, asText } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import type { Api, ApiCall } from './api.ts'
import { answerFailure } from './errors.ts'
import { asNumericId } from './values.ts'

export interface ListPage {
  items: Json[]
  /** The cursor of the next page. */
  next?: string
}

/**
 * The cursor in what leads on: an address as a rule; alone, relative, or as text for some. Anything else is the end
 * (respond.io wire reference §3).
 */
export function cursorOf(next: unknown): string | undefined {
  const inAddress = /[?&]cursorId=(\d+)(?:&|$)/.exec(asText(next) ?? '')?.[1]
  return asNumericId(inAddress ?? next)
}

/** One page of a list. Limit and cursor stand in the query, for a POST too (respond.io wire reference §3). */
export async function readPage(
  api: Api,
  call: Omit<ApiCall, 'query'>,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<ListPage> {
  const query = { limit: String(limit), ...(cursor !== undefined && { cursorId: cursor }) }
  const { items, pagination } = await api({ ...call, query })
  if (!Array.isArray(items)) throw answerFailure(call.operation, 'items')
  const next = cursorOf(asRecord(pagination)?.next)
  const records = items.map(asRecord).filter((item) => item !== undefined)
  return { items: records, ...(next !== undefined && { next }) }
}
