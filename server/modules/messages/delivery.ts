import { ChannelError, type Credentials, type OutboundMessage } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { openCredentials } from '../inboxes/credentials.ts'
import type { Side } from '../inboxes/swap.queries.ts'
import { endSide, renewSide } from '../inboxes/with-credentials.ts'
import { recordFailure, recordSent, recordUnknown, requeue, SENDING_LEASE_MS } from './delivery-results.ts'
import { goOver } from './go-over.ts'
import { outboundContent } from './outbound-content.ts'
import { findNext, lockForSending, quotesAt, readOutbox, type OutboxRow } from './outbox.ts'
import { forgetUpload, readyImage, UPLOAD_EXPIRED } from './ready-image.ts'
import { placeOf, recordRefusal, refusalOf } from './refusals.ts'
import { sendBackoff } from './send-backoff.ts'
import { readSideState, type SendingState } from './sending-state.ts'
import { holdPause, noteAccepted, pausedUntil, postponeMessage } from './slowdown.ts'

/** How long the next one waits behind an unconfirmed one (I6). */
const SETTLE_MS = 10_000
/** Another process renews the token, or ends the pause, meanwhile. */
const BUSY_MS = 1_000
/** The provider is to be left alone, and Redis, which counts for how long, is away. */
const PAUSED_MS = 1_000
/** A process that stood still this long after its claim has lost its turn: the lease ends while the provider works. */
const LATE_MS = 5_000

export interface Claimed {
  messageId: string
  conversationId: string
  /** The side of the inbox that it goes out by. */
  inbox: Side
  attempts: number
  claimedAt: Date
  queuedAt: Date
  /** The version of the credentials that the provider refused for this message before. */
  refusedVersion: number | null
  outbound: OutboundMessage
}

type Claim = { kind: 'claimed'; message: Claimed } | { kind: 'idle' } | { kind: 'wait'; ms: number } | { kind: 'again' }

/**
 * Sends what is queued on a thread, one message at a time, oldest first. Answers how long to wait before coming again,
 * or undefined when nothing is left to do. Two of these may run on one thread: the claim lets only one send. Once
 * `isClosing` it begins no further message; another process comes at once.
 */
export async function drainQueuedMessages(
  deps: Deps,
  scope: Scope,
  threadId: string,
  isClosing: () => boolean,
): Promise<number | undefined> {
  for (;;) {
    if (isClosing()) return 1
    const next = await scope.read((tx) => findNext(tx, threadId, deps.clock.now()))
    if (!next) return undefined
    if (next.isHeldByLeft && (await scope.tx((tx) => goOver(deps.channels, tx, threadId, next)))) continue
    if (next.waitMs > 0) return next.waitMs
    const taker = { accountId: scope.accountId, waiter: threadId }
    if (next.contentType === 'image') {
      const readying = await readyImage(deps, scope, next.messageId, taker)
      if (readying.kind === 'wait') return readying.ms
      if (readying.kind === 'again') continue
    }
    const wait = await deps.buckets.take(rateOf(deps.channels.get(next.channelType), next), taker)
    if (wait > 0) return wait
    const claim = await scope.tx((tx) => claimNext(deps, tx, threadId))
    if (claim.kind === 'wait') return claim.ms
    if (claim.kind === 'idle') return undefined
    if (claim.kind === 'claimed') await deliver(deps, scope, claim.message)
  }
}

