import type { PersonRef } from '../../channels/contract.ts'
import type { SwapCandidate } from '../../db/schema/index.ts'
import type { ReadTx, Tx } from '../../db/scope.ts'
import type { SwapFacts } from '../inboxes/swap.queries.ts'
import type { WrittenInbound } from './ingest.ts'
import { fold } from './outbound-content.ts'
import { folded, SAME_MOMENT_MS, SENT_MS } from './twins.ts'

/** Of more candidates nobody could choose. */
const MOST_CANDIDATES = 5
/** A text of that many characters is not written twice at one moment by chance. */
const LONG_TEXT = 20
/** Until so long after a swap the provider that was left is listened to; the new one tells of what comes later. */
export const LISTEN_MS = 10 * 60_000
/** As many as a provider's list tells at once. */
export const MOST_TEXTS = 50
/** What is younger may not be here yet from the other side. */
export const UNDERWAY_MS = 15_000

export interface ToldThread {
  inboxId: string
  /** Whose name the thread goes by. */
  channelType: string
  /** Of a thread that is here already: it is no candidate itself. */
  threadId?: string
  person: Pick<PersonRef, 'name' | 'username'>
  /** In order. */
  texts: readonly Text[]
}

/** `certain`: it is this one, and can be no other. Else who it may be, the likeliest first; perhaps nobody. */
export interface ThreadMatch {
  certain?: string
  candidates: SwapCandidate[]
}

/** What somebody wrote, `at` in ms. */
export interface Text {
  incoming: boolean
  said: string
  at: number
}

interface Candidate {
  threadId: string
  name: string
  username: string | null
  /** What both say at the same moment, and the longest of that. */
  equal: number
  longest: number
}

export const textsOf = (written: readonly WrittenInbound[]): Text[] =>
  written.flatMap(({ kind, content, at }) => {
    const said = fold(content.text ?? '')
    return said ? [{ incoming: kind === 'message', said, at: at.getTime() }] : []
  })

/**
 * Which thread of the inbox's other provider a thread is that no id tells of, by what both say at the same moments. Of a list
 * that is read to a point, everything from there to the swap is told by both. It is certain when the names fit, nothing of
 * that is missing on either side, whoever else it might be lacks something of it, and nobody else might be that one.
 */
export async function matchThread(tx: Tx, swap: SwapFacts, told: ToldThread): Promise<ThreadMatch> {
  const { rated, next } = await rateCandidates(tx, swap, told)
  const best = onlyOne(rated, next)
  const isCertain = best && (await fitsNobodyElse(tx, swap, told, best))
  const candidates = rated
    .map(({ threadId, confidence, reasons }) => ({ threadId, confidence, reasons }))
    .sort((a, b) => b.confidence - a.confidence)
  return { candidates, ...(isCertain && { certain: best.threadId }) }
}

interface Rating {
  rated: Rated[]
  /** Says no more than the others, and was looked at no further. */
  next?: Candidate | undefined
}

async function rateCandidates(tx: Tx, swap: SwapFacts, told: ToldThread): Promise<Rating> {
  const until = swap.swappedAt.getTime() - SAME_MOMENT_MS
  const latest = Math.min(until + LISTEN_MS, tx.clock.now().getTime() - UNDERWAY_MS)
  const texts = told.texts.filter(({ at }) => at <= Math.max(until, latest))
  if (!texts.length) return { rated: [] }
  const past = texts.filter(({ at }) => at <= until)
  const saying = await findSaying(tx, told, texts)
  const candidates = saying.length ? saying : await findNamed(tx, told)
  if (candidates.length > MOST_CANDIDATES && !saying.length) return { rated: [] }
  const rated: Rated[] = []
  for (const candidate of candidates.slice(0, MOST_CANDIDATES)) {
    const theirs = await listTexts(tx, candidate.threadId, past[0]?.at ?? until, until)
    rated.push(rate(candidate, told.person, missing(past, theirs, until)))
  }
  return { rated, next: saying[MOST_CANDIDATES] }
}

