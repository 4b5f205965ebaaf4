import type { Deps } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { AppError } from '../../kit/errors.ts'
import { parseEmail, parseName } from '../accounts/accounts.input.ts'
import { insertAudit, unsafeListMemberships, type AccountRow } from '../accounts/accounts.queries.ts'
import { sendMail } from '../mails/mails.jobs.ts'
import { insertMail } from '../mails/mails.queries.ts'
import { unsafeRequestMail } from '../mails/mails.service.ts'
import { hashPassword, isPassword } from './password-hash.ts'
import { openSession, type OpenSession } from './sessions.service.ts'
import { parseGivenPassword, parseLocale, parseNewPassword } from './users.input.ts'
import {
  isPlatformAdministrator,
  ownUser,
  unsafeFindOwnAccount,
  unsafeFindUser,
  unsafeFindUserByEmail,
  unsafeInsertAccount,
  unsafeInsertUser,
  unsafeLockPassword,
  unsafeUpdateUser,
  type StoredUser,
  type UserRow,
} from './users.queries.ts'

/** The browser that asks. */
export interface Visitor {
  userAgent: string | undefined
}

/** What a log-in yields: the session for cookie and token, the user and the account to open. */
export interface StartedSession {
  session: OpenSession
  user: UserRow
  account: AccountRow
}

export interface SignUpInput {
  accountName: string
  name: string
  email: string
  password: string
  locale?: string | null
}

type Owner = Omit<SignUpInput, 'locale'> & { locale: string }

/**
 * A new business with its first administrator. An address that has a login already gets another business when the
 * password is that login's; otherwise the answer is UNAUTHENTICATED, in a text that says nothing about the address, and
 * its owner is told by mail.
 */
export async function signUp(deps: Deps, input: SignUpInput, visitor: Visitor): Promise<StartedSession> {
  if (!deps.config.signupEnabled) throw new AppError('FORBIDDEN', 'Sign-up is closed here; ask for an invitation')
  const owner = parseOwner(input)
  const known = await unsafeFindUserByEmail(deps.system, owner.email)
  const created = known ? undefined : await createOwner(deps, owner)
  if (created) return startSession(deps, created.user, visitor, created.accountId)
  // Known, or somebody was faster with this very address.
  const user = known ?? (await unsafeFindUserByEmail(deps.system, owner.email))
  if (!user || !(await isPassword(owner.password, user.passwordHash))) {
    if (user) await tellOwner(deps, user)
    throw new AppError(
      'UNAUTHENTICATED',
      'That did not work. Somebody who has a login already needs its password here.',
    )
  }
  return startSession(deps, user, visitor, await addBusiness(deps, user, owner.accountName))
}

function parseOwner(input: SignUpInput): Owner {
  const email = parseEmail(input.email)
  return {
    email,
    accountName: parseName(input.accountName, 'accountName'),
    name: parseName(input.name, 'name'),
    password: parseNewPassword(input.password, email),
    locale: parseLocale(input.locale ?? 'en'),
  }
}

async function createOwner(deps: Deps, owner: Owner): Promise<{ user: StoredUser; accountId: string } | undefined> {
  const { accountName, password, ...rest } = owner
  const passwordHash = await hashPassword(password)
  const now = deps.clock.now()
  const created = await deps.system.orm.transaction(async (tx) => {
    const user = await unsafeInsertUser(tx, { ...rest, passwordHash, emailVerifiedAt: null, createdAt: now })
    if (!user) return undefined
    const accountId = await unsafeInsertAccount(tx, { name: accountName, administratorId: user.id, now })
    await insertAudit(tx, { accountId, userId: user.id, action: 'account.created', data: {} })
    return { user, accountId, mailId: await insertMail(tx, { kind: 'verify_email', userId: user.id }, now) }
  })
  if (created) deps.producer.hint(sendMail, { mailId: created.mailId })
  return created
}

