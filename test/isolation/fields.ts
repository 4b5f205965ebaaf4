import { randomUUID } from 'node:crypto'
import type { Place } from './tenants.ts'

export type Arguments = Record<string, unknown>

export interface FieldRow {
  /** What somebody of the place's account would send, with every id that the field takes. */
  valid: (place: Place) => Arguments
  /** Enough of the answer to notice whose it is. */
  select?: string
  /** How "there is none" looks where it is no error; else it is NOT_FOUND. */
  none?: unknown
  /** Agents get FORBIDDEN, whatever they name. */
  administrators?: true
  /** Nobody but the platform's administrators, whatever they name. */
  platform?: true
  /** The code that the valid call ends with, where it is no success. */
  answers?: string
  /** Ids that name no object of ours: the client's own, or of a kind that is refused altogether. */
  opaque?: readonly string[]
}

const CONVERSATION = `{ id displayId unreadCount inbox { id name } contact { id name } assignee { id name }
  messages(last: 10) { nodes { id content sender { name } inReplyTo { content } } } lastMessage { content } }`
const INBOX = `{ id name externalId handle memberIds missingScopes unsentCount history { state threadsFound }
  swapObstacle webhook { url keys } health { deadEvents queuedMessages }
  swap { id openDecisions matches(first: 5) { nodes { id side { threadId contact { name } texts { text } } } } } }`
const MESSAGE = '{ id content status sender { name } inReplyTo { content } }'

const input = (fields: Arguments): Arguments => ({ input: fields })

