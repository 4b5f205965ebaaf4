import { setTimeout as pause } from 'node:timers/promises'
import {
  ChannelError,
  type Channel,
  type Credentials,
  type InboundEvent,
  type ListedThread,
} from '../../channels/contract.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { findInbox, type InboxRow } from '../inboxes/inboxes.queries.ts'
import { withCredentials } from '../inboxes/with-credentials.ts'
import { ingestThread } from '../messages/ingest.ts'
import { resolveUnnamed as resolveUnnamedJob } from './intake.jobs.ts'
import {
  listPending,
  lockThreadKey,
  markDone,
  postpone,
  UNNAMED_UNRESOLVED,
  type PendingEvent,
} from './intake.queries.ts'
import { notAhead } from './not-ahead.ts'

type Written = Extract<InboundEvent, { kind: 'message' }>

// TikTok wire reference §6.4.
const NEAR_THREAD_MS = 5 * 60_000
const NEAR_MESSAGE_MS = 5_000
const MOST_CANDIDATES = 6

/** After that long the lists say nothing of it any more: a thread shows only its newest messages. */
const GIVE_UP_MS = 15 * 60_000
/** When a sweeper comes after a job that was lost. */
const AGAIN_MS = 60_000
const BUSY_MS = 3_000
/** What the lists do not show by then they will not. */
const SETTLED_MS = 90_000
const BATCH = 20
const MOST_PAGES = 6
const PATIENCE_MS = 3_000

/** Somebody wrote whom the provider may not name: a job looks for it, since nothing is asked inside a transaction. */
export async function leaveUnnamed<Parsed extends { event: PendingEvent; inbound: readonly InboundEvent[] }>(
  tx: Tx,
  place: { inboxId: string; threadKey: string },
  parsed: Parsed[],
): Promise<Parsed[]> {
  const unnamed = parsed.filter(({ inbound }) => inbound.some((fact) => fact.kind === 'unnamed'))
  if (!unnamed.length) return parsed
  const ids = unnamed.map(({ event }) => event.id)
  await postpone(tx, ids, new Date(tx.clock.now().getTime() + AGAIN_MS))
  tx.enqueue(resolveUnnamedJob, { accountId: tx.accountId, ...place })
  return parsed.filter((entry) => !unnamed.includes(entry))
}

interface Unnamed {
  id: number
  at: Date
  receivedAt: Date
}

interface Work {
  inbox: InboxRow
  channel: Channel
  events: Unnamed[]
  readable: boolean
}

/** There is no token now. */
class NoToken extends Error {
  readonly waitMs: number

  constructor(waitMs: number) {
    super('no token')
    this.waitMs = waitMs
  }
}

/**
 * Looks for what unnamed events speak of in the provider's lists (TikTok wire reference §6.4). One is taken over when it is
 * the only message that it can be; the others stay what they are, with a code on their row. Answers when to come again.
 */
export async function resolveUnnamed(
  deps: Deps,
  scope: Scope,
  place: { inboxId: string; threadKey: string },
): Promise<number | undefined> {
  const work = await scope.read((tx) => findWork(deps, tx, place))
  if (!work) return undefined
  const oldest = deps.clock.now().getTime() - GIVE_UP_MS
  const given = work.events.filter(({ receivedAt }) => receivedAt.getTime() < oldest)
  if (given.length)
    await scope.tx((tx) =>
      markDone(
        tx,
        given.map(({ id }) => id),
        UNNAMED_UNRESOLVED,
      ),
    )
  const events = work.events.filter((event) => !given.includes(event))
  if (!events.length || !work.readable) return undefined
  try {
    await search(deps, scope, { ...work, events })
    return undefined
  } catch (error) {
    if (error instanceof NoToken) return error.waitMs
    if (!(error instanceof ChannelError)) throw error
    return afterFailure(deps, work, error)
  }
}

async function afterFailure(deps: Deps, { inbox, channel }: Work, error: ChannelError): Promise<number | undefined> {
  deps.log.info({ err: error, inboxId: inbox.id }, 'an unnamed message could not be looked for')
  if (error.kind === 'unavailable') return BUSY_MS
  // What is refused for good is tried with every sweep, until it is too late.
  if (error.kind !== 'rate_limited') return undefined
  return Math.max(BUSY_MS, await deps.buckets.pause(channel.manifest.rate, error.retryAfterMs).catch(() => 0))
}

