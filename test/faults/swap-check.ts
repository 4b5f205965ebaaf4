import type { Actor } from '../support/actor.ts'
import type { TwoSides } from '../support/swaps.ts'
import type { Cluster } from './cluster.ts'

export interface Message {
  conversation: string
  text: string
}

/** A business whose inbox has gone over from one side to the other. */
interface Shop {
  admin: Actor
  sides: TwoSides
  /** What TikTok has of it: the truth of both sides. */
  truth(): Message[]
}

interface Row {
  thread_id: string
  content: string
  /** Why it did not go out. */
  failure: string | null
  names: string[]
}

export const rowsOf = (cluster: Cluster, { admin }: Shop) => cluster.sql<Row[]>`
  select m.thread_id, m.content, case when m.status = 'failed' then coalesce(m.failure_code, '?') end as failure, array(select a.external_id from thread_aliases a
    where a.account_id = m.account_id and a.thread_id = m.thread_id) as names
  from messages m where m.account_id = ${admin.accountId} and m.type <> 'activity' order by m.at`

/** Which TikTok conversation a name of a thread stands for, on either side. */
function conversationsBehind(cluster: Cluster, shop: Shop): Map<string, string> {
  const { tiktok, respondio } = cluster.standin
  const behind = new Map<string, string>()
  const byPerson = new Map<string, string>()
  for (const { id, personId, businessId } of tiktok.conversations()) {
    if (businessId !== shop.sides.business.openId) continue
    behind.set(id, id)
    byPerson.set(personId, id)
  }
  for (const contact of respondio.world.contactsOf(shop.sides.channel.spaceId)) {
    const person = contact.presences.find(({ channelId }) => channelId === shop.sides.channel.id)?.personId
    behind.set(String(contact.id), byPerson.get(person ?? '') ?? '')
  }
  return behind
}

/** Threads of customers about whom a person has to decide: both sides show what they have. */
async function findUndecided(cluster: Cluster, { admin }: Shop): Promise<Set<string>> {
  const rows = await cluster.sql<{ thread_id: string; candidates: { threadId: string }[] }[]>`
    select thread_id, candidates from swap_matches where account_id = ${admin.accountId}`
  return new Set(rows.flatMap(({ thread_id, candidates }) => [thread_id, ...candidates.map((one) => one.threadId)]))
}

/** How often something that is said in a conversation stands in each of its threads. */
interface Found {
  threads: Map<string, number>
  /** So many of them may have gone out as a worker was killed, and nobody has heard of it. */
  unknown: number
  isUndecided: boolean
}

/** Each breach is a line. */
export async function findBreaches(cluster: Cluster, shop: Shop): Promise<string[]> {
  const rows = await rowsOf(cluster, shop)
  const behind = conversationsBehind(cluster, shop)
  const breaches: string[] = []
  const undecided = await findUndecided(cluster, shop)
  const here = new Map<string, Found>()
  for (const { thread_id, content, failure, names } of rows) {
    if (failure && failure !== 'DELIVERY_UNKNOWN') breaches.push(`${content} has failed: ${failure}`)
    const conversations = new Set(names.map((name) => behind.get(name)))
    if (conversations.size !== 1) breaches.push(`${thread_id} is of ${conversations.size} customers`)
    const key = `${[...conversations][0]} ${content}`
    const found = here.get(key) ?? { threads: new Map<string, number>(), unknown: 0, isUndecided: false }
    found.threads.set(thread_id, (found.threads.get(thread_id) ?? 0) + 1)
    if (failure) found.unknown++
    if (undecided.has(thread_id)) found.isUndecided = true
    here.set(key, found)
  }
  const there = new Map<string, number>()
  for (const { conversation, text } of shop.truth()) {
    const key = `${conversation} ${text}`
    there.set(key, (there.get(key) ?? 0) + 1)
  }
  for (const key of new Set([...here.keys(), ...there.keys()])) {
    const wrong = compare(here.get(key), there.get(key) ?? 0)
    if (wrong) breaches.push(`${key}: ${wrong}`)
  }
  return breaches
}

function compare(found: Found | undefined, count: number): string | undefined {
  if (!found) return 'lost'
  const { unknown, isUndecided } = found
  const counts = [...found.threads.values()]
  const all = counts.reduce((sum, one) => sum + one, 0)
  // A message nobody has heard of is one row, whether it is there or not.
  const most = Math.max(count, unknown)
  if (counts.some((one) => one > most)) return `${counts.join()} in one thread, and ${count} in truth`
  if (all < count) return `${all} of ${count}, the others are lost`
  if (!isUndecided && all > most) return `${all} of ${count}`
  return undefined
}

/** Answers of which nobody knows whether they went out. */
export async function countUnknown(cluster: Cluster, { admin }: Shop): Promise<number> {
  const rows = await cluster.sql`
    select 1 from messages where account_id = ${admin.accountId} and failure_code = 'DELIVERY_UNKNOWN'`
  return rows.length
}

/** How many threads have a name of one side only. */
export async function countSingle(cluster: Cluster, { admin }: Shop): Promise<number> {
  const rows = await cluster.sql`
    select thread_id from thread_aliases where account_id = ${admin.accountId}
    group by thread_id having count(distinct channel_type) = 1`
  return rows.length
}
