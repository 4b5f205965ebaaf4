import type { Channel, ChannelManifest } from '../../channels/contract.ts'
import type { System } from '../../deps.ts'

/**
 * The business that a delivery is for when its body does not say. Who is known to have the conversation has it, connected
 * or not; else it is of the only inbox of the channel's dialect. One that was disconnected counts: what is written to its
 * business may still come, and is nobody else's (I10). Undefined: nobody can tell.
 */
export async function findBusinessOf(
  system: System,
  { manifest, webhook }: Channel,
  body: Buffer,
): Promise<string | undefined> {
  const { accountRef = '', threadRef } = webhook?.route(body) ?? {}
  if (accountRef || !threadRef) return accountRef || undefined
  const known = await unsafeListOwners(system, manifest.id, threadRef)
  const [owner, another] = known.length ? known : await unsafeListOfDialect(system, manifest)
  return another ? undefined : owner?.externalId
}

interface Owner {
  externalId: string
}

/** Crosses tenants: the businesses that have this conversation; a second one is enough to know nothing. */
const unsafeListOwners = (system: System, channelType: string, threadRef: string) => system.sql<Owner[]>`
  select distinct i.external_id as "externalId" from (
    select account_id, id, external_id from inboxes where channel_type = ${channelType}
    union all select account_id, inbox_id, from_external_id from inbox_swaps
    where from_channel_type = ${channelType} and state = 'open') i
  join thread_aliases a on a.account_id = i.account_id and a.inbox_id = i.id and a.channel_type = ${channelType}
    and a.external_id = ${threadRef} limit 2`

/** Crosses tenants: those that this app was granted to and of its dialect; of another app's the delivery does not speak. */
const unsafeListOfDialect = (system: System, { id, dialect, appId }: ChannelManifest) => system.sql<Owner[]>`
  select distinct external_id as "externalId" from inboxes
  where channel_type = ${id} and dialect is not distinct from ${dialect ?? null}
    and (app_id is null or app_id = ${appId ?? null}) limit 2`

/** Crosses tenants: one of the deliveries on this thread that name no business. */
export async function unsafeFindUnaddressed(system: System, threadKey: string): Promise<Buffer | undefined> {
  const [row] = await system.sql<{ raw: Buffer }[]>`
    select raw from webhook_events where thread_key = ${threadKey} and account_ref = '' and state = 0 limit 1`
  return row?.raw
}

/** Crosses tenants: from now on they are deliveries like any other. */
export async function unsafeAddress(system: System, threadKey: string, accountRef: string): Promise<void> {
  await system.sql`
    update webhook_events set account_ref = ${accountRef}
    where thread_key = ${threadKey} and account_ref = '' and state = 0`
}
