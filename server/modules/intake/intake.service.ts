import type { Channel, InboundEvent } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { EVENT_STATE } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { isEnabled } from '../accounts/feature-flags.ts'
import { lockInbox, unsafeFindInboxRoute } from '../inboxes/inboxes.queries.ts'
import { requireReauthorization } from '../inboxes/renewal.ts'
import { ingestThread, type ThreadInbound } from '../messages/ingest.ts'
import { findBusinessOf, unsafeAddress, unsafeFindUnaddressed } from './business.ts'
import { isConnectionError } from './connection-errors.ts'
import { ingestThread as ingestThreadJob } from './intake.jobs.ts'
import {
  countFailure,
  findIntakeInbox,
  inboxKeyPrefix,
  lockThreadKey,
  markDead,
  markDone,
  postpone,
  takePending,
  takePendingEvent,
  touchInbox,
  unsafeSetAside,
  unsafeSetAsideForeign,
  type IntakeInbox,
  type PendingEvent,
} from './intake.queries.ts'
import { notAhead } from './not-ahead.ts'
import { readEvent } from './read-event.ts'
import { leaveToOther } from './left-side.ts'
import { leaveUnnamed } from './unnamed.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    /** Deliveries told of what happened on these threads, by the provider's names for them. */
    'thread.delivered': { inboxId: string; channelType: string; threadRefs: readonly string[] }
    /** Deliveries did not tell what happened on these. */
    'thread.hinted': { inboxId: string; threadRefs: readonly string[] }
  }
}

const BATCH = 50
const RETRY_MS = 5_000
/** How long an echo may wait for the message of ours that it perhaps belongs to. */
const ECHO_HOLD_MS = 30_000
const ECHO_RETRY_MS = 2_000

export interface ThreadDelivery {
  channelType: string
  accountRef: string
  threadKey: string
}

/**
 * Works off everything that was delivered for one provider thread: one transaction a batch, under the thread's lock.
 * A batch that fails is gone through one by one, and the culprit alone is set aside.
 */
export async function ingestDeliveries(deps: Deps, delivery: ThreadDelivery): Promise<void> {
  const { channelType, accountRef } = delivery
  const { dead, waiting } = EVENT_STATE
  const channel = deps.channels.find(channelType)
  if (!channel) return unsafeSetAside(deps.system, delivery, dead, 'UNREADABLE')
  if (!accountRef) return address(deps, channel, delivery)
  const route = await unsafeFindInboxRoute(deps.system, channelType, accountRef)
  if (!route) return unsafeSetAside(deps.system, delivery, waiting, 'NO_INBOX')
  // Where each inbox has keys of its own, the business may have been another account's when this was signed (I10).
  const keyPrefix = channel.manifest.inboxWebhook && inboxKeyPrefix(route.inboxId)
  if (keyPrefix) await unsafeSetAsideForeign(deps.system, delivery, keyPrefix)
  if (route.suspended) return unsafeSetAside(deps.system, delivery, waiting, 'ACCOUNT_SUSPENDED')
  const scope = deps.scopes.system(route.accountId)
  const work = { deps, scope, channel, inboxId: route.inboxId, delivery, keyPrefix }
  for (;;) {
    const outcome = await drainBatch(work).catch((error: unknown) => onePerTransaction(work, error))
    if (outcome === 'disabled') return unsafeSetAside(deps.system, delivery, waiting, 'FEATURE_DISABLED')
    if (outcome < BATCH) return
  }
}

/** What names no business is given to whom it must be for, or to the dead letters: nobody else's inbox may show it. */
async function address(deps: Deps, channel: Channel, delivery: ThreadDelivery): Promise<void> {
  const body = await unsafeFindUnaddressed(deps.system, delivery.threadKey)
  const accountRef = body && (await findBusinessOf(deps.system, channel, body))
  if (!accountRef) return unsafeSetAside(deps.system, delivery, EVENT_STATE.dead, 'NO_BUSINESS')
  await unsafeAddress(deps.system, delivery.threadKey, accountRef)
  return ingestDeliveries(deps, { ...delivery, accountRef })
}

