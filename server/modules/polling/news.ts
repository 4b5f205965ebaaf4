import type { Delivery } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import type { WrittenInbound } from '../messages/ingest.ts'

/** A message that is not known, or of which something else is known than the provider says now. */
export interface News {
  event: WrittenInbound
  isNew: boolean
}

interface KnownRow {
  external_id: string
  at: Date
  status: string | null
}

const RANKS: Partial<Record<string, number>> = { sent: 1, delivered: 2, read: 3 }

/** Whether the provider's word goes further than what is known. */
function isAhead({ state }: Delivery, status: string | null): boolean {
  const rank = RANKS[status ?? '']
  if (state === 'failed') return status !== 'failed' && (rank ?? 0) < 2
  return (RANKS[state] ?? 0) > (rank ?? 0)
}

const isChanged = (event: WrittenInbound, known: KnownRow): boolean =>
  event.kind === 'echo' &&
  (known.at.getTime() !== event.at.getTime() || (event.delivery !== undefined && isAhead(event.delivery, known.status)))

/** Of a page, which is the same again and again, what there is to do: one statement says that it is nothing. */
export async function findNews(tx: Tx, inboxId: string, events: readonly WrittenInbound[]): Promise<News[]> {
  if (!events.length) return []
  const ids = events.map((event) => event.externalId)
  const rows = await tx.sql<KnownRow[]>`
    select external_id, at, status from messages
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and external_id = any(${ids}::text[])`
  const known = new Map(rows.map((row) => [row.external_id, row]))
  return events.flatMap((event) => {
    const row = known.get(event.externalId)
    return !row || isChanged(event, row) ? [{ event, isNew: !row }] : []
  })
}
