import type { PersonRef } from '../../channels/contract.ts'
import type { SwapCandidate } from '../../db/schema/index.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { addIdentity } from '../contacts/contacts.service.ts'
import { findSwapFacts, type SwapFacts } from '../inboxes/swap.queries.ts'
import type { WrittenInbound } from './ingest.ts'
import {
  LISTEN_MS,
  listTexts,
  matchThread,
  MOST_TEXTS,
  textsOf,
  UNDERWAY_MS,
  type ThreadMatch,
} from './match-thread.ts'
import { findKnown, lockNames, type KnownMessage } from './names.ts'
import { matchAgain } from './messages.jobs.ts'
import { askWho, findMatch, noteCertain, noteProven, settleNamed, type MatchPlace } from './swap-matches.ts'
import { lockThread, lockThreadByRef, nameThread, type ThreadInbox, type ThreadState } from './thread-state.ts'

interface ToldThread {
  inbox: ThreadInbox
  threadRef: string
  person: PersonRef | undefined
  written: readonly WrittenInbound[]
  /** Read from the provider's list: everything since the oldest of it is told. */
  isList: boolean
}

type ToldByName = ToldThread & { swap: SwapFacts }

interface FoundThread {
  found: ThreadState | undefined
  known: KnownMessage[]
  /** Who it may be: asked once the thread is there. */
  candidates: readonly SwapCandidate[]
}

/**
 * The thread that a provider speaks of, locked, and what of the messages told is known in the inbox. Two providers of an inbox
 * that is going over from one to another may tell of one message, each in its own words.
 */
export async function findThread(
  tx: Tx,
  told: ToldThread,
  isHearsay: boolean,
): Promise<FoundThread & { swap: SwapFacts | null }> {
  const { inbox, threadRef, written } = told
  const swap = inbox.swap === undefined ? await findSwapFacts(tx, inbox.id) : inbox.swap
  if (swap?.isOpen) await lockNames(tx, inbox.id, written)
  const [found, known] = await Promise.all([lockThreadByRef(tx, inbox, threadRef), findKnown(tx, inbox.id, written)])
  if (!swap || isHearsay) return { swap, found, known, candidates: [] }
  return { swap, ...(await findSwappedThread(tx, { ...told, swap }, { found, known })) }
}

/**
 * Which thread a provider speaks of, in an inbox that has gone over from one to another: a message that is known by an id is
 * proof, what both told may be. A thread that is found so has this provider's name from then on; where two threads turn out
 * to be one, a worker merges them.
 */
async function findSwappedThread(
  tx: Tx,
  told: ToldByName,
  before: { found: ThreadState | undefined; known: KnownMessage[] },
): Promise<FoundThread> {
  // It may have been merged into another one while this waited for it.
  const found = before.found ?? (await lockThreadByRef(tx, told.inbox, told.threadRef))
  if (found) return { ...(await compare(tx, told, found, before.known)), found }
  const [exact] = before.known
  if (exact) return { ...(await attach(tx, told, exact.thread_id)), candidates: [] }
  const { certain, candidates } = told.isList ? await likeliest(tx, told) : NOBODY
  if (!certain) return { found: undefined, known: before.known, candidates }
  await lockThread(tx, certain)
  // Or it has just become somebody else's.
  if (!(await isNamed(tx, certain, told.inbox.channelType)))
    return { ...(await attach(tx, told, certain)), candidates: [] }
  const left = candidates.filter(({ threadId }) => threadId !== certain)
  return { found: undefined, known: before.known, candidates: left }
}

async function isNamed(tx: Tx, threadId: string, channelType: string): Promise<boolean> {
  const rows = await tx.sql`
    select 1 from thread_aliases where account_id = ${tx.accountId} and thread_id = ${threadId}
      and channel_type = ${channelType} limit 1`
  return rows.length > 0
}

const likeliest = async (tx: Tx, told: ToldByName, threadId?: string): Promise<ThreadMatch> => {
  const { inbox, swap, person, written } = told
  return person
    ? matchThread(tx, swap, {
        ...{ inboxId: inbox.id, channelType: inbox.channelType, person, texts: textsOf(written) },
        ...(threadId && { threadId }),
      })
    : NOBODY
}

