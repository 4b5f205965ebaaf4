import type { PersonRef } from '../../channels/contract.ts'
import type { SwapCandidate } from '../../db/schema/index.ts'
import type { Tx } from '../../db/scope.ts'
import { addIdentity } from '../contacts/contacts.service.ts'
import type { SwapFacts } from '../inboxes/swap.queries.ts'
import type { WrittenInbound } from './ingest.ts'
import { matchThread, type ThreadMatch } from './match-thread.ts'
import { findKnown, type KnownMessage } from './names.ts'
import { askWho, findMatch, noteCertain } from './swap-matches.ts'
import { lockThread, lockThreadByRef, nameThread, type ThreadInbox, type ThreadState } from './thread-state.ts'

export interface ToldByName {
  inbox: ThreadInbox
  swap: SwapFacts
  threadRef: string
  person: PersonRef | undefined
  written: readonly WrittenInbound[]
  /** Read from the provider's list: everything since the oldest of it is told. */
  isList: boolean
}

export interface FoundThread {
  found: ThreadState | undefined
  known: KnownMessage[]
  /** Who it may be: asked once the thread is there. */
  candidates: readonly SwapCandidate[]
}

/**
 * Which thread a provider speaks of, in an inbox that has gone over from one to another: a message that is known by an id is
 * proof, what both told may be. A thread that is found so has this provider's name from then on; where two threads turn out
 * to be one, a worker merges them.
 */
export async function findSwappedThread(
  tx: Tx,
  told: ToldByName,
  before: { found: ThreadState | undefined; known: KnownMessage[] },
): Promise<FoundThread> {
  // It may have been merged into another one while this waited for it.
  const found = before.found ?? (await lockThreadByRef(tx, told.inbox, told.threadRef))
  if (found) return { ...(await compare(tx, told, found, before.known)), found }
  const [exact] = before.known
  if (exact) return { ...(await attach(tx, told, exact.thread_id)), candidates: [] }
  const match = told.isList ? await likeliest(tx, told) : NOBODY
  if (match.certain) return { ...(await attach(tx, told, match.certain)), candidates: [] }
  return { found: undefined, known: before.known, candidates: match.candidates }
}

const likeliest = async (tx: Tx, told: ToldByName, threadId?: string): Promise<ThreadMatch> => {
  const { inbox, swap, person, written } = told
  return person
    ? matchThread(tx, swap, {
        ...{ inboxId: inbox.id, channelType: inbox.channelType, person, written },
        ...(threadId && { threadId }),
      })
    : NOBODY
}

const NOBODY: ThreadMatch = { candidates: [] }

/** The thread gets this provider's name, and its contact the customer's. What both tell is looked up again behind its lock. */
async function attach(tx: Tx, { inbox, threadRef, person, written }: ToldByName, threadId: string) {
  await lockThread(tx, threadId)
  await nameThread(tx, inbox, threadRef, threadId)
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
  if (other) await noteCertain(tx, place, other.thread_id)
  else if (told.isList && !(await isSettled(tx, inbox, thread.id))) {
    const { certain, candidates } = await likeliest(tx, told, thread.id)
    if (certain) await noteCertain(tx, place, certain)
    else if (candidates.length) await askWho(tx, place, candidates)
  }
  return { known, candidates: [] }
}

/** It has names of both, or somebody has been asked. */
async function isSettled(tx: Tx, { channelType }: ThreadInbox, threadId: string): Promise<boolean> {
  const [row] = await tx.sql<{ named: boolean }[]>`
    select exists (select 1 from thread_aliases
      where account_id = ${tx.accountId} and thread_id = ${threadId} and channel_type <> ${channelType}) as named`
  return row?.named === true || (await findMatch(tx, threadId)) !== undefined
}
