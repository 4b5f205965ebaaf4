import { ChannelError, type Channel, type InboundEvent } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { findSide, type Side } from '../inboxes/swap.queries.ts'
import { ingestThread } from '../messages/ingest.ts'
import { resolveUnnamed as resolveUnnamedJob, type ResolveUnnamed, type UnnamedSearch } from './intake.jobs.ts'
import {
  listPending,
  lockThreadKey,
  markDone,
  postpone,
  UNNAMED_UNRESOLVED,
  type PendingEvent,
} from './intake.queries.ts'
import { notAhead } from './not-ahead.ts'
import { readEvent } from './read-event.ts'
import {
  asker,
  beginSearch,
  candidatesOf,
  listThreads,
  nearTo,
  NoToken,
  threadReader,
  type Candidate,
  type Unnamed,
} from './unnamed-search.ts'

/** After that long the lists say nothing of it any more: a thread shows only its newest messages. */
const GIVE_UP_MS = 15 * 60_000
/** When a sweeper comes after a job that was lost. */
const AGAIN_MS = 60_000
const BUSY_MS = 3_000
/** What the lists do not show by then they will not. */
const SETTLED_MS = 90_000
const BATCH = 20

/** Somebody wrote whom the provider may not name: a job looks for it, since nothing is asked inside a transaction. */
export async function leaveUnnamed<Parsed extends { event: PendingEvent; inbound: readonly InboundEvent[] }>(
  tx: Tx,
  place: { inboxId: string; channelType: string; threadKey: string },
  parsed: Parsed[],
): Promise<Parsed[]> {
  const unnamed = parsed.filter(({ inbound }) => inbound.some((fact) => fact.kind === 'unnamed'))
  if (!unnamed.length) return parsed
  const ids = unnamed.map(({ event }) => event.id)
  await postpone(tx, ids, new Date(tx.clock.now().getTime() + AGAIN_MS))
  tx.enqueue(resolveUnnamedJob, { accountId: tx.accountId, ...place })
  return parsed.filter((entry) => !unnamed.includes(entry))
}

interface Work {
  /** The side of the inbox that is asked. */
  inbox: Side
  channel: Channel
  events: Unnamed[]
  readable: boolean
}

/**
 * Looks for what unnamed events speak of in the provider's lists (TikTok wire reference §6.4). One is taken over when it is
 * the only message that it can be; the others stay what they are, with a code on their row. Without a token it answers
 * when to go on, and from where.
 */
export async function resolveUnnamed(
  deps: Deps,
  scope: Scope,
  { search, ...place }: ResolveUnnamed,
): Promise<{ waitMs: number; payload: ResolveUnnamed } | undefined> {
  const work = await scope.read((tx) => findWork(deps, tx, place))
  if (!work) return undefined
  const events = await giveUpOld(deps, scope, work.events)
  if (!events.length || !work.readable) return undefined
  const isOf = ({ id }: Unnamed) => search?.eventIds.includes(id)
  const going = search && events.some(isOf) ? search : beginSearch(events, deps.clock.now())
  const mine = events.filter(({ id }) => going.eventIds.includes(id))
  const waitMs = await goOn(deps, scope, { ...work, events: mine }, going)
  if (waitMs !== undefined) {
    // Or a sweeper would begin another search before this one goes on.
    const sweepAt = new Date(deps.clock.now().getTime() + waitMs + AGAIN_MS)
    if (waitMs >= BUSY_MS) await scope.tx((tx) => postpone(tx, going.eventIds, sweepAt))
    return { waitMs, payload: { ...place, search: going } }
  }
  // Others came while this search waited.
  return mine.length < events.length ? { waitMs: 0, payload: place } : undefined
}

async function giveUpOld(deps: Deps, scope: Scope, events: Unnamed[]): Promise<Unnamed[]> {
  const oldest = deps.clock.now().getTime() - GIVE_UP_MS
  const given = events.filter(({ receivedAt }) => receivedAt.getTime() < oldest).map(({ id }) => id)
  if (given.length) await scope.tx((tx) => markDone(tx, given, UNNAMED_UNRESOLVED))
  return events.filter(({ id }) => !given.includes(id))
}

/** Answers in how many ms to go on, or undefined when there is nothing to go on with. */
async function goOn(deps: Deps, scope: Scope, work: Work, search: UnnamedSearch): Promise<number | undefined> {
  const { channel, events } = work
  const ask = asker(deps, scope, work)
  const readThread = threadReader(ask, channel)
  try {
    await listThreads(ask, channel, search, events)
    for (const event of events) await resolveOne(scope, { ...work, search, readThread }, event)
    return undefined
  } catch (error) {
    if (error instanceof NoToken) return error.waitMs
    if (!(error instanceof ChannelError)) throw error
    return afterFailure(deps, work, error)
  }
}

