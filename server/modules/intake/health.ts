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
  webhookState: WebhookState | 'NO_KEY'
  webhookCheckedAt: Date | null
  lastEventAt: Date | null
  /** Null: each inbox has an address of its own, and nothing is refused at the channel's. */
  rejectedSignatures: number | null
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
  const [keyless, app, rejectedSignatures, backlog, usedUpThreads] = await Promise.all([
    isKeyless(scope, inbox),
    unsafeFindChannelApp(deps.system, channelType),
    channel.manifest.inboxWebhook ? null : unsafeCountRejections(deps.system, channelType, since),
    scope.read((tx) => countBacklog(tx, inbox)),
    policy ? scope.read((tx) => countUsedUp(tx, inbox.id, policy, now)) : null,
  ])
  return {
    inbox,
    webhookState: keyless ? 'NO_KEY' : webhookStateOf(deps, channel, app),
    webhookCheckedAt: app?.checkedAt ?? null,
    rejectedSignatures,
    usedUpThreads,
    ...backlog,
    lastEventAt: inbox.lastEventAt,
    accessExpiresAt: inbox.disconnectedAt ? null : inbox.accessExpiresAt,
    consentExpiresAt: inbox.disconnectedAt ? null : inbox.consentExpiresAt,
  }
}

/** It is connected and has an address of its own, where everything is forgotten that comes. */
async function isKeyless(scope: Scope, { id, webhookToken, disconnectedAt }: InboxView): Promise<boolean> {
  if (!webhookToken || disconnectedAt) return false
  return !(await scope.read((tx) => getInboxRow(tx, id))).webhookKeys
}
