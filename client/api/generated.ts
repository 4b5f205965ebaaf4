/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type Role =
  | 'ADMINISTRATOR'
  | 'AGENT';

export type AccountStatus =
  | 'ACTIVE'
  | 'SUSPENDED';

export type UpdateAccountInput = {
  accountId: string | number;
  name: string;
};

export type InviteMemberInput = {
  accountId: string | number;
  email: string;
  role: Role;
  inboxIds: Array<string | number>;
};

export type RevokeInvitationInput = {
  accountId: string | number;
  invitationId: string | number;
};

/** Fields left out stay as they are. */
export type UpdateMemberInput = {
  accountId: string | number;
  userId: string | number;
  role?: Role | null | undefined;
  inboxIds?: Array<string | number> | null | undefined;
};

export type RemoveMemberInput = {
  accountId: string | number;
  userId: string | number;
};

export type SetFeatureFlagInput = {
  accountId: string | number;
  key: string;
  enabled: boolean;
};

export type CreateApiTokenInput = {
  accountId: string | number;
  name: string;
};

export type RevokeApiTokenInput = {
  accountId: string | number;
  apiTokenId: string | number;
};

export type AttachmentActionInput = {
  accountId: string | number;
  attachmentId: string | number;
};

export type AttachmentState =
  | 'WAITING'
  | 'STORED'
  | 'FAILED';

/** AD an advertisement, SHORT_LINK a link of the business's own. */
export type ReferralSource =
  | 'AD'
  | 'SHORT_LINK'
  | 'OTHER';

export type ConversationStatus =
  | 'OPEN'
  | 'PENDING'
  | 'SNOOZED'
  | 'RESOLVED';

/** unassigned and assigneeId exclude each other. query matches the contact's name, username or #number. */
export type ConversationFilter = {
  status?: ConversationStatus | null | undefined;
  inboxId?: string | number | null | undefined;
  assigneeId?: string | number | null | undefined;
  unassigned?: boolean | null | undefined;
  query?: string | null | undefined;
};

export type SetConversationStatusInput = {
  accountId: string | number;
  conversationId: string | number;
  status: ConversationStatus;
  snoozedUntil?: string | null | undefined;
};

export type MarkConversationReadInput = {
  accountId: string | number;
  conversationId: string | number;
};

export type AssignConversationInput = {
  accountId: string | number;
  conversationId: string | number;
  assigneeId?: string | number | null | undefined;
};

export type ImportHistoryInput = {
  accountId: string | number;
  inboxId: string | number;
};

export type HistoryState =
  | 'LISTING'
  | 'READING'
  | 'DONE'
  | 'FAILED';

/** CONNECT a new inbox, GAP something was missed, REQUEST an administrator's click. */
export type HistoryReason =
  | 'CONNECT'
  | 'GAP'
  | 'REQUEST';

export type PendingConnectionInput = {
  accountId: string | number;
  pendingConnectionId: string | number;
};

export type StartConnectionInput = {
  accountId: string | number;
  channelType: string;
  /** To connect again. */
  inboxId?: string | number | null | undefined;
};

export type ConnectChannelInput = {
  accountId: string | number;
  channelType: string;
  /** The form's fields by name, all of them texts. */
  fields: unknown;
  /** To connect again. */
  inboxId?: string | number | null | undefined;
};

export type SetWebhookKeysInput = {
  accountId: string | number;
  inboxId: string | number;
  keys: Array<string>;
};

export type DisconnectInboxInput = {
  accountId: string | number;
  inboxId: string | number;
};

/** Fields left out stay as they are. memberIds replaces the agents who see the inbox. */
export type UpdateInboxInput = {
  accountId: string | number;
  inboxId: string | number;
  name?: string | null | undefined;
  memberIds?: Array<string | number> | null | undefined;
  sendTyping?: boolean | null | undefined;
  sendReadReceipts?: boolean | null | undefined;
};

export type SwapObstacle =
  /** Connect it first. */
  | 'NOT_CONNECTED'
  /** The last swap can still be taken back: do that, or wait. */
  | 'SWAP_OPEN'
  /** The connection that the last swap left is still being ended at its provider, for some hours at most. */
  | 'SWAP_ENDING';

export type ThreadSignal =
  | 'TYPING'
  | 'READ';

export type ConnectMethod =
  | 'OAUTH'
  | 'FORM';

/** Where the channel's provider delivers to. */
export type WebhookState =
  | 'REGISTERED'
  | 'OTHER_URL'
  | 'UNREGISTERED'
  /** An operator had it taken away; it stays so until somebody registers it again. */
  | 'REMOVED'
  /** The provider cannot reach PUBLIC_URL: it is this machine's own, or not https. */
  | 'LOCAL_URL'
  /** The provider did not answer, or refused. */
  | 'FAILED'
  /** Somebody has to enter it at the provider: no call can. */
  | 'BY_HAND'
  /** The inbox has an address of its own and no key: what comes there is forgotten. Never of a whole channel. */
  | 'NO_KEY'
  /** The inbox has an address of its own where deliveries come that none of its keys signed. Never of a whole channel. */
  | 'KEY_MISSING'
  /** Not asked yet, or not to be asked. */
  | 'UNKNOWN';

