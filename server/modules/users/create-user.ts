import type { Deps } from '../../deps.ts'
import { AppError } from '../../kit/errors.ts'
import { parseEmail, parseName } from '../accounts/accounts.input.ts'
import { insertAudit } from '../accounts/accounts.queries.ts'
import { hashPassword } from './password-hash.ts'
import { parseNewPassword } from './users.input.ts'
import { unsafeInsertAccount, unsafeInsertUser } from './users.queries.ts'

export interface NewVerifiedUser {
  email: string
  name: string
  password: string
  /** A new business to administer. */
  accountName?: string
  locale?: string
}

/** For the operator and the demo: a user whose address counts as proven. CONFLICT when the address is taken. */
export async function createVerifiedUser(
  deps: Deps,
  input: NewVerifiedUser,
): Promise<{ userId: string; accountId: string | undefined }> {
  const email = parseEmail(input.email)
  const name = parseName(input.name, 'name')
  const accountName = input.accountName === undefined ? undefined : parseName(input.accountName, 'accountName')
  const passwordHash = await hashPassword(parseNewPassword(input.password, email))
  const now = deps.clock.now()
  return deps.system.orm.transaction(async (tx) => {
    const locale = input.locale ?? 'en'
    const user = await unsafeInsertUser(tx, { email, name, passwordHash, locale, emailVerifiedAt: now, createdAt: now })
    if (!user) throw new AppError('CONFLICT', `There is a user with the address ${email} already`)
    if (accountName === undefined) return { userId: user.id, accountId: undefined }
    const accountId = await unsafeInsertAccount(tx, { name: accountName, administratorId: user.id, now })
    await insertAudit(tx, { accountId, userId: user.id, action: 'account.created', data: {} })
    return { userId: user.id, accountId }
  })
}
