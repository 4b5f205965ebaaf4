import { and, eq } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { requestMail } from '../mails/mails.service.ts'
import { listAdministratorIds, lockInbox, type InboxRow } from './inboxes.queries.ts'

const DAY_MS = 86_400_000

/** How many days before a consent ends the administrators are told, most urgent first. */
const WARNING_DAYS = [1, 3, 7, 14, 30]

/** The warning that fits the time left: a more urgent one stands for all that were slept through. */
function warningAt(consentExpiresAt: Date, now: Date): number | undefined {
  const left = consentExpiresAt.getTime() - now.getTime()
  return left > 0 ? WARNING_DAYS.find((days) => left <= days * DAY_MS) : undefined
}

/** Crosses tenants: inboxes whose administrators are to hear that the consent ends. */
export async function unsafeListConsentsToWarn(
  system: System,
  now: Date,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  const latest = new Date(now.getTime() + Math.max(...WARNING_DAYS) * DAY_MS)
  return system.sql<{ accountId: string; id: string }[]>`
    select i.account_id as "accountId", i.id from inboxes i join accounts a on a.id = i.account_id
    where i.disconnected_at is null and not i.reauthorization_required and a.status = 'active'
      and i.consent_expires_at > ${now} and i.consent_expires_at <= ${latest}
      and (i.consent_warned_days is null or i.consent_warned_days > (
        select min(days) from unnest(${WARNING_DAYS}::int[]) as days
        where i.consent_expires_at <= ${now}::timestamptz + days * interval '24 hours'))
    order by i.consent_expires_at limit ${limit}`
}

/** Mails the administrators that the inbox's consent ends soon: each step once per connection. */
export async function warnOfConsentEnd(scope: Scope, inboxId: string): Promise<void> {
  await scope.tx(async (tx) => {
    const inbox = await lockInbox(tx, inboxId)
    if (inbox.disconnectedAt || inbox.reauthorizationRequired || !inbox.consentExpiresAt) return
    const days = warningAt(inbox.consentExpiresAt, tx.clock.now())
    if (days === undefined || (inbox.consentWarnedDays ?? Infinity) <= days) return
    await tx.orm
      .update(inboxes)
      .set({ consentWarnedDays: days })
      .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
    await mailAdministrators(tx, inbox, inbox.consentExpiresAt, days)
  })
}

async function mailAdministrators(tx: Tx, inbox: InboxRow, endsAt: Date, days: number): Promise<void> {
  const connectedAt = inbox.connectedAt.toISOString()
  for (const userId of await listAdministratorIds(tx)) {
    await requestMail(tx, {
      kind: 'consent_ending',
      userId,
      data: { inboxId: inbox.id, inboxName: inbox.name, connectedAt, endsAt: endsAt.toISOString() },
      dedupeKey: `consent:${inbox.id}:${connectedAt}:${days}:${userId}`,
    })
  }
}
