import { and, eq } from 'drizzle-orm'
import { inboxes, inboxSwaps } from '../../db/schema/index.ts'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../kit/errors.ts'
import { newId, parseId } from '../../kit/ids.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import {
  openWebhookKeys,
  sealCredentials,
  sealSwapCredentials,
  sealSwapWebhookKeys,
  sealWebhookKeys,
  unsealCredentials,
} from './credentials.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'
import {
  findInbox,
  getInboxRow,
  lockInbox,
  unsafeFindInboxRoute,
  type InboxRow,
  type InboxView,
} from './inboxes.queries.ts'
import { storeRenewed } from './left-side.ts'
import { revokeGrant } from './revoke-grant.ts'
import {
  connectionOf,
  findOpenSwap,
  isPastUnread,
  keptConnection,
  leftSide,
  lockOpenSwap,
  lockSwap,
  updateSwap,
  type Side,
  type SwapRow,
} from './swap.queries.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    /** What was on its way out at `from` is finished there. */
    'inbox.swapped': { inboxId: string; from: string }
  }
}

/** How long the connection that was left is kept. */
const TAKE_BACK_MS = 7 * 24 * 3_600_000

/** Why an inbox may not go over to another provider now: connect it first, take the last swap back or wait, wait. */
export type SwapObstacle = keyof typeof OBSTACLES

const OBSTACLES = {
  NOT_CONNECTED: 'This inbox is not connected',
  SWAP_OPEN: 'The last swap can still be taken back',
  SWAP_ENDING: 'What the last swap left is still being ended at its provider',
}

async function findObstacle(
  tx: ReadTx,
  inbox: Pick<InboxRow, 'id' | 'disconnectedAt'>,
  now: Date,
): Promise<SwapObstacle | undefined> {
  if (inbox.disconnectedAt) return 'NOT_CONNECTED'
  const swap = await findOpenSwap(tx, inbox.id)
  return swap && (swap.endsAt > now ? 'SWAP_OPEN' : 'SWAP_ENDING')
}

/** The same for whoever is about to swap; null for whoever is no administrator. */
export async function getSwapObstacle(scope: Scope, inbox: InboxView): Promise<SwapObstacle | null> {
  const { actor } = scope
  if (actor.kind !== 'member' || actor.role !== 'administrator') return null
  return (await scope.read((tx) => findObstacle(tx, inbox, scope.clock.now()))) ?? null
}

/**
 * That an inbox may go over to another provider. Errors: CONFLICT with a SwapObstacle as details.reason, FORBIDDEN while
 * the account is suspended.
 */
export async function requireSwappable(tx: Tx, inbox: InboxRow): Promise<void> {
  const [account] = await tx.sql<{ status: string }[]>`select status from accounts where id = ${tx.accountId}`
  if (account?.status === 'suspended') {
    throw new AppError('FORBIDDEN', 'The account is suspended', { reason: 'ACCOUNT_SUSPENDED' })
  }
  const reason = await findObstacle(tx, inbox, tx.clock.now())
  if (reason) throw new AppError('CONFLICT', OBSTACLES[reason], { reason })
}

/**
 * Holds a provider's business until commit, so that it does not come to an inbox while another one is just leaving it.
 * Throws CONFLICT with details.reason ALREADY_CONNECTED when one has left it and may take it back.
 */
export async function holdBusiness(deps: Deps, tx: Tx, channelType: string, externalId: string): Promise<void> {
  await lockBusiness(tx, channelType, externalId)
  const route = await unsafeFindInboxRoute(deps.system, channelType, externalId)
  if (route?.leftAt)
    throw new AppError('CONFLICT', 'This business is connected already', { reason: 'ALREADY_CONNECTED' })
}

const lockBusiness = (tx: Tx, channelType: string, externalId: string) =>
  tx.sql`select pg_advisory_xact_lock(hashtextextended(${`business ${channelType} ${externalId}`}, 0))`

/** Keeps the connection that an inbox leaves: under a swap of its own, sealed anew for that row. The inbox is locked. */
export async function keepLeft(
  deps: Deps,
  tx: Tx,
  inbox: InboxRow,
  to: { channelType: string; externalId: string },
  endsAt = new Date(tx.clock.now().getTime() + TAKE_BACK_MS),
): Promise<void> {
  if (tx.actor.kind !== 'member') throw new Error('only a member swaps')
  const id = newId()
  const keys = openWebhookKeys(deps, inbox)
  await lockBusiness(tx, inbox.channelType, inbox.externalId)
  await tx.orm.insert(inboxSwaps).values({
    ...{ accountId: tx.accountId, id, inboxId: inbox.id, userId: tx.actor.userId },
    ...{ fromChannelType: inbox.channelType, fromExternalId: inbox.externalId, fromConnection: connectionOf(inbox) },
    fromCredentials: sealSwapCredentials(deps, tx.accountId, id, unsealCredentials(deps, inbox)),
    fromWebhookToken: inbox.webhookToken,
    fromWebhookKeys: keys.length ? sealSwapWebhookKeys(deps, tx.accountId, id, keys) : null,
    ...{ toChannelType: to.channelType, toExternalId: to.externalId, swappedAt: tx.clock.now(), endsAt },
  })
}