export type MessageType =
  | 'INCOMING'
  | 'OUTGOING'
  | 'ACTIVITY'
  | 'TEMPLATE';

export type MessageStatus =
  | 'QUEUED'
  | 'SENDING'
  | 'SENT'
  | 'DELIVERED'
  | 'READ'
  | 'FAILED'
  | 'UNCONFIRMED';

/** CONTACT the customer, AGENT through Parley, APP a colleague in the provider's own app, AUTOMATION the provider, SYSTEM Parley. */
export type MessageSource =
  | 'CONTACT'
  | 'AGENT'
  | 'APP'
  | 'AUTOMATION'
  | 'SYSTEM';

export type RetryUnsentMessagesInput = {
  accountId: string | number;
  inboxId: string | number;
};

export type SendMessageInput = {
  accountId: string | number;
  conversationId: string | number;
  clientMessageId: string | number;
  content?: string | null | undefined;
  private?: boolean | null | undefined;
  /** Uploads, at most 10: a text with pictures becomes several messages in order, and the first is answered. */
  attachmentIds?: Array<string | number> | null | undefined;
  /** Instead of content. */
  sharePost?: SharePostInput | null | undefined;
  /** Instead of content. */
  card?: CardInput | null | undefined;
  /** Texts only; a reply to the customer quotes what the channel can quote. */
  inReplyToId?: string | number | null | undefined;
  /** CONFLICT when a newer message is in the thread than this one. */
  expectedLastMessageId?: string | number | null | undefined;
};

export type SharePostInput = {
  /** Its id, or its address at the provider; one of the business's own. */
  post: string;
};

/** A question that the customer answers with a tap. */
export type CardInput = {
  title: string;
  buttons: Array<CardButtonInput>;
  /** Shown as links, which may be longer, instead of buttons. */
  asLinks?: boolean | null | undefined;
};

export type CardButtonInput = {
  title: string;
};

export type MessageActionInput = {
  accountId: string | number;
  messageId: string | number;
};

export type ReactionAuthor =
  | 'CONTACT'
  | 'BUSINESS';

export type SetTypingInput = {
  accountId: string | number;
  conversationId: string | number;
};

export type ResumeSendingInput = {
  accountId: string | number;
  inboxId: string | number;
};

export type SetChannelCredentialsInput = {
  channelType: string;
  appId: string;
  appSecret: string;
};

export type RemoveChannelCredentialsInput = {
  channelType: string;
};

export type SetInboxLimitInput = {
  accountId: string | number;
  limit?: number | null | undefined;
};

export type CredentialsSource =
  | 'ENVIRONMENT'
  | 'PLATFORM';

export type RegisterWebhookInput = {
  channelType: string;
};

export type SetAccountStatusInput = {
  accountId: string | number;
  status: AccountStatus;
};

export type ReplayDeadLetterInput = {
  id: string | number;
};

export type DecideSwapMatchInput = {
  accountId: string | number;
  matchId: string | number;
  /** A candidate's threadId; null: it is somebody else. */
  threadId?: string | number | null | undefined;
};

export type TakeBackSwapInput = {
  accountId: string | number;
  inboxId: string | number;
};

export type ForeignReplyVia =
  | 'AUTOMATION'
  | 'API';

export type SignUpInput = {
  accountName: string;
  name: string;
  email: string;
  password: string;
  locale?: string | null | undefined;
};

export type LogInInput = {
  email: string;
  password: string;
};

export type RequestPasswordResetInput = {
  email: string;
};

export type ResetPasswordInput = {
  token: string;
  password: string;
};

export type VerifyEmailInput = {
  token: string;
};

export type AcceptInvitationInput = {
  token: string;
  name?: string | null | undefined;
  password: string;
  /** The language of a new user; else the inviter's. */
  locale?: string | null | undefined;
};

export type UpdateProfileInput = {
  name?: string | null | undefined;
  locale?: string | null | undefined;
};

export type AccountQueryVariables = Exact<{
  id: string | number;
}>;


export type AccountQuery = { account: { id: string, name: string, status: AccountStatus, featureFlags: Array<{ key: string, enabled: boolean, label: string }>, members: Array<{ role: Role, inboxIds: Array<string>, user: { id: string, name: string, email: string } }> } };

export type ImagePermissionQueryVariables = Exact<{
  accountId: string | number;
  conversationId: string | number;
}>;


export type ImagePermissionQuery = { imagePermission: { allowed: boolean | null, reason: string | null } };

export type RefetchAttachmentMutationVariables = Exact<{
  input: AttachmentActionInput;
}>;


