import type { PersonRef } from '../../channels/contract.ts'
import type { Tx } from '../../db/scope.ts'
import { findSwapFacts } from '../inboxes/swap.queries.ts'
import { findSwappedThread } from './find-thread.ts'
import type { IngestInbox, WrittenInbound } from './ingest.ts'
import { findKnown, lockNames } from './names.ts'
import { lockThreadByRef } from './thread-state.ts'

interface Telling {
  threadRef: string
  written: readonly WrittenInbound[]
  person: PersonRef | undefined
  isList: boolean
  isHearsay: boolean
}

/** The thread that is told of, what of it is known, and, after a swap, whose it may be besides. */
export async function findToldThread(tx: Tx, inbox: IngestInbox, telling: Telling) {
  const { threadRef, written, person, isList, isHearsay } = telling
  const swap = inbox.swap === undefined ? await findSwapFacts(tx, inbox.id) : inbox.swap
  if (swap?.isOpen) await lockNames(tx, inbox.id, written)
  const [found, known] = await Promise.all([lockThreadByRef(tx, inbox, threadRef), findKnown(tx, inbox.id, written)])
  if (!swap || isHearsay) return { found, known, candidates: [], swap }
  const byName = { inbox, threadRef, person, written, isList, swap }
  return { ...(await findSwappedThread(tx, byName, { found, known })), swap }
}
