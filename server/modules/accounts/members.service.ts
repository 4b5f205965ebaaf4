import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/scope.ts'
import { inboxes, inboxMembers, memberships, type Role } from '../../db/schema/index.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { requireAdministrator } from './accounts.policy.ts'
import { getMemberRow, listMemberRows, type MemberRow } from './accounts.queries.ts'
import { announceAccessChange, recordAudit } from './accounts.service.ts'
import { revokeInvitationRowsOf } from './invitations.queries.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    /** The membership has ended; whatever was the member's is still theirs when this is emitted. */
    'member.removed': { accountId: string; userId: string }
  }
}

/** Everybody who can be assigned or mentioned. Agents learn of others' inboxes only those that they see themselves. */
export async function listMembers(scope: Scope): Promise<MemberRow[]> {
  const { actor } = scope
  const members = await scope.read((tx) => listMemberRows(tx))
  if (actor.kind !== 'member' || actor.role === 'administrator') return members
  const visible = new Set(actor.inboxIds)
  return members.map((member) => ({ ...member, inboxIds: member.inboxIds.filter((id) => visible.has(id)) }))
}

export interface UpdateMemberInput {
  userId: string
  role?: Role | null
  inboxIds?: readonly string[] | null
}

/**
 * Changes a member's role and inboxes; what is left out stays. Administrators only; the last one stays one (CONFLICT),
 * also when two demote each other at once. The open invitations of a demoted one end.
 */
export async function updateMember(scope: Scope, input: UpdateMemberInput): Promise<MemberRow> {
  requireAdministrator(scope)
  const userId = parseId(input.userId, 'Member')
  return scope.tx(async (tx) => {
    const administrators = await lockAdministrators(tx)
    const before = await getMemberRow(tx, userId)
    const role = input.role ?? before.role
    if (role !== before.role) {
      if (before.role === 'administrator') requireAnother(administrators)
      await updateMembership(tx, userId, { role })
      if (role === 'agent') await revokeInvitationsOf(tx, userId)
    }
    const inboxIds = input.inboxIds && (await replaceInboxes(tx, userId, input.inboxIds))
    if (role === 'agent') await loseInboxes(tx, before, inboxIds ?? before.inboxIds)
    await recordAudit(tx, 'member.updated', { userId, role, ...(inboxIds ? { inboxIds } : {}) })
    await announceAccessChange(tx, userId)
    tx.publish({ type: 'member.updated', data: { userId } })
    return getMemberRow(tx, userId)
  })
}

/**
 * Ends a membership: sockets close within a second, conversations are unassigned (member.removed), open invitations end,
 * what was written keeps its author. Administrators only; the last one stays (CONFLICT).
 */
export async function removeMember(scope: Scope, input: { userId: string }): Promise<boolean> {
  requireAdministrator(scope)
  const userId = parseId(input.userId, 'Member')
  return scope.tx(async (tx) => {
    const administrators = await lockAdministrators(tx)
    const member = await getMemberRow(tx, userId)
    if (member.role === 'administrator') requireAnother(administrators)
    await replaceInboxes(tx, userId, [])
    await updateMembership(tx, userId, { removedAt: tx.clock.now() })
    await revokeInvitationsOf(tx, userId)
    // After the membership: whoever assigns to them at this moment is done before, or finds them gone.
    await tx.emit('member.removed', { accountId: tx.accountId, userId })
    await recordAudit(tx, 'member.removed', { userId })
    await announceAccessChange(tx, userId)
    tx.publish({ type: 'member.updated', data: { userId } })
    return true
  })
}

/**
 * One change of roles at a time. Whoever acts must still be an administrator by now. The lock is taken in a statement
 * of its own, so that what follows sees what the one before has committed.
 */
export async function lockAdministrators(tx: Tx): Promise<string[]> {
  const rows = await tx.orm
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(
      and(
        eq(memberships.accountId, tx.accountId),
        eq(memberships.role, 'administrator'),
        isNull(memberships.removedAt),
      ),
    )
    .orderBy(asc(memberships.userId))
    .for('update')
  const administrators = rows.map((row) => row.userId)
  if (tx.actor.kind === 'member' && !administrators.includes(tx.actor.userId)) {
    throw new AppError('FORBIDDEN', 'Only administrators can do this')
  }
  return administrators
}

/** What somebody may not do any more, their invitations do not do for them either. */
async function revokeInvitationsOf(tx: Tx, userId: string): Promise<void> {
  const invitationIds = await revokeInvitationRowsOf(tx, userId)
  for (const invitationId of invitationIds) await recordAudit(tx, 'invitation.revoked', { invitationId })
  if (invitationIds.length) tx.publish({ type: 'account.updated' })
}

function requireAnother(administrators: readonly string[]): void {
  if (administrators.length < 2) throw new AppError('CONFLICT', 'A business needs at least one administrator')
}

async function updateMembership(tx: Tx, userId: string, change: { role?: Role; removedAt?: Date }): Promise<void> {
  await tx.orm
    .update(memberships)
    .set(change)
    .where(and(eq(memberships.accountId, tx.accountId), eq(memberships.userId, userId)))
}

async function replaceInboxes(tx: Tx, userId: string, ids: readonly string[]): Promise<string[]> {
  const inboxIds = await requireInboxes(tx, ids)
  await tx.orm
    .delete(inboxMembers)
    .where(and(eq(inboxMembers.accountId, tx.accountId), eq(inboxMembers.userId, userId)))
  if (inboxIds.length) {
    await tx.orm
      .insert(inboxMembers)
      .values(inboxIds.map((inboxId) => ({ accountId: tx.accountId, inboxId, userId, createdAt: tx.clock.now() })))
  }
  return inboxIds
}

/** Tells which inboxes an agent does not see any more: of what they saw, or of all when they were an administrator. */
async function loseInboxes(tx: Tx, before: MemberRow, seen: readonly string[]): Promise<void> {
  const all = () => tx.orm.select({ id: inboxes.id }).from(inboxes).where(eq(inboxes.accountId, tx.accountId))
  const saw = before.role === 'administrator' ? (await all()).map(({ id }) => id) : before.inboxIds
  for (const inboxId of saw) {
    if (!seen.includes(inboxId)) await tx.emit('inbox.membersRemoved', { inboxId, userIds: [before.userId] })
  }
}

/** The ids without repetitions; NOT_FOUND unless each is an inbox of the account. */
export async function requireInboxes(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(ids.map((id) => parseId(id, 'Inbox')))]
  if (!wanted.length) return wanted
  const found = await tx.orm
    .select({ id: inboxes.id })
    .from(inboxes)
    .where(and(eq(inboxes.accountId, tx.accountId), inArray(inboxes.id, wanted)))
  if (found.length < wanted.length) throw notFound('Inbox')
  return wanted
}
