import type { Channels } from '../channels/registry.ts'
import type { DomainEvents } from '../db/domain-events.ts'
import { unassignFromInbox, unassignMember } from './conversations/conversations.service.ts'
import { endRunOf, keepUnread, readPastOfConnected } from './history/history.service.ts'
import { widenGapToLastEvent, widenGapToRefusal } from './intake/rejections.ts'
import { rearmDeliveries } from './intake/waiting.ts'
import { addActivity } from './messages/activity.ts'
import { failQueuedMessages, finishAt } from './messages/settle.ts'
import { requestReadSignal } from './messages/signals.ts'
import { bumpThread, noteDelivered, noteHints, startPolling } from './polling/polling.service.ts'

/** What follows from what, inside one transaction. Modules call each other downwards only; this is the way up. */
export function wireDomainEvents(events: DomainEvents, channels: Channels): void {
  events.on('conversation.statusChanged', (tx, { conversation }) =>
    addActivity(tx, conversation, { action: 'status', status: conversation.status }),
  )
  events.on('conversation.assigned', (tx, { conversation, assigneeId, assigneeName }) =>
    addActivity(tx, conversation, { action: assigneeId ? 'assigned' : 'unassigned', assigneeId, assigneeName }),
  )
  events.on('conversation.read', async (tx, { threadId }) => requestReadSignal(tx, threadId))
  events.on('conversation.read', (tx, { threadId }) => bumpThread(tx, threadId))
  events.on('message.sent', async (tx, { threadId, channelType }) => {
    if (channels.get(channelType).polling) await bumpThread(tx, threadId)
  })
  events.on('thread.delivered', (tx, delivered) => noteDelivered(tx, channels, delivered))
  events.on('thread.hinted', (tx, hinted) => noteHints(tx, hinted))
  events.on('member.removed', (tx, { userId }) => unassignMember(tx, userId))
  events.on('inbox.membersRemoved', (tx, { inboxId, userIds }) => unassignFromInbox(tx, inboxId, userIds))
  events.on('inbox.connected', (tx) => rearmDeliveries(tx))
  events.on('inbox.connected', (tx, inbox) => startPolling(tx, channels, inbox))
  events.on('inbox.connected', (tx, inbox) => readPastOfConnected(tx, channels, inbox))
  events.on('inbox.swapped', finishAt)
  events.on('inbox.swapped', keepUnread)
  events.on('inbox.webhookOpened', (tx, { inboxId }) => widenGapToLastEvent(tx, inboxId))
  events.on('inbox.webhookKeyAdded', (tx, { inboxId, refusedSince }) => widenGapToRefusal(tx, inboxId, refusedSince))
  events.on('inbox.disconnected', (tx, { inboxId }) => endRunOf(tx, inboxId))
  events.on('inbox.disconnected', (tx, { inboxId }) => failQueuedMessages(tx, { inboxId }, 'CHANNEL_DISCONNECTED'))
  events.on('inbox.reauthorizationRequired', (tx, { inboxId }) => failQueuedMessages(tx, { inboxId }, 'CHANNEL_REAUTH'))
  events.on('account.flagsChanged', (tx, { key, enabled }) => {
    if (enabled) return rearmDeliveries(tx)
    const channelTypes = channels.all().flatMap(({ manifest }) => (manifest.featureFlag === key ? [manifest.id] : []))
    return failQueuedMessages(tx, { channelTypes }, 'CHANNEL_DISABLED')
  })
  events.on('account.suspended', (tx) => failQueuedMessages(tx, 'account', 'ACCOUNT_SUSPENDED'))
  events.on('account.reactivated', (tx) => rearmDeliveries(tx))
}
