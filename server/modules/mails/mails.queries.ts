import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import type { Orm, OrmTransaction } from '../../db/client.ts'
import { mails, mailTokens } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { hashToken, newId, newToken } from '../../kit/ids.ts'

export type MailRow = typeof mails.$inferSelect
export type MailKind =
  'verify_email' | 'password_reset' | 'sign_up_attempt' | 'invitation' | 'reauthorization' | 'consent_ending'

/** `data` holds ids and plain facts, never a token. With a `dedupeKey` there is one mail of it, ever. */
export interface MailRequest {
  kind: MailKind
  userId?: string
  accountId?: string
  data?: Record<string, string>
  dedupeKey?: string
}

export interface Recipient {
  email: string
  name: string
  locale: string
  emailVerifiedAt: Date | null
}

/** How long one sender may hold a mail before another may try. */
const LEASE_MS = 120_000

/** Writes the mail to the outbox. The tenants' role may not read there, so no conflict target is named. */
export async function insertMail(orm: Orm | OrmTransaction, request: MailRequest, now: Date): Promise<string> {
  const id = newId()
  await orm
    .insert(mails)
    .values({ id, createdAt: now, ...request })
    .onConflictDoNothing()
  return id
}

/** Takes a mail that is due; nobody else gets it until the lease ends. */
export async function unsafeClaimMail(system: System, id: string, now: Date): Promise<MailRow | undefined> {
  const [mail] = await system.orm
    .update(mails)
    .set({ attempts: sql`${mails.attempts} + 1`, nextAttemptAt: new Date(now.getTime() + LEASE_MS) })
    .where(
      and(
        eq(mails.id, id),
        isNull(mails.sentAt),
        isNull(mails.failedAt),
        or(isNull(mails.nextAttemptAt), lte(mails.nextAttemptAt, now)),
      ),
    )
    .returning()
  return mail
}

export async function unsafeUpdateMail(
  system: System,
  id: string,
  change: Partial<Pick<MailRow, 'sentAt' | 'failedAt' | 'nextAttemptAt'>>,
): Promise<void> {
  await system.orm.update(mails).set(change).where(eq(mails.id, id))
}

/** For the sweeper: what is due and was not sent, also when its job was lost. Oldest first. */
export async function unsafeListUnsentMails(system: System, now: Date, limit: number): Promise<string[]> {
  const rows = await system.sql<{ id: string }[]>`
    select id from mails
    where sent_at is null and failed_at is null
      and coalesce(next_attempt_at, created_at + interval '5 seconds') <= ${now}
    order by created_at limit ${limit}`
  return rows.map((row) => row.id)
}

export async function unsafeFindRecipient(system: System, userId: string): Promise<Recipient | undefined> {
  return system.orm.query.users.findFirst({
    columns: { email: true, name: true, locale: true, emailVerifiedAt: true },
    where: (users) => eq(users.id, userId),
  })
}

/** A new single-use token for a link; only its hash is kept. */
export async function unsafeCreateMailToken(
  system: System,
  token: { purpose: 'password_reset' | 'email_verification'; userId: string; expiresAt: Date },
): Promise<string> {
  const plain = newToken()
  await system.orm.insert(mailTokens).values({ tokenHash: hashToken(plain), ...token })
  return plain
}

export interface InvitationToSend {
  email: string
  role: string
  accountName: string
  inviterName: string
  /** The invited user's, else the inviter's. */
  locale: string
}

export async function unsafeFindInvitationToSend(
  system: System,
  accountId: string,
  invitationId: string,
  now: Date,
): Promise<InvitationToSend | undefined> {
  const [row] = await system.sql<
    { email: string; role: string; account_name: string; inviter_name: string; locale: string }[]
  >`
    select i.email, i.role, a.name as account_name, inviter.name as inviter_name,
      coalesce(invited.locale, inviter.locale) as locale
    from invitations i
    join accounts a on a.id = i.account_id
    join users inviter on inviter.id = i.invited_by
    left join users invited on invited.email = i.email
    where i.account_id = ${accountId} and i.id = ${invitationId} and i.accepted_at is null and i.revoked_at is null
      and i.expires_at > ${now}`
  if (!row) return undefined
  const { account_name: accountName, inviter_name: inviterName, ...rest } = row
  return { ...rest, accountName, inviterName }
}

/** A new link for an open invitation; the one before stops working. */
export async function unsafeRenewInvitationToken(
  system: System,
  accountId: string,
  invitationId: string,
): Promise<string> {
  const plain = newToken()
  await system.sql`
    update invitations set token_hash = ${hashToken(plain)}
    where account_id = ${accountId} and id = ${invitationId} and accepted_at is null and revoked_at is null`
  return plain
}

export async function unsafeFindAccountName(system: System, accountId: string): Promise<string | undefined> {
  const [row] = await system.sql<{ name: string }[]>`select name from accounts where id = ${accountId}`
  return row?.name
}

/** Whether the connection of that time is the present one, and still works. */
export async function unsafeIsConnectedSince(
  system: System,
  accountId: string,
  inboxId: string,
  connectedAt: Date,
): Promise<boolean> {
  const rows = await system.sql`
    select 1 from inboxes
    where account_id = ${accountId} and id = ${inboxId}
      and connected_at = ${connectedAt} and disconnected_at is null and not reauthorization_required`
  return rows.length > 0
}
