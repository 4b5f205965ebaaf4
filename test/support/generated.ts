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

export type InviteMemberInput = {
  accountId: string | number;
  email: string;
  role: Role;
  inboxIds: Array<string | number>;
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

export type AcceptInvitationInput = {
  token: string;
  name?: string | null | undefined;
  password: string;
  /** The language of a new user; else the inviter's. */
  locale?: string | null | undefined;
};

export type MessagePartsFragment = { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> };

export type ConversationPartsFragment = { id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, lastActivityAt: string, inboundCount: number, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, referrals: Array<{ source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, content: string | null } | null };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: { accessToken: string, user: { id: string, name: string, email: string }, account: { id: string, name: string } } };

export type LogInMutationVariables = Exact<{
  input: LogInInput;
}>;


export type LogInMutation = { logIn: { accessToken: string, user: { id: string, name: string, email: string }, account: { id: string, name: string } } };

export type LogOutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutMutation = { logOut: boolean };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { id: string, name: string, email: string, memberships: Array<{ role: Role, account: { id: string, name: string } }> } };

export type InviteMemberMutationVariables = Exact<{
  input: InviteMemberInput;
}>;


export type InviteMemberMutation = { inviteMember: { id: string, email: string } };

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation: { accessToken: string, user: { id: string, name: string, email: string }, account: { id: string, name: string } } };

export type UpdateMemberMutationVariables = Exact<{
  input: UpdateMemberInput;
}>;


export type UpdateMemberMutation = { updateMember: { role: Role, inboxIds: Array<string> } };

export type RemoveMemberMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;


export type RemoveMemberMutation = { removeMember: boolean };

export type InboxesQueryVariables = Exact<{
  accountId: string | number;
}>;


export type InboxesQuery = { inboxes: Array<{ id: string, name: string, channelType: string, externalId: string, handle: string | null, connected: boolean, enabled: boolean, reauthorizationRequired: boolean, reauthorizationReason: string | null, missingScopes: Array<string>, unsentCount: number, memberIds: Array<string> }> };

export type PendingConnectionQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type PendingConnectionQuery = { pendingConnection: { name: string, handle: string | null, expiresAt: string, inbox: { id: string, handle: string | null } } };

export type ConfirmConnectionMutationVariables = Exact<{
  input: PendingConnectionInput;
}>;


export type ConfirmConnectionMutation = { confirmConnection: { id: string, name: string, externalId: string, connected: boolean } };

export type CancelConnectionMutationVariables = Exact<{
  input: PendingConnectionInput;
}>;


export type CancelConnectionMutation = { cancelConnection: boolean };

export type RetryUnsentMessagesMutationVariables = Exact<{
  input: RetryUnsentMessagesInput;
}>;


export type RetryUnsentMessagesMutation = { retryUnsentMessages: { id: string, unsentCount: number } };

export type SetInboxLimitMutationVariables = Exact<{
  input: SetInboxLimitInput;
}>;


export type SetInboxLimitMutation = { setInboxLimit: { id: string, inboxCount: number, inboxLimit: number | null } };

export type ChannelAppPartsFragment = { configured: boolean, webhookState: WebhookState, registeredUrl: string | null, failureCode: string | null, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null };

export type ChannelCredentialsQueryVariables = Exact<{ [key: string]: never; }>;


export type ChannelCredentialsQuery = { channelApps: Array<{ configured: boolean, webhookState: WebhookState, registeredUrl: string | null, failureCode: string | null, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null }> };

export type SetChannelCredentialsMutationVariables = Exact<{
  input: SetChannelCredentialsInput;
}>;