export type RefetchAttachmentMutation = { refetchAttachment: { id: string, state: AttachmentState } };

export type ConversationsQueryVariables = Exact<{
  accountId: string | number;
  filter?: ConversationFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ConversationsQuery = { conversations: { nodes: Array<{ readCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } };

export type ConversationQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type ConversationQuery = { conversation: { readCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null } };

export type ConversationCountsQueryVariables = Exact<{
  accountId: string | number;
}>;


export type ConversationCountsQuery = { conversationCounts: { all: number, mine: number, unassigned: number, inboxes: Array<{ inboxId: string, open: number }> } };

export type SetConversationStatusMutationVariables = Exact<{
  input: SetConversationStatusInput;
}>;


export type SetConversationStatusMutation = { setConversationStatus: { readCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null } };

export type MarkConversationReadMutationVariables = Exact<{
  input: MarkConversationReadInput;
}>;


export type MarkConversationReadMutation = { markConversationRead: { id: string, readCount: number } };

export type AssignConversationMutationVariables = Exact<{
  input: AssignConversationInput;
}>;


export type AssignConversationMutation = { assignConversation: { readCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null } };

export type AccountEventsSubscriptionVariables = Exact<{
  accountId: string | number;
  after?: string | null | undefined;
}>;


export type AccountEventsSubscription = { accountEvents: { cursor: string, type: string, data: unknown, message: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null, conversation: { id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null } | null, inbox: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } | null } };

export type PersonFieldsFragment = { id: string, name: string };

export type MessageFieldsFragment = { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> };

export type ConversationFieldsFragment = { id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null };

export type InboxFieldsFragment = { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null };

export type AccountFieldsFragment = { id: string, name: string, status: AccountStatus, featureFlags: Array<{ key: string, enabled: boolean, label: string }>, members: Array<{ role: Role, inboxIds: Array<string>, user: { id: string, name: string, email: string } }> };

export type MeFieldsFragment = { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> };

export type SessionFieldsFragment = { accessToken: string, expiresAt: string, account: { id: string }, user: { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> } };

export type InboxesQueryVariables = Exact<{
  accountId: string | number;
}>;


export type InboxesQuery = { inboxes: Array<{ id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null }>, channelTypes: Array<{ id: string, label: string, enabled: boolean, configured: boolean, connect: ConnectMethod, sends: Array<string>, quotable: Array<string>, playerHosts: Array<string>, signals: Array<ThreadSignal>, form: { choice: string, guide: string | null, fields: Array<{ name: string, code: string, secret: boolean, required: boolean, maxLength: number }> } | null, limits: { textLength: number, windowHours: number | null, windowMessages: number | null, windowAfterwards: number | null }, card: { title: number, buttons: number, button: number, link: number } | null }> };

export type ResumeSendingMutationVariables = Exact<{
  input: ResumeSendingInput;
}>;


export type ResumeSendingMutation = { resumeSending: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type MessagesQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
  last?: number | null | undefined;
  before?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MessagesQuery = { conversation: { readCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, inboundCount: number, lastActivityAt: string, createdAt: string, messages: { nodes: Array<{ id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> }>, pageInfo: { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean } }, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, firstSeenAt: string, referrals: Array<{ id: string, source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } | null } };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { sendMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } };

export type RetryMessageMutationVariables = Exact<{
  input: MessageActionInput;
}>;


export type RetryMessageMutation = { retryMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } };

export type CheckMessageMutationVariables = Exact<{
  input: MessageActionInput;
}>;


export type CheckMessageMutation = { checkMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, clientMessageId: string | null, details: unknown, createdAt: string, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null, contentType: string, details: unknown } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor }>, failure: { code: string, message: string } | null, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, externalUrl: string | null, failure: { code: string } | null }> } };

export type SetTypingMutationVariables = Exact<{
  input: SetTypingInput;
}>;


export type SetTypingMutation = { setTyping: { id: string } };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> } };

export type InvitationQueryVariables = Exact<{
  token: string;
}>;


export type InvitationQuery = { invitation: { accountName: string, inviterName: string, email: string, role: Role, userExists: boolean } };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: { accessToken: string, expiresAt: string, account: { id: string }, user: { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> } } };

export type LogInMutationVariables = Exact<{
  input: LogInInput;
}>;


export type LogInMutation = { logIn: { accessToken: string, expiresAt: string, account: { id: string }, user: { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> } } };

export type LogOutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutMutation = { logOut: boolean };

export type RequestPasswordResetMutationVariables = Exact<{
  input: RequestPasswordResetInput;
}>;


export type RequestPasswordResetMutation = { requestPasswordReset: boolean };

export type ResetPasswordMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetPasswordMutation = { resetPassword: { accessToken: string, expiresAt: string, account: { id: string }, user: { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> } } };