/**
 * Gives an inbox back to the provider that it had before: the two connections change places again, until the same end.
 * Errors: FORBIDDEN, NOT_FOUND, CONFLICT with details.reason NO_SWAP.
 */
export async function takeBackSwap(deps: Deps, scope: Scope, id: string): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const inboxId = parseId(id, 'Inbox')
  return scope.tx(async (tx) => {
    const inbox = await lockInbox(tx, inboxId)
    const swap = await lockOpenSwap(tx, inboxId)
    if (!swap || swap.endsAt <= tx.clock.now() || inbox.disconnectedAt) {
      throw new AppError('CONFLICT', 'There is no swap to take back', { reason: 'NO_SWAP' })
    }
    await forget(tx, swap, 'taken_back')
    await keepLeft(deps, tx, inbox, { channelType: swap.fromChannelType, externalId: swap.fromExternalId }, swap.endsAt)
    await putBack(deps, tx, inbox, swap)
    await recordAudit(tx, 'inbox.swapTakenBack', { inboxId, channelType: swap.fromChannelType })
    await tx.emit('inbox.swapped', { inboxId, from: inbox.channelType })
    const past = { from: swap.swappedAt, all: isPastUnread(swap) }
    await tx.emit('inbox.connected', { accountId: tx.accountId, inboxId, known: true, past })
    tx.publish({ type: 'inbox.updated', inboxId })
    return getInboxRow(tx, inboxId)
  })
}

async function putBack(deps: Deps, tx: Tx, inbox: InboxRow, swap: SwapRow): Promise<void> {
  const left = leftSide(inbox, swap)
  const keys = openWebhookKeys(deps, left)
  const connection = keptConnection(swap)
  await tx.orm
    .update(inboxes)
    .set({
      ...connection,
      ...{ channelType: left.channelType, externalId: left.externalId, webhookToken: left.webhookToken },
      credentials: sealCredentials(deps, tx.accountId, inbox.id, unsealCredentials(deps, left)),
      credentialsVersion: Math.max(inbox.credentialsVersion, connection.credentialsVersion) + 1,
      webhookKeys: keys.length ? sealWebhookKeys(deps, tx.accountId, inbox.id, keys) : null,
      renewalLeaseUntil: null,
      // It is the other provider that was heard of last.
      lastEventAt: null,
    })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inbox.id)))
}

const forget = (tx: Tx, { id }: SwapRow, state: 'taken_back' | 'over') =>
  updateSwap(tx, id, { state, fromCredentials: null, fromWebhookToken: null, fromWebhookKeys: null })

/** An inbox is disconnected: its swap is over. Answers the side that is to be revoked. */
export async function endSwapOf(tx: Tx, inbox: InboxRow): Promise<Side | undefined> {
  const swap = await findOpenSwap(tx, inbox.id)
  if (!swap) return undefined
  await forget(tx, swap, 'over')
  return leftSide(inbox, swap)
}

/** When it is tried again to take back what was granted; after that it is forgotten, as its tokens run out. */
const BACKOFF_MS = [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000]

/** Takes back at the provider what was granted to the side that a swap left, and forgets it, once its time is over. */
export async function endSwap(deps: Deps, scope: Scope, id: string): Promise<void> {
  const found = await scope.read(async (tx) => {
    const [swap] = await tx.orm
      .select()
      .from(inboxSwaps)
      .where(and(eq(inboxSwaps.accountId, tx.accountId), eq(inboxSwaps.id, id)))
    const inbox = swap && (await findInbox(tx, swap.inboxId))
    return inbox && { swap, inbox }
  })
  if (!found || found.swap.state !== 'open' || found.swap.endsAt > scope.clock.now()) return
  const { swap, inbox } = found
  const side = leftSide(inbox, swap)
  try {
    await revokeGrant(deps, side, (renewed) => scope.tx((tx) => storeRenewed(deps, tx, side, renewed)))
  } catch (error) {
    const wait = BACKOFF_MS[swap.attempts]
    deps.log.warn({ err: error, inboxId: inbox.id, again: wait !== undefined }, 'what a swap left is not revoked yet')
    if (wait !== undefined) {
      const nextAttemptAt = new Date(scope.clock.now().getTime() + wait)
      return scope.tx((tx) => updateSwap(tx, id, { attempts: swap.attempts + 1, nextAttemptAt }))
    }
  }
  await scope.tx(async (tx) => {
    await lockInbox(tx, inbox.id)
    const current = await lockSwap(tx, id)
    if (current?.state !== 'open') return
    await forget(tx, current, 'over')
    tx.publish({ type: 'inbox.updated', inboxId: inbox.id })
  })
}
