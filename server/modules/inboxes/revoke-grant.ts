import { ChannelError, type Connection, type Credentials } from '../../channels/contract.ts'
import type { Deps } from '../../deps.ts'
import { openCredentials } from './credentials.ts'
import type { Side } from './swap.queries.ts'

/**
 * Takes back at the provider what was granted to a side of an inbox. Only a token that still lives ends its grant, and
 * nobody renews ahead what is left: one that has run out is renewed first. `keep` writes that down before it is used, for
 * whoever tries again; where it cannot, nobody could end the grant later on, and it is ended all the same. Throws ChannelError.
 */
export async function revokeGrant(
  deps: Deps,
  side: Side,
  keep: (renewed: Connection) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const channel = deps.channels.get(side.channelType)
  if (!channel.revoke) return
  let credentials: Credentials | undefined = openCredentials(deps, side)
  if (channel.renew && side.accessExpiresAt && side.accessExpiresAt <= deps.clock.now()) {
    const renewed = await channel.renew(credentials).catch(noneWhenGone)
    if (renewed) {
      await keep(renewed).catch((err: unknown) =>
        deps.log.warn({ err, inboxId: side.id }, 'what was renewed to be revoked could not be written'),
      )
    }
    credentials = renewed?.credentials
  }
  if (credentials) await channel.revoke(credentials)
}

/** What the provider renews no more is not granted any more. */
function noneWhenGone(error: unknown): undefined {
  if (!(error instanceof ChannelError) || error.kind !== 'reauth') throw error
}
