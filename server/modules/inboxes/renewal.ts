import { and, eq, inArray, or } from 'drizzle-orm'
import { setTimeout as pause } from 'node:timers/promises'
import { ChannelError, type Connection } from '../../channels/contract.ts'
import { rateOf } from '../../channels/rates.ts'
import type { Scope, Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { requestMail } from '../mails/mails.service.ts'
import { GRANT_CHANGES, openCredentials, sealCredentials } from './credentials.ts'
import { getInboxRow, listAdministratorIds, lockInbox, type InboxRow } from './inboxes.queries.ts'
import { storeRenewed } from './left-side.ts'
import { missingCosts, missingRequired } from './missing-scopes.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    'inbox.reauthorizationRequired': { accountId: string; inboxId: string }
  }
}

/** How long one renewal may hold the inbox before another process may try. */
const LEASE_MS = 60_000
const RETRY_MS = 120_000

/**
 * Between half and three quarters of what is left, spread at random so that inboxes do not renew in one burst. Null for
 * what does not end.
 */
export function renewAfter(now: Date, accessExpiresAt: Date | undefined): Date | null {
  if (!accessExpiresAt) return null
  const left = Math.max(accessExpiresAt.getTime() - now.getTime(), 0)
  return new Date(now.getTime() + left * (0.5 + Math.random() * 0.25))
}

/** fresh: usable now · busy: another process is at it · later: the provider could not · ended: only connecting again helps */
export type RenewalOutcome = 'fresh' | 'busy' | 'later' | 'ended'
/** The token that was refused is of a provider that the inbox has left. */
type OwnOutcome = RenewalOutcome | 'elsewhere'

/** Whose token the provider refused. */
interface Refused {
  version: number
  channelType: string
}

/**
 * Renews an inbox's credentials: one renewal at a time (a lease on the row, compare-and-swap at the end), written before
 * anything uses them. A refusal for good sets `reauthorization_required`; anything else is tried again. With `force` it
 * renews although it is not due yet: the provider refused the token of `force.version`. Where nothing is ever renewed such a
 * refusal is one for good.
 */
export async function renewInboxCredentials(
  deps: Deps,
  scope: Scope,
  inboxId: string,
  force?: Refused,
): Promise<OwnOutcome> {
  const leased = await scope.tx((tx) => lease(tx, inboxId, force))
  if (typeof leased === 'string') return leased
  const channel = deps.channels.get(leased.channelType)
  if (!channel.renew) return 'ended'
  try {
    const connection = await channel.renew(openCredentials(deps, leased))
    return await storeRotated(deps, scope, leased, connection)
  } catch (error) {
    if (error instanceof ChannelError && error.kind === 'reauth') {
      await scope.tx((tx) => requireReauthorization(tx, leased.id, error.code, leased.credentialsVersion))
      return 'ended'
    }
    deps.log.warn({ err: error, inboxId }, 'credentials could not be renewed yet')
    if (error instanceof ChannelError && error.kind === 'rate_limited')
      await deps.buckets.pause(rateOf(channel, leased), error.retryAfterMs).catch(() => 0)
    await scope.tx((tx) => setRenewAfter(tx, leased, new Date(tx.clock.now().getTime() + RETRY_MS * Math.random())))
    return 'later'
  }
}

async function lease(tx: Tx, inboxId: string, force?: Refused): Promise<InboxRow | OwnOutcome> {
  const inbox = await lockInbox(tx, inboxId)
  if (force && force.channelType !== inbox.channelType) return 'elsewhere'
  if (inbox.disconnectedAt || inbox.reauthorizationRequired) return 'ended'
  if (force && inbox.credentialsVersion > force.version) return 'fresh'
  if (!inbox.renewAfter) {
    if (force) await requireReauthorization(tx, inboxId, 'TOKEN_ENDED', force.version)
    return 'ended'
  }
  const now = tx.clock.now()
  const leasedUntil = inbox.renewalLeaseUntil
  if (leasedUntil && leasedUntil > now) return 'busy'
  if (!force && inbox.renewAfter > now) return 'fresh'
  await tx.orm
    .update(inboxes)
    .set({ renewalLeaseUntil: new Date(now.getTime() + LEASE_MS) })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
  return inbox
}

const STORE_AGAIN_MS = 250

/** The provider has forgotten the old tokens by now: the new ones are written however often Postgres goes away meanwhile. */
async function storeRotated(
  deps: Deps,
  scope: Scope,
  leased: InboxRow,
  connection: Connection,
): Promise<RenewalOutcome> {
  const until = Date.now() + LEASE_MS
  for (;;) {
    try {
      return await scope.tx((tx) => store(deps, tx, leased, connection))
    } catch (error) {
      if (Date.now() > until) throw error
      deps.log.warn({ err: error, inboxId: leased.id }, 'renewed credentials could not be written yet')
      await pause(STORE_AGAIN_MS)
    }
  }
}