export type VerifyEmailMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyEmailMutation = { verifyEmail: boolean };

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation: { accessToken: string, expiresAt: string, account: { id: string }, user: { id: string, name: string, email: string, locale: string | null, emailVerified: boolean, platformAdministrator: boolean, memberships: Array<{ role: Role, account: { id: string, name: string, status: AccountStatus } }> } } };

export type UpdateProfileMutationVariables = Exact<{
  input: UpdateProfileInput;
}>;


export type UpdateProfileMutation = { updateProfile: { id: string, name: string, locale: string | null } };

export type InvitationsQueryVariables = Exact<{
  id: string | number;
}>;


export type InvitationsQuery = { account: { id: string, invitations: Array<{ id: string, email: string, role: Role, inboxIds: Array<string>, createdAt: string, expiresAt: string }> } };

export type UpdateAccountMutationVariables = Exact<{
  input: UpdateAccountInput;
}>;


export type UpdateAccountMutation = { updateAccount: { id: string, name: string, status: AccountStatus, featureFlags: Array<{ key: string, enabled: boolean, label: string }>, members: Array<{ role: Role, inboxIds: Array<string>, user: { id: string, name: string, email: string } }> } };

export type InviteMemberMutationVariables = Exact<{
  input: InviteMemberInput;
}>;


export type InviteMemberMutation = { inviteMember: { id: string } };

export type RevokeInvitationMutationVariables = Exact<{
  input: RevokeInvitationInput;
}>;


export type RevokeInvitationMutation = { revokeInvitation: boolean };

export type UpdateMemberMutationVariables = Exact<{
  input: UpdateMemberInput;
}>;


export type UpdateMemberMutation = { updateMember: { role: Role, inboxIds: Array<string> } };

export type RemoveMemberMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;


export type RemoveMemberMutation = { removeMember: boolean };

export type ApiTokensQueryVariables = Exact<{
  id: string | number;
}>;


export type ApiTokensQuery = { account: { id: string, apiTokens: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string } | null }> } };

export type CreateApiTokenMutationVariables = Exact<{
  input: CreateApiTokenInput;
}>;


export type CreateApiTokenMutation = { createApiToken: { token: string } };

export type RevokeApiTokenMutationVariables = Exact<{
  input: RevokeApiTokenInput;
}>;


export type RevokeApiTokenMutation = { revokeApiToken: boolean };

export type InboxMembersQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxMembersQuery = { inbox: { id: string, memberIds: Array<string> } };

export type StartConnectionMutationVariables = Exact<{
  input: StartConnectionInput;
}>;


export type StartConnectionMutation = { startConnection: { url: string } };

export type InspectChannelMutationVariables = Exact<{
  input: ConnectChannelInput;
}>;


export type InspectChannelMutation = { inspectChannel: { notes: Array<string>, choices: Array<{ ref: string, name: string, handle: string | null, connected: boolean }> } };

export type ConnectChannelMutationVariables = Exact<{
  input: ConnectChannelInput;
}>;


