import { and, eq } from 'drizzle-orm'
import type { Channels } from '../../channels/registry.ts'
import type { Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { isOfOtherDialect } from './credentials.ts'
import { requireReauthorization } from './renewal.ts'

const REASON = 'DIALECT_CHANGED'

/** Crosses tenants: inboxes whose flag does not fit the dialect that their channel has now. */
export async function unsafeListOddDialects(
  system: System,
  channels: Channels,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  const manifests = channels.all().map(({ manifest }) => manifest)
  return system.sql<{ accountId: string; id: string }[]>`
    select i.account_id as "accountId", i.id from inboxes i
    join unnest(${manifests.map(({ id }) => id)}::text[], ${manifests.map(({ dialect }) => dialect ?? '')}::text[])
      as c(type, dialect) on c.type = i.channel_type
    where i.disconnected_at is null and case when coalesce(i.dialect, c.dialect) = c.dialect
      then i.reauthorization_reason = ${REASON} else not i.reauthorization_required end
    limit ${limit}`
}

/**
 * What an inbox was connected by decides whether it works: of another dialect than its channel's it has to be connected
 * again, and once the channel is back at its own it goes on.
 */
export async function followDialect(tx: Tx, channels: Channels, inboxId: string): Promise<void> {
  const own = and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId))
  const [inbox] = await tx.orm.select().from(inboxes).where(own).for('no key update')
  if (!inbox) return
  if (isOfOtherDialect(channels, inbox)) return requireReauthorization(tx, inboxId, REASON)
  if (inbox.reauthorizationReason !== REASON) return
  await tx.orm.update(inboxes).set({ reauthorizationRequired: false, reauthorizationReason: null }).where(own)
  tx.publish({ type: 'inbox.updated', inboxId })
}
