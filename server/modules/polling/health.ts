import type { Scope } from '../../db/scope.ts'
import { getInboxRow } from '../inboxes/inboxes.queries.ts'
import { findPoll, findPollingFacts } from './polling.queries.ts'
import { mannerOf } from './tiers.ts'

export interface InboxPolling {
  byWebhook: boolean
  contacts: number
  active: number
  oldestSeconds: number | null
  listedAt: Date | null
  failureCode: string | null
}

/** How far the reading of an inbox is; null where nobody has to be asked. Who may see it has been decided before. */
export async function getInboxPolling(scope: Scope, inboxId: string): Promise<InboxPolling | null> {
  const now = scope.clock.now()
  const found = await scope.read(async (tx) => {
    const poll = await findPoll(tx, inboxId)
    return poll && { poll, inbox: await getInboxRow(tx, inboxId), facts: await findPollingFacts(tx, inboxId) }
  })
  if (!found || found.inbox.disconnectedAt) return null
  const { poll, inbox, facts } = found
  const { contacts, active, oldestAt } = facts
  return {
    ...{ contacts, active, listedAt: poll.listedAt, failureCode: poll.failureCode },
    byWebhook: mannerOf(poll, inbox, now).byWebhook,
    oldestSeconds: oldestAt && Math.max(0, Math.round((now.getTime() - oldestAt.getTime()) / 1_000)),
  }
}
