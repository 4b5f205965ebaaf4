import type { OrmTransaction } from '../../db/client.ts'
import { accountEvents } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { hashToken } from '../../kit/ids.ts'
import { parseName } from '../accounts/accounts.input.ts'
import { insertAccessChanges, insertAudit } from '../accounts/accounts.queries.ts'
import {
  unsafeAcceptInvitation,
  unsafeFindOpenInvitation,
  type OpenInvitation,
} from '../accounts/invitations.queries.ts'
import { hashPassword, isPassword } from './password-hash.ts'
import { parseGivenPassword, parseLocale, parseNewPassword } from './users.input.ts'
import {
  unsafeFindUserByEmail,
  unsafeInsertUser,
  unsafeUpdateUser,
  type NewUser,
  type StoredUser,
} from './users.queries.ts'
import { startSession, type StartedSession, type Visitor } from './users.service.ts'

/** Who invites to what, for the page behind the link; NOT_FOUND when the link does not work any more. */
export async function getInvitation(deps: Deps, token: string): Promise<OpenInvitation> {
  const invitation = await unsafeFindOpenInvitation(deps.system, hashToken(token), deps.clock.now())
  if (!invitation) throw notFound('Invitation')
  return invitation
}

export interface AcceptInvitationInput {
  token: string
  name?: string | null
  password: string
  /** Of a new user; else the inviter's, in which the mail was written. */
  locale?: string | null
}

/**
 * Joins the account that the link invites to. An address without a user makes one, by name and password; one that has a
 * user needs its password (UNAUTHENTICATED otherwise). The link works once.
 */
export async function acceptInvitation(
  deps: Deps,
  input: AcceptInvitationInput,
  visitor: Visitor,
): Promise<StartedSession> {
  const invitation = await getInvitation(deps, input.token)
  if (invitation.accountStatus === 'suspended') throw new AppError('FORBIDDEN', 'This business is suspended')
  const joiner = await proveJoiner(deps, invitation, input)
  const user = await deps.system.orm.transaction((tx) => join(deps, tx, invitation, joiner))
  deps.stamper.soon()
  return startSession(deps, user, visitor, invitation.accountId)
}

async function proveJoiner(
  deps: Deps,
  invitation: OpenInvitation,
  input: AcceptInvitationInput,
): Promise<StoredUser | NewUser> {
  const { email, inviterLocale } = invitation
  const known = await unsafeFindUserByEmail(deps.system, email)
  if (known) {
    if (await isPassword(parseGivenPassword(input.password), known.passwordHash)) return known
    throw new AppError('UNAUTHENTICATED', 'That is not the password of your login')
  }
  const name = parseName(input.name ?? '', 'name')
  const locale = parseLocale(input.locale ?? inviterLocale)
  const passwordHash = await hashPassword(parseNewPassword(input.password, email))
  const now = deps.clock.now()
  return { name, email, passwordHash, locale, emailVerifiedAt: now, createdAt: now }
}

async function join(
  deps: Deps,
  tx: OrmTransaction,
  invitation: OpenInvitation,
  joiner: StoredUser | NewUser,
): Promise<StoredUser> {
  const { accountId } = invitation
  const now = deps.clock.now()
  // Whoever has the link reads the mails of this address.
  const user =
    'id' in joiner
      ? await unsafeUpdateUser(tx, joiner.id, { emailVerifiedAt: joiner.emailVerifiedAt ?? now })
      : await unsafeInsertUser(tx, joiner)
  if (!user) throw new AppError('CONFLICT', 'This address has just got a login; use its password')
  if (!(await unsafeAcceptInvitation(tx, invitation, user.id, now))) throw notFound('Invitation')
  const data = { userId: user.id, invitationId: invitation.id, role: invitation.role }
  await insertAudit(tx, { accountId, userId: user.id, action: 'member.joined', data })
  await insertAccessChanges(tx, [{ kind: 'membership', accountId, userId: user.id }])
  await tx.insert(accountEvents).values({ accountId, type: 'member.updated', data: { userId: user.id } })
  return user
}
