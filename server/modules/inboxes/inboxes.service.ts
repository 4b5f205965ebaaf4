import { and, eq, inArray, isNull } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/scope.ts'
import { accessChanges, inboxes, inboxMembers, memberships } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { parseName } from '../accounts/accounts.input.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { requireInboxAdministrator, requireVisibleInbox } from './inboxes.policy.ts'
import { getInboxRow, lockInbox, type InboxRow } from './inboxes.queries.ts'
import { revokeGrant } from './revoke-grant.ts'
import { signalSettings } from './signal-settings.ts'
import { endSwapOf } from './swap.ts'
import type { Side } from './swap.queries.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    'inbox.disconnected': { accountId: string; inboxId: string }
    /** These users do not see the inbox any more; what is assigned to them there still is when this is emitted. */
    'inbox.membersRemoved': { inboxId: string; userIds: readonly string[] }
  }
}

/** One inbox that the actor sees; NOT_FOUND otherwise. */
export async function getInbox(scope: Scope, id: string): Promise<InboxRow> {
  const inboxId = parseId(id, 'Inbox')
  requireVisibleInbox(scope.actor, inboxId, 'Inbox')
  return scope.read((tx) => getInboxRow(tx, inboxId))
}

/**
 * Ends the connection, and with it a swap: the credentials are forgotten and revoked at the provider, jobs stop, what waits to be sent
 * fails, history stays.
 */
export async function disconnectInbox(deps: Deps, scope: Scope, id: string): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const inboxId = parseId(id, 'Inbox')
  const { sides, inbox } = await scope.tx(async (tx) => {
    const locked = await lockInbox(tx, inboxId)
    if (locked.disconnectedAt) return { sides: [], inbox: locked }
    const left = await endSwapOf(tx, locked)
    const [updated] = await tx.orm
      .update(inboxes)
      .set({
        credentials: null,
        webhookKeys: null,
        credentialsVersion: locked.credentialsVersion + 1,
        renewAfter: null,
        reauthorizationRequired: false,
        reauthorizationReason: null,
        gapSince: locked.gapSince ?? tx.clock.now(),
        disconnectedAt: tx.clock.now(),
      })
      .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
      .returning()
    await recordAudit(tx, 'inbox.disconnected', { inboxId })
    await tx.emit('inbox.disconnected', { accountId: tx.accountId, inboxId })
    tx.publish({ type: 'inbox.updated', inboxId })
    return { sides: left ? [locked, left] : [locked], inbox: updated ?? locked }
  })
  await Promise.all(sides.filter((side) => side.credentials).map((side) => revoke(deps, side)))
  return inbox
}

async function revoke(deps: Deps, inbox: Side): Promise<void> {
  try {
    await revokeGrant(deps, inbox)
  } catch (error) {
    deps.log.warn({ err: error, inboxId: inbox.id }, 'the provider did not confirm the revocation')
  }
}

export interface UpdateInboxInput {
  inboxId: string
  name?: string | null
  memberIds?: readonly string[] | null
  sendTyping?: boolean | null
  sendReadReceipts?: boolean | null
}

/** Changes the name, the agents who see the inbox and what its customers see of them; what is left out stays. */
export async function updateInbox(scope: Scope, input: UpdateInboxInput): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const inboxId = parseId(input.inboxId, 'Inbox')
  const name = input.name == null ? undefined : parseName(input.name, 'name')
  return scope.tx(async (tx) => {
    const { settings } = await lockInbox(tx, inboxId)
    await tx.orm
      .update(inboxes)
      .set({ ...(name !== undefined && { name }), settings: { ...settings, ...signalSettings(input) } })
      .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
    if (input.memberIds) await replaceMembers(tx, inboxId, input.memberIds)
    await recordAudit(tx, 'inbox.updated', { inboxId })
    tx.publish({ type: 'inbox.updated', inboxId })
    return getInboxRow(tx, inboxId)
  })
}

async function replaceMembers(tx: Tx, inboxId: string, ids: readonly string[]): Promise<void> {
  const wanted = [...new Set(ids.map((id) => parseId(id, 'Member')))]
  const known = wanted.length
    ? await tx.orm
        .select({ userId: memberships.userId })
        .from(memberships)
        .where(
          and(
            eq(memberships.accountId, tx.accountId),
            inArray(memberships.userId, wanted),
            isNull(memberships.removedAt),
          ),
        )
    : []
  if (known.length !== wanted.length) throw notFound('Member')
  const removed = await tx.orm
    .delete(inboxMembers)
    .where(and(eq(inboxMembers.accountId, tx.accountId), eq(inboxMembers.inboxId, inboxId)))
    .returning({ userId: inboxMembers.userId })
  if (wanted.length) {
    await tx.orm.insert(inboxMembers).values(wanted.map((userId) => ({ accountId: tx.accountId, inboxId, userId })))
  }
  const before = new Set(removed.map((row) => row.userId))
  const gone = [...before].filter((id) => !wanted.includes(id))
  const changed = [...wanted.filter((id) => !before.has(id)), ...gone]
  if (changed.length) {
    await tx.orm
      .insert(accessChanges)
      .values(changed.map((userId) => ({ kind: 'membership' as const, userId, accountId: tx.accountId })))
  }
  // Administrators see every inbox, whether they are among its members or not.
  const userIds = gone.length ? await selectAgents(tx, gone) : []
  if (userIds.length) await tx.emit('inbox.membersRemoved', { inboxId, userIds })
}

async function selectAgents(tx: Tx, userIds: readonly string[]): Promise<string[]> {
  const rows = await tx.orm
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(
      and(
        eq(memberships.accountId, tx.accountId),
        inArray(memberships.userId, [...userIds]),
        eq(memberships.role, 'agent'),
      ),
    )
  return rows.map((row) => row.userId)
}
