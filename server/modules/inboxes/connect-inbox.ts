import { and, desc, eq, isNull } from 'drizzle-orm'
import type { BusinessProfile, Connection } from '../../channels/contract.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { violates } from '../../db/errors.ts'
import { AppError } from '../../kit/errors.ts'
import { newId, newToken } from '../../kit/ids.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { requireFeature } from '../accounts/feature-flags.ts'
import { sealCredentials } from './credentials.ts'
import { requireRoom } from './inbox-limit.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'
import { lockInbox, type InboxRow } from './inboxes.queries.ts'
import { renewAfter } from './renewal.ts'
import { holdBusiness, keepLeft, requireSwappable } from './swap.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    /**
     * `known`: it was there before, and is connected again. `past`: whatever was read before, what is to be read now:
     * everything, or what is from then on. Nobody has seen here what is from then on.
     */
    'inbox.connected': { accountId: string; inboxId: string; known: boolean; past?: { from: Date; all: boolean } }
  }
}

export interface ConnectInput {
  channelType: string
  connection: Connection
  profile: BusinessProfile
  /** Set when an inbox is connected again, or goes over to this channel. */
  inboxId?: string
}

/**
 * Writes what a connection yielded: a new inbox, or the account's own one of that business with its name, settings and
 * history kept, or the inbox that is named, which goes over from another channel (a swap) and keeps all of that too.
 * `take` yields it within the transaction, for one that waits there. Errors: FORBIDDEN, FEATURE_DISABLED,
 * CONFLICT with details.reason OTHER_BUSINESS (the inbox to reconnect belongs to another business), ALREADY_CONNECTED
 * (somewhere in this installation; it does not say where) or INBOX_LIMIT (the account has as many as it may); those of
 * `requireSwappable`.
 */
export async function connectInbox(
  deps: Deps,
  scope: Scope,
  take: (tx: Tx) => Promise<ConnectInput>,
): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  try {
    return await scope.tx(async (tx) => store(deps, tx, await take(tx)))
  } catch (error) {
    if (violates(error, 'inboxes_external')) {
      throw new AppError('CONFLICT', 'This business is connected already', { reason: 'ALREADY_CONNECTED' })
    }
    throw error
  }
}

async function store(deps: Deps, tx: Tx, input: ConnectInput): Promise<InboxRow> {
  await requireFeature(tx, deps.channels.get(input.channelType).manifest.featureFlag)
  const known = await findKnown(tx, input)
  await holdBusiness(deps, tx, input.channelType, input.connection.externalId)
  if (known && known.channelType !== input.channelType) return swapOver(deps, tx, known, input)
  if (!known || known.disconnectedAt) await requireRoom(tx)
  const inbox = known ? await reconnect(deps, tx, known, input) : await create(deps, tx, input)
  const { id: inboxId, channelType } = inbox
  await recordAudit(tx, known ? 'inbox.reconnected' : 'inbox.connected', { inboxId, channelType })
  await tx.emit('inbox.connected', { accountId: tx.accountId, inboxId, known: Boolean(known) })
  tx.publish({ type: 'inbox.updated', inboxId })
  return inbox
}

async function findKnown(tx: Tx, input: ConnectInput): Promise<InboxRow | undefined> {
  const { channelType, connection, inboxId } = input
  if (inboxId) {
    const inbox = await lockInbox(tx, inboxId)
    if (inbox.channelType === channelType && inbox.externalId !== connection.externalId) {
      throw new AppError('CONFLICT', 'This is another business than the inbox belongs to', { reason: 'OTHER_BUSINESS' })
    }
    return inbox
  }
  const [inbox] = await tx.orm
    .select()
    .from(inboxes)
    .where(
      and(
        eq(inboxes.accountId, tx.accountId),
        eq(inboxes.channelType, channelType),
        eq(inboxes.externalId, connection.externalId),
      ),
    )
    // One that was disconnected may have been of the same business.
    .orderBy(desc(isNull(inboxes.disconnectedAt)))
    .limit(1)
    .for('no key update')
  return inbox
}

const connectionColumns = (
  deps: Deps,
  tx: Tx,
  inboxId: string,
  { channelType, connection, profile }: ConnectInput,
) => ({
  credentials: sealCredentials(deps, tx.accountId, inboxId, connection.credentials),
  accessExpiresAt: connection.accessExpiresAt ?? null,
  consentExpiresAt: connection.consentExpiresAt ?? null,
  consentWarnedDays: null,
  grantedScopes: [...connection.grantedScopes],
  dialect: connection.dialect ?? null,
  appId: connection.appId ?? null,
  rateScope: deps.channels.get(channelType).rateScope?.(connection.credentials) ?? null,
  renewAfter: renewAfter(tx.clock.now(), connection.accessExpiresAt),
  renewalLeaseUntil: null,
  reauthorizationRequired: false,
  reauthorizationReason: null,
  connectedAt: tx.clock.now(),
  disconnectedAt: null,
  handle: profile.handle ?? null,
  avatarUrl: profile.avatarUrl ?? null,
})

async function reconnect(deps: Deps, tx: Tx, known: InboxRow, input: ConnectInput): Promise<InboxRow> {
  const [inbox] = await tx.orm
    .update(inboxes)
    .set({ ...connectionColumns(deps, tx, known.id, input), credentialsVersion: known.credentialsVersion + 1 })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, known.id)))
    .returning()
  if (!inbox) throw new Error('the locked inbox is gone')
  return inbox
}

/** The inbox stays what it is, and only its connection changes: what it leaves is kept, so that it can be taken back. */
async function swapOver(deps: Deps, tx: Tx, known: InboxRow, input: ConnectInput): Promise<InboxRow> {
  const { channelType, connection } = input
  const { id: inboxId, channelType: from } = known
  await requireSwappable(tx, known)
  const { externalId } = connection
  await keepLeft(deps, tx, known, { channelType, externalId })
  const webhookToken = deps.channels.get(channelType).manifest.inboxWebhook ? newToken() : null
  await tx.orm
    .update(inboxes)
    .set({
      ...{ channelType, externalId, webhookToken, webhookKeys: null, sendingPausedUntil: null, gapSince: null },
      lastEventAt: null,
    })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
  const inbox = await reconnect(deps, tx, known, input)
  await recordAudit(tx, 'inbox.swapped', { inboxId, from, channelType })
  await tx.emit('inbox.swapped', { inboxId, from })
  // What the provider that is left could not tell any more nobody has seen, either.
  const past = { from: known.gapSince ?? tx.clock.now(), all: true }
  await tx.emit('inbox.connected', { accountId: tx.accountId, inboxId, known: true, past })
  tx.publish({ type: 'inbox.updated', inboxId })
  return inbox
}

async function create(deps: Deps, tx: Tx, input: ConnectInput): Promise<InboxRow> {
  const id = newId()
  const [inbox] = await tx.orm
    .insert(inboxes)
    .values({
      accountId: tx.accountId,
      id,
      name: input.profile.name.slice(0, 100) || input.profile.handle || 'Inbox',
      channelType: input.channelType,
      externalId: input.connection.externalId,
      webhookToken: deps.channels.get(input.channelType).manifest.inboxWebhook ? newToken() : null,
      ...connectionColumns(deps, tx, id, input),
    })
    .returning()
  if (!inbox) throw new Error('the inserted inbox is gone')
  return inbox
}
