import type { Tx } from '../../db/scope.ts'
import type { MessageStatus } from '../../db/schema/index.ts'
import type { WrittenInbound } from './ingest.ts'
import { furtherDelivery } from './delivery-rank.ts'
import type { ThreadInbox } from './thread-state.ts'

/** A message that is here, by the names that its providers have for it. */
export interface KnownMessage {
  id: string
  thread_id: string
  conversation_id: string
  type: string
  source: string
  status: MessageStatus | null
  at: Date
  external_id: string | null
  alternate_external_id: string | null
}

/** The provider's own name comes first. */
export const namesOf = ({ externalId, alsoKnownAs }: WrittenInbound): string[] =>
  alsoKnownAs && alsoKnownAs !== externalId ? [externalId, alsoKnownAs] : [externalId]

/** Each message once, in the provider's time: of two that share a name the first stands, with the other's name. */
export function uniqueWritten(events: readonly { kind: string }[]): WrittenInbound[] {
  const unique: WrittenInbound[] = []
  const places = new Map<string, number>()
  for (const event of events.filter(isWritten)) {
    const names = namesOf(event)
    const place = names.map((name) => places.get(name)).find((known) => known !== undefined) ?? unique.length
    unique[place] = toldAgain(unique[place], event)
    for (const name of names) places.set(name, place)
  }
  return unique.sort((a, b) => a.at.getTime() - b.at.getTime())
}

const isWritten = (event: { kind: string }): event is WrittenInbound =>
  event.kind === 'message' || event.kind === 'echo'

function toldAgain(first: WrittenInbound | undefined, again: WrittenInbound): WrittenInbound {
  if (!first) return again
  const alsoKnownAs = first.alsoKnownAs ?? namesOf(again).find((name) => name !== first.externalId)
  const named = { ...first, ...(alsoKnownAs && { alsoKnownAs }) }
  if (named.kind !== 'echo' || again.kind !== 'echo') return named
  const delivery = furtherDelivery(named.delivery, again.delivery)
  return { ...named, ...(delivery && { delivery }) }
}

/**
 * Two providers may tell of one message at the same moment, each on a thread of its own: whoever comes second waits for the
 * first, and finds it. Before anything of a thread is locked.
 */
export async function lockNames(tx: Tx, inboxId: string, written: readonly WrittenInbound[]): Promise<void> {
  const names = written.flatMap(namesOf).map((name) => `${inboxId} ${name}`)
  if (!names.length) return
  await tx.sql`
    select pg_advisory_xact_lock(key) from (
      select distinct hashtextextended(name, 0) as key from unnest(${names}::text[]) name order by 1) k`
}

/** The messages of an inbox that go by one of the names told, whichever provider's it is. */
export function findKnown(tx: Tx, inboxId: string, written: readonly WrittenInbound[]): Promise<KnownMessage[]> {
  const names = written.flatMap(namesOf)
  return tx.sql<KnownMessage[]>`
    select id, thread_id, conversation_id, type, source, status, at, external_id, alternate_external_id from messages
    where account_id = ${tx.accountId} and inbox_id = ${inboxId}
      and (external_id = any(${names}::text[]) or alternate_external_id = any(${names}::text[]))`
}

/** Which messages the events speak of: one name that fits is enough (I2). */
export type Recognised = ReadonlyMap<WrittenInbound, KnownMessage>

/** A message, and a second one that was written down before a name told that the two are one. */
interface Pair {
  event: WrittenInbound
  row: KnownMessage
  twin: KnownMessage | undefined
}

function pair(written: readonly WrittenInbound[], known: readonly KnownMessage[]): Pair[] {
  const byName = new Map<string, KnownMessage>()
  for (const row of known) if (row.alternate_external_id) byName.set(row.alternate_external_id, row)
  for (const row of known) if (row.external_id) byName.set(row.external_id, row)
  return written.flatMap((event) => {
    const [row, twin] = namesOf(event).flatMap((name) => byName.get(name) ?? [])
    return row ? [{ event, row, twin: twin === row ? undefined : twin }] : []
  })
}

export function recognise(written: readonly WrittenInbound[], known: readonly KnownMessage[]): Recognised {
  return new Map(pair(written, known).map(({ event, row }) => [event, row]))
}

/**
 * The same, and takes over the names that events tell, under the thread's lock: a second name is kept; the name of the
 * provider that speaks is the first one from then on, so that what refers to it is found (the swap of providers). Two of
 * ours that turn out to be one become one, unless both are agents': then each was sent.
 */
