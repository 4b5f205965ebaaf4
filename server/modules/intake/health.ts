import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { getInboxRow, type InboxView } from '../inboxes/inboxes.queries.ts'
import { countBacklog, countUsedUp, unsafeCountRejections, type Backlog } from './health.queries.ts'
import { unsafeFindChannelApp } from './registration.queries.ts'
import { webhookStateOf, type WebhookState } from './registration.ts'

const DAY_MS = 24 * 3_600_000

export interface InboxHealth extends Backlog {
  /** Whose it is. */
  inbox: Pick<InboxView, 'accountId' | 'id'>
  webhookState: WebhookState | KeyState
  webhookCheckedAt: Date | null
  lastEventAt: Date | null
  /** Of the channel in a day, or at the inbox's own address since `refusedSince`. */
  rejectedSignatures: number
  refusedSince: Date | null
  refusedAt: Date | null
  /** Null: the channel has no quota. */
  usedUpThreads: number | null
  accessExpiresAt: Date | null
  consentExpiresAt: Date | null
}

/** Whether messages of an inbox come and go; null for whoever is no administrator. */
export async function getInboxHealth(deps: Deps, scope: Scope, inbox: InboxView): Promise<InboxHealth | null> {
  const { actor } = scope
  if (actor.kind !== 'member' || actor.role !== 'administrator') return null
  const { channelType } = inbox
  const now = scope.clock.now()
  const since = new Date(now.getTime() - DAY_MS)
  const channel = deps.channels.get(channelType)
  const policy = channel.manifest.window
  const own = channel.manifest.inboxWebhook ? inbox.refusedCount : undefined
  const [keyState, app, rejectedSignatures, backlog, usedUpThreads] = await Promise.all([
    keyStateOf(scope, inbox),
    unsafeFindChannelApp(deps.system, channelType),
    own ?? unsafeCountRejections(deps.system, channelType, since),
    scope.read((tx) => countBacklog(tx, inbox)),
    policy ? scope.read((tx) => countUsedUp(tx, inbox.id, policy, now)) : null,
  ])
  return {
    inbox,
    webhookState: keyState ?? webhookStateOf(deps, channel, app),
    webhookCheckedAt: app?.checkedAt ?? null,
    rejectedSignatures,
    refusedSince: inbox.refusedSince,
    refusedAt: inbox.refusedAt,
    usedUpThreads,
    ...backlog,
    lastEventAt: inbox.lastEventAt,
    accessExpiresAt: inbox.disconnectedAt ? null : inbox.accessExpiresAt,
    consentExpiresAt: inbox.disconnectedAt ? null : inbox.consentExpiresAt,
  }
}

type KeyState = 'NO_KEY' | 'KEY_MISSING'

/** Of one that is connected and has an address of its own: whether what comes there is forgotten, or refused. */
async function keyStateOf(scope: Scope, inbox: InboxView): Promise<KeyState | undefined> {
  if (!inbox.webhookToken || inbox.disconnectedAt) return undefined
  const { webhookKeys } = await scope.read((tx) => getInboxRow(tx, inbox.id))
  if (!webhookKeys) return 'NO_KEY'
  return inbox.refusedSince ? 'KEY_MISSING' : undefined
}
