import type { Tx } from '../../db/scope.ts'
import type { SwapFacts } from '../inboxes/swap.queries.ts'
import type { WrittenInbound } from './ingest.ts'
import { recognise, recogniseAndRename, type KnownMessage, type Recognised } from './names.ts'
import type { ThreadInbox } from './thread-state.ts'
import { recogniseTwins } from './twins.ts'

interface RecognisePlace {
  inbox: ThreadInbox
  threadId: string
  /** Set where another provider may have told of the same messages. */
  swap: SwapFacts | null | undefined
  isHearsay: boolean
}

/** Which messages the events speak of: by their names, and after a swap of providers also by what they say and when. */
export async function recogniseAll(
  tx: Tx,
  { inbox, threadId, swap, isHearsay }: RecognisePlace,
  written: readonly WrittenInbound[],
  known: readonly KnownMessage[],
): Promise<Recognised> {
  if (isHearsay) return recognise(written, known)
  const named = await recogniseAndRename(tx, inbox, threadId, written, known)
  const unknown = swap ? written.filter((event) => !named.has(event)) : []
  if (!swap || !unknown.length) return named
  const twins = await recogniseTwins(tx, { threadId, channelType: inbox.channelType, swap }, unknown)
  return twins.size ? new Map([...named, ...twins]) : named
}
