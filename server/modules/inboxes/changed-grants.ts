import { and, eq } from 'drizzle-orm'
import type { Channels } from '../../channels/registry.ts'
import type { Tx } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { changeSince, GRANT_CHANGES } from './credentials.ts'
import { requireReauthorization } from './renewal.ts'

/** Crosses tenants: inboxes whose flag does not fit the dialect and the app that their channel has now. */
export async function unsafeListOddGrants(
  system: System,
  channels: Channels,
  limit: number,
): Promise<{ accountId: string; id: string }[]> {
  const manifests = channels.all().map(({ manifest }) => manifest)
  const column = (read: (manifest: (typeof manifests)[number]) => string | undefined) =>
    manifests.map((manifest) => read(manifest) ?? '')
  return system.sql<{ accountId: string; id: string }[]>`
    select i.account_id as "accountId", i.id from inboxes i
    join unnest(${column(({ id }) => id)}::text[], ${column(({ dialect }) => dialect)}::text[],
      ${column(({ appId }) => appId)}::text[]) as c(type, dialect, app) on c.type = i.channel_type
    where i.disconnected_at is null
      and case when coalesce(i.dialect, c.dialect) = c.dialect and (c.app = '' or coalesce(i.app_id, c.app) = c.app)
        then i.reauthorization_reason = any(${[...GRANT_CHANGES]}::text[]) else not i.reauthorization_required end
    limit ${limit}`
}

/**
 * What an inbox was connected by decides whether it works: of another dialect or app than its channel's it has to be
 * connected again, and once the channel is back at its own it goes on.
 */
export async function followGrant(tx: Tx, channels: Channels, inboxId: string): Promise<void> {
  const own = and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId))
  const [inbox] = await tx.orm.select().from(inboxes).where(own).for('no key update')
  if (!inbox) return
  const change = changeSince(channels, inbox.channelType, inbox)
  if (change) return requireReauthorization(tx, inboxId, change)
  if (!GRANT_CHANGES.some((reason) => reason === inbox.reauthorizationReason)) return
  await tx.orm.update(inboxes).set({ reauthorizationRequired: false, reauthorizationReason: null }).where(own)
  tx.publish({ type: 'inbox.updated', inboxId })
}
