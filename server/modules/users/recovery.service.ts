import { setTimeout as pause } from 'node:timers/promises'
import type { Deps } from '../../deps.ts'
import { AppError, invalid } from '../../kit/errors.ts'
import { parseEmail } from '../accounts/accounts.input.ts'
import { unsafeRequestMail } from '../mails/mails.service.ts'
import { unsafeFindTokenUserId, unsafeUseToken, type PresentedToken } from './mail-tokens.queries.ts'
import { hashPassword } from './password-hash.ts'
import { unsafeEndSessions } from './sessions.queries.ts'
import { parseNewPassword } from './users.input.ts'
import { unsafeFindUser, unsafeFindUserByEmail, unsafeUpdateUser } from './users.queries.ts'
import { startSession, type StartedSession, type Visitor } from './users.service.ts'

/** Longer than the write that only a known address causes, so that the time tells nothing. */
const RESET_ANSWER_MS = 150

/** Always true, whether the address is known or not; a known one gets a mail with a link that works once, for 1 hour. */
export async function requestPasswordReset(deps: Deps, input: { email: string }): Promise<boolean> {
  await Promise.all([mailResetLink(deps, parseEmail(input.email)), pause(RESET_ANSWER_MS)])
  return true
}

async function mailResetLink(deps: Deps, email: string): Promise<void> {
  const user = await unsafeFindUserByEmail(deps.system, email)
  if (user) await unsafeRequestMail(deps, { kind: 'password_reset', userId: user.id })
}

const stale = () => invalid('token', 'This link was used before or has expired; ask for a new one')

/**
 * Sets a new password with the token of a mail, which works once and proves the address. Every session of the user
 * ends, on open sockets too, and a new one begins; for somebody who is in no account the answer is FORBIDDEN (reason
 * NO_BUSINESS), and the password is the new one: the next invitation will ask for it.
 */
export async function resetPassword(
  deps: Deps,
  input: { token: string; password: string },
  visitor: Visitor,
): Promise<StartedSession> {
  const now = deps.clock.now()
  const presented: PresentedToken = { purpose: 'password_reset', token: input.token, now }
  const userId = await unsafeFindTokenUserId(deps.system.orm, presented)
  const user = userId ? await unsafeFindUser(deps.system, userId) : undefined
  if (!user) throw stale()
  const passwordHash = await hashPassword(parseNewPassword(input.password, user.email))
  const changed = await deps.system.orm.transaction(async (tx) => {
    if (!(await unsafeUseToken(tx, presented))) throw stale()
    // In this order: a log-in with the old password waits for the row, or its session is there to be ended.
    const updated = await unsafeUpdateUser(tx, user.id, {
      passwordHash,
      emailVerifiedAt: user.emailVerifiedAt ?? now,
    })
    await unsafeEndSessions(tx, user.id, now)
    return updated
  })
  if (!changed) throw stale()
  return startSession(deps, changed, visitor).catch(rethrowChanged)
}

function rethrowChanged(error: unknown): never {
  if (!(error instanceof AppError) || error.details?.reason !== 'NO_BUSINESS') throw error
  const text = 'Your password is changed. This login belongs to no business at the moment; ask for an invitation'
  throw new AppError('FORBIDDEN', text, { ...error.details, passwordChanged: true })
}

/**
 * Proves an address with the token of a mail. The platform administrator's address counts only where its user is signed
 * in: otherwise whoever signed up with it first, under a password of their own, would get the rights from a mere click.
 */
export async function verifyEmail(
  deps: Deps,
  input: { token: string },
  signedInUserId: string | undefined,
): Promise<boolean> {
  const now = deps.clock.now()
  const presented: PresentedToken = { purpose: 'email_verification', token: input.token, now }
  const userId = await unsafeFindTokenUserId(deps.system.orm, presented)
  const user = userId ? await unsafeFindUser(deps.system, userId) : undefined
  if (!user) throw stale()
  if (user.email === deps.config.platformAdminEmail && signedInUserId !== user.id) {
    throw new AppError('UNAUTHENTICATED', 'Log in with this address first, then open the link again')
  }
  await deps.system.orm.transaction(async (tx) => {
    if (!(await unsafeUseToken(tx, presented))) throw stale()
    await unsafeUpdateUser(tx, user.id, { emailVerifiedAt: user.emailVerifiedAt ?? now })
  })
  return true
}
