import type { Tx } from '../../db/scope.ts'
import type { SwapFacts } from '../inboxes/swap.queries.ts'
import type { WrittenInbound } from './ingest.ts'
import { absorb, type KnownMessage } from './names.ts'
import { fold } from './outbound-content.ts'

/** How far two providers' times of one message may be from each other. */
export const SAME_MOMENT_MS = 2_000

/** What a message of table `m` says, as `fold` has it. */
export const folded = (m: string): string =>
  `btrim(regexp_replace(normalize(coalesce(${m}.content, '')), '\\s+', ' ', 'g'))`

/** The same of what an agent sent: its time may be ours, from before the provider passed it on. */
export const SENT_MS = 60_000

const around = ({ sql }: Tx, ms = SAME_MOMENT_MS) => sql.unsafe(`interval '${ms} ms'`)

/** Each at most once, those that come first. */
export function oneToOne<Pair extends { one: string; other: string }>(pairs: readonly Pair[]): Pair[] {
  const taken = new Set<string>()
  return pairs.filter(({ one, other }) => {
    if (taken.has(one) || taken.has(other)) return false
    taken.add(one).add(other)
    return true
  })
}

type Twin = KnownMessage & { one: string; other: string }

/**
 * Which events speak of messages that the inbox's other provider has told of, where no id says so: the same words in the same
 * direction at the same moment, on the same thread. Takes over the names that they tell.
 */
export async function recogniseTwins(
  tx: Tx,
  place: { threadId: string; channelType: string; swap: SwapFacts },
  written: readonly WrittenInbound[],
): Promise<Map<WrittenInbound, KnownMessage>> {
  const unnamed = written.filter(({ alsoKnownAs }) => !alsoKnownAs)
  if (!unnamed.length) return new Map()
  const { sql, accountId } = tx
  const column = (value: (event: WrittenInbound) => string) => unnamed.map(value)
  const rows = await sql<Twin[]>`
    select m.id, m.thread_id, m.conversation_id, m.type, m.source, m.status, m.at, m.external_id,
      m.alternate_external_id, m.id as one, u.external_id as other
    from unnest(${column((event) => event.externalId)}::text[], ${column((event) => String(event.kind === 'message'))}::text[]::boolean[],
      ${column((event) => event.content.contentType)}::text[], ${column((event) => fold(event.content.text ?? ''))}::text[],
      ${column((event) => event.at.toISOString())}::timestamptz[]) u(external_id, incoming, content_type, said, at)
    join conversations c on c.account_id = ${accountId} and c.thread_id = ${place.threadId}
    join messages m on m.account_id = c.account_id and m.conversation_id = c.id
      and m.at between u.at - ${around(tx)} and u.at + ${around(tx)}
    where (m.type = 'incoming') = u.incoming and m.type <> 'activity' and not m.private
      and m.external_id is not null and m.alternate_external_id is null and m.status is distinct from 'failed'
      and coalesce(m.channel_type, ${place.swap.firstChannelType}) <> ${place.channelType}
      and ${sql.unsafe(folded('m'))} = u.said and (u.said <> '' or m.content_type = u.content_type)
    order by abs(extract(epoch from m.at - u.at)), m.arrival`
  const twins = oneToOne(rows)
  await nameAsWell(tx, twins)
  return new Map(
    twins.flatMap((twin) => {
      const event = unnamed.find(({ externalId }) => externalId === twin.other)
      return event ? [[event, { ...twin, alternate_external_id: twin.other }] as const] : []
    }),
  )
}

/** Messages `one` go by the name `other` as well. */
export async function nameAsWell(
  { sql, accountId }: Tx,
  named: readonly { one: string; other: string }[],
): Promise<void> {
  if (!named.length) return
  await sql`
    update messages m set alternate_external_id = u.name
    from unnest(${named.map(({ one }) => one)}::uuid[], ${named.map(({ other }) => other)}::text[]) u(id, name)
    where m.account_id = ${accountId} and m.id = u.id`
}

interface TwinRow {
  one: string
  other: string
  kept: KnownMessage & { history: boolean }
  gone: KnownMessage & { history: boolean }
}

const asRow = (
  m: string,
) => `jsonb_build_object('id', ${m}.id, 'conversation_id', ${m}.conversation_id, 'type', ${m}.type,
  'source', ${m}.source, 'history', ${m}.history, 'external_id', ${m}.external_id,
  'alternate_external_id', ${m}.alternate_external_id)`

/**
 * Makes one of what two threads of one customer both have: by a name in common, else by what it says and when, as above.
 * Answers how many of the customer's messages were counted twice.
 */
export async function uniteTwins(
  tx: Tx,
  inboxId: string,
  { kept, gone, firstChannelType }: { kept: string; gone: string; firstChannelType: string },
): Promise<number> {
  const { sql, accountId } = tx
  const of = (alias: string, threadId: string) => sql`conversations ${sql.unsafe(`c${alias}`)}
    join messages ${sql.unsafe(alias)} on ${sql.unsafe(`${alias}.account_id = c${alias}.account_id and ${alias}.conversation_id = c${alias}.id`)}
      and ${sql.unsafe(`c${alias}.account_id`)} = ${accountId} and ${sql.unsafe(`c${alias}.thread_id`)} = ${threadId}
      and ${sql.unsafe(`${alias}.type <> 'activity' and not ${alias}.private and ${alias}.external_id is not null`)}`
  const channel = (m: string) => sql`coalesce(${sql.unsafe(m)}.channel_type, ${firstChannelType})`
  const named = sql`(g.external_id = k.alternate_external_id or g.alternate_external_id = k.external_id
    or g.alternate_external_id = k.alternate_external_id)`
  const rows = await sql<TwinRow[]>`
    select k.id as one, g.id as other, ${sql.unsafe(asRow('k'))} as kept, ${sql.unsafe(asRow('g'))} as gone
    from ${of('k', kept)} join (${of('g', gone)}) on (k.type = 'incoming') = (g.type = 'incoming')
      and (coalesce(${named}, false) or (k.at between g.at - ${around(tx, SENT_MS)} and g.at + ${around(tx, SENT_MS)}
        and k.alternate_external_id is null and g.alternate_external_id is null and ${channel('k')} <> ${channel('g')}
        and ${sql.unsafe(folded('k'))} = ${sql.unsafe(folded('g'))}
        and case when k.at between g.at - ${around(tx)} and g.at + ${around(tx)}
          then ${sql.unsafe(folded('k'))} <> '' or k.content_type = g.content_type
          else ${sql.unsafe(folded('k'))} <> '' and 'agent' in (k.source, g.source) end))
    where not (k.source = 'agent' and g.source = 'agent')
    order by coalesce(${named}, false) desc, abs(extract(epoch from k.at - g.at)), k.arrival, g.arrival`
  const pairs = oneToOne(rows)
  for (const pair of pairs) await unite(tx, inboxId, pair)
  return pairs.filter(({ gone: row }) => row.type === 'incoming' && !row.history).length
}

/** What an agent of ours has written stays; else what was here first. */
async function unite(tx: Tx, inboxId: string, { kept: k, gone: g }: TwinRow): Promise<void> {
  const [stays, goes] = g.source === 'agent' ? [g, k] : [k, g]
  await absorb(tx, inboxId, stays.id, goes)
  const names = [stays.external_id, goes.external_id, stays.alternate_external_id, goes.alternate_external_id]
  const [external = null, alternate = null] = new Set(names.filter((name) => name !== null))
  await tx.sql`
    update messages set external_id = ${external}, alternate_external_id = ${alternate}
    where account_id = ${tx.accountId} and id = ${stays.id}`
}