/** Somebody else of this side may be the one, whom the other side has not told of yet. */
async function fitsNobodyElse(tx: Tx, swap: SwapFacts, told: ToldThread, best: Rated): Promise<boolean> {
  const { threadId, name, username, equal } = best
  const [alias] = await tx.sql<{ channelType: string }[]>`
    select channel_type as "channelType" from thread_aliases
    where account_id = ${tx.accountId} and thread_id = ${threadId} limit 1`
  if (!alias) return true
  const texts = await listTexts(tx, threadId, 0, tx.clock.now().getTime())
  const person = { name, ...(username !== null && { username }) }
  const place = { inboxId: told.inboxId, threadId, ...alias }
  const { rated, next } = await rateCandidates(tx, swap, { ...place, person, texts: texts.slice(-MOST_TEXTS) })
  const fits = (one: Candidate) => one.threadId !== told.threadId && one.equal >= equal
  return !rated.some((one) => one.other === 0 && fits(one)) && !(next && fits(next))
}

/** The one that it must be. */
function onlyOne(rated: readonly Rated[], next: Candidate | undefined): Rated | undefined {
  const best = rated.find(({ other }) => other === 0)
  if (!best?.isNamed || (best.equal < 2 && best.longest <= LONG_TEXT)) return undefined
  const isLess = (one: Candidate) => one.equal < best.equal
  return rated.every((one) => one === best || one.other > 0 || isLess(one)) && (!next || isLess(next))
    ? best
    : undefined
}

type Rated = ReturnType<typeof rate>

/** Whether somebody has said that the threads `t` and this one are of two customers, asked about either. */
export const areKeptApart = ({ sql }: ReadTx, threadId: string) => sql`exists (
  select 1 from swap_matches s where s.account_id = t.account_id and s.state = 'apart' and (
    (s.thread_id = ${threadId} and s.candidates @> jsonb_build_array(jsonb_build_object('threadId', t.id)))
    or (s.thread_id = t.id and s.candidates @> jsonb_build_array(jsonb_build_object('threadId', ${threadId}::uuid)))))`

/** Those without a name of this channel, for a thread has one customer at each provider, whom nobody has kept apart from it. */
const unmatched = (tx: Tx, { channelType, threadId }: ToldThread) => tx.sql`
  not exists (select 1 from thread_aliases a
    where a.account_id = t.account_id and a.thread_id = t.id and a.channel_type = ${channelType})
  ${threadId ? tx.sql`and t.id <> ${threadId} and not ${areKeptApart(tx, threadId)}` : tx.sql``}`

async function findSaying(tx: Tx, told: ToldThread, texts: readonly Text[]): Promise<Candidate[]> {
  const { sql, accountId } = tx
  const around = sql.unsafe(`interval '${SAME_MOMENT_MS} ms'`)
  return sql<Candidate[]>`
    select t.id as "threadId", p.name, p.username, count(distinct u.place)::int as equal,
      max(length(u.said))::int as longest
    from unnest(${texts.map(({ incoming }) => String(incoming))}::text[]::boolean[], ${texts.map(({ said }) => said)}::text[],
      ${texts.map(({ at }) => new Date(at).toISOString())}::timestamptz[]) with ordinality u(incoming, said, at, place)
    join messages m on m.account_id = ${accountId} and m.at between u.at - ${around} and u.at + ${around}
      and m.type <> 'activity' and not m.private and m.status is distinct from 'failed'
      and m.inbox_id = ${told.inboxId} and (m.type = 'incoming') = u.incoming and ${sql.unsafe(folded('m'))} = u.said
    join threads t on t.account_id = m.account_id and t.id = m.thread_id
    join contacts p on p.account_id = t.account_id and p.id = t.contact_id
    where ${unmatched(tx, told)}
    group by t.id, p.name, p.username order by 4 desc, t.id limit ${MOST_CANDIDATES + 1}`
}