export type SetChannelCredentialsMutation = { setChannelCredentials: { configured: boolean, webhookState: WebhookState, registeredUrl: string | null, failureCode: string | null, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type RemoveChannelCredentialsMutationVariables = Exact<{
  input: RemoveChannelCredentialsInput;
}>;


export type RemoveChannelCredentialsMutation = { removeChannelCredentials: { configured: boolean, webhookState: WebhookState, registeredUrl: string | null, failureCode: string | null, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type RemoveWebhookMutationVariables = Exact<{
  input: RegisterWebhookInput;
}>;


export type RemoveWebhookMutation = { removeWebhook: { configured: boolean, webhookState: WebhookState, registeredUrl: string | null, failureCode: string | null, connectedInboxes: number, waitingEvents: number, queuedMessages: number, sentLastHour: number, callsPerSecond: number, credentials: { appId: string, source: CredentialsSource, updatedByName: string | null, updatedAt: string | null } | null } };

export type StartConnectionMutationVariables = Exact<{
  input: StartConnectionInput;
}>;


export type StartConnectionMutation = { startConnection: { url: string } };

export type InspectChannelMutationVariables = Exact<{
  input: ConnectChannelInput;
}>;


export type InspectChannelMutation = { inspectChannel: { notes: Array<string>, choices: Array<{ ref: string, name: string, connected: boolean }> } };

export type ConnectChannelMutationVariables = Exact<{
  input: ConnectChannelInput;
}>;


export type ConnectChannelMutation = { connectChannel: { id: string, name: string, externalId: string, connected: boolean } };

export type InboxWebhookQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxWebhookQuery = { inbox: { webhook: { url: string, keys: number, maxKeys: number } | null } };

export type SetWebhookKeysMutationVariables = Exact<{
  input: SetWebhookKeysInput;
}>;


export type SetWebhookKeysMutation = { setWebhookKeys: { id: string, webhook: { keys: number } | null } };

export type DisconnectInboxMutationVariables = Exact<{
  input: DisconnectInboxInput;
}>;


export type DisconnectInboxMutation = { disconnectInbox: { id: string, connected: boolean } };

export type UpdateInboxMutationVariables = Exact<{
  input: UpdateInboxInput;
}>;


export type UpdateInboxMutation = { updateInbox: { id: string, name: string, memberIds: Array<string> } };

export type ConversationsQueryVariables = Exact<{
  accountId: string | number;
  filter?: ConversationFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ConversationsQuery = { conversations: { nodes: Array<{ unreadCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, lastActivityAt: string, inboundCount: number, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, referrals: Array<{ source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, content: string | null } | null }>, pageInfo: { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean } } };

export type ConversationQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type ConversationQuery = { conversation: { unreadCount: number, readCount: number, id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, lastActivityAt: string, inboundCount: number, messages: { nodes: Array<{ id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> }>, pageInfo: { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean } }, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, referrals: Array<{ source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, content: string | null } | null } };

export type ConversationCountsQueryVariables = Exact<{
  accountId: string | number;
}>;


export type ConversationCountsQuery = { conversationCounts: { all: number, mine: number, unassigned: number, inboxes: Array<{ inboxId: string, open: number }> } };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { sendMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> } };

export type RetryMessageMutationVariables = Exact<{
  input: MessageActionInput;
}>;


export type RetryMessageMutation = { retryMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> } };

export type CheckMessageMutationVariables = Exact<{
  input: MessageActionInput;
}>;


export type CheckMessageMutation = { checkMessage: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> } };

export type SetConversationStatusMutationVariables = Exact<{
  input: SetConversationStatusInput;
}>;


export type SetConversationStatusMutation = { setConversationStatus: { id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, lastActivityAt: string, inboundCount: number, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, referrals: Array<{ source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, content: string | null } | null } };

export type MarkConversationReadMutationVariables = Exact<{
  input: MarkConversationReadInput;
}>;


export type MarkConversationReadMutation = { markConversationRead: { id: string, unreadCount: number } };

export type AssignConversationMutationVariables = Exact<{
  input: AssignConversationInput;
}>;


export type AssignConversationMutation = { assignConversation: { id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, lastActivityAt: string, inboundCount: number, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, referrals: Array<{ source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, content: string | null } | null } };

export type SetFeatureFlagMutationVariables = Exact<{
  input: SetFeatureFlagInput;
}>;


export type SetFeatureFlagMutation = { setFeatureFlag: { id: string, featureFlags: Array<{ key: string, enabled: boolean }> } };

export type SetAccountStatusMutationVariables = Exact<{
  input: SetAccountStatusInput;
}>;


export type SetAccountStatusMutation = { setAccountStatus: { id: string, status: AccountStatus } };

export type DeadLettersQueryVariables = Exact<{ [key: string]: never; }>;


export type DeadLettersQuery = { deadLetters: { nodes: Array<{ id: string, channelType: string, code: string, attempts: number }> } };

export type ReplayDeadLetterMutationVariables = Exact<{
  input: ReplayDeadLetterInput;
}>;


export type ReplayDeadLetterMutation = { replayDeadLetter: boolean };

export type AccountEventsSubscriptionVariables = Exact<{
  accountId: string | number;
  after?: string | null | undefined;
}>;


export type AccountEventsSubscription = { accountEvents: { cursor: string, type: string, data: unknown, message: { id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> } | null, conversation: { id: string, displayId: number, status: ConversationStatus, snoozedUntil: string | null, lastActivityAt: string, inboundCount: number, inbox: { id: string }, contact: { id: string, name: string, username: string | null, avatarUrl: string | null, referrals: Array<{ source: ReferralSource, facts: unknown, at: string | null }> }, assignee: { id: string, name: string } | null, replyWindow: { open: boolean, closesAt: string | null, remaining: number | null, limit: number | null, reason: string | null }, lastMessage: { id: string, content: string | null } | null } | null, inbox: { id: string, connected: boolean, reauthorizationRequired: boolean } | null } };

export type InboxTimesQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxTimesQuery = { inbox: { accessExpiresAt: string | null, consentExpiresAt: string | null } };

export type InboxHealthQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxHealthQuery = { inbox: { health: { webhookState: WebhookState, webhookCheckedAt: string | null, lastEventAt: string | null, rejectedSignatures: number | null, refusedSince: string | null, refusedAt: string | null, waitingEvents: number, deadEvents: number, queuedMessages: number, usedUpThreads: number | null, accessExpiresAt: string | null, consentExpiresAt: string | null } | null } };

export type ChannelAppsQueryVariables = Exact<{ [key: string]: never; }>;


export type ChannelAppsQuery = { channelApps: Array<{ channelType: string, webhookState: WebhookState, callbackUrl: string, registeredUrl: string | null, registeredAt: string | null, checkedAt: string | null, failureCode: string | null, rejectedSignatures: number }> };

export type RegisterWebhookMutationVariables = Exact<{
  input: RegisterWebhookInput;
}>;


export type RegisterWebhookMutation = { registerWebhook: { webhookState: WebhookState, registeredUrl: string | null, failureCode: string | null } };

export type MessageAttachmentsQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type MessageAttachmentsQuery = { conversation: { messages: { nodes: Array<{ id: string, conversationId: string, type: MessageType, status: MessageStatus | null, private: boolean, content: string | null, contentType: string, source: MessageSource, externalId: string | null, clientMessageId: string | null, details: unknown, createdAt: string, attachments: Array<{ id: string, fileType: string, state: AttachmentState, url: string | null, thumbnailUrl: string | null, width: number | null, height: number | null, mimeType: string | null, failure: { code: string, message: string } | null }>, failure: { code: string, message: string } | null, sender: { id: string, name: string } | null, inReplyTo: { id: string, content: string | null } | null, reactions: Array<{ sign: string, isPicture: boolean, by: ReactionAuthor, at: string }> }> } } };

export type RefetchAttachmentMutationVariables = Exact<{
  input: AttachmentActionInput;
}>;


export type RefetchAttachmentMutation = { refetchAttachment: { id: string, state: AttachmentState, failure: { code: string } | null } };

export type ImagePermissionQueryVariables = Exact<{
  accountId: string | number;
  conversationId: string | number;
}>;


export type ImagePermissionQuery = { imagePermission: { allowed: boolean | null, reason: string | null } };

export type CreateApiTokenMutationVariables = Exact<{
  input: CreateApiTokenInput;
}>;


export type CreateApiTokenMutation = { createApiToken: { token: string, apiToken: { id: string, name: string, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string } | null } } };

export type RevokeApiTokenMutationVariables = Exact<{
  input: RevokeApiTokenInput;
}>;


export type RevokeApiTokenMutation = { revokeApiToken: boolean };

export type ApiTokensQueryVariables = Exact<{
  accountId: string | number;
}>;


export type ApiTokensQuery = { account: { id: string, apiTokens: Array<{ id: string, name: string, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string } | null }> } };