export type ConnectChannelMutation = { connectChannel: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type DisconnectInboxMutationVariables = Exact<{
  input: DisconnectInboxInput;
}>;


export type DisconnectInboxMutation = { disconnectInbox: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type UpdateInboxMutationVariables = Exact<{
  input: UpdateInboxInput;
}>;


export type UpdateInboxMutation = { updateInbox: { memberIds: Array<string>, id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type InboxHealthQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxHealthQuery = { inbox: { id: string, health: { webhookState: WebhookState, webhookCheckedAt: string | null, lastEventAt: string | null, rejectedSignatures: number | null, refusedSince: string | null, refusedAt: string | null, waitingEvents: number, deadEvents: number, queuedMessages: number, unnamedMessages: number, usedUpThreads: number | null, accessExpiresAt: string | null, consentExpiresAt: string | null, polling: { byWebhook: boolean, contacts: number, active: number, oldestSeconds: number | null, listedAt: string | null, failureCode: string | null } | null } | null } };

export type InboxWebhookQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxWebhookQuery = { inbox: { id: string, webhook: { url: string, keys: number, maxKeys: number, guide: string | null } | null } };

export type SetWebhookKeysMutationVariables = Exact<{
  input: SetWebhookKeysInput;
}>;


export type SetWebhookKeysMutation = { setWebhookKeys: { id: string, webhook: { url: string, keys: number, maxKeys: number, guide: string | null } | null } };

export type ImportHistoryMutationVariables = Exact<{
  input: ImportHistoryInput;
}>;


export type ImportHistoryMutation = { importHistory: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type InboxUnsentQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxUnsentQuery = { inbox: { id: string, unsentCount: number } };

export type RetryUnsentMessagesMutationVariables = Exact<{
  input: RetryUnsentMessagesInput;
}>;


export type RetryUnsentMessagesMutation = { retryUnsentMessages: { id: string, unsentCount: number } };

export type PendingConnectionQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type PendingConnectionQuery = { pendingConnection: { id: string, name: string, handle: string | null, expiresAt: string, inbox: { id: string, name: string, handle: string | null } } };

export type ConfirmConnectionMutationVariables = Exact<{
  input: PendingConnectionInput;
}>;


export type ConfirmConnectionMutation = { confirmConnection: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type CancelConnectionMutationVariables = Exact<{
  input: PendingConnectionInput;
}>;


export type CancelConnectionMutation = { cancelConnection: boolean };

export type InboxSwapQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxSwapQuery = { inbox: { id: string, swapObstacle: SwapObstacle | null, swap: { id: string, swappedAt: string, takeBackUntil: string, canTakeBack: boolean, draining: number, foreignReplyAt: string | null, foreignReplyVia: ForeignReplyVia | null, openDecisions: number, from: { channelType: string }, to: { channelType: string } } | null } };

export type SwapThreadFieldsFragment = { threadId: string, channelTypes: Array<string>, conversationId: string | null, contact: { id: string, name: string, username: string | null, avatarUrl: string | null }, texts: Array<{ incoming: boolean, text: string, at: string }> };

export type SwapMatchesQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
  after?: string | null | undefined;
}>;


export type SwapMatchesQuery = { inbox: { id: string, swap: { id: string, matches: { nodes: Array<{ id: string, side: { threadId: string, channelTypes: Array<string>, conversationId: string | null, contact: { id: string, name: string, username: string | null, avatarUrl: string | null }, texts: Array<{ incoming: boolean, text: string, at: string }> }, candidates: Array<{ confidence: number, reasons: Array<string>, thread: { threadId: string, channelTypes: Array<string>, conversationId: string | null, contact: { id: string, name: string, username: string | null, avatarUrl: string | null }, texts: Array<{ incoming: boolean, text: string, at: string }> } }> }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } } | null } };

export type DecideSwapMatchMutationVariables = Exact<{
  input: DecideSwapMatchInput;
}>;


export type DecideSwapMatchMutation = { decideSwapMatch: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type TakeBackSwapMutationVariables = Exact<{
  input: TakeBackSwapInput;
}>;


export type TakeBackSwapMutation = { takeBackSwap: { id: string, name: string, channelType: string, externalId: string, handle: string | null, avatarUrl: string | null, connected: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, enabled: boolean, sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, consentExpiresAt: string | null, lastEventAt: string | null, createdAt: string, history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, startedAt: string, finishedAt: string | null, failureCode: string | null } | null } };

export type PlatformAccountsQueryVariables = Exact<{
  query?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PlatformAccountsQuery = { platformAccounts: { nodes: Array<{ id: string, name: string, status: AccountStatus, createdAt: string, memberCount: number, inboxCount: number, inboxLimit: number | null, featureFlags: Array<{ key: string, enabled: boolean, label: string }> }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } };

export type DeadLettersQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type DeadLettersQuery = { deadLetters: { nodes: Array<{ id: string, channelType: string, code: string, receivedAt: string, attempts: number }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } };

export type SetAccountStatusMutationVariables = Exact<{
  input: SetAccountStatusInput;
}>;


export type SetAccountStatusMutation = { setAccountStatus: { id: string, status: AccountStatus } };

export type SetFeatureFlagMutationVariables = Exact<{
  input: SetFeatureFlagInput;
}>;


export type SetFeatureFlagMutation = { setFeatureFlag: { id: string, featureFlags: Array<{ key: string, enabled: boolean, label: string }> } };

export type ReplayDeadLetterMutationVariables = Exact<{
  input: ReplayDeadLetterInput;
}>;


export type ReplayDeadLetterMutation = { replayDeadLetter: boolean };

export type ChannelAppFieldsFragment = { channelType: string, label: string, configured: boolean, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null };

export type ChannelAppsQueryVariables = Exact<{ [key: string]: never; }>;


export type ChannelAppsQuery = { channelApps: Array<{ channelType: string, label: string, configured: boolean, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null }> };

export type RegisterWebhookMutationVariables = Exact<{
  input: RegisterWebhookInput;
}>;


export type RegisterWebhookMutation = { registerWebhook: { channelType: string, label: string, configured: boolean, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type RemoveWebhookMutationVariables = Exact<{
  input: RegisterWebhookInput;
}>;


export type RemoveWebhookMutation = { removeWebhook: { channelType: string, label: string, configured: boolean, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type SetChannelCredentialsMutationVariables = Exact<{
  input: SetChannelCredentialsInput;
}>;


export type SetChannelCredentialsMutation = { setChannelCredentials: { channelType: string, label: string, configured: boolean, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type RemoveChannelCredentialsMutationVariables = Exact<{
  input: RemoveChannelCredentialsInput;
}>;


export type RemoveChannelCredentialsMutation = { removeChannelCredentials: { channelType: string, label: string, configured: boolean, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type SetInboxLimitMutationVariables = Exact<{
  input: SetInboxLimitInput;
}>;


export type SetInboxLimitMutation = { setInboxLimit: { id: string, inboxLimit: number | null } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const PersonFieldsFragmentDoc = new TypedDocumentString(`
    fragment PersonFields on User {
  id
  name
}
    `, {"fragmentName":"PersonFields"}) as unknown as TypedDocumentString<PersonFieldsFragment, unknown>;
export const MessageFieldsFragmentDoc = new TypedDocumentString(`
    fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
    fragment PersonFields on User {
  id
  name
}`, {"fragmentName":"MessageFields"}) as unknown as TypedDocumentString<MessageFieldsFragment, unknown>;
export const ConversationFieldsFragmentDoc = new TypedDocumentString(`
    fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}`, {"fragmentName":"ConversationFields"}) as unknown as TypedDocumentString<ConversationFieldsFragment, unknown>;
export const InboxFieldsFragmentDoc = new TypedDocumentString(`
    fragment InboxFields on Inbox {
  id
  name
  channelType
  externalId
  handle
  avatarUrl
  connected
  reauthorizationRequired
  reauthorizationReason
  missingScopes
  enabled
  sendTyping
  sendReadReceipts
  sendingPausedUntil
  consentExpiresAt
  lastEventAt
  createdAt
  history {
    state
    reason
    threadsFound
    threadsRead
    messagesAdded
    startedAt
    finishedAt
    failureCode
  }
}
    `, {"fragmentName":"InboxFields"}) as unknown as TypedDocumentString<InboxFieldsFragment, unknown>;
export const AccountFieldsFragmentDoc = new TypedDocumentString(`
    fragment AccountFields on Account {
  id
  name
  status
  featureFlags {
    key
    enabled
    label
  }
  members {
    role
    inboxIds
    user {
      id
      name
      email
    }
  }
}
    `, {"fragmentName":"AccountFields"}) as unknown as TypedDocumentString<AccountFieldsFragment, unknown>;
export const MeFieldsFragmentDoc = new TypedDocumentString(`
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}
    `, {"fragmentName":"MeFields"}) as unknown as TypedDocumentString<MeFieldsFragment, unknown>;
export const SessionFieldsFragmentDoc = new TypedDocumentString(`
    fragment SessionFields on Session {
  accessToken
  expiresAt
  account {
    id
  }
  user {
    ...MeFields
  }
}
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}`, {"fragmentName":"SessionFields"}) as unknown as TypedDocumentString<SessionFieldsFragment, unknown>;
export const SwapThreadFieldsFragmentDoc = new TypedDocumentString(`
    fragment SwapThreadFields on SwapThread {
  threadId
  channelTypes
  conversationId
  contact {
    id
    name
    username
    avatarUrl
  }
  texts {
    incoming
    text
    at
  }
}
    `, {"fragmentName":"SwapThreadFields"}) as unknown as TypedDocumentString<SwapThreadFieldsFragment, unknown>;
export const ChannelAppFieldsFragmentDoc = new TypedDocumentString(`
    fragment ChannelAppFields on ChannelApp {
  channelType
  label
  configured
  credentials {
    appId
    source
    updatedByName
    updatedAt
  }
  webhookState
  callbackUrl
  registeredUrl
  registeredAt
  checkedAt
  failureCode
  rejectedSignatures
  connectedInboxes
  waitingEvents
  queuedMessages
  sentLastHour
  callsPerSecond
}
    `, {"fragmentName":"ChannelAppFields"}) as unknown as TypedDocumentString<ChannelAppFieldsFragment, unknown>;
export const AccountDocument = new TypedDocumentString(`
    query Account($id: ID!) {
  account(id: $id) {
    ...AccountFields
  }
}
    fragment AccountFields on Account {
  id
  name
  status
  featureFlags {
    key
    enabled
    label
  }
  members {
    role
    inboxIds
    user {
      id
      name
      email
    }
  }
}`) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;
export const ImagePermissionDocument = new TypedDocumentString(`
    query ImagePermission($accountId: ID!, $conversationId: ID!) {
  imagePermission(accountId: $accountId, conversationId: $conversationId) {
    allowed
    reason
  }
}
    `) as unknown as TypedDocumentString<ImagePermissionQuery, ImagePermissionQueryVariables>;
export const RefetchAttachmentDocument = new TypedDocumentString(`
    mutation RefetchAttachment($input: AttachmentActionInput!) {
  refetchAttachment(input: $input) {
    id
    state
  }
}
    `) as unknown as TypedDocumentString<RefetchAttachmentMutation, RefetchAttachmentMutationVariables>;
export const ConversationsDocument = new TypedDocumentString(`
    query Conversations($accountId: ID!, $filter: ConversationFilter, $first: Int, $after: String) {
  conversations(
    accountId: $accountId
    filter: $filter
    first: $first
    after: $after
  ) {
    nodes {
      ...ConversationFields
      readCount
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}`) as unknown as TypedDocumentString<ConversationsQuery, ConversationsQueryVariables>;
export const ConversationDocument = new TypedDocumentString(`
    query Conversation($accountId: ID!, $id: ID!) {
  conversation(accountId: $accountId, id: $id) {
    ...ConversationFields
    readCount
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}`) as unknown as TypedDocumentString<ConversationQuery, ConversationQueryVariables>;
export const ConversationCountsDocument = new TypedDocumentString(`
    query ConversationCounts($accountId: ID!) {
  conversationCounts(accountId: $accountId) {
    all
    mine
    unassigned
    inboxes {
      inboxId
      open
    }
  }
}
    `) as unknown as TypedDocumentString<ConversationCountsQuery, ConversationCountsQueryVariables>;
export const SetConversationStatusDocument = new TypedDocumentString(`
    mutation SetConversationStatus($input: SetConversationStatusInput!) {
  setConversationStatus(input: $input) {
    ...ConversationFields
    readCount
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}`) as unknown as TypedDocumentString<SetConversationStatusMutation, SetConversationStatusMutationVariables>;
export const MarkConversationReadDocument = new TypedDocumentString(`
    mutation MarkConversationRead($input: MarkConversationReadInput!) {
  markConversationRead(input: $input) {
    id
    readCount
  }
}
    `) as unknown as TypedDocumentString<MarkConversationReadMutation, MarkConversationReadMutationVariables>;
export const AssignConversationDocument = new TypedDocumentString(`
    mutation AssignConversation($input: AssignConversationInput!) {
  assignConversation(input: $input) {
    ...ConversationFields
    readCount
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}`) as unknown as TypedDocumentString<AssignConversationMutation, AssignConversationMutationVariables>;
export const AccountEventsDocument = new TypedDocumentString(`
    subscription AccountEvents($accountId: ID!, $after: String) {
  accountEvents(accountId: $accountId, after: $after) {
    cursor
    type
    data
    message {
      ...MessageFields
    }
    conversation {
      ...ConversationFields
    }
    inbox {
      ...InboxFields
    }
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}
fragment InboxFields on Inbox {
  id
  name
  channelType
  externalId
  handle
  avatarUrl
  connected
  reauthorizationRequired
  reauthorizationReason
  missingScopes
  enabled
  sendTyping
  sendReadReceipts
  sendingPausedUntil
  consentExpiresAt
  lastEventAt
  createdAt
  history {
    state
    reason
    threadsFound
    threadsRead
    messagesAdded
    startedAt
    finishedAt
    failureCode
  }
}`) as unknown as TypedDocumentString<AccountEventsSubscription, AccountEventsSubscriptionVariables>;
export const InboxesDocument = new TypedDocumentString(`
    query Inboxes($accountId: ID!) {
  inboxes(accountId: $accountId) {
    ...InboxFields
  }
  channelTypes(accountId: $accountId) {
    id
    label
    enabled
    configured
    connect
    form {
      fields {
        name
        code
        secret
        required
        maxLength
      }
      choice
      guide
    }
    limits {
      textLength
      windowHours
      windowMessages
      windowAfterwards
    }
    sends
    quotable
    card {
      title
      buttons
      button
      link
    }
    playerHosts
    signals
  }
}
    fragment InboxFields on Inbox {
  id
  name
  channelType
  externalId
  handle
  avatarUrl
  connected
  reauthorizationRequired
  reauthorizationReason
  missingScopes
  enabled
  sendTyping
  sendReadReceipts
  sendingPausedUntil
  consentExpiresAt
  lastEventAt
  createdAt
  history {
    state
    reason
    threadsFound
    threadsRead
    messagesAdded
    startedAt
    finishedAt
    failureCode
  }
}`) as unknown as TypedDocumentString<InboxesQuery, InboxesQueryVariables>;
export const ResumeSendingDocument = new TypedDocumentString(`
    mutation ResumeSending($input: ResumeSendingInput!) {
  resumeSending(input: $input) {
    ...InboxFields
  }
}
    fragment InboxFields on Inbox {
  id
  name
  channelType
  externalId
  handle
  avatarUrl
  connected
  reauthorizationRequired
  reauthorizationReason
  missingScopes
  enabled
  sendTyping
  sendReadReceipts
  sendingPausedUntil
  consentExpiresAt
  lastEventAt
  createdAt
  history {
    state
    reason
    threadsFound
    threadsRead
    messagesAdded
    startedAt
    finishedAt
    failureCode
  }
}`) as unknown as TypedDocumentString<ResumeSendingMutation, ResumeSendingMutationVariables>;
export const MessagesDocument = new TypedDocumentString(`
    query Messages($accountId: ID!, $id: ID!, $last: Int, $before: String, $first: Int, $after: String) {
  conversation(accountId: $accountId, id: $id) {
    ...ConversationFields
    readCount
    messages(last: $last, before: $before, first: $first, after: $after) {
      nodes {
        ...MessageFields
      }
      pageInfo {
        startCursor
        endCursor
        hasNextPage
        hasPreviousPage
      }
    }
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}
fragment ConversationFields on Conversation {
  id
  displayId
  status
  snoozedUntil
  inboundCount
  lastActivityAt
  createdAt
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    firstSeenAt
    referrals {
      id
      source
      facts
      at
    }
  }
  assignee {
    ...PersonFields
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    ...MessageFields
  }
}`) as unknown as TypedDocumentString<MessagesQuery, MessagesQueryVariables>;
export const SendMessageDocument = new TypedDocumentString(`
    mutation SendMessage($input: SendMessageInput!) {
  sendMessage(input: $input) {
    ...MessageFields
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}`) as unknown as TypedDocumentString<SendMessageMutation, SendMessageMutationVariables>;
export const RetryMessageDocument = new TypedDocumentString(`
    mutation RetryMessage($input: MessageActionInput!) {
  retryMessage(input: $input) {
    ...MessageFields
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}`) as unknown as TypedDocumentString<RetryMessageMutation, RetryMessageMutationVariables>;
export const CheckMessageDocument = new TypedDocumentString(`
    mutation CheckMessage($input: MessageActionInput!) {
  checkMessage(input: $input) {
    ...MessageFields
  }
}
    fragment PersonFields on User {
  id
  name
}
fragment MessageFields on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  clientMessageId
  details
  createdAt
  sender {
    ...PersonFields
  }
  inReplyTo {
    id
    content
    contentType
    details
  }
  reactions {
    sign
    isPicture
    by
  }
  failure {
    code
    message
  }
  attachments {
    id
    fileType
    state
    url
    thumbnailUrl
    width
    height
    mimeType
    externalUrl
    failure {
      code
    }
  }
}`) as unknown as TypedDocumentString<CheckMessageMutation, CheckMessageMutationVariables>;
export const SetTypingDocument = new TypedDocumentString(`
    mutation SetTyping($input: SetTypingInput!) {
  setTyping(input: $input) {
    id
  }
}
    `) as unknown as TypedDocumentString<SetTypingMutation, SetTypingMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    ...MeFields
  }
}
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}`) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const InvitationDocument = new TypedDocumentString(`
    query Invitation($token: String!) {
  invitation(token: $token) {
    accountName
    inviterName
    email
    role
    userExists
  }
}
    `) as unknown as TypedDocumentString<InvitationQuery, InvitationQueryVariables>;
export const SignUpDocument = new TypedDocumentString(`
    mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    ...SessionFields
  }
}
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}
fragment SessionFields on Session {
  accessToken
  expiresAt
  account {
    id
  }
  user {
    ...MeFields
  }
}`) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const LogInDocument = new TypedDocumentString(`
    mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    ...SessionFields
  }
}
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}
fragment SessionFields on Session {
  accessToken
  expiresAt
  account {
    id
  }
  user {
    ...MeFields
  }
}`) as unknown as TypedDocumentString<LogInMutation, LogInMutationVariables>;
export const LogOutDocument = new TypedDocumentString(`
    mutation LogOut {
  logOut
}
    `) as unknown as TypedDocumentString<LogOutMutation, LogOutMutationVariables>;
export const RequestPasswordResetDocument = new TypedDocumentString(`
    mutation RequestPasswordReset($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input)
}
    `) as unknown as TypedDocumentString<RequestPasswordResetMutation, RequestPasswordResetMutationVariables>;
export const ResetPasswordDocument = new TypedDocumentString(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    ...SessionFields
  }
}
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}
fragment SessionFields on Session {
  accessToken
  expiresAt
  account {
    id
  }
  user {
    ...MeFields
  }
}`) as unknown as TypedDocumentString<ResetPasswordMutation, ResetPasswordMutationVariables>;
export const VerifyEmailDocument = new TypedDocumentString(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input)
}
    `) as unknown as TypedDocumentString<VerifyEmailMutation, VerifyEmailMutationVariables>;
export const AcceptInvitationDocument = new TypedDocumentString(`
    mutation AcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    ...SessionFields
  }
}
    fragment MeFields on User {
  id
  name
  email
  locale
  emailVerified
  platformAdministrator
  memberships {
    role
    account {
      id
      name
      status
    }
  }
}
fragment SessionFields on Session {
  accessToken
  expiresAt
  account {
    id
  }
  user {
    ...MeFields
  }
}`) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
export const UpdateProfileDocument = new TypedDocumentString(`
    mutation UpdateProfile($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    id
    name
    locale
  }
}
    `) as unknown as TypedDocumentString<UpdateProfileMutation, UpdateProfileMutationVariables>;