const nameOf = (text: string | null | undefined) =>
  fold(text ?? '')
    .toLowerCase()
    .replace(/^@/, '')

async function findNamed(tx: Tx, told: ToldThread): Promise<Candidate[]> {
  const names = [told.person.name, told.person.username].map(nameOf).filter(Boolean)
  if (!names.length) return []
  const { sql, accountId } = tx
  return sql<Candidate[]>`
    select t.id as "threadId", p.name, p.username, 0 as equal, 0 as longest
    from threads t join contacts p on p.account_id = t.account_id and p.id = t.contact_id
    where t.account_id = ${accountId} and t.inbox_id = ${told.inboxId} and ${unmatched(tx, told)}
      and (lower(btrim(p.name)) = any(${names}::text[]) or lower(p.username) = any(${names}::text[]))
    order by t.id limit ${MOST_CANDIDATES + 1}`
}

/** What a thread says in a time, in order. */
export async function listTexts(tx: Tx, threadId: string, from: number, until: number): Promise<Text[]> {
  const { sql, accountId } = tx
  const rows = await sql<{ incoming: boolean; said: string; at: Date }[]>`
    select m.type = 'incoming' as incoming, ${sql.unsafe(folded('m'))} as said, m.at
    from conversations c join messages m on m.account_id = c.account_id and m.conversation_id = c.id
    where c.account_id = ${accountId} and c.thread_id = ${threadId} and m.type <> 'activity' and not m.private
      and m.status is distinct from 'failed' and m.content <> ''
      and m.at between ${new Date(from - SAME_MOMENT_MS)} and ${new Date(until)}
    order by m.at`
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}

/** How much of what the two say the other does not, of what both tell for certain: what we sent each has at its own time. */
function missing(texts: readonly Text[], theirs: readonly Text[], until: number): number {
  const [first] = theirs
  const since = Math.max((first?.at ?? Infinity) - SAME_MOMENT_MS, texts[0]?.at ?? Infinity)
  const left = [...theirs]
  const isToldByBoth = ({ incoming, at }: Text) =>
    incoming ? at > since + SAME_MOMENT_MS : at > since + SENT_MS && at < until - SENT_MS
  const unmatchedTexts = texts.filter((text) => {
    const place = left.findIndex((one) => isSame(one, text))
    if (place >= 0) left.splice(place, 1)
    return place < 0 && isToldByBoth(text)
  })
  return unmatchedTexts.length + left.filter(isToldByBoth).length
}

const isSame = (a: Text, b: Text) =>
  a.incoming === b.incoming && a.said === b.said && Math.abs(a.at - b.at) <= (a.incoming ? SAME_MOMENT_MS : SENT_MS)

function rate(candidate: Candidate, person: ToldThread['person'], other: number) {
  const mine = [person.name, person.username].map(nameOf).filter(Boolean)
  const sameUsername = Boolean(candidate.username) && mine.includes(nameOf(candidate.username))
  const sameName = mine.includes(nameOf(candidate.name))
  const reasons = [
    ...(sameUsername ? ['SAME_USERNAME'] : []),
    ...(sameName ? ['SAME_NAME'] : []),
    ...(candidate.equal ? ['SAME_TEXTS'] : []),
    ...(other ? ['OTHER_TEXTS'] : []),
  ]
  const sum =
    (sameUsername ? 0.3 : 0) +
    (sameName ? 0.2 : 0) +
    Math.min(candidate.equal * 0.15, 0.45) -
    Math.min(other * 0.1, 0.3)
  const isNamed = sameUsername || sameName
  return {
    ...candidate,
    other,
    reasons,
    isNamed,
    confidence: Math.round(Math.min(Math.max(sum, 0.05), 0.95) * 100) / 100,
  }
}