export async function recogniseAndRename(
  tx: Tx,
  inbox: ThreadInbox,
  threadId: string,
  written: readonly WrittenInbound[],
  known: readonly KnownMessage[],
): Promise<Recognised> {
  const recognised = new Map<WrittenInbound, KnownMessage>()
  const renamed: Renamed[] = []
  for (const { event, row, twin } of pair(written, known)) {
    const kept = twin ? await unite(tx, inbox.id, threadId, row, twin) : row
    recognised.set(event, kept ?? row)
    const names = kept && kept.thread_id === threadId ? newNames(event, kept, twin !== undefined) : undefined
    if (kept && names) renamed.push({ row: kept, ...names })
  }
  if (renamed.length) await rename(tx, inbox, renamed)
  return recognised
}

interface Names {
  external: string
  alternate: string
}

interface Renamed extends Names {
  row: KnownMessage
}

/** Undefined when the row has them already, or has better ones. */
function newNames(event: WrittenInbound, row: KnownMessage, united: boolean): Names | undefined {
  const { externalId: external, alsoKnownAs } = event
  const { external_id, alternate_external_id } = row
  if (united) return { external, alternate: alsoKnownAs ?? external }
  if (external === external_id)
    return alsoKnownAs && alsoKnownAs !== external && !alternate_external_id
      ? { external, alternate: alsoKnownAs }
      : undefined
  // Told under two names of its own provider: the first one stands, the other provider's fits both.
  if (external !== alternate_external_id && alsoKnownAs !== external_id) return undefined
  return external_id ? { external, alternate: external_id } : undefined
}

async function rename(tx: Tx, { id: inboxId, channelType }: ThreadInbox, renamed: readonly Renamed[]): Promise<void> {
  const { sql, accountId } = tx
  await sql`
    update messages m set external_id = u.external, alternate_external_id = u.alternate,
      channel_type = case when m.external_id = u.external then m.channel_type else ${channelType} end
    from unnest(${renamed.map(({ row }) => row.id)}::uuid[], ${renamed.map(({ external }) => external)}::text[],
      ${renamed.map(({ alternate }) => alternate)}::text[]) u(id, external, alternate)
    where m.account_id = ${accountId} and m.id = u.id`
  // A second name is nothing that anybody sees.
  for (const { row } of renamed.filter(({ row, external }) => row.external_id !== external)) {
    tx.publish({ type: 'message.updated', inboxId, conversationId: row.conversation_id, messageId: row.id })
  }
}

/** Two rows that stay two whatever they are called. */
export const stayTwo = (...rows: Pick<KnownMessage, 'type' | 'source'>[]): boolean =>
  rows.some(({ type }) => type === 'incoming') || rows.every(({ source }) => source === 'agent')

/** Answers the one that is left, or undefined where both have to stay. */
async function unite(
  tx: Tx,
  inboxId: string,
  threadId: string,
  row: KnownMessage,
  twin: KnownMessage,
): Promise<KnownMessage | undefined> {
  const [kept, gone] = twin.source === 'agent' ? [twin, row] : [row, twin]
  if (stayTwo(row, twin) || [row, twin].some(({ thread_id }) => thread_id !== threadId)) return undefined
  await absorb(tx, inboxId, kept.id, gone)
  return kept
}

/** A row that was taken for a message of its own was another one all the time (I2): what refers to it refers to that. */
export async function absorb(
  tx: Tx,
  inboxId: string,
  messageId: string,
  gone: Pick<KnownMessage, 'id' | 'conversation_id'>,
): Promise<void> {
  const { sql, accountId } = tx
  await sql`update messages set in_reply_to_id = ${messageId} where account_id = ${accountId} and in_reply_to_id = ${gone.id}`
  await sql`
    update conversations set last_message_id = ${messageId}
    where account_id = ${accountId} and id = ${gone.conversation_id} and last_message_id = ${gone.id}`
  // As an upload that nobody sent: the sweeper ends it together with its files.
  await sql`update attachments set message_id = null where account_id = ${accountId} and message_id = ${gone.id}`
  await sql`delete from messages where account_id = ${accountId} and id = ${gone.id}`
  const data = { messageId: gone.id }
  tx.publish({ type: 'message.removed', inboxId, conversationId: gone.conversation_id, data })
}