/** Every field of the schema that takes an id, with valid arguments. A field without a row fails the test. */
export const fields: Readonly<Record<string, FieldRow>> = {
  'Query.account': {
    valid: ({ accountId }) => ({ id: accountId }),
    select: '{ id name members { inboxIds user { id name email } } featureFlags { key enabled } }',
  },
  'Query.inboxes': { valid: ({ accountId }) => ({ accountId }), select: INBOX },
  'Query.inbox': { valid: ({ accountId, inboxId }) => ({ accountId, id: inboxId }), select: INBOX },
  'Query.channelTypes': { valid: ({ accountId }) => ({ accountId }), select: '{ id enabled }' },
  'Query.pendingConnection': {
    valid: ({ accountId, pendingId }) => ({ accountId, id: pendingId }),
    select: '{ id name handle inbox { id name } }',
    administrators: true,
  },
  'Query.conversations': {
    valid: ({ accountId, inboxId, agentId }) => ({ accountId, filter: { inboxId, assigneeId: agentId }, first: 5 }),
    select: `{ nodes ${CONVERSATION} pageInfo { hasNextPage } }`,
    none: { nodes: [], pageInfo: { hasNextPage: false } },
  },
  'Query.conversation': {
    valid: ({ accountId, conversationId }) => ({ accountId, id: conversationId }),
    select: CONVERSATION,
  },
  'Query.conversationCounts': {
    valid: ({ accountId, inboxId }) => ({ accountId, inboxId }),
    select: '{ all mine unassigned inboxes { inboxId open } }',
  },
  'Mutation.updateAccount': {
    valid: ({ accountId }) => input({ accountId, name: 'Renamed' }),
    select: '{ id name }',
    administrators: true,
  },
  'Mutation.inviteMember': {
    valid: ({ accountId, inboxId }) =>
      input({ accountId, email: `${randomUUID()}@example.com`, role: 'AGENT', inboxIds: [inboxId] }),
    select: '{ id email inboxIds }',
    administrators: true,
  },
  'Mutation.updateMember': {
    valid: ({ accountId, agentId, inboxId }) => input({ accountId, userId: agentId, inboxIds: [inboxId] }),
    select: '{ role inboxIds user { id name } }',
    administrators: true,
  },
  'Mutation.startConnection': {
    valid: ({ accountId, inboxId }) => input({ accountId, channelType: 'tiktok', inboxId }),
    select: '{ url }',
    administrators: true,
  },
  'Mutation.confirmConnection': {
    valid: ({ accountId, pendingId }) => input({ accountId, pendingConnectionId: pendingId }),
    select: INBOX,
    administrators: true,
  },
  'Mutation.cancelConnection': {
    valid: ({ accountId, otherPendingId }) => input({ accountId, pendingConnectionId: otherPendingId }),
    administrators: true,
  },
  'Mutation.inspectChannel': {
    valid: ({ accountId, formInboxId, apiToken }) =>
      input({ accountId, channelType: 'loopback', fields: { apiToken }, inboxId: formInboxId }),
    select: '{ choices { ref name } }',
    administrators: true,
  },
  'Mutation.connectChannel': {
    valid: ({ accountId, formInboxId, apiToken }) =>
      input({ accountId, channelType: 'loopback', fields: { apiToken }, inboxId: formInboxId }),
    select: INBOX,
    administrators: true,
  },
  'Mutation.setWebhookKeys': {
    valid: ({ accountId, formInboxId }) => input({ accountId, inboxId: formInboxId, keys: ['another-key'] }),
    select: INBOX,
    administrators: true,
  },
  'Mutation.updateInbox': {
    valid: ({ accountId, inboxId, agentId }) => input({ accountId, inboxId, name: 'New', memberIds: [agentId] }),
    select: INBOX,
    administrators: true,
  },
  'Mutation.importHistory': {
    valid: ({ accountId, inboxId }) => input({ accountId, inboxId }),
    select: '{ id name history { state threadsFound } }',
    administrators: true,
  },
  'Mutation.setConversationStatus': {
    valid: ({ accountId, conversationId }) => input({ accountId, conversationId, status: 'PENDING' }),
    select: CONVERSATION,
  },
  'Mutation.markConversationRead': {
    valid: ({ accountId, conversationId }) => input({ accountId, conversationId }),
    select: CONVERSATION,
  },
  'Mutation.setTyping': {
    valid: ({ accountId, conversationId }) => input({ accountId, conversationId }),
    select: CONVERSATION,
  },
  'Mutation.resumeSending': {
    valid: ({ accountId, inboxId }) => input({ accountId, inboxId }),
    select: INBOX,
    administrators: true,
  },
  'Mutation.assignConversation': {
    valid: ({ accountId, conversationId, agentId }) => input({ accountId, conversationId, assigneeId: agentId }),
    select: CONVERSATION,
  },
  'Mutation.sendMessage': {
    valid: ({ accountId, conversationId, messageId, uploadId }) =>
      input({
        ...{ accountId, conversationId, clientMessageId: randomUUID(), content: 'Hello' },
        ...{ inReplyToId: messageId, expectedLastMessageId: messageId, attachmentIds: [uploadId] },
      }),
    select: MESSAGE,
    opaque: ['clientMessageId'],
  },
  'Query.imagePermission': {
    valid: ({ accountId, conversationId }) => ({ accountId, conversationId }),
    select: '{ reason }',
  },
  'Mutation.refetchAttachment': {
    valid: ({ accountId, uploadId }) => input({ accountId, attachmentId: uploadId }),
    select: '{ id url fileName }',
    answers: 'CONFLICT',
  },
  'Mutation.retryMessage': {
    valid: ({ accountId, messageId }) => input({ accountId, messageId }),
    select: MESSAGE,
    answers: 'CONFLICT',
  },
  'Mutation.checkMessage': {
    valid: ({ accountId, messageId }) => input({ accountId, messageId }),
    select: MESSAGE,
    answers: 'CONFLICT',
  },
  'Mutation.retryUnsentMessages': {
    valid: ({ accountId, inboxId }) => input({ accountId, inboxId }),
    select: '{ id unsentCount }',
  },
  'Mutation.setInboxLimit': {
    valid: ({ accountId }) => input({ accountId, limit: 1 }),
    select: '{ id name }',
    platform: true,
  },
  'Mutation.setChannelCredentials': {
    valid: () => input({ channelType: 'tiktok', appId: '1', appSecret: 'not a secret' }),
    select: '{ channelType }',
    platform: true,
    opaque: ['appId'],
  },
  'Mutation.setFeatureFlag': {
    valid: ({ accountId }) => input({ accountId, key: 'channel_tiktok', enabled: false }),
    select: '{ id name }',
    platform: true,
  },
  'Mutation.setAccountStatus': {
    valid: ({ accountId }) => input({ accountId, status: 'SUSPENDED' }),
    select: '{ id name }',
    platform: true,
  },
  'Mutation.replayDeadLetter': { valid: ({ accountId }) => input({ id: accountId }), platform: true },
  'Mutation.createApiToken': {
    valid: ({ accountId }) => input({ accountId, name: 'Dashboard' }),
    select: '{ apiToken { id name createdBy { name } } }',
    administrators: true,
  },
  // What ends something stands last: the valid calls are made in this order.
  'Mutation.revokeApiToken': {
    valid: ({ accountId, apiTokenId }) => input({ accountId, apiTokenId }),
    administrators: true,
  },
  'Mutation.revokeInvitation': {
    valid: ({ accountId, invitationId }) => input({ accountId, invitationId }),
    administrators: true,
  },
  'Mutation.removeMember': {
    valid: ({ accountId, agentId }) => input({ accountId, userId: agentId }),
    administrators: true,
  },
  'Mutation.decideSwapMatch': {
    valid: ({ accountId, matchId, candidateId }) => input({ accountId, matchId, threadId: candidateId }),
    select: INBOX,
    administrators: true,
  },
  'Mutation.takeBackSwap': {
    valid: ({ accountId, inboxId }) => input({ accountId, inboxId }),
    select: INBOX,
    administrators: true,
    answers: 'CONFLICT',
  },
  'Mutation.disconnectInbox': {
    valid: ({ accountId, inboxId }) => input({ accountId, inboxId }),
    select: INBOX,
    administrators: true,
  },
  'Subscription.accountEvents': { valid: ({ accountId }) => ({ accountId }), select: '{ cursor type }' },
}