const NOBODY: ThreadMatch = { candidates: [] }

/** The thread gets this provider's name, and its contact the customer's. What both tell is looked up again behind its lock. */
async function attach(tx: Tx, { inbox, threadRef, person, written }: ToldByName, threadId: string) {
  await lockThread(tx, threadId)
  await nameThread(tx, inbox, threadRef, threadId)
  await settleNamed(tx, inbox.id, threadId)
  const found = await lockThreadByRef(tx, inbox, threadRef)
  if (!found) throw new Error('a thread was merged into another one at this moment')
  if (person) await addIdentity(tx, inbox.id, person.ref, found.contactId)
  return { found, known: await findKnown(tx, inbox.id, written) }
}

/** A thread that is here already may be the same as another one, by what is known now. */
async function compare(tx: Tx, told: ToldByName, thread: ThreadState, known: KnownMessage[]) {
  const { inbox, swap } = told
  const place = { inboxId: inbox.id, swapId: swap.id, threadId: thread.id }
  const other = known.find(({ thread_id }) => thread_id !== thread.id)
  if (other) await noteProven(tx, place, other.thread_id)
  else if (await isSettled(tx, inbox, thread.id)) return { known, candidates: [] }
  else if (told.isList) await decide(tx, place, await likeliest(tx, told, thread.id))
  else if (tx.clock.now().getTime() < swap.swappedAt.getTime() + LISTEN_MS)
    tx.enqueue(matchAgain, { accountId: tx.accountId, threadId: thread.id }, { delayMs: UNDERWAY_MS + 2_000 })
  return { known, candidates: [] }
}

async function decide(tx: Tx, place: MatchPlace, { certain, candidates }: ThreadMatch): Promise<void> {
  const sure = candidates.find(({ threadId }) => threadId === certain)
  if (sure) await noteCertain(tx, place, sure)
  else if (candidates.length) await askWho(tx, place, candidates)
}

/**
 * While both providers tell of what is written, each message may say who a thread is whose past did not: looks at it once
 * more, when what is on its way from the other one has come.
 */
export async function matchOnceMore(scope: Scope, threadId: string): Promise<void> {
  await scope.tx(async (tx) => {
    const [thread] = await tx.sql<OwnThread[]>`
      select t.inbox_id as "inboxId", p.name, p.username, array(select distinct a.channel_type from thread_aliases a
          where a.account_id = t.account_id and a.thread_id = t.id) as channels
      from threads t join contacts p on p.account_id = t.account_id and p.id = t.contact_id
      where t.account_id = ${tx.accountId} and t.id = ${threadId} for no key update of t`
    const [channelType, another] = thread?.channels ?? []
    const swap = thread && (await findSwapFacts(tx, thread.inboxId))
    if (!thread || !swap?.isOpen || !channelType || another) return
    if ((await findMatch(tx, threadId))?.state === 'apart') return
    const texts = await listTexts(tx, threadId, 0, tx.clock.now().getTime())
    const { inboxId, name, username } = thread
    const person = { name, ...(username && { username }) }
    const match = await matchThread(tx, swap, {
      inboxId,
      channelType,
      threadId,
      person,
      texts: texts.slice(-MOST_TEXTS),
    })
    await decide(tx, { inboxId, swapId: swap.id, threadId }, match)
  })
}

interface OwnThread {
  inboxId: string
  name: string
  username: string | null
  channels: string[]
}

/** It has names of both, or somebody has said that it is nobody else. */
async function isSettled(tx: Tx, { channelType }: ThreadInbox, threadId: string): Promise<boolean> {
  const [row] = await tx.sql<{ named: boolean }[]>`
    select exists (select 1 from thread_aliases
      where account_id = ${tx.accountId} and thread_id = ${threadId} and channel_type <> ${channelType}) as named`
  return row?.named === true || (await findMatch(tx, threadId))?.state === 'apart'
}
