import type { Tx } from '../../db/scope.ts'
import type { ThreadInbound } from './ingest.ts'
import { fold } from './outbound-content.ts'
import { folded, SAME_MOMENT_MS } from './twins.ts'

export type { ThreadInbound } from './ingest.ts'

/**
 * What an inbox knows of news that the provider tells whom it has left: the thread or one of the messages is `known`; the
 * thread is not, and the other provider has told the same of somebody (`elsewhere`), or not yet (`unknown`).
 */
export async function saidElsewhere(
  tx: Tx,
  { inboxId, channelType }: { inboxId: string; channelType: string },
  news: readonly ThreadInbound[],
): Promise<'known' | 'elsewhere' | 'unknown'> {
  const { sql, accountId } = tx
  const written = news.filter((fact) => fact.kind === 'message' || fact.kind === 'echo')
  const refs = [...new Set(news.map(({ threadRef }) => threadRef))]
  const names = written.flatMap(({ externalId, alsoKnownAs }) =>
    alsoKnownAs ? [externalId, alsoKnownAs] : [externalId],
  )
  const [row] = await sql<{ known: boolean }[]>`
    select exists (select 1 from thread_aliases where account_id = ${accountId} and inbox_id = ${inboxId}
        and channel_type = ${channelType} and external_id = any(${refs}::text[]))
      or exists (select 1 from messages where account_id = ${accountId} and inbox_id = ${inboxId}
        and (external_id = any(${names}::text[]) or alternate_external_id = any(${names}::text[]))) as known`
  if (row?.known) return 'known'
  // Somebody who has read or reacted to what is not here.
  if (!written.length) return 'elsewhere'
  const around = sql.unsafe(`interval '${SAME_MOMENT_MS} ms'`)
  const rows = await sql<{ place: number }[]>`
    select distinct u.place from unnest(${written.map(({ kind }) => String(kind === 'message'))}::text[]::boolean[],
      ${written.map(({ content }) => fold(content.text ?? ''))}::text[],
      ${written.map(({ at }) => at.toISOString())}::timestamptz[]) with ordinality u(incoming, said, at, place)
    join messages m on m.account_id = ${accountId} and m.at between u.at - ${around} and u.at + ${around}
      and m.type <> 'activity' and not m.private and m.status is distinct from 'failed'
      and m.inbox_id = ${inboxId} and (m.type = 'incoming') = u.incoming and ${sql.unsafe(folded('m'))} = u.said
    where m.channel_type <> ${channelType} and not exists (select 1 from thread_aliases a
      where a.account_id = m.account_id and a.thread_id = m.thread_id and a.channel_type = ${channelType})`
  return rows.length === written.length ? 'elsewhere' : 'unknown'
}
