import { eq } from 'drizzle-orm'
import { channelApps } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'

export type ChannelAppRow = typeof channelApps.$inferSelect

export async function unsafeFindChannelApp(system: System, channelType: string): Promise<ChannelAppRow | undefined> {
  const [row] = await system.orm.select().from(channelApps).where(eq(channelApps.channelType, channelType))
  return row
}

/** What the provider said: where it delivers to, or why it did not say; then what was known of it stays. */
export type Finding = { callbackUrl: string | undefined; failureCode?: string } | { failureCode: string }

export async function unsafeNoteRegistration(
  system: System,
  channelType: string,
  finding: Finding,
  now: Date,
): Promise<ChannelAppRow> {
  const known = 'callbackUrl' in finding
  const callbackUrl = known ? (finding.callbackUrl ?? null) : null
  const failureCode = finding.failureCode ?? null
  const registeredAt = callbackUrl ? now : null
  const [row] = await system.sql<ChannelAppRow[]>`
    insert into channel_apps as a (channel_type, callback_url, registered_at, checked_at, failure_code)
    values (${channelType}, ${callbackUrl}, ${registeredAt}, ${now}, ${failureCode})
    on conflict (channel_type) do update set
      callback_url = case when ${known} then excluded.callback_url else a.callback_url end,
      registered_at = case when ${known} and a.callback_url is distinct from excluded.callback_url
        then excluded.registered_at else a.registered_at end,
      checked_at = excluded.checked_at, failure_code = excluded.failure_code
    returning channel_type as "channelType", callback_url as "callbackUrl", registered_at as "registeredAt",
      checked_at as "checkedAt", failure_code as "failureCode", removed_at as "removedAt"`
  if (!row) throw new Error('the noted registration is gone')
  return row
}

/** Crosses tenants: the connected inboxes of a channel. */
export const unsafeListConnected = ({ sql }: System, channelType: string) => sql<
  { accountId: string; inboxId: string }[]
>`select account_id as "accountId", id as "inboxId" from inboxes
  where channel_type = ${channelType} and disconnected_at is null`

/** Somebody has the provider deliver nowhere from now on. */
export async function unsafeMarkRemoved(system: System, channelType: string, now: Date): Promise<void> {
  await system.orm
    .insert(channelApps)
    .values({ channelType, removedAt: now, checkedAt: now })
    .onConflictDoUpdate({ target: channelApps.channelType, set: { removedAt: now } })
}

/** It is to deliver here again. */
export async function unsafeMarkWanted(system: System, channelType: string): Promise<void> {
  await system.orm.update(channelApps).set({ removedAt: null }).where(eq(channelApps.channelType, channelType))
}
