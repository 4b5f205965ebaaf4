import { eq } from 'drizzle-orm'
import type { Orm, OrmTransaction } from '../../db/client.ts'
import { accounts, memberships, users } from '../../db/schema/index.ts'
import type { Deps, System } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { newId } from '../../kit/ids.ts'
import type { AccountRow } from '../accounts/accounts.queries.ts'

export type StoredUser = typeof users.$inferSelect

/** A user as others see them; with `own` as they see themselves. */
export interface UserRow {
  id: string
  name: string
  email: string
  own?: { locale: string; emailVerified: boolean; platformAdministrator: boolean }
}

/** What a log-in answers; the refresh token goes into its cookie. */
export interface SessionRow {
  accessToken: string
  expiresAt: Date
  user: UserRow
  account: AccountRow
}

type Writer = Orm | OrmTransaction
type Settings = Pick<Deps, 'config' | 'clock'>

export const isPlatformAdministrator = (settings: Pick<Deps, 'config'>, email: string, verified: boolean): boolean =>
  verified && email === settings.config.platformAdminEmail

/** The user in their own eyes. */
export function ownUser(deps: Pick<Deps, 'config'>, user: StoredUser): UserRow {
  const { id, name, email, locale } = user
  const emailVerified = user.emailVerifiedAt !== null
  const platformAdministrator = isPlatformAdministrator(deps, email, emailVerified)
  return { id, name, email, own: { locale, emailVerified, platformAdministrator } }
}

/** Who is behind a valid access token, in one statement: nobody once the session was ended or has run out. */
export async function unsafeFindSignedIn(
  system: System,
  session: { sessionId: string; userId: string },
  settings: Settings,
): Promise<SignedIn | undefined> {
  const { sessionId, userId } = session
  const [row] = await system.sql<{ name: string; email: string; verified: boolean }[]>`
    select u.name, u.email, u.email_verified_at is not null as verified
    from sessions s join users u on u.id = s.user_id
    where s.id = ${sessionId} and s.user_id = ${userId} and s.ended_at is null
      and s.expires_at > ${settings.clock.now()}`
  if (!row) return undefined
  const platformAdministrator = isPlatformAdministrator(settings, row.email, row.verified)
  return { sessionId, userId, name: row.name, platformAdministrator }
}

export async function unsafeFindUser(system: System, id: string): Promise<StoredUser | undefined> {
  return system.orm.query.users.findFirst({ where: eq(users.id, id) })
}

/** `email` in lower case. */
export async function unsafeFindUserByEmail(system: System, email: string): Promise<StoredUser | undefined> {
  return system.orm.query.users.findFirst({ where: eq(users.email, email) })
}

export interface NewUser {
  name: string
  email: string
  passwordHash: string
  locale: string
  emailVerifiedAt: Date | null
  createdAt: Date
}

/** Undefined when the address is taken. */
export async function unsafeInsertUser(orm: Writer, user: NewUser): Promise<StoredUser | undefined> {
  const [row] = await orm
    .insert(users)
    .values({ id: newId(), ...user })
    .onConflictDoNothing({ target: users.email })
    .returning()
  return row
}

export async function unsafeUpdateUser(
  orm: Writer,
  id: string,
  change: Partial<Pick<StoredUser, 'name' | 'locale' | 'passwordHash' | 'emailVerifiedAt'>>,
): Promise<StoredUser | undefined> {
  const [row] = await orm.update(users).set(change).where(eq(users.id, id)).returning()
  return row
}

/** Keeps the password as it is until the transaction ends; false when it is another one by now. */
export async function unsafeLockPassword(orm: OrmTransaction, id: string, passwordHash: string): Promise<boolean> {
  const [row] = await orm.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, id)).for('share')
  return row?.passwordHash === passwordHash
}

/** A new account with its first administrator. */
export async function unsafeInsertAccount(
  orm: Writer,
  account: { name: string; administratorId: string; now: Date },
): Promise<string> {
  const accountId = newId()
  const { name, administratorId: userId, now } = account
  await orm.insert(accounts).values({ id: accountId, name, createdAt: now })
  await orm.insert(memberships).values({ accountId, userId, role: 'administrator', createdAt: now, lastActiveAt: now })
  return accountId
}

/** The account of this name that the user administers: a sign-up sent twice makes one business. */
export async function unsafeFindOwnAccount(system: System, userId: string, name: string): Promise<string | undefined> {
  const [row] = await system.sql<{ id: string }[]>`
    select a.id from memberships m join accounts a on a.id = m.account_id
    where m.user_id = ${userId} and m.role = 'administrator' and m.removed_at is null and a.name = ${name}
    order by a.created_at limit 1`
  return row?.id
}
