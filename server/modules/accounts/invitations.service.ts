import type { Scope } from '../../db/scope.ts'
import type { Role } from '../../db/schema/index.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { newId, parseId } from '../../kit/ids.ts'
import { requestMail } from '../mails/mails.service.ts'
import { parseEmail } from './accounts.input.ts'
import { requireAdministrator } from './accounts.policy.ts'
import { recordAudit } from './accounts.service.ts'
import {
  isMemberAddress,
  listInvitationRows,
  putInvitation,
  revokeInvitationRow,
  type InvitationRow,
} from './invitations.queries.ts'
import { lockAdministrators, requireInboxes } from './members.service.ts'

const LIFETIME_MS = 7 * 24 * 3_600_000

/** Open invitations, newest first; administrators only. */
export async function listInvitations(scope: Scope): Promise<InvitationRow[]> {
  requireAdministrator(scope)
  return scope.read((tx) => listInvitationRows(tx, scope.clock.now()))
}

export interface InviteMemberInput {
  email: string
  role: Role
  inboxIds: readonly string[]
}

/**
 * Invites an address by a mail whose link works once, for seven days. An open invitation to the same address is
 * replaced. Administrators only; CONFLICT for the address of a member.
 */
export async function inviteMember(scope: Scope, input: InviteMemberInput): Promise<InvitationRow> {
  requireAdministrator(scope)
  const { actor } = scope
  if (actor.kind !== 'member') throw new AppError('FORBIDDEN', 'An invitation comes from a person')
  const email = parseEmail(input.email)
  return scope.tx(async (tx) => {
    // An invitation ends with its inviter's role, so it must not begin after it.
    await lockAdministrators(tx)
    const inboxIds = await requireInboxes(tx, input.inboxIds)
    if (await isMemberAddress(tx, email)) throw new AppError('CONFLICT', 'This address belongs to a member already')
    const createdAt = tx.clock.now()
    const invitation = await putInvitation(tx, {
      accountId: tx.accountId,
      id: newId(),
      email,
      role: input.role,
      inboxIds,
      invitedBy: actor.userId,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + LIFETIME_MS),
    })
    await requestMail(tx, { kind: 'invitation', data: { invitationId: invitation.id } })
    await recordAudit(tx, 'member.invited', { invitationId: invitation.id, email, role: input.role, inboxIds })
    tx.publish({ type: 'account.updated' })
    return invitation
  })
}

/** Ends an open invitation: its link stops working. Administrators only. */
export async function revokeInvitation(scope: Scope, input: { invitationId: string }): Promise<boolean> {
  requireAdministrator(scope)
  const invitationId = parseId(input.invitationId, 'Invitation')
  return scope.tx(async (tx) => {
    if (!(await revokeInvitationRow(tx, invitationId))) throw notFound('Invitation')
    await recordAudit(tx, 'invitation.revoked', { invitationId })
    tx.publish({ type: 'account.updated' })
    return true
  })
}