interface Work {
  deps: Deps
  scope: Scope
  channel: Channel
  inboxId: string
  delivery: ThreadDelivery
  keyPrefix: string | undefined
}

/** How many events were looked at, or that the account's flag is off. */
type Outcome = number | 'disabled'

const takeBatch = (tx: Tx, { delivery, keyPrefix }: Work): Promise<PendingEvent[]> =>
  takePending(tx, { ...delivery, keyPrefix }, BATCH)

const drainBatch = (work: Work): Promise<Outcome> => inTurn(work, (tx) => takeBatch(tx, work))

/** One transaction under the thread's lock; what there is to do is read behind it. */
async function inTurn(work: Work, take: (tx: Tx) => Promise<PendingEvent[]>): Promise<Outcome> {
  const { scope, inboxId, delivery } = work
  return scope.tx(async (tx) => {
    // Executed here and now: left to Promise.all, it would go out after the queries that are awaited inside a function.
    const locked = lockThreadKey(tx, delivery.threadKey).execute()
    const [, events, inbox, enabled] = await Promise.all([
      locked,
      take(tx),
      findIntakeInbox(tx, inboxId),
      isEnabled(tx, work.channel.manifest.featureFlag),
    ])
    if (!enabled) return 'disabled'
    if (events.length && inbox) await workOff(work, tx, inbox, events)
    return events.length
  })
}

async function workOff(work: Work, tx: Tx, inbox: IntakeInbox, events: readonly PendingEvent[]): Promise<void> {
  const channelType = work.channel.manifest.id
  const delivered = events.map((event) => ({
    event,
    inbound: readEvent(work.channel, event).map((fact) => notAhead(fact, tx.clock.now())),
  }))
  const ofLeft = inbox.channelType === channelType ? undefined : await leaveToOther(tx, work.delivery, inbox, delivered)
  const current = ofLeft ?? (await withoutOutdated(tx, inbox, delivered))
  const parsed = await leaveUnnamed(tx, { inboxId: inbox.id, channelType, threadKey: work.delivery.threadKey }, current)
  // Only an echo can be held back. Without one, closing goes out with ingest's first wave instead of in one of its own.
  const mayHold = parsed.some(({ inbound }) => inbound.some((fact) => fact.kind === 'echo'))
  const [held] = await Promise.all([
    ingestByThread(tx, { ...inbox, channelType }, parsed),
    mayHold ? undefined : closeEvents(tx, parsed),
  ])
  for (const { inbound } of parsed) {
    for (const fact of inbound) {
      if (fact.kind === 'authorization_removed') await requireReauthorization(tx, inbox.id, fact.reason)
    }
  }
  if (mayHold) await closeUnlessHeld(work, tx, parsed, held)
  // What one provider delivers does not tell that the other one does.
  if (!ofLeft) await noteActivity(tx, inbox)
}

/** The wire's times have seconds only. */
const WIRE_PRECISION_MS = 1_000

/** A withdrawal that is older than the present consent says nothing of it: nothing is done, and its row says why. */
async function withoutOutdated(tx: Tx, inbox: IntakeInbox, parsed: ParsedEvent[]): Promise<ParsedEvent[]> {
  if (!parsed.some(({ inbound }) => inbound.some((fact) => fact.kind === 'authorization_removed'))) return parsed
  // Under the lock, and before anything of a thread's is locked: a consent may be given at this moment.
  const { connectedAt } = await lockInbox(tx, inbox.id)
  const current = (fact: InboundEvent): InboundEvent =>
    fact.kind === 'authorization_removed' && fact.at.getTime() + WIRE_PRECISION_MS < connectedAt.getTime()
      ? { kind: 'ignored', code: 'OUTDATED' }
      : fact
  return parsed.map(({ event, inbound }) => ({ event, inbound: inbound.map(current) }))
}

