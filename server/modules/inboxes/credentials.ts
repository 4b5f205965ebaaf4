import { ChannelError, type Connection, type Credentials } from '../../channels/contract.ts'
import type { Channels } from '../../channels/registry.ts'
import type { Deps } from '../../deps.ts'
import type { Side } from './swap.queries.ts'

const place = (accountId: string, inboxId: string) => ({
  accountId,
  table: 'inboxes',
  rowId: inboxId,
  column: 'credentials',
})

export const sealCredentials = (deps: Pick<Deps, 'vault'>, accountId: string, inboxId: string, open: Credentials) =>
  deps.vault.seal(JSON.stringify(open), place(accountId, inboxId))

const webhookPlace = (accountId: string, inboxId: string) => ({
  ...place(accountId, inboxId),
  column: 'webhook_keys',
})

/** What the deliveries to an inbox's own address are signed with. */
export const sealWebhookKeys = (
  deps: Pick<Deps, 'vault'>,
  accountId: string,
  inboxId: string,
  keys: readonly string[],
) => deps.vault.seal(JSON.stringify(keys), webhookPlace(accountId, inboxId))

export function openWebhookKeys(
  deps: Pick<Deps, 'vault'>,
  { accountId, id, webhookKeys, swapId }: Pick<Side, 'accountId' | 'id' | 'webhookKeys' | 'swapId'>,
): string[] {
  const sealedAt = swapId ? swapPlace(accountId, swapId, 'from_webhook_keys') : webhookPlace(accountId, id)
  return webhookKeys ? (JSON.parse(deps.vault.open(webhookKeys, sealedAt)) as string[]) : []
}

const swapPlace = (accountId: string, rowId: string, column: 'from_credentials' | 'from_webhook_keys') => ({
  ...{ accountId, table: 'inbox_swaps', rowId, column },
})

/** Of the side that an inbox has left in a swap. */
export const sealSwapCredentials = (deps: Pick<Deps, 'vault'>, accountId: string, swapId: string, open: Credentials) =>
  deps.vault.seal(JSON.stringify(open), swapPlace(accountId, swapId, 'from_credentials'))

export const sealSwapWebhookKeys = (
  deps: Pick<Deps, 'vault'>,
  accountId: string,
  swapId: string,
  keys: readonly string[],
) => deps.vault.seal(JSON.stringify(keys), swapPlace(accountId, swapId, 'from_webhook_keys'))

const connectionPlace = (accountId: string, rowId: string) => ({
  accountId,
  table: 'pending_connections',
  rowId,
  column: 'connection',
})

/** What waits says of which channel it is. */
type WaitingConnection = Connection & { channelType?: string }

/** A connection that waits for somebody's word. */
export const sealConnection = (deps: Pick<Deps, 'vault'>, accountId: string, id: string, open: WaitingConnection) =>
  deps.vault.seal(JSON.stringify(open), connectionPlace(accountId, id))

export function openConnection(
  deps: Pick<Deps, 'vault'>,
  accountId: string,
  id: string,
  sealed: string,
): WaitingConnection {
  const open = JSON.parse(deps.vault.open(sealed, connectionPlace(accountId, id))) as WaitingConnection
  const { accessExpiresAt, consentExpiresAt } = open
  return {
    ...open,
    ...(accessExpiresAt && { accessExpiresAt: new Date(accessExpiresAt) }),
    ...(consentExpiresAt && { consentExpiresAt: new Date(consentExpiresAt) }),
  }
}

const appSecretPlace = (channelType: string) => ({
  accountId: 'installation',
  table: 'channel_credentials',
  rowId: channelType,
  column: 'secret',
})

/** The secret of a channel's app, which belongs to no account. */
export const sealAppSecret = (deps: Pick<Deps, 'vault'>, channelType: string, open: string) =>
  deps.vault.seal(open, appSecretPlace(channelType))

export const openAppSecret = (deps: Pick<Deps, 'vault'>, channelType: string, sealed: string) =>
  deps.vault.open(sealed, appSecretPlace(channelType))

/** Why a grant is of no use for now, though the provider may still know it. */
export const GRANT_CHANGES = ['DIALECT_CHANGED', 'APP_CHANGED'] as const
type GrantChange = (typeof GRANT_CHANGES)[number]

/**
 * What has changed in the channel since something was granted to it; undefined while it can be used. Where nobody noted
 * what it was granted to, and while the channel acts as no app at all, nothing is known to have changed.
 */
export function changeSince(
  channels: Channels,
  channelType: string,
  { dialect, appId }: { dialect?: string | null; appId?: string | null },
): GrantChange | undefined {
  const { manifest } = channels.get(channelType)
  if (dialect && dialect !== manifest.dialect) return 'DIALECT_CHANGED'
  return appId && manifest.appId && appId !== manifest.appId ? 'APP_CHANGED' : undefined
}

/** Throws ChannelError `reauth` for a grant that the channel as it is now may not see: it could end what it cannot use. */
export function requireUnchanged(channels: Channels, channelType: string, grant: Parameters<typeof changeSince>[2]) {
  const change = changeSince(channels, channelType, grant)
  if (change) throw new ChannelError('reauth', change)
}

/**
 * The credentials to act with now. Throws ChannelError `reauth` as `requireUnchanged`, and Error when the row has none: a
 * disconnected inbox.
 */
export function openCredentials(deps: Pick<Deps, 'vault' | 'channels'>, inbox: Side): Credentials {
  requireUnchanged(deps.channels, inbox.channelType, inbox)
  return unsealCredentials(deps, inbox)
}

/** The same whatever the channel is set up for, to be sealed again. */
export function unsealCredentials(deps: Pick<Deps, 'vault'>, inbox: Side): Credentials {
  const { accountId, id, credentials, swapId } = inbox
  if (!credentials) throw new Error('the inbox is disconnected')
  const sealedAt = swapId ? swapPlace(accountId, swapId, 'from_credentials') : place(accountId, id)
  return JSON.parse(deps.vault.open(credentials, sealedAt)) as Credentials
}