/**
 * Writes nothing when the connection was taken away or made anew meanwhile, or a write of before went through after all. One
 * that only cannot be used for now keeps its newest tokens.
 */
async function store(deps: Deps, tx: Tx, leased: InboxRow, connection: Connection): Promise<RenewalOutcome> {
  const stored = await tx.orm
    .update(inboxes)
    .set({
      credentials: sealCredentials(deps, tx.accountId, leased.id, connection.credentials),
      credentialsVersion: leased.credentialsVersion + 1,
      accessExpiresAt: connection.accessExpiresAt ?? null,
      consentExpiresAt: connection.consentExpiresAt ?? leased.consentExpiresAt,
      grantedScopes: [...connection.grantedScopes],
      appId: connection.appId ?? null,
      renewAfter: renewAfter(tx.clock.now(), connection.accessExpiresAt),
      renewalLeaseUntil: null,
    })
    .where(
      and(
        eq(inboxes.accountId, tx.accountId),
        eq(inboxes.id, leased.id),
        eq(inboxes.credentialsVersion, leased.credentialsVersion),
        or(eq(inboxes.reauthorizationRequired, false), inArray(inboxes.reauthorizationReason, [...GRANT_CHANGES])),
      ),
    )
    .returning({ id: inboxes.id })
  if (stored.length) return takeGrant(deps, tx, leased, connection.grantedScopes)
  const now = await getInboxRow(tx, leased.id)
  if (now.channelType !== leased.channelType && (await storeRenewed(deps, tx, leased, connection))) return 'fresh'
  return now.disconnectedAt || now.reauthorizationRequired ? 'ended' : 'fresh'
}

/** The business may have taken single permissions back: what works without them goes on, and the page says what does not. */
async function takeGrant(deps: Deps, tx: Tx, inbox: InboxRow, granted: readonly string[]): Promise<RenewalOutcome> {
  const channel = deps.channels.get(inbox.channelType)
  if (missingRequired(channel, granted).length) {
    await requireReauthorization(tx, inbox.id, 'SCOPE_MISSING')
    return 'ended'
  }
  const lacked = (scopes: readonly string[] | null) => missingCosts(channel, scopes).join()
  if (lacked(granted) !== lacked(inbox.grantedScopes)) tx.publish({ type: 'inbox.updated', inboxId: inbox.id })
  return 'fresh'
}

async function setRenewAfter(tx: Tx, leased: InboxRow, at: Date): Promise<void> {
  await tx.orm
    .update(inboxes)
    .set({ renewAfter: at, renewalLeaseUntil: null })
    .where(
      and(
        eq(inboxes.accountId, tx.accountId),
        eq(inboxes.id, leased.id),
        eq(inboxes.credentialsVersion, leased.credentialsVersion),
      ),
    )
}

const REASONS = ['REFRESH_REFUSED', 'CONSENT_ENDED', 'SCOPE_MISSING', 'TOKEN_ENDED', ...GRANT_CHANGES]

/** However the provider took the consent away, to the administrator it is revoked. */
const reasonOf = (code: string): string => (REASONS.includes(code) ? code : 'REVOKED')

/**
 * The connection is gone for good: flag and reason on the row, a mail to each administrator (once per connection), and
 * whatever waits on the inbox is told. Does nothing when the credentials have changed since `version`.
 */
export async function requireReauthorization(tx: Tx, inboxId: string, reason: string, version?: number): Promise<void> {
  const inbox = await lockInbox(tx, inboxId)
  const outdated = version !== undefined && inbox.credentialsVersion !== version
  if (outdated || inbox.disconnectedAt) return
  if (inbox.reauthorizationRequired) return keepGraver(tx, inbox, reasonOf(reason))
  await tx.orm
    .update(inboxes)
    .set({
      reauthorizationRequired: true,
      reauthorizationReason: reasonOf(reason),
      renewalLeaseUntil: null,
      gapSince: inbox.gapSince ?? tx.clock.now(),
    })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
  for (const userId of await listAdministratorIds(tx)) {
    await requestMail(tx, {
      kind: 'reauthorization',
      userId,
      accountId: tx.accountId,
      data: { inboxId, inboxName: inbox.name },
      dedupeKey: `reauthorization:${inboxId}:${inbox.credentialsVersion}:${userId}`,
    })
  }
  await tx.emit('inbox.reauthorizationRequired', { accountId: tx.accountId, inboxId })
  tx.publish({ type: 'inbox.updated', inboxId })
}

/** What a change of app or dialect took ends with it, and what the provider took does not. */
async function keepGraver(tx: Tx, inbox: InboxRow, reason: string): Promise<void> {
  const isChange = (one: string | null) => GRANT_CHANGES.some((change) => change === one)
  if (!isChange(inbox.reauthorizationReason) || inbox.reauthorizationReason === reason) return
  await tx.orm
    .update(inboxes)
    .set({ reauthorizationReason: reason })
    .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inbox.id)))
  tx.publish({ type: 'inbox.updated', inboxId: inbox.id })
}