async function closeUnlessHeld(work: Work, tx: Tx, parsed: readonly ParsedEvent[], held: Set<string>): Promise<void> {
  const now = tx.clock.now()
  const postponed = parsed.filter(({ inbound }) =>
    inbound.some((fact) => fact.kind === 'echo' && held.has(fact.externalId)),
  )
  if (postponed.length) {
    const ids = postponed.map(({ event }) => event.id)
    await postpone(tx, ids, new Date(now.getTime() + ECHO_RETRY_MS))
    tx.enqueue(ingestThreadJob, work.delivery, { delayMs: ECHO_RETRY_MS + 50 })
  }
  await closeEvents(
    tx,
    parsed.filter((entry) => !postponed.includes(entry)),
  )
}

const ACTIVITY_EVERY_MS = 60_000

/** To the minute, and last: the inbox's row is everybody's, so it is locked for the shortest time. */
async function noteActivity(tx: Tx, inbox: IntakeInbox): Promise<void> {
  const now = tx.clock.now()
  if (inbox.lastEventAt && now.getTime() - inbox.lastEventAt.getTime() < ACTIVITY_EVERY_MS) return
  await touchInbox(tx, inbox.id, now)
}

interface ParsedEvent {
  event: PendingEvent
  inbound: InboundEvent[]
}

/** External ids of the echoes that are held back. */
async function ingestByThread(tx: Tx, inbox: IntakeInbox, parsed: readonly ParsedEvent[]): Promise<Set<string>> {
  const byThread = new Map<string, ThreadInbound[]>()
  const waitedLong = new Set<string>()
  const now = tx.clock.now().getTime()
  for (const { event, inbound } of parsed) {
    for (const fact of inbound) {
      if (!('threadRef' in fact)) continue
      if (fact.kind === 'echo' && now - event.receivedAt.getTime() > ECHO_HOLD_MS) waitedLong.add(fact.externalId)
      byThread.set(fact.threadRef, [...(byThread.get(fact.threadRef) ?? []), fact])
    }
  }
  const held = new Set<string>()
  for (const [threadRef, facts] of byThread) {
    const { deferred } = await ingestThread(tx, inbox, threadRef, facts, (externalId) => !waitedLong.has(externalId))
    for (const externalId of deferred) held.add(externalId)
  }
  const { id: inboxId, channelType } = inbox
  const hinted = parsed.flatMap(({ inbound }) => inbound.flatMap((fact) => (fact.kind === 'hint' ? fact.of : [])))
  if (hinted.length) await tx.emit('thread.hinted', { inboxId, threadRefs: hinted })
  if (byThread.size) await tx.emit('thread.delivered', { inboxId, channelType, threadRefs: [...byThread.keys()] })
  return held
}

/** Done, with what was strange about them on the row; what could not be read at all is a dead letter (I4). */
async function closeEvents(tx: Tx, parsed: readonly ParsedEvent[]): Promise<void> {
  const byCode = new Map<string, number[]>()
  for (const { event, inbound } of parsed) {
    const [fact] = inbound
    if (!fact) await markDead(tx, event.id, event.code ?? 'UNREADABLE')
    else {
      const code = fact.kind === 'ignored' || fact.kind === 'hint' ? fact.code : ''
      byCode.set(code, [...(byCode.get(code) ?? []), event.id])
    }
  }
  await Promise.all([...byCode].map(([code, ids]) => markDone(tx, ids, code || null)))
}

/**
 * After a failed batch: each event in a transaction of its own, where it is looked at again: another worker may have
 * taken care of it, or the flag be off by now. A failure is counted, and blocks nobody.
 */
async function onePerTransaction(work: Work, batchError: unknown): Promise<Outcome> {
  const { deps, scope, delivery } = work
  if (isConnectionError(batchError)) throw batchError
  deps.log.warn({ err: batchError, threadKey: delivery.threadKey }, 'a batch failed; its events go one by one')
  const events = await scope.tx((tx) => takeBatch(tx, work))
  for (const { id } of events) {
    try {
      const outcome = await inTurn(work, (tx) => takePendingEvent(tx, id))
      if (outcome === 'disabled') return outcome
    } catch (error) {
      if (isConnectionError(error)) throw error
      deps.log.error({ err: error, eventId: id }, 'an event could not be worked off')
      await scope.tx((tx) => countFailure(tx, id, 'POISON', new Date(tx.clock.now().getTime() + RETRY_MS)))
    }
  }
  return events.length
}