export type ImportHistoryMutationVariables = Exact<{
  input: ImportHistoryInput;
}>;


export type ImportHistoryMutation = { importHistory: { id: string, history: { state: HistoryState, reason: HistoryReason } | null } };

export type InboxHistoryQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxHistoryQuery = { inbox: { history: { state: HistoryState, reason: HistoryReason, threadsFound: number, threadsRead: number, messagesAdded: number, finishedAt: string | null, failureCode: string | null } | null } };

export type InboxPollingQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxPollingQuery = { inbox: { reauthorizationRequired: boolean, health: { polling: { byWebhook: boolean, contacts: number, active: number, oldestSeconds: number | null, listedAt: string | null, failureCode: string | null } | null } | null } };

export type SetTypingMutationVariables = Exact<{
  input: SetTypingInput;
}>;


export type SetTypingMutation = { setTyping: { id: string } };

export type ResumeSendingMutationVariables = Exact<{
  input: ResumeSendingInput;
}>;


export type ResumeSendingMutation = { resumeSending: { id: string, sendingPausedUntil: string | null } };

export type SetSignalsMutationVariables = Exact<{
  input: UpdateInboxInput;
}>;


export type SetSignalsMutation = { updateInbox: { name: string, sendTyping: boolean, sendReadReceipts: boolean } };

export type InboxSignalsQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
}>;


export type InboxSignalsQuery = { inbox: { sendTyping: boolean, sendReadReceipts: boolean, sendingPausedUntil: string | null, health: { waitingEvents: number, unnamedMessages: number } | null } };