async function findWork(
  deps: Deps,
  tx: ReadTx,
  { inboxId, threadKey }: { inboxId: string; threadKey: string },
): Promise<Work | undefined> {
  const inbox = await findInbox(tx, inboxId)
  if (!inbox) return undefined
  const channel = deps.channels.get(inbox.channelType)
  const pending = await listPending(tx, { threadKey, accountRef: inbox.externalId }, BATCH, null)
  const events = pending.flatMap(({ id, raw, receivedAt }) => {
    const fact = channel.webhook?.parse(raw).find((inbound) => inbound.kind === 'unnamed')
    return fact ? [{ id, receivedAt, at: notAhead(fact, deps.clock.now()).at }] : []
  })
  const [account] = await tx.sql<{ status: string }[]>`select status from accounts where id = ${tx.accountId}`
  const enabled = await isEnabled(tx, channel.manifest.featureFlag)
  const connected = inbox.credentials !== null && !inbox.reauthorizationRequired
  return { inbox, channel, events, readable: connected && enabled && account?.status !== 'suspended' }
}

type Ask = <Answer>(question: (credentials: Credentials) => Promise<Answer>) => Promise<Answer>

/** Every question takes a token, after the sends (I9); one that comes within moments is waited for. */
function asker(deps: Deps, scope: Scope, { inbox, channel }: Work): Ask {
  const { rate } = channel.manifest
  const taker = { accountId: scope.accountId, waiter: `resolve-unnamed-${inbox.id}` }
  const until = Date.now() + PATIENCE_MS
  return async (question) => {
    for (;;) {
      const wait = await deps.buckets.takeSpare(rate, taker)
      if (wait === 0) return withCredentials(deps, scope, inbox, question)
      if (Date.now() + wait > until) throw new NoToken(wait)
      await pause(wait)
    }
  }
}

async function search(deps: Deps, scope: Scope, work: Work): Promise<void> {
  const { channel, events } = work
  const ask = asker(deps, scope, work)
  const threads = await listAll(ask, channel)
  const read = new Map<string, Promise<Written[]>>()
  for (const event of events) {
    const found: { thread: ListedThread; message: Written }[] = []
    for (const thread of nearest(threads, event.at)) {
      const messages = read.get(thread.threadRef) ?? readInbound(ask, channel, thread)
      read.set(thread.threadRef, messages)
      for (const message of await messages)
        if (isNear(message.at, event.at, NEAR_MESSAGE_MS)) found.push({ thread, message })
    }
    await scope.tx((tx) => settle(tx, work.inbox, event, found))
  }
}

async function listAll(ask: Ask, channel: Channel): Promise<ListedThread[]> {
  const threads: ListedThread[] = []
  let page: string | undefined
  for (let turn = 0; turn < MOST_PAGES; turn += 1) {
    const answer = await ask(async (credentials) => channel.listThreads?.(credentials, page))
    threads.push(...(answer?.threads ?? []))
    page = answer?.next
    if (!page) break
  }
  return threads
}

const distance = (one: Date, other: Date) => Math.abs(one.getTime() - other.getTime())
const isNear = (one: Date, other: Date, ms: number) => distance(one, other) <= ms

const nearest = (threads: readonly ListedThread[], at: Date): ListedThread[] =>
  threads
    .filter(({ updatedAt }) => isNear(updatedAt, at, NEAR_THREAD_MS))
    .sort((a, b) => distance(a.updatedAt, at) - distance(b.updatedAt, at))
    .slice(0, MOST_CANDIDATES)

async function readInbound(ask: Ask, channel: Channel, { threadRef }: ListedThread): Promise<Written[]> {
  const { messages } = await ask((credentials) => channel.readThread(credentials, threadRef))
  return messages.filter((event) => event.kind === 'message')
}

/** Taken over when it is the only one that is not here yet; else nobody can tell, and nothing is made up. */
async function settle(
  tx: Tx,
  inbox: InboxRow,
  event: Unnamed,
  found: readonly { thread: ListedThread; message: Written }[],
): Promise<void> {
  const ids = found.map(({ message }) => message.externalId)
  const known = await tx.sql<{ external_id: string }[]>`
    select external_id from messages
    where account_id = ${tx.accountId} and inbox_id = ${inbox.id} and external_id = any(${ids}::text[])`
  const fresh = found.filter(({ message }) => !known.some((row) => row.external_id === message.externalId))
  const [only] = fresh
  // Read from the lists before its notice came, or by an earlier notice.
  if (!only && found.length) return void (await markDone(tx, [event.id], null))
  const age = tx.clock.now().getTime() - event.receivedAt.getTime()
  // The lists may be behind the notice; a sweeper comes back to it.
  if (!only && age < SETTLED_MS) return
  if (!only || fresh.length > 1) return void (await markDone(tx, [event.id], UNNAMED_UNRESOLVED))
  await lockThreadKey(tx, only.thread.threadKey)
  const { threadRef, referrals = [] } = only.thread
  await ingestThread(tx, inbox, threadRef, [notAhead(only.message, tx.clock.now())], () => false, { referrals })
  await markDone(tx, [event.id], null)
}