async function afterFailure(deps: Deps, { inbox, channel }: Work, error: ChannelError): Promise<number | undefined> {
  deps.log.info({ err: error, inboxId: inbox.id }, 'an unnamed message could not be looked for')
  if (error.kind === 'unavailable') return Math.max(BUSY_MS, error.retryAfterMs ?? 0)
  // What is refused for good is tried with every sweep, until it is too late.
  if (error.kind !== 'rate_limited') return undefined
  return Math.max(BUSY_MS, await deps.buckets.pause(rateOf(channel, inbox, 'read'), error.retryAfterMs).catch(() => 0))
}

async function findWork(
  deps: Deps,
  tx: ReadTx,
  { inboxId, channelType, threadKey }: Omit<ResolveUnnamed, 'search'>,
): Promise<Work | undefined> {
  const inbox = await findSide(tx, inboxId, channelType ?? null)
  if (!inbox) return undefined
  const channel = deps.channels.get(inbox.channelType)
  const pending = await listPending(tx, { threadKey, accountRef: inbox.externalId }, BATCH, null)
  const events = pending.flatMap(({ id, raw, code, receivedAt }) => {
    const fact = readEvent(channel, { raw, code }).find((inbound) => inbound.kind === 'unnamed')
    return fact ? [{ id, receivedAt, at: notAhead(fact, deps.clock.now()).at }] : []
  })
  const [account] = await tx.sql<{ status: string }[]>`select status from accounts where id = ${tx.accountId}`
  const enabled = await isEnabled(tx, channel.manifest.featureFlag)
  const connected = inbox.credentials !== null && !inbox.reauthorizationRequired
  return { inbox, channel, events, readable: connected && enabled && account?.status !== 'suspended' }
}

interface Going extends Work {
  search: UnnamedSearch
  readThread: ReturnType<typeof threadReader>
}

type Found = { thread: Candidate; externalId: string }

/** Taken over when it is the only one that is not here yet; else nobody can tell, and nothing is made up. */
async function resolveOne(scope: Scope, going: Going, event: Unnamed): Promise<void> {
  const found = await findMessages(going, event)
  const [only, ...others] = await scope.read((tx) => leaveKnown(tx, going.inbox.id, found))
  // Read from the lists before its notice came, or by an earlier notice.
  if (!only && found.length) return void (await scope.tx((tx) => markDone(tx, [event.id], null)))
  // The lists may be behind the notice; a sweeper comes back to it.
  if (!only && going.search.startedAt - event.receivedAt.getTime() < SETTLED_MS) return
  if (!only || others.length) return void (await scope.tx((tx) => markDone(tx, [event.id], UNNAMED_UNRESOLVED)))
  const written = await going.readThread(only.thread.threadRef)
  const message = written.find(({ externalId }) => externalId === only.externalId)
  if (!message) return
  await scope.tx(async (tx) => {
    await lockThreadKey(tx, only.thread.threadKey)
    const { threadRef, referrals } = only.thread
    const listed = { referrals: referrals.map(({ at, referral }) => ({ referral, ...(at && { at: new Date(at) }) })) }
    await ingestThread(tx, going.inbox, threadRef, [notAhead(message, tx.clock.now())], () => false, listed)
    await markDone(tx, [event.id], null)
  })
}

async function findMessages({ search, events, readThread }: Going, event: Unnamed): Promise<Found[]> {
  const found: Found[] = []
  for (const thread of candidatesOf(search, event)) {
    thread.near ??= nearTo(
      (await readThread(thread.threadRef)).map(({ externalId, at }) => ({ externalId, at: at.getTime() })),
      events,
    )
    found.push(...nearTo(thread.near, [event]).map(({ externalId }) => ({ thread, externalId })))
  }
  return found
}

async function leaveKnown(tx: ReadTx, inboxId: string, found: readonly Found[]): Promise<Found[]> {
  const ids = found.map(({ externalId }) => externalId)
  const known = await tx.sql<{ names: string[] }[]>`
    select array[external_id, alternate_external_id] as names from messages
    where account_id = ${tx.accountId} and inbox_id = ${inboxId}
      and (external_id = any(${ids}::text[]) or alternate_external_id = any(${ids}::text[]))`
  return found.filter(({ externalId }) => !known.some(({ names }) => names.includes(externalId)))
}
