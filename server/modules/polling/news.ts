import type { Delivery } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import type { WrittenInbound } from '../messages/ingest.ts'
import { namesOf, stayTwo, type KnownMessage } from '../messages/names.ts'

/** A message that is not known, or of which something else is known than the provider says now. */
export interface News {
  event: WrittenInbound
  isNew: boolean
}

interface KnownRow extends Pick<KnownMessage, 'thread_id' | 'type' | 'source'> {
  name: string
  /** Told by another provider before: it keeps its time. */
  is_second: boolean
  /** By the channel below, where somebody has told it. */
  second: string | null
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

type Known = ReadonlyMap<string, KnownRow>

/**
 * An answer may have left out what the next one has. There is nothing to do where another row of the thread goes by that
 * name and stays; one of another thread is proof that the two threads are one.
 */
function namesMore({ externalId, alsoKnownAs }: WrittenInbound, row: KnownRow, known: Known): boolean {
  if (row.is_second || row.second !== null || alsoKnownAs === undefined || alsoKnownAs === externalId) return false
  const twin = known.get(alsoKnownAs)
  return !twin || twin.thread_id !== row.thread_id || !stayTwo(row, twin)
}

const isFurther = (event: WrittenInbound, known: KnownRow): boolean =>
  event.kind === 'echo' &&
  ((!known.is_second && known.at.getTime() !== event.at.getTime()) ||
    (event.delivery !== undefined && isAhead(event.delivery, known.status)))

/** Of a page, which is the same again and again, what there is to do: one statement says that it is nothing. */
export async function findNews(tx: Tx, inboxId: string, events: readonly WrittenInbound[]): Promise<News[]> {
  if (!events.length) return []
  const names = events.flatMap(namesOf)
  const rows = await tx.sql<KnownRow[]>`
    select external_id as name, false as is_second, alternate_external_id as second, at, status,
      thread_id, type, source
    from messages
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and external_id = any(${names}::text[])
    union all
    select alternate_external_id, true, null, at, status, thread_id, type, source from messages
    where account_id = ${tx.accountId} and inbox_id = ${inboxId} and alternate_external_id = any(${names}::text[])`
  const known: Known = new Map(rows.map((row) => [row.name, row]))
  return events.flatMap((event) => {
    const row = known.get(event.externalId)
    return !row || namesMore(event, row, known) || isFurther(event, row) ? [{ event, isNew: !row }] : []
  })
}