export type InboxSwapQueryVariables = Exact<{
  accountId: string | number;
  id: string | number;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type InboxSwapQuery = { inbox: { id: string, name: string, channelType: string, externalId: string, swapObstacle: SwapObstacle | null, swap: { id: string, swappedAt: string, takeBackUntil: string, canTakeBack: boolean, draining: number, foreignReplyAt: string | null, foreignReplyVia: ForeignReplyVia | null, openDecisions: number, from: { channelType: string, externalId: string, handle: string | null }, to: { channelType: string, externalId: string, handle: string | null }, matches: { nodes: Array<{ id: string, side: { threadId: string, channelTypes: Array<string>, conversationId: string | null, contact: { name: string, username: string | null }, texts: Array<{ incoming: boolean, text: string, at: string }> }, candidates: Array<{ confidence: number, reasons: Array<string>, thread: { threadId: string, channelTypes: Array<string>, conversationId: string | null, contact: { name: string, username: string | null }, texts: Array<{ incoming: boolean, text: string, at: string }> } }> }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } } | null } };

export type SwapThreadPartsFragment = { threadId: string, channelTypes: Array<string>, conversationId: string | null, contact: { name: string, username: string | null }, texts: Array<{ incoming: boolean, text: string, at: string }> };

export type DecideSwapMatchMutationVariables = Exact<{
  input: DecideSwapMatchInput;
}>;


export type DecideSwapMatchMutation = { decideSwapMatch: { id: string } };

export type TakeBackSwapMutationVariables = Exact<{
  input: TakeBackSwapInput;
}>;


export type TakeBackSwapMutation = { takeBackSwap: { id: string, channelType: string } };

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
export const MessagePartsFragmentDoc = new TypedDocumentString(`
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}
    `, {"fragmentName":"MessageParts"}) as unknown as TypedDocumentString<MessagePartsFragment, unknown>;
export const ConversationPartsFragmentDoc = new TypedDocumentString(`
    fragment ConversationParts on Conversation {
  id
  displayId
  status
  snoozedUntil
  lastActivityAt
  inboundCount
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    referrals {
      source
      facts
      at
    }
  }
  assignee {
    id
    name
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    id
    content
  }
}
    `, {"fragmentName":"ConversationParts"}) as unknown as TypedDocumentString<ConversationPartsFragment, unknown>;
export const ChannelAppPartsFragmentDoc = new TypedDocumentString(`
    fragment ChannelAppParts on ChannelApp {
  configured
  credentials {
    appId
    source
    updatedByName
    updatedAt
  }
  webhookState
  registeredUrl
  failureCode
  connectedInboxes
  waitingEvents
  queuedMessages
  sentLastHour
  callsPerSecond
}
    `, {"fragmentName":"ChannelAppParts"}) as unknown as TypedDocumentString<ChannelAppPartsFragment, unknown>;
export const SwapThreadPartsFragmentDoc = new TypedDocumentString(`
    fragment SwapThreadParts on SwapThread {
  threadId
  channelTypes
  conversationId
  contact {
    name
    username
  }
  texts {
    incoming
    text
    at
  }
}
    `, {"fragmentName":"SwapThreadParts"}) as unknown as TypedDocumentString<SwapThreadPartsFragment, unknown>;
export const SignUpDocument = new TypedDocumentString(`
    mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    accessToken
    user {
      id
      name
      email
    }
    account {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<SignUpMutation, SignUpMutationVariables>;
export const LogInDocument = new TypedDocumentString(`
    mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    accessToken
    user {
      id
      name
      email
    }
    account {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<LogInMutation, LogInMutationVariables>;
export const LogOutDocument = new TypedDocumentString(`
    mutation LogOut {
  logOut
}
    `) as unknown as TypedDocumentString<LogOutMutation, LogOutMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    id
    name
    email
    memberships {
      role
      account {
        id
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const InviteMemberDocument = new TypedDocumentString(`
    mutation InviteMember($input: InviteMemberInput!) {
  inviteMember(input: $input) {
    id
    email
  }
}
    `) as unknown as TypedDocumentString<InviteMemberMutation, InviteMemberMutationVariables>;
export const AcceptInvitationDocument = new TypedDocumentString(`
    mutation AcceptInvitation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    accessToken
    user {
      id
      name
      email
    }
    account {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
export const UpdateMemberDocument = new TypedDocumentString(`
    mutation UpdateMember($input: UpdateMemberInput!) {
  updateMember(input: $input) {
    role
    inboxIds
  }
}
    `) as unknown as TypedDocumentString<UpdateMemberMutation, UpdateMemberMutationVariables>;
export const RemoveMemberDocument = new TypedDocumentString(`
    mutation RemoveMember($input: RemoveMemberInput!) {
  removeMember(input: $input)
}
    `) as unknown as TypedDocumentString<RemoveMemberMutation, RemoveMemberMutationVariables>;
export const InboxesDocument = new TypedDocumentString(`
    query Inboxes($accountId: ID!) {
  inboxes(accountId: $accountId) {
    id
    name
    channelType
    externalId
    handle
    connected
    enabled
    reauthorizationRequired
    reauthorizationReason
    missingScopes
    unsentCount
    memberIds
  }
}
    `) as unknown as TypedDocumentString<InboxesQuery, InboxesQueryVariables>;
export const PendingConnectionDocument = new TypedDocumentString(`
    query PendingConnection($accountId: ID!, $id: ID!) {
  pendingConnection(accountId: $accountId, id: $id) {
    name
    handle
    expiresAt
    inbox {
      id
      handle
    }
  }
}
    `) as unknown as TypedDocumentString<PendingConnectionQuery, PendingConnectionQueryVariables>;
export const ConfirmConnectionDocument = new TypedDocumentString(`
    mutation ConfirmConnection($input: PendingConnectionInput!) {
  confirmConnection(input: $input) {
    id
    name
    externalId
    connected
  }
}
    `) as unknown as TypedDocumentString<ConfirmConnectionMutation, ConfirmConnectionMutationVariables>;
export const CancelConnectionDocument = new TypedDocumentString(`
    mutation CancelConnection($input: PendingConnectionInput!) {
  cancelConnection(input: $input)
}
    `) as unknown as TypedDocumentString<CancelConnectionMutation, CancelConnectionMutationVariables>;
export const RetryUnsentMessagesDocument = new TypedDocumentString(`
    mutation RetryUnsentMessages($input: RetryUnsentMessagesInput!) {
  retryUnsentMessages(input: $input) {
    id
    unsentCount
  }
}
    `) as unknown as TypedDocumentString<RetryUnsentMessagesMutation, RetryUnsentMessagesMutationVariables>;
export const SetInboxLimitDocument = new TypedDocumentString(`
    mutation SetInboxLimit($input: SetInboxLimitInput!) {
  setInboxLimit(input: $input) {
    id
    inboxCount
    inboxLimit
  }
}
    `) as unknown as TypedDocumentString<SetInboxLimitMutation, SetInboxLimitMutationVariables>;
export const ChannelCredentialsDocument = new TypedDocumentString(`
    query ChannelCredentials {
  channelApps {
    ...ChannelAppParts
  }
}
    fragment ChannelAppParts on ChannelApp {
  configured
  credentials {
    appId
    source
    updatedByName
    updatedAt
  }
  webhookState
  registeredUrl
  failureCode
  connectedInboxes
  waitingEvents
  queuedMessages
  sentLastHour
  callsPerSecond
}`) as unknown as TypedDocumentString<ChannelCredentialsQuery, ChannelCredentialsQueryVariables>;
export const SetChannelCredentialsDocument = new TypedDocumentString(`
    mutation SetChannelCredentials($input: SetChannelCredentialsInput!) {
  setChannelCredentials(input: $input) {
    ...ChannelAppParts
  }
}
    fragment ChannelAppParts on ChannelApp {
  configured
  credentials {
    appId
    source
    updatedByName
    updatedAt
  }
  webhookState
  registeredUrl
  failureCode
  connectedInboxes
  waitingEvents
  queuedMessages
  sentLastHour
  callsPerSecond
}`) as unknown as TypedDocumentString<SetChannelCredentialsMutation, SetChannelCredentialsMutationVariables>;
export const RemoveChannelCredentialsDocument = new TypedDocumentString(`
    mutation RemoveChannelCredentials($input: RemoveChannelCredentialsInput!) {
  removeChannelCredentials(input: $input) {
    ...ChannelAppParts
  }
}
    fragment ChannelAppParts on ChannelApp {
  configured
  credentials {
    appId
    source
    updatedByName
    updatedAt
  }
  webhookState
  registeredUrl
  failureCode
  connectedInboxes
  waitingEvents
  queuedMessages
  sentLastHour
  callsPerSecond
}`) as unknown as TypedDocumentString<RemoveChannelCredentialsMutation, RemoveChannelCredentialsMutationVariables>;
export const RemoveWebhookDocument = new TypedDocumentString(`
    mutation RemoveWebhook($input: RegisterWebhookInput!) {
  removeWebhook(input: $input) {
    ...ChannelAppParts
  }
}
    fragment ChannelAppParts on ChannelApp {
  configured
  credentials {
    appId
    source
    updatedByName
    updatedAt
  }
  webhookState
  registeredUrl
  failureCode
  connectedInboxes
  waitingEvents
  queuedMessages
  sentLastHour
  callsPerSecond
}`) as unknown as TypedDocumentString<RemoveWebhookMutation, RemoveWebhookMutationVariables>;
export const StartConnectionDocument = new TypedDocumentString(`
    mutation StartConnection($input: StartConnectionInput!) {
  startConnection(input: $input) {
    url
  }
}
    `) as unknown as TypedDocumentString<StartConnectionMutation, StartConnectionMutationVariables>;
export const InspectChannelDocument = new TypedDocumentString(`
    mutation InspectChannel($input: ConnectChannelInput!) {
  inspectChannel(input: $input) {
    notes
    choices {
      ref
      name
      connected
    }
  }
}
    `) as unknown as TypedDocumentString<InspectChannelMutation, InspectChannelMutationVariables>;
export const ConnectChannelDocument = new TypedDocumentString(`
    mutation ConnectChannel($input: ConnectChannelInput!) {
  connectChannel(input: $input) {
    id
    name
    externalId
    connected
  }
}
    `) as unknown as TypedDocumentString<ConnectChannelMutation, ConnectChannelMutationVariables>;
export const InboxWebhookDocument = new TypedDocumentString(`
    query InboxWebhook($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    webhook {
      url
      keys
      maxKeys
    }
  }
}
    `) as unknown as TypedDocumentString<InboxWebhookQuery, InboxWebhookQueryVariables>;
export const SetWebhookKeysDocument = new TypedDocumentString(`
    mutation SetWebhookKeys($input: SetWebhookKeysInput!) {
  setWebhookKeys(input: $input) {
    id
    webhook {
      keys
    }
  }
}
    `) as unknown as TypedDocumentString<SetWebhookKeysMutation, SetWebhookKeysMutationVariables>;
export const DisconnectInboxDocument = new TypedDocumentString(`
    mutation DisconnectInbox($input: DisconnectInboxInput!) {
  disconnectInbox(input: $input) {
    id
    connected
  }
}
    `) as unknown as TypedDocumentString<DisconnectInboxMutation, DisconnectInboxMutationVariables>;
export const UpdateInboxDocument = new TypedDocumentString(`
    mutation UpdateInbox($input: UpdateInboxInput!) {
  updateInbox(input: $input) {
    id
    name
    memberIds
  }
}
    `) as unknown as TypedDocumentString<UpdateInboxMutation, UpdateInboxMutationVariables>;
export const ConversationsDocument = new TypedDocumentString(`
    query Conversations($accountId: ID!, $filter: ConversationFilter, $first: Int, $after: String) {
  conversations(
    accountId: $accountId
    filter: $filter
    first: $first
    after: $after
  ) {
    nodes {
      ...ConversationParts
      unreadCount
    }
    pageInfo {
      startCursor
      endCursor
      hasNextPage
      hasPreviousPage
    }
  }
}
    fragment ConversationParts on Conversation {
  id
  displayId
  status
  snoozedUntil
  lastActivityAt
  inboundCount
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    referrals {
      source
      facts
      at
    }
  }
  assignee {
    id
    name
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    id
    content
  }
}`) as unknown as TypedDocumentString<ConversationsQuery, ConversationsQueryVariables>;
export const ConversationDocument = new TypedDocumentString(`
    query Conversation($accountId: ID!, $id: ID!, $last: Int, $before: String) {
  conversation(accountId: $accountId, id: $id) {
    ...ConversationParts
    unreadCount
    readCount
    messages(last: $last, before: $before) {
      nodes {
        ...MessageParts
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
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}
fragment ConversationParts on Conversation {
  id
  displayId
  status
  snoozedUntil
  lastActivityAt
  inboundCount
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    referrals {
      source
      facts
      at
    }
  }
  assignee {
    id
    name
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    id
    content
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
export const SendMessageDocument = new TypedDocumentString(`
    mutation SendMessage($input: SendMessageInput!) {
  sendMessage(input: $input) {
    ...MessageParts
  }
}
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}`) as unknown as TypedDocumentString<SendMessageMutation, SendMessageMutationVariables>;
export const RetryMessageDocument = new TypedDocumentString(`
    mutation RetryMessage($input: MessageActionInput!) {
  retryMessage(input: $input) {
    ...MessageParts
  }
}
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}`) as unknown as TypedDocumentString<RetryMessageMutation, RetryMessageMutationVariables>;
export const CheckMessageDocument = new TypedDocumentString(`
    mutation CheckMessage($input: MessageActionInput!) {
  checkMessage(input: $input) {
    ...MessageParts
  }
}
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}`) as unknown as TypedDocumentString<CheckMessageMutation, CheckMessageMutationVariables>;
export const SetConversationStatusDocument = new TypedDocumentString(`
    mutation SetConversationStatus($input: SetConversationStatusInput!) {
  setConversationStatus(input: $input) {
    ...ConversationParts
  }
}
    fragment ConversationParts on Conversation {
  id
  displayId
  status
  snoozedUntil
  lastActivityAt
  inboundCount
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    referrals {
      source
      facts
      at
    }
  }
  assignee {
    id
    name
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    id
    content
  }
}`) as unknown as TypedDocumentString<SetConversationStatusMutation, SetConversationStatusMutationVariables>;
export const MarkConversationReadDocument = new TypedDocumentString(`
    mutation MarkConversationRead($input: MarkConversationReadInput!) {
  markConversationRead(input: $input) {
    id
    unreadCount
  }
}
    `) as unknown as TypedDocumentString<MarkConversationReadMutation, MarkConversationReadMutationVariables>;
export const AssignConversationDocument = new TypedDocumentString(`
    mutation AssignConversation($input: AssignConversationInput!) {
  assignConversation(input: $input) {
    ...ConversationParts
  }
}
    fragment ConversationParts on Conversation {
  id
  displayId
  status
  snoozedUntil
  lastActivityAt
  inboundCount
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    referrals {
      source
      facts
      at
    }
  }
  assignee {
    id
    name
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    id
    content
  }
}`) as unknown as TypedDocumentString<AssignConversationMutation, AssignConversationMutationVariables>;
export const SetFeatureFlagDocument = new TypedDocumentString(`
    mutation SetFeatureFlag($input: SetFeatureFlagInput!) {
  setFeatureFlag(input: $input) {
    id
    featureFlags {
      key
      enabled
    }
  }
}
    `) as unknown as TypedDocumentString<SetFeatureFlagMutation, SetFeatureFlagMutationVariables>;
export const SetAccountStatusDocument = new TypedDocumentString(`
    mutation SetAccountStatus($input: SetAccountStatusInput!) {
  setAccountStatus(input: $input) {
    id
    status
  }
}
    `) as unknown as TypedDocumentString<SetAccountStatusMutation, SetAccountStatusMutationVariables>;
export const DeadLettersDocument = new TypedDocumentString(`
    query DeadLetters {
  deadLetters {
    nodes {
      id
      channelType
      code
      attempts
    }
  }
}
    `) as unknown as TypedDocumentString<DeadLettersQuery, DeadLettersQueryVariables>;
export const ReplayDeadLetterDocument = new TypedDocumentString(`
    mutation ReplayDeadLetter($input: ReplayDeadLetterInput!) {
  replayDeadLetter(input: $input)
}
    `) as unknown as TypedDocumentString<ReplayDeadLetterMutation, ReplayDeadLetterMutationVariables>;
export const AccountEventsDocument = new TypedDocumentString(`
    subscription AccountEvents($accountId: ID!, $after: String) {
  accountEvents(accountId: $accountId, after: $after) {
    cursor
    type
    data
    message {
      ...MessageParts
    }
    conversation {
      ...ConversationParts
    }
    inbox {
      id
      connected
      reauthorizationRequired
    }
  }
}
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}
fragment ConversationParts on Conversation {
  id
  displayId
  status
  snoozedUntil
  lastActivityAt
  inboundCount
  inbox {
    id
  }
  contact {
    id
    name
    username
    avatarUrl
    referrals {
      source
      facts
      at
    }
  }
  assignee {
    id
    name
  }
  replyWindow {
    open
    closesAt
    remaining
    limit
    reason
  }
  lastMessage {
    id
    content
  }
}`) as unknown as TypedDocumentString<AccountEventsSubscription, AccountEventsSubscriptionVariables>;
export const InboxTimesDocument = new TypedDocumentString(`
    query InboxTimes($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    accessExpiresAt
    consentExpiresAt
  }
}
    `) as unknown as TypedDocumentString<InboxTimesQuery, InboxTimesQueryVariables>;
export const InboxHealthDocument = new TypedDocumentString(`
    query InboxHealth($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    health {
      webhookState
      webhookCheckedAt
      lastEventAt
      rejectedSignatures
      refusedSince
      refusedAt
      waitingEvents
      deadEvents
      queuedMessages
      usedUpThreads
      accessExpiresAt
      consentExpiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<InboxHealthQuery, InboxHealthQueryVariables>;
export const ChannelAppsDocument = new TypedDocumentString(`
    query ChannelApps {
  channelApps {
    channelType
    webhookState
    callbackUrl
    registeredUrl
    registeredAt
    checkedAt
    failureCode
    rejectedSignatures
  }
}
    `) as unknown as TypedDocumentString<ChannelAppsQuery, ChannelAppsQueryVariables>;
export const RegisterWebhookDocument = new TypedDocumentString(`
    mutation RegisterWebhook($input: RegisterWebhookInput!) {
  registerWebhook(input: $input) {
    webhookState
    registeredUrl
    failureCode
  }
}
    `) as unknown as TypedDocumentString<RegisterWebhookMutation, RegisterWebhookMutationVariables>;
export const MessageAttachmentsDocument = new TypedDocumentString(`
    query MessageAttachments($accountId: ID!, $id: ID!) {
  conversation(accountId: $accountId, id: $id) {
    messages(last: 50) {
      nodes {
        ...MessageParts
        attachments {
          id
          fileType
          state
          url
          thumbnailUrl
          width
          height
          mimeType
          failure {
            code
            message
          }
        }
      }
    }
  }
}
    fragment MessageParts on Message {
  id
  conversationId
  type
  status
  private
  content
  contentType
  source
  externalId
  clientMessageId
  details
  createdAt
  failure {
    code
    message
  }
  sender {
    id
    name
  }
  inReplyTo {
    id
    content
  }
  reactions {
    sign
    isPicture
    by
    at
  }
}`) as unknown as TypedDocumentString<MessageAttachmentsQuery, MessageAttachmentsQueryVariables>;
export const RefetchAttachmentDocument = new TypedDocumentString(`
    mutation RefetchAttachment($input: AttachmentActionInput!) {
  refetchAttachment(input: $input) {
    id
    state
    failure {
      code
    }
  }
}
    `) as unknown as TypedDocumentString<RefetchAttachmentMutation, RefetchAttachmentMutationVariables>;
export const ImagePermissionDocument = new TypedDocumentString(`
    query ImagePermission($accountId: ID!, $conversationId: ID!) {
  imagePermission(accountId: $accountId, conversationId: $conversationId) {
    allowed
    reason
  }
}
    `) as unknown as TypedDocumentString<ImagePermissionQuery, ImagePermissionQueryVariables>;
export const CreateApiTokenDocument = new TypedDocumentString(`
    mutation CreateApiToken($input: CreateApiTokenInput!) {
  createApiToken(input: $input) {
    token
    apiToken {
      id
      name
      createdBy {
        id
        name
      }
      createdAt
      lastUsedAt
    }
  }
}
    `) as unknown as TypedDocumentString<CreateApiTokenMutation, CreateApiTokenMutationVariables>;
export const RevokeApiTokenDocument = new TypedDocumentString(`
    mutation RevokeApiToken($input: RevokeApiTokenInput!) {
  revokeApiToken(input: $input)
}
    `) as unknown as TypedDocumentString<RevokeApiTokenMutation, RevokeApiTokenMutationVariables>;
export const ApiTokensDocument = new TypedDocumentString(`
    query ApiTokens($accountId: ID!) {
  account(id: $accountId) {
    id
    apiTokens {
      id
      name
      createdBy {
        id
        name
      }
      createdAt
      lastUsedAt
    }
  }
}
    `) as unknown as TypedDocumentString<ApiTokensQuery, ApiTokensQueryVariables>;
export const ImportHistoryDocument = new TypedDocumentString(`
    mutation ImportHistory($input: ImportHistoryInput!) {
  importHistory(input: $input) {
    id
    history {
      state
      reason
    }
  }
}
    `) as unknown as TypedDocumentString<ImportHistoryMutation, ImportHistoryMutationVariables>;
export const InboxHistoryDocument = new TypedDocumentString(`
    query InboxHistory($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    history {
      state
      reason
      threadsFound
      threadsRead
      messagesAdded
      finishedAt
      failureCode
    }
  }
}
    `) as unknown as TypedDocumentString<InboxHistoryQuery, InboxHistoryQueryVariables>;
export const InboxPollingDocument = new TypedDocumentString(`
    query InboxPolling($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    reauthorizationRequired
    health {
      polling {
        byWebhook
        contacts
        active
        oldestSeconds
        listedAt
        failureCode
      }
    }
  }
}
    `) as unknown as TypedDocumentString<InboxPollingQuery, InboxPollingQueryVariables>;
export const SetTypingDocument = new TypedDocumentString(`
    mutation SetTyping($input: SetTypingInput!) {
  setTyping(input: $input) {
    id
  }
}
    `) as unknown as TypedDocumentString<SetTypingMutation, SetTypingMutationVariables>;
export const ResumeSendingDocument = new TypedDocumentString(`
    mutation ResumeSending($input: ResumeSendingInput!) {
  resumeSending(input: $input) {
    id
    sendingPausedUntil
  }
}
    `) as unknown as TypedDocumentString<ResumeSendingMutation, ResumeSendingMutationVariables>;
export const SetSignalsDocument = new TypedDocumentString(`
    mutation SetSignals($input: UpdateInboxInput!) {
  updateInbox(input: $input) {
    name
    sendTyping
    sendReadReceipts
  }
}
    `) as unknown as TypedDocumentString<SetSignalsMutation, SetSignalsMutationVariables>;
export const InboxSignalsDocument = new TypedDocumentString(`
    query InboxSignals($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    sendTyping
    sendReadReceipts
    sendingPausedUntil
    health {
      waitingEvents
      unnamedMessages
    }
  }
}
    `) as unknown as TypedDocumentString<InboxSignalsQuery, InboxSignalsQueryVariables>;
export const InboxSwapDocument = new TypedDocumentString(`
    query InboxSwap($accountId: ID!, $id: ID!, $first: Int, $after: String) {
  inbox(accountId: $accountId, id: $id) {
    id
    name
    channelType
    externalId
    swapObstacle
    swap {
      id
      from {
        channelType
        externalId
        handle
      }
      to {
        channelType
        externalId
        handle
      }
      swappedAt
      takeBackUntil
      canTakeBack
      draining
      foreignReplyAt
      foreignReplyVia
      openDecisions
      matches(first: $first, after: $after) {
        nodes {
          id
          side {
            ...SwapThreadParts
          }
          candidates {
            confidence
            reasons
            thread {
              ...SwapThreadParts
            }
          }
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
}
    fragment SwapThreadParts on SwapThread {
  threadId
  channelTypes
  conversationId
  contact {
    name
    username
  }
  texts {
    incoming
    text
    at
  }
}`) as unknown as TypedDocumentString<InboxSwapQuery, InboxSwapQueryVariables>;
export const DecideSwapMatchDocument = new TypedDocumentString(`
    mutation DecideSwapMatch($input: DecideSwapMatchInput!) {
  decideSwapMatch(input: $input) {
    id
  }
}
    `) as unknown as TypedDocumentString<DecideSwapMatchMutation, DecideSwapMatchMutationVariables>;
export const TakeBackSwapDocument = new TypedDocumentString(`
    mutation TakeBackSwap($input: TakeBackSwapInput!) {
  takeBackSwap(input: $input) {
    id
    channelType
  }
}
    `) as unknown as TypedDocumentString<TakeBackSwapMutation, TakeBackSwapMutationVariables>;