async function addBusiness(deps: Deps, user: StoredUser, name: string): Promise<string> {
  const present = await unsafeFindOwnAccount(deps.system, user.id, name)
  if (present) return present
  return deps.system.orm.transaction(async (tx) => {
    const accountId = await unsafeInsertAccount(tx, { name, administratorId: user.id, now: deps.clock.now() })
    await insertAudit(tx, { accountId, userId: user.id, action: 'account.created', data: {} })
    return accountId
  })
}

/** Once a day at the most, so that nobody fills somebody's mailbox. */
async function tellOwner(deps: Deps, user: StoredUser): Promise<void> {
  const day = deps.clock.now().toISOString().slice(0, 10)
  await unsafeRequestMail(deps, {
    kind: 'sign_up_attempt',
    userId: user.id,
    dedupeKey: `sign_up_attempt:${user.id}:${day}`,
  })
}

/** One answer, after the same time, for an unknown address and a wrong password: UNAUTHENTICATED. */
export async function logIn(
  deps: Deps,
  input: { email: string; password: string },
  visitor: Visitor,
): Promise<StartedSession> {
  const user = await unsafeFindUserByEmail(deps.system, parseEmail(input.email))
  const right = await isPassword(parseGivenPassword(input.password), user?.passwordHash)
  if (!user || !right) throw new AppError('UNAUTHENTICATED', 'Address and password do not belong together')
  return startSession(deps, user, visitor)
}

/**
 * Opens a session on `accountId`, else on the account last used; FORBIDDEN (reason NO_BUSINESS) for somebody who is in no
 * account. `user` is as it was when the password was proven: one changed meanwhile opens nothing.
 */
export async function startSession(
  deps: Deps,
  user: StoredUser,
  visitor: Visitor,
  accountId?: string,
): Promise<StartedSession> {
  const account = await accountToOpen(deps, user, accountId)
  const session = await deps.system.orm.transaction(async (tx) => {
    if (!(await unsafeLockPassword(tx, user.id, user.passwordHash))) {
      throw new AppError('UNAUTHENTICATED', 'The password has just been changed')
    }
    return openSession(deps, { userId: user.id, userAgent: visitor.userAgent }, tx)
  })
  return { session, user: ownUser(deps, user), account }
}

async function accountToOpen(deps: Deps, user: StoredUser, wanted: string | undefined): Promise<AccountRow> {
  const accounts = (await unsafeListMemberships(deps.system, user.id)).map(({ account }) => account)
  const account = accounts.find(({ id }) => id === wanted) ?? accounts[0]
  if (account) return account
  if (!isPlatformAdministrator(deps, user.email, user.emailVerifiedAt !== null)) {
    const text = 'This login belongs to no business at the moment; ask for an invitation'
    throw new AppError('FORBIDDEN', text, { reason: 'NO_BUSINESS' })
  }
  // A session is always on an account, and the console must open for whoever is to look after the others.
  return accountToOpen(deps, user, await addBusiness(deps, user, user.name))
}

/** The signed-in user in their own eyes. */
export async function getMe(deps: Deps, signedIn: SignedIn): Promise<UserRow> {
  const user = await unsafeFindUser(deps.system, signedIn.userId)
  if (!user) throw new AppError('UNAUTHENTICATED', 'Log in first')
  return ownUser(deps, user)
}

/** Changes name and language; what is left out stays. A new name shows at once in every account. */
export async function updateProfile(
  deps: Deps,
  signedIn: SignedIn,
  input: { name?: string | null; locale?: string | null },
): Promise<UserRow> {
  const { userId } = signedIn
  const name = input.name == null ? undefined : parseName(input.name, 'name')
  const locale = input.locale == null ? undefined : parseLocale(input.locale)
  if (name === undefined && locale === undefined) return getMe(deps, signedIn)
  const user = await unsafeUpdateUser(deps.system.orm, userId, { name, locale })
  if (!user) throw new AppError('UNAUTHENTICATED', 'Log in first')
  if (name !== undefined) {
    for (const { account } of await unsafeListMemberships(deps.system, userId)) {
      const scope = deps.scopes.system(account.id)
      await scope.tx(async (tx) => tx.publish({ type: 'member.updated', data: { userId } }))
    }
  }
  return ownUser(deps, user)
}
