import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Channels } from '../../channels/registry.ts'
import type { Scope } from '../../db/scope.ts'
import { oauthStates } from '../../db/schema/index.ts'
import { invalid } from '../../kit/errors.ts'
import { newNonce, parseId } from '../../kit/ids.ts'
import { requireConfigured, requireConnectable } from './connectable.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'

/** How long somebody may take on the provider's consent page. */
export const STATE_LIFETIME_S = 600

/** What the state of one OAuth round trip says; signed by http/oauth.ts (I16). */
export interface StateClaims {
  accountId: string
  userId: string
  channelType: string
  jti: string
  issuedAt: Date
  /** The inbox to connect again. */
  inboxId?: string
}

/**
 * Prepares a connection by OAuth: checks role, flag, channel and, for a reconnection, the inbox, and notes the state's id
 * so that it works once. Errors: FORBIDDEN, FEATURE_DISABLED, INVALID, NOT_FOUND, CHANNEL_UNAVAILABLE with details.reason
 * NOT_CONFIGURED, CONFLICT with details.reason INBOX_LIMIT.
 */
export async function prepareConnection(
  scope: Scope,
  channels: Channels,
  input: { channelType: string; inboxId?: string | null | undefined },
): Promise<StateClaims> {
  requireInboxAdministrator(scope)
  const { actor } = scope
  if (actor.kind !== 'member') throw new Error('only a member connects')
  const channel = channels.find(input.channelType)
  if (!channel?.oauth) throw invalid('channelType', 'This channel does not connect by OAuth')
  requireConfigured(channel)
  const inboxId = input.inboxId == null ? undefined : parseId(input.inboxId, 'Inbox')
  return scope.tx(async (tx) => {
    await requireConnectable(tx, channel, inboxId)
    const jti = newNonce()
    const issuedAt = tx.clock.now()
    const expiresAt = new Date(issuedAt.getTime() + STATE_LIFETIME_S * 1_000)
    await tx.orm.insert(oauthStates).values({ accountId: tx.accountId, jti, expiresAt })
    const { channelType } = input
    return {
      accountId: tx.accountId,
      userId: actor.userId,
      channelType,
      jti,
      issuedAt,
      ...(inboxId ? { inboxId } : {}),
    }
  })
}

/** Uses a state up: true once, false ever after. */
export async function consumeState(scope: Scope, jti: string): Promise<boolean> {
  return scope.tx(async (tx) => {
    const now = tx.clock.now()
    const used = await tx.orm
      .update(oauthStates)
      .set({ usedAt: now })
      .where(
        and(
          eq(oauthStates.accountId, tx.accountId),
          eq(oauthStates.jti, jti),
          isNull(oauthStates.usedAt),
          gt(oauthStates.expiresAt, now),
        ),
      )
      .returning({ jti: oauthStates.jti })
    return used.length > 0
  })
}