async function claimNext(deps: Deps, tx: Tx, threadId: string): Promise<Claim> {
  const now = tx.clock.now()
  const thread = await lockForSending(tx, threadId)
  if (!thread) return { kind: 'idle' }
  const outbox = await readOutbox(tx, threadId)
  const busy = waitFor(outbox, now)
  if (busy) return busy
  const next = outbox.find((message) => message.status === 'queued')
  if (!next) return { kind: 'idle' }
  const place = { ...thread, channelType: next.channel_type }
  const state = await readSideState(tx, deps.channels, place, now, next.unknown_sends)
  const held = await holdBack(tx, { next, inboxId: thread.inboxId }, state, now)
  if (held || !state) return held ?? { kind: 'again' }
  const { channelType } = state.inbox
  const content = outboundContent({ ...next, quotes: quotesAt(next, channelType, thread.firstChannelType) }, now)
  // Another message than the one that was looked at, or its picture's time with the provider has just run out.
  if (!content) return { kind: 'again' }
  // After the customer's last message by the provider's clock, so that the quota counts it whatever our clock says.
  const at = new Date(Math.max(now.getTime(), (thread.lastInboundAt?.getTime() ?? 0) + 1))
  // What fails for its inbox or account as a whole is not locked by its thread: it may have failed since it was read.
  // What waits behind it stays behind it, also when it is never sent.
  const claimed = await tx.sql`
    with behind as (
      update messages set at = ${at}
      where account_id = ${tx.accountId} and thread_id = ${threadId} and status = 'queued' and id <> ${next.id} and at < ${at})
    update messages set status = 'sending', claimed_at = ${now}, attempts = attempts + 1, next_attempt_at = null,
      at = ${at}, deadline_at = ${new Date(now.getTime() + SENDING_LEASE_MS)}
    where account_id = ${tx.accountId} and id = ${next.id} and status = 'queued'`
  if (!claimed.count) return { kind: 'again' }
  const outbound = {
    accountRef: state.inbox.externalId,
    threadRef: thread.names[channelType] ?? '',
    content,
  }
  const { id: messageId, conversation_id: conversationId, refused_version: refusedVersion, queued_at } = next
  const { inbox } = state
  const [attempts, queuedAt] = [next.attempts + 1, queued_at ?? now]
  return {
    kind: 'claimed',
    message: { messageId, conversationId, inbox, attempts, claimedAt: now, queuedAt, refusedVersion, outbound },
  }
}

/** What keeps a message from going out now: it fails, or its inbox is paused. */
async function holdBack(
  tx: Tx,
  { next, inboxId }: { next: OutboxRow; inboxId: string },
  state: SendingState | undefined,
  now: Date,
): Promise<Claim | undefined> {
  // The provider that it was to go out by is no longer there.
  const refusal = !state
    ? 'CHANNEL_DISCONNECTED'
    : state.suspended
      ? 'ACCOUNT_SUSPENDED'
      : refusalOf(state.window.reason)
  if (refusal || !state) {
    const place = { messageId: next.id, inboxId, conversationId: next.conversation_id }
    await recordFailure(tx, place, refusal ?? 'CHANNEL_DISCONNECTED')
    return { kind: 'again' }
  }
  if (!pausedUntil(state.inbox, now)) return undefined
  const until = await holdPause(tx, state.inbox)
  if (!until) return { kind: 'wait', ms: BUSY_MS }
  await postponeMessage(tx, next.id, until)
  return { kind: 'wait', ms: until.getTime() - now.getTime() }
}

/** One at a time, and a moment of patience behind one whose outcome is open. */
function waitFor(outbox: readonly OutboxRow[], now: Date): Claim | undefined {
  if (outbox.some((message) => message.status === 'sending')) return { kind: 'wait', ms: 1_000 }
  const settled = outbox
    .filter((message) => message.status === 'unconfirmed')
    .map((message) => (message.claimed_at?.getTime() ?? 0) + SETTLE_MS - now.getTime())
  const settleMs = Math.max(0, ...settled)
  if (settleMs > 0) return { kind: 'wait', ms: settleMs }
  const next = outbox.find((message) => message.status === 'queued')
  const retryMs = next?.next_attempt_at ? next.next_attempt_at.getTime() - now.getTime() : 0
  return retryMs > 0 ? { kind: 'wait', ms: retryMs } : undefined
}

