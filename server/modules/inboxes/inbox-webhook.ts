import { and, eq } from 'drizzle-orm'
import type { Scope } from '../../db/scope.ts'
import { inboxes } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import { invalid } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { openWebhookKeys, sealWebhookKeys } from './credentials.ts'
import { requireInboxAdministrator } from './inboxes.policy.ts'
import { getInboxRow, lockInbox, type InboxRow, type InboxView } from './inboxes.queries.ts'
import { obstacleError } from './obstacle.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    /** What was delivered to the inbox's own address before was forgotten. */
    'inbox.webhookOpened': { inboxId: string }
    /** It may be the one that was lacking since then. */
    'inbox.webhookKeyAdded': { inboxId: string; refusedSince: Date }
  }
}

/** Where an inbox's own deliveries go; `:inboxToken` as Fastify has it. */
export const inboxWebhookPath = (channelType: string, token = ':inboxToken') => `/webhooks/${channelType}/${token}`

export interface InboxWebhook {
  url: string
  /** How many are known. */
  keys: number
  maxKeys: number
  guide: string | null
}

/** The address and how many keys are known; null where there is none, and for whoever is no administrator. */
export async function getInboxWebhook(deps: Deps, scope: Scope, inbox: InboxView): Promise<InboxWebhook | null> {
  const { actor } = scope
  const own = deps.channels.get(inbox.channelType).manifest.inboxWebhook
  if (!own || !inbox.webhookToken || actor.kind !== 'member' || actor.role !== 'administrator') return null
  const row = await scope.read((tx) => getInboxRow(tx, inbox.id))
  return {
    url: deps.config.publicUrl + inboxWebhookPath(inbox.channelType, inbox.webhookToken),
    keys: openWebhookKeys(deps, row).length,
    maxKeys: own.keys,
    guide: own.guide ?? null,
  }
}

const KEY = /^[\x21-\x7e]{8,200}$/

/**
 * Sets the keys that deliveries to the inbox's own address are signed with, instead of those of before. What was refused
 * for want of a new one is read from the provider. Errors:
 * FORBIDDEN, NOT_FOUND, INVALID with details.field, CHANNEL_REAUTH for one that is disconnected.
 */
export async function setWebhookKeys(
  deps: Deps,
  scope: Scope,
  input: { inboxId: string; keys: readonly string[] },
): Promise<InboxRow> {
  requireInboxAdministrator(scope)
  const inboxId = parseId(input.inboxId, 'Inbox')
  return scope.tx(async (tx) => {
    const inbox = await lockInbox(tx, inboxId)
    const keys = [...new Set(input.keys.map((key) => key.trim()))]
    const most = deps.channels.get(inbox.channelType).manifest.inboxWebhook?.keys ?? 0
    if (!most) throw invalid('inboxId', 'This channel has one address for all')
    if (keys.length > most || !keys.every((key) => KEY.test(key))) {
      throw invalid('keys', `Up to ${most} keys of 8 to 200 letters, digits and signs`)
    }
    if (inbox.disconnectedAt) throw obstacleError('CHANNEL_REAUTH')
    const webhookKeys = keys.length ? sealWebhookKeys(deps, tx.accountId, inboxId, keys) : null
    const before = openWebhookKeys(deps, inbox)
    const mends = inbox.refusedSince && keys.some((key) => !before.includes(key)) ? inbox.refusedSince : undefined
    await tx.orm
      .update(inboxes)
      .set({ webhookKeys, ...(mends && { refusedSince: null, refusedAt: null, refusedCount: 0 }) })
      .where(and(eq(inboxes.accountId, tx.accountId), eq(inboxes.id, inboxId)))
    await recordAudit(tx, 'inbox.webhookKeysSet', { inboxId, keys: keys.length })
    if (webhookKeys && !inbox.webhookKeys) await tx.emit('inbox.webhookOpened', { inboxId })
    if (mends) await tx.emit('inbox.webhookKeyAdded', { inboxId, refusedSince: mends })
    tx.publish({ type: 'inbox.updated', inboxId })
    return getInboxRow(tx, inboxId)
  })
}
