import type { Channel, Credentials, InboundEvent } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import type { Side } from '../inboxes/swap.queries.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import type { UnnamedSearch } from './intake.jobs.ts'

// TikTok wire reference §6.4.
const NEAR_THREAD_MS = 5 * 60_000
const NEAR_MESSAGE_MS = 5_000
const MOST_CANDIDATES = 6
const MOST_PAGES = 6

/** An event that tells neither writer nor text. */
export interface Unnamed {
  id: number
  at: Date
  receivedAt: Date
}

export type Candidate = UnnamedSearch['threads'][number]
type NearMessage = NonNullable<Candidate['near']>[number]
type Written = Extract<InboundEvent, { kind: 'message' }>

/** There is no token now. */
export class NoToken extends Error {
  readonly waitMs: number

  constructor(waitMs: number) {
    super('no token')
    this.waitMs = waitMs
  }
}

type Ask = <Answer>(question: (credentials: Credentials) => Promise<Answer>) => Promise<Answer>

/** Every question takes a token, after the sends (I9). Throws NoToken: nobody waits for one in a worker's slot. */
export function asker(deps: Deps, scope: Scope, { inbox, channel }: { inbox: Side; channel: Channel }): Ask {
  const taker = { accountId: scope.accountId, waiter: `resolve-unnamed-${inbox.id}` }
  return async (question) => {
    const wait = await deps.buckets.takeSpare(rateOf(channel, inbox, 'read'), taker)
    if (wait > 0) throw new NoToken(wait)
    return withCredentials(deps, scope, inbox, question)
  }
}

export const beginSearch = (events: readonly Unnamed[], now: Date): UnnamedSearch => ({
  eventIds: events.map(({ id }) => id),
  startedAt: now.getTime(),
  pages: 0,
  threads: [],
})

const isNear = (one: number, other: Date, ms: number) => Math.abs(one - other.getTime()) <= ms

/** Reads what is left of the list, and keeps the threads that moved when somebody wrote. */
export async function listThreads(
  ask: Ask,
  channel: Channel,
  search: UnnamedSearch,
  events: readonly Unnamed[],
): Promise<void> {
  while (search.pages < MOST_PAGES && (search.pages === 0 || search.nextPage !== undefined)) {
    const page = await ask(async (credentials) => channel.listThreads?.(credentials, search.nextPage))
    for (const { threadRef, threadKey, updatedAt, referrals = [] } of page?.threads ?? []) {
      const moved = updatedAt.getTime()
      // One that moves meanwhile may be listed twice.
      const isListed = search.threads.some((thread) => thread.threadRef === threadRef)
      if (!isListed && events.some(({ at }) => isNear(moved, at, NEAR_THREAD_MS)))
        search.threads.push({
          ...{ threadRef, threadKey, updatedAt: moved },
          referrals: referrals.map(({ at, referral }) => ({ referral, ...(at && { at: at.getTime() }) })),
        })
    }
    search.pages += 1
    search.nextPage = page?.next
  }
}

/** The threads that an event may belong to, the likeliest first. */
export function candidatesOf(search: UnnamedSearch, { at }: Unnamed): Candidate[] {
  const distance = ({ updatedAt }: Candidate) => Math.abs(updatedAt - at.getTime())
  return search.threads
    .filter(({ updatedAt }) => isNear(updatedAt, at, NEAR_THREAD_MS))
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, MOST_CANDIDATES)
}

/**
 * Reads what customers wrote in a thread, once for as long as the search is not put off: texts do not go with it through
 * Redis.
 */
export function threadReader(ask: Ask, channel: Channel): (threadRef: string) => Promise<Written[]> {
  const known = new Map<string, Written[]>()
  return async (threadRef) => {
    const before = known.get(threadRef)
    if (before) return before
    const { messages } = await ask((credentials) => channel.readThread(credentials, threadRef))
    const written = messages.filter((event) => event.kind === 'message')
    known.set(threadRef, written)
    return written
  }
}

/** Of messages those that one of the events may speak of. */
export const nearTo = (messages: readonly NearMessage[], events: readonly Unnamed[]): NearMessage[] =>
  messages.filter((message) => events.some(({ at }) => isNear(message.at, at, NEAR_MESSAGE_MS)))