/** Calls the provider, outside of any transaction, and writes down what came of it. */
async function deliver(deps: Deps, scope: Scope, message: Claimed): Promise<void> {
  const channel = deps.channels.get(message.inbox.channelType)
  try {
    const credentials = openOr(deps, message.inbox)
    if (!credentials) return await scope.tx((tx) => recordFailure(tx, placeOf(message), 'APP_MISCONFIGURED'))
    if (deps.clock.now().getTime() - message.claimedAt.getTime() > LATE_MS)
      return await scope.tx((tx) => requeue(tx, message, { ms: 0, attemptSpent: false, code: 'NOT_SENT_IN_TIME' }))
    const receipt = await channel.send(credentials, message.outbound)
    await scope.tx((tx) => recordSent(tx, message, receipt.externalId))
    await deps.buckets.accepted(channelRate(deps, message)).catch(() => {})
    await noteAccepted(scope, message.inbox)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    await settleFailure(deps, scope, message, error)
  }
}

/** Credentials that do not open are the installation's fault, and proof that nothing was sent. */
function openOr(deps: Deps, inbox: Side): Credentials | undefined {
  try {
    return openCredentials(deps, inbox)
  } catch (error) {
    if (error instanceof ChannelError) throw error
    deps.log.error({ err: error, inboxId: inbox.id }, 'the credentials of an inbox do not open')
    return undefined
  }
}

async function settleFailure(deps: Deps, scope: Scope, message: Claimed, error: ChannelError): Promise<void> {
  switch (error.kind) {
    case 'unknown':
      return scope.tx((tx) => recordUnknown(tx, message))
    case 'rate_limited': {
      const ms = await deps.buckets.pause(channelRate(deps, message), error.retryAfterMs).catch(() => PAUSED_MS)
      return scope.tx((tx) => requeue(tx, message, { ms, attemptSpent: false, code: error.code }))
    }
    case 'unavailable':
      return tryLater(scope, message, error)
    case 'unauthorized':
      return retryWithFreshCredentials(deps, scope, message, error)
    case 'reauth':
      return endConnection(scope, message, error.code)
    default:
      if (error.code === UPLOAD_EXPIRED) await scope.tx((tx) => forgetUpload(tx, message.messageId))
      return error.code === UPLOAD_EXPIRED
        ? tryLater(scope, message, error)
        : scope.tx((tx) => recordRefusal(deps.channels, tx, message, error.code))
  }
}

const channelRate = (deps: Deps, { inbox }: Claimed) => rateOf(deps.channels.get(inbox.channelType), inbox)

/** Provably not sent: again after a while, a few times, and not before the provider wants it. */
async function tryLater(scope: Scope, message: Claimed, error: { code: string; retryAfterMs?: number | undefined }) {
  const ms = sendBackoff(message.attempts, error.retryAfterMs)
  const { code } = error
  await scope.tx((tx) =>
    ms === undefined ? recordFailure(tx, placeOf(message), code) : requeue(tx, message, { ms, code }),
  )
}

/**
 * The token was refused and nothing was sent: renew, then try again. Only when a token that was issued after a refusal is
 * refused as well is the consent gone; a renewal that is under way, or that the provider could not do now, is neither.
 */
async function retryWithFreshCredentials(
  deps: Deps,
  scope: Scope,
  message: Claimed,
  error: ChannelError,
): Promise<void> {
  const version = message.inbox.credentialsVersion
  if (message.refusedVersion !== null && version > message.refusedVersion)
    return endConnection(scope, message, error.code)
  const refused = { refusedVersion: version, attemptSpent: false, code: error.code }
  switch (await renewSide(deps, scope, message.inbox)) {
    case 'fresh':
      return scope.tx((tx) => requeue(tx, message, { ...refused, ms: 0 }))
    case 'busy':
      return scope.tx((tx) => requeue(tx, message, { ...refused, ms: BUSY_MS }))
    case 'later':
      return tryLater(scope, message, { code: 'PROVIDER_UNAVAILABLE' })
    case 'ended':
      return scope.tx((tx) => recordFailure(tx, placeOf(message), 'CHANNEL_REAUTH'))
  }
}

async function endConnection(scope: Scope, message: Claimed, reason: string): Promise<void> {
  await scope.tx(async (tx) => {
    await recordFailure(tx, placeOf(message), 'CHANNEL_REAUTH')
    await endSide(tx, message.inbox, reason)
  })
}
