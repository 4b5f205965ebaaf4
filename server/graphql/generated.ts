import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ConversationRow } from '../modules/conversations/conversations.queries.ts';
import type { ReplyWindow as ReplyWindowRow } from '../modules/conversations/reply-window.ts';
import type { MessageRow } from '../modules/messages/messages.queries.ts';
import type { InboxView } from '../modules/inboxes/inboxes.queries.ts';
import type { InboxHealth as InboxHealthView } from '../modules/intake/health.ts';
import type { PendingView } from '../modules/inboxes/pending-connections.ts';
import type { SwapView, SwapMatchView } from '../modules/swaps/swaps.service.ts';
import type { SwapThreadView, SwapTextView } from '../modules/swaps/swaps.queries.ts';
import type { HistoryRunRow } from '../modules/history/history.queries.ts';
import type { ReactionView } from '../modules/conversations/reactions.queries.ts';
import type { ReferralView } from '../modules/contacts/referrals.queries.ts';
import type { ContactRow } from '../modules/contacts/contacts.queries.ts';
import type { UserRow, SessionRow } from '../modules/users/users.queries.ts';
import type { AccountRow, MembershipRow, MemberRow } from '../modules/accounts/accounts.queries.ts';
import type { FeatureFlag as FeatureFlagRow } from '../modules/accounts/feature-flags.ts';
import type { ApiTokenRow } from '../modules/api-tokens/api-tokens.queries.ts';
import type { InvitationRow, OpenInvitation } from '../modules/accounts/invitations.queries.ts';
import type { PlatformAccountRow, DeadLetterRow } from '../modules/platform/platform.queries.ts';
import type { Context } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** ISO 8601, UTC, milliseconds. */
  DateTime: { input: Date; output: Date; }
  JSON: { input: unknown; output: unknown; }
};

export type Query = {
  __typename?: 'Query';
  /** Version of the server; answers without a session. */
  version: Scalars['String']['output'];
  account: Account;
  /** Whether pictures can be sent in a conversation, as the channel and the provider have it. Asks the provider now and then. */
  imagePermission: ImagePermission;
  conversations: ConversationConnection;
  conversation: Conversation;
  /** Open conversations per folder, each counted to 1,000 at the most. */
  conversationCounts: ConversationCounts;
  inboxes: Array<Inbox>;
  inbox: Inbox;
  /** The channel types of this installation, as data: labels, limits and how to connect. */
  channelTypes: Array<ChannelType>;
  /** A business that was connected in place of another one; administrators, for ten minutes. */
  pendingConnection: PendingConnection;
  /** Platform administrators only, like all that follows. */
  platformAccounts: PlatformAccountConnection;
  /** The channels of this installation, and where their providers deliver to. */
  channelApps: Array<ChannelApp>;
  deadLetters: DeadLetterConnection;
  me: User;
  /** Who invites to what; NOT_FOUND when the token is unknown, used or expired. */
  invitation: InvitationPreview;
};


export type QueryAccountArgs = {
  id: Scalars['ID']['input'];
};


export type QueryImagePermissionArgs = {
  accountId: Scalars['ID']['input'];
  conversationId: Scalars['ID']['input'];
};


export type QueryConversationsArgs = {
  accountId: Scalars['ID']['input'];
  filter?: InputMaybe<ConversationFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type QueryConversationArgs = {
  accountId: Scalars['ID']['input'];
  id: Scalars['ID']['input'];
};


export type QueryConversationCountsArgs = {
  accountId: Scalars['ID']['input'];
  inboxId?: InputMaybe<Scalars['ID']['input']>;
};


export type QueryInboxesArgs = {
  accountId: Scalars['ID']['input'];
};


export type QueryInboxArgs = {
  accountId: Scalars['ID']['input'];
  id: Scalars['ID']['input'];
};


export type QueryChannelTypesArgs = {
  accountId: Scalars['ID']['input'];
};


export type QueryPendingConnectionArgs = {
  accountId: Scalars['ID']['input'];
  id: Scalars['ID']['input'];
};


export type QueryPlatformAccountsArgs = {
  query?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type QueryDeadLettersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type QueryInvitationArgs = {
  token: Scalars['String']['input'];
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Ends this session on every socket and forgets its refresh cookie. */
  logOut: Scalars['Boolean']['output'];
  updateAccount: Account;
  inviteMember: Invitation;
  revokeInvitation: Scalars['Boolean']['output'];
  updateMember: Member;
  removeMember: Scalars['Boolean']['output'];
  /** Platform administrators only. */
  setFeatureFlag: Account;
  /** Administrators only; CONFLICT with details.reason TOKEN_LIMIT when there are too many. */
  createApiToken: CreatedApiToken;
  /** Programs that use it are shut out within a second. */
  revokeApiToken: Scalars['Boolean']['output'];
  /** The agent's 'try again' for a FAILED one. */
  refetchAttachment: Attachment;
  setConversationStatus: Conversation;
  markConversationRead: Conversation;
  /** assigneeId null unassigns. */
  assignConversation: Conversation;
  /** Reads the inbox's earlier messages once more. Administrators; CONFLICT while that is being done. */
  importHistory: Inbox;
  /** Channels with OAuth. Sets the cookie that the callback checks. */
  startConnection: OAuthRedirect;
  /**
   * What can be connected with these fields of a channel's form; nothing is kept of them. INVALID with details.field,
   * CHANNEL_REJECTED and CHANNEL_UNAVAILABLE with details.reason.
   */
  inspectChannel: ChannelInspection;
  /**
   * Channels with a form. What was chosen comes with the fields under the name that the form has for it; left out, it is the
   * inbox's own or the only one. A field called name names a new inbox. Errors as of inspectChannel, and CONFLICT with
   * details.reason ALREADY_CONNECTED, INBOX_LIMIT, or OTHER_BUSINESS with details.pendingConnectionId.
   */
  connectChannel: Inbox;
  disconnectInbox: Inbox;
  updateInbox: Inbox;
  /** Instead of the keys of before; administrators. None: nothing more is taken in at the inbox's own address. */
  setWebhookKeys: Inbox;
  /**
   * Makes it an inbox of its own; whoever began it. CONFLICT with details.reason ALREADY_CONNECTED, INBOX_LIMIT,
   * DIALECT_CHANGED or APP_CHANGED.
   */
  confirmConnection: Inbox;
  /** Forgets it and takes back what was granted; whoever began it. */
  cancelConnection: Scalars['Boolean']['output'];
  sendMessage: Message;
  /** FAILED ones; also the agent's 'send anyway' after DELIVERY_UNKNOWN. */
  retryMessage: Message;
  /** Asks the provider what became of an UNCONFIRMED one. */
  checkMessage: Message;
  /** Sends what `Inbox.unsentCount` counts; whoever sees the inbox. */
  retryUnsentMessages: Inbox;
  /** Shows the customer for a few seconds that somebody types a reply; asked again every few seconds while somebody does. */
  setTyping: Conversation;
  /** Ends what the provider's slowing down of the inbox holds back, for administrators who know better. */
  resumeSending: Inbox;
  setAccountStatus: PlatformAccount;
  /** Puts a dead event back to work. */
  replayDeadLetter: Scalars['Boolean']['output'];
  /** Sets the address that the provider delivers to again, and answers how it stands then. */
  registerWebhook: ChannelApp;
  /** Has the provider deliver nowhere until it is registered again. */
  removeWebhook: ChannelApp;
  /**
   * The app that a channel acts as; works in every process within seconds. The secret can be written and never read.
   * CONFLICT with details.reason ENVIRONMENT where the environment names one: that goes before.
   */
  setChannelCredentials: ChannelApp;
  /**
   * Takes the entered app away, within seconds in every process. What was connected to it goes on once it is entered again.
   * CONFLICT as setChannelCredentials.
   */
  removeChannelCredentials: ChannelApp;
  /** How many connected inboxes an account may have; null: as many as it likes. What is connected stays. */
  setInboxLimit: PlatformAccount;
  /**
   * Decides what `Inbox.swap.matches` asks: merges with the candidate that is named, or says that it is none of them.
   * Administrators. NOT_FOUND once it is decided, or when the thread is no candidate.
   */
  decideSwapMatch: Inbox;
  /**
   * Gives an inbox back to the provider that it had before: administrators, until `takeBackUntil`. Nothing is un-merged.
   * CONFLICT with details.reason NO_SWAP.
   */
  takeBackSwap: Inbox;
  signUp: Session;
  logIn: Session;
  /** Always true, whether the address is known or not. */
  requestPasswordReset: Scalars['Boolean']['output'];
  resetPassword: Session;
  verifyEmail: Scalars['Boolean']['output'];
  /** name and password are needed only when the invited address has no user yet; otherwise its password is. */
  acceptInvitation: Session;
  updateProfile: User;
};


export type MutationUpdateAccountArgs = {
  input: UpdateAccountInput;
};


export type MutationInviteMemberArgs = {
  input: InviteMemberInput;
};


export type MutationRevokeInvitationArgs = {
  input: RevokeInvitationInput;
};


export type MutationUpdateMemberArgs = {
  input: UpdateMemberInput;
};


export type MutationRemoveMemberArgs = {
  input: RemoveMemberInput;
};


export type MutationSetFeatureFlagArgs = {
  input: SetFeatureFlagInput;
};


export type MutationCreateApiTokenArgs = {
  input: CreateApiTokenInput;
};


export type MutationRevokeApiTokenArgs = {
  input: RevokeApiTokenInput;
};


export type MutationRefetchAttachmentArgs = {
  input: AttachmentActionInput;
};


export type MutationSetConversationStatusArgs = {
  input: SetConversationStatusInput;
};


export type MutationMarkConversationReadArgs = {
  input: MarkConversationReadInput;
};


export type MutationAssignConversationArgs = {
  input: AssignConversationInput;
};


export type MutationImportHistoryArgs = {
  input: ImportHistoryInput;
};


export type MutationStartConnectionArgs = {
  input: StartConnectionInput;
};


export type MutationInspectChannelArgs = {
  input: ConnectChannelInput;
};


export type MutationConnectChannelArgs = {
  input: ConnectChannelInput;
};


export type MutationDisconnectInboxArgs = {
  input: DisconnectInboxInput;
};


export type MutationUpdateInboxArgs = {
  input: UpdateInboxInput;
};


export type MutationSetWebhookKeysArgs = {
  input: SetWebhookKeysInput;
};


export type MutationConfirmConnectionArgs = {
  input: PendingConnectionInput;
};


export type MutationCancelConnectionArgs = {
  input: PendingConnectionInput;
};


export type MutationSendMessageArgs = {
  input: SendMessageInput;
};


export type MutationRetryMessageArgs = {
  input: MessageActionInput;
};


export type MutationCheckMessageArgs = {
  input: MessageActionInput;
};


export type MutationRetryUnsentMessagesArgs = {
  input: RetryUnsentMessagesInput;
};


export type MutationSetTypingArgs = {
  input: SetTypingInput;
};


export type MutationResumeSendingArgs = {
  input: ResumeSendingInput;
};


export type MutationSetAccountStatusArgs = {
  input: SetAccountStatusInput;
};


export type MutationReplayDeadLetterArgs = {
  input: ReplayDeadLetterInput;
};


export type MutationRegisterWebhookArgs = {
  input: RegisterWebhookInput;
};


export type MutationRemoveWebhookArgs = {
  input: RegisterWebhookInput;
};


export type MutationSetChannelCredentialsArgs = {
  input: SetChannelCredentialsInput;
};


export type MutationRemoveChannelCredentialsArgs = {
  input: RemoveChannelCredentialsInput;
};


export type MutationSetInboxLimitArgs = {
  input: SetInboxLimitInput;
};


export type MutationDecideSwapMatchArgs = {
  input: DecideSwapMatchInput;
};


export type MutationTakeBackSwapArgs = {
  input: TakeBackSwapInput;
};


export type MutationSignUpArgs = {
  input: SignUpInput;
};


export type MutationLogInArgs = {
  input: LogInInput;
};


export type MutationRequestPasswordResetArgs = {
  input: RequestPasswordResetInput;
};


export type MutationResetPasswordArgs = {
  input: ResetPasswordInput;
};


export type MutationVerifyEmailArgs = {
  input: VerifyEmailInput;
};


export type MutationAcceptInvitationArgs = {
  input: AcceptInvitationInput;
};


export type MutationUpdateProfileArgs = {
  input: UpdateProfileInput;
};

export type Subscription = {
  __typename?: 'Subscription';
  /**
   * The account's feed. `after` is the cursor of the last event seen; without it the feed starts now.
   * Types: message.created message.updated message.removed conversation.created conversation.updated conversation.read
   * inbox.updated inbox.removed member.updated account.updated access.changed feed.heartbeat feed.reset.
   */
  accountEvents: AccountEvent;
};


export type SubscriptionAccountEventsArgs = {
  accountId: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/**
 * Nothing below it depends on who looks: unreadCount cannot be selected here (use inboundCount). At most one list, and a
 * short one: longer ones are asked for over HTTP.
 */
export type AccountEvent = {
  __typename?: 'AccountEvent';
  cursor: Scalars['String']['output'];
  type: Scalars['String']['output'];
  message?: Maybe<Message>;
  conversation?: Maybe<Conversation>;
  inbox?: Maybe<Inbox>;
  /** Small facts of the event, for instance { readCount } of conversation.read. */
  data?: Maybe<Scalars['JSON']['output']>;
};

export type PageInfo = {
  __typename?: 'PageInfo';
  startCursor?: Maybe<Scalars['String']['output']>;
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
};

export type Role =
  | 'ADMINISTRATOR'
  | 'AGENT';

export type AccountStatus =
  | 'ACTIVE'
  | 'SUSPENDED';

export type UpdateAccountInput = {
  accountId: Scalars['ID']['input'];
  name: Scalars['String']['input'];
};

export type InviteMemberInput = {
  accountId: Scalars['ID']['input'];
  email: Scalars['String']['input'];
  role: Role;
  inboxIds: Array<Scalars['ID']['input']>;
};

export type RevokeInvitationInput = {
  accountId: Scalars['ID']['input'];
  invitationId: Scalars['ID']['input'];
};

/** Fields left out stay as they are. */
export type UpdateMemberInput = {
  accountId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
  role?: InputMaybe<Role>;
  inboxIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

export type RemoveMemberInput = {
  accountId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};

export type SetFeatureFlagInput = {
  accountId: Scalars['ID']['input'];
  key: Scalars['String']['input'];
  enabled: Scalars['Boolean']['input'];
};

export type Account = {
  __typename?: 'Account';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  status: AccountStatus;
  featureFlags: Array<FeatureFlag>;
  /** Everybody who can be assigned or mentioned. */
  members: Array<Member>;
  /** Administrators only. */
  invitations: Array<Invitation>;
  /** Newest first; administrators only. */
  apiTokens: Array<ApiToken>;
};

export type FeatureFlag = {
  __typename?: 'FeatureFlag';
  key: Scalars['String']['output'];
  enabled: Scalars['Boolean']['output'];
  label: Scalars['String']['output'];
};

/** A user within one account. */
export type Member = {
  __typename?: 'Member';
  user: User;
  role: Role;
  inboxIds: Array<Scalars['ID']['output']>;
};

export type Invitation = {
  __typename?: 'Invitation';
  id: Scalars['ID']['output'];
  email: Scalars['String']['output'];
  role: Role;
  inboxIds: Array<Scalars['ID']['output']>;
  createdAt: Scalars['DateTime']['output'];
  expiresAt: Scalars['DateTime']['output'];
};

export type CreateApiTokenInput = {
  accountId: Scalars['ID']['input'];
  name: Scalars['String']['input'];
};

export type RevokeApiTokenInput = {
  accountId: Scalars['ID']['input'];
  apiTokenId: Scalars['ID']['input'];
};

/** What a program signs in with: it acts for the account, sees every inbox and administrates nothing. */
export type ApiToken = {
  __typename?: 'ApiToken';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  createdBy?: Maybe<User>;
  createdAt: Scalars['DateTime']['output'];
  /** To ten minutes. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
};

export type CreatedApiToken = {
  __typename?: 'CreatedApiToken';
  apiToken: ApiToken;
  /** Shown this once: only its hash is kept. */
  token: Scalars['String']['output'];
};

export type AttachmentActionInput = {
  accountId: Scalars['ID']['input'];
  attachmentId: Scalars['ID']['input'];
};

export type ImagePermission = {
  __typename?: 'ImagePermission';
  /** Null: not known now; then the sending tells. */
  allowed?: Maybe<Scalars['Boolean']['output']>;
  /** IMAGES_NOT_SUPPORTED, IMAGES_NOT_ALLOWED or null. */
  reason?: Maybe<Scalars['String']['output']>;
};

export type AttachmentState =
  | 'WAITING'
  | 'STORED'
  | 'FAILED';

export type Attachment = {
  __typename?: 'Attachment';
  id: Scalars['ID']['output'];
  /** image, video, sticker, emoji */
  fileType: Scalars['String']['output'];
  state: AttachmentState;
  /** Where it is served to whoever sees the conversation; null unless it is STORED. */
  url?: Maybe<Scalars['String']['output']>;
  thumbnailUrl?: Maybe<Scalars['String']['output']>;
  width?: Maybe<Scalars['Int']['output']>;
  height?: Maybe<Scalars['Int']['output']>;
  mimeType?: Maybe<Scalars['String']['output']>;
  fileName?: Maybe<Scalars['String']['output']>;
  /** At the provider; may have expired. */
  externalUrl?: Maybe<Scalars['String']['output']>;
  failure?: Maybe<MessageFailure>;
};

export type Contact = {
  __typename?: 'Contact';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  username?: Maybe<Scalars['String']['output']>;
  avatarUrl?: Maybe<Scalars['String']['output']>;
  /** First message ever, of either side. */
  firstSeenAt: Scalars['DateTime']['output'];
  /** Where the customer came from: the newest five, the newest first. */
  referrals: Array<Referral>;
};

/** AD an advertisement, SHORT_LINK a link of the business's own. */
export type ReferralSource =
  | 'AD'
  | 'SHORT_LINK'
  | 'OTHER';

export type Referral = {
  __typename?: 'Referral';
  id: Scalars['ID']['output'];
  source: ReferralSource;
  /** Small facts in the provider's words: adName, url; ref, prefilledText. */
  facts: Scalars['JSON']['output'];
  /** Null: the provider does not say when. */
  at?: Maybe<Scalars['DateTime']['output']>;
};

export type ConversationStatus =
  | 'OPEN'
  | 'PENDING'
  | 'SNOOZED'
  | 'RESOLVED';

/** unassigned and assigneeId exclude each other. query matches the contact's name, username or #number. */
export type ConversationFilter = {
  status?: InputMaybe<ConversationStatus>;
  inboxId?: InputMaybe<Scalars['ID']['input']>;
  assigneeId?: InputMaybe<Scalars['ID']['input']>;
  unassigned?: InputMaybe<Scalars['Boolean']['input']>;
  query?: InputMaybe<Scalars['String']['input']>;
};

export type SetConversationStatusInput = {
  accountId: Scalars['ID']['input'];
  conversationId: Scalars['ID']['input'];
  status: ConversationStatus;
  snoozedUntil?: InputMaybe<Scalars['DateTime']['input']>;
};

export type MarkConversationReadInput = {
  accountId: Scalars['ID']['input'];
  conversationId: Scalars['ID']['input'];
};

export type AssignConversationInput = {
  accountId: Scalars['ID']['input'];
  conversationId: Scalars['ID']['input'];
  assigneeId?: InputMaybe<Scalars['ID']['input']>;
};

export type ConversationConnection = {
  __typename?: 'ConversationConnection';
  nodes: Array<Conversation>;
  pageInfo: PageInfo;
};

export type ConversationCounts = {
  __typename?: 'ConversationCounts';
  all: Scalars['Int']['output'];
  mine: Scalars['Int']['output'];
  unassigned: Scalars['Int']['output'];
  inboxes: Array<InboxCount>;
};

export type InboxCount = {
  __typename?: 'InboxCount';
  inboxId: Scalars['ID']['output'];
  open: Scalars['Int']['output'];
};

export type Conversation = {
  __typename?: 'Conversation';
  id: Scalars['ID']['output'];
  displayId: Scalars['Int']['output'];
  status: ConversationStatus;
  snoozedUntil?: Maybe<Scalars['DateTime']['output']>;
  inbox: Inbox;
  contact: Contact;
  assignee?: Maybe<User>;
  /** The asking member's own. */
  unreadCount: Scalars['Int']['output'];
  /** Messages of the customer so far; unread is this less the member's readCount. */
  inboundCount: Scalars['Int']['output'];
  /** How many of them the asking member has read. */
  readCount: Scalars['Int']['output'];
  lastActivityAt: Scalars['DateTime']['output'];
  createdAt: Scalars['DateTime']['output'];
  replyWindow: ReplyWindow;
  lastMessage?: Maybe<Message>;
  messages: MessageConnection;
};


export type ConversationMessagesArgs = {
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type ReplyWindow = {
  __typename?: 'ReplyWindow';
  /** Whether a reply could go out now. */
  open: Scalars['Boolean']['output'];
  closesAt?: Maybe<Scalars['DateTime']['output']>;
  remaining?: Maybe<Scalars['Int']['output']>;
  limit?: Maybe<Scalars['Int']['output']>;
  /**
   * NO_INBOUND, EXPIRED, QUOTA_USED, NOT_AT_PROVIDER (after a swap: the new provider has not told of this customer yet),
   * CHANNEL_REAUTH, CHANNEL_DISABLED or null.
   */
  reason?: Maybe<Scalars['String']['output']>;
};

export type ImportHistoryInput = {
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
};

export type HistoryRun = {
  __typename?: 'HistoryRun';
  state: HistoryState;
  reason: HistoryReason;
  threadsFound: Scalars['Int']['output'];
  threadsRead: Scalars['Int']['output'];
  messagesAdded: Scalars['Int']['output'];
  startedAt: Scalars['DateTime']['output'];
  finishedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Why it FAILED, or why it has to wait. */
  failureCode?: Maybe<Scalars['String']['output']>;
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
  accountId: Scalars['ID']['input'];
  pendingConnectionId: Scalars['ID']['input'];
};

export type PendingConnection = {
  __typename?: 'PendingConnection';
  id: Scalars['ID']['output'];
  /** The inbox that was to be connected again, which belongs to another business. */
  inbox: Inbox;
  name: Scalars['String']['output'];
  handle?: Maybe<Scalars['String']['output']>;
  avatarUrl?: Maybe<Scalars['String']['output']>;
  expiresAt: Scalars['DateTime']['output'];
};

export type StartConnectionInput = {
  accountId: Scalars['ID']['input'];
  channelType: Scalars['String']['input'];
  /** To connect again. */
  inboxId?: InputMaybe<Scalars['ID']['input']>;
};

export type ConnectChannelInput = {
  accountId: Scalars['ID']['input'];
  channelType: Scalars['String']['input'];
  /** The form's fields by name, all of them texts. */
  fields: Scalars['JSON']['input'];
  /** To connect again. */
  inboxId?: InputMaybe<Scalars['ID']['input']>;
};

export type ChannelInspection = {
  __typename?: 'ChannelInspection';
  choices: Array<ConnectionChoice>;
  /** What to know before connecting, as codes. */
  notes: Array<Scalars['String']['output']>;
};

export type ConnectionChoice = {
  __typename?: 'ConnectionChoice';
  /** What an inbox of it has as externalId. */
  ref: Scalars['String']['output'];
  name: Scalars['String']['output'];
  handle?: Maybe<Scalars['String']['output']>;
  /** Whether an inbox of this installation, of any account, is connected to it. */
  connected: Scalars['Boolean']['output'];
};

export type SetWebhookKeysInput = {
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
  keys: Array<Scalars['String']['input']>;
};

export type DisconnectInboxInput = {
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
};

/** Fields left out stay as they are. memberIds replaces the agents who see the inbox. */
export type UpdateInboxInput = {
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
  name?: InputMaybe<Scalars['String']['input']>;
  memberIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  sendTyping?: InputMaybe<Scalars['Boolean']['input']>;
  sendReadReceipts?: InputMaybe<Scalars['Boolean']['input']>;
};

export type OAuthRedirect = {
  __typename?: 'OAuthRedirect';
  url: Scalars['String']['output'];
};

export type Inbox = {
  __typename?: 'Inbox';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  channelType: Scalars['String']['output'];
  externalId: Scalars['String']['output'];
  /** The account's name at the provider, for instance @acme.shop. */
  handle?: Maybe<Scalars['String']['output']>;
  avatarUrl?: Maybe<Scalars['String']['output']>;
  connected: Scalars['Boolean']['output'];
  reauthorizationRequired: Scalars['Boolean']['output'];
  /** REVOKED, REFRESH_REFUSED, TOKEN_ENDED, CONSENT_ENDED, SCOPE_MISSING, DIALECT_CHANGED, APP_CHANGED or null. */
  reauthorizationReason?: Maybe<Scalars['String']['output']>;
  /** What goes without the permissions that were not given: RECEIVING, SENDING, READ_SIGNS, PROFILE, HANDLE, ACCOUNT_TYPE. */
  missingScopes: Array<Scalars['String']['output']>;
  /** False while the channel's feature flag is off for this account. */
  enabled: Scalars['Boolean']['output'];
  /** When the access has to be renewed at the latest; null when it does not end, or is not connected. */
  accessExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** When what the business allowed ends by itself, if the provider said so; only connecting again helps then. */
  consentExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** Whether customers see that somebody types to them; so may only channels whose signals have TYPING. */
  sendTyping: Scalars['Boolean']['output'];
  /** Whether customers see that somebody has read what they wrote; READ likewise. */
  sendReadReceipts: Scalars['Boolean']['output'];
  /** Its own address for deliveries; null for agents, and where the channel has one for all. */
  webhook?: Maybe<InboxWebhook>;
  lastEventAt?: Maybe<Scalars['DateTime']['output']>;
  createdAt: Scalars['DateTime']['output'];
  /** Why it may not go over to another provider now; null: it may. Administrators only. */
  swapObstacle?: Maybe<SwapObstacle>;
  /** The agents who see it; administrators see every inbox. Administrators only. */
  memberIds: Array<Scalars['ID']['output']>;
  /** How reading the provider's earlier messages goes, or went the last time; null: never begun. */
  history?: Maybe<HistoryRun>;
  /** Administrators only; null for everybody else. */
  health?: Maybe<InboxHealth>;
  /** Messages that could not be sent while it had to be connected again, and could be sent now. Of the last 48 hours. */
  unsentCount: Scalars['Int']['output'];
  /** The provider slows this account down: what is written waits until then. Null while it does not. */
  sendingPausedUntil?: Maybe<Scalars['DateTime']['output']>;
  /**
   * The last swap of providers, while it can be taken back or something of it is to be decided; administrators only. One
   * begins with startConnection or connectChannel for this inbox with the other channelType: CONFLICT with details.reason
   * SWAP_OPEN (take back or wait first), NOT_CONNECTED, ALREADY_CONNECTED; FORBIDDEN while the account is suspended.
   */
  swap?: Maybe<InboxSwap>;
};

export type SwapObstacle =
  /** Connect it first. */
  | 'NOT_CONNECTED'
  /** The last swap can still be taken back: do that, or wait. */
  | 'SWAP_OPEN'
  /** The connection that the last swap left is still being ended at its provider, for some hours at most. */
  | 'SWAP_ENDING';

export type InboxWebhook = {
  __typename?: 'InboxWebhook';
  /** Unguessable: to be entered at the provider. */
  url: Scalars['String']['output'];
  /** How many signing keys are known; without one nothing is taken in. */
  keys: Scalars['Int']['output'];
  maxKeys: Scalars['Int']['output'];
  /** Whose steps to show beside the address. */
  guide?: Maybe<Scalars['String']['output']>;
};

export type ChannelType = {
  __typename?: 'ChannelType';
  id: Scalars['String']['output'];
  label: Scalars['String']['output'];
  /** Whether the account's feature flag is on. */
  enabled: Scalars['Boolean']['output'];
  /** Whether the installation holds what the channel needs, for instance the app's credentials. */
  configured: Scalars['Boolean']['output'];
  connect: ConnectMethod;
  /** What connecting asks for; null where it goes by OAuth. */
  form?: Maybe<ConnectForm>;
  limits: ChannelLimits;
  /** Which kinds can be sent: text, share_post, card. */
  sends: Array<Scalars['String']['output']>;
  /** Which kinds (contentType) a text may quote. */
  quotable: Array<Scalars['String']['output']>;
  /** Null: no cards. */
  card?: Maybe<CardLimits>;
  /** Hosts whose player may be shown in a frame. */
  playerHosts: Array<Scalars['String']['output']>;
  /** What a customer can be shown besides messages. */
  signals: Array<ThreadSignal>;
};

export type ConnectForm = {
  __typename?: 'ConnectForm';
  fields: Array<ConnectField>;
  /** The name under which what was chosen comes with the fields. */
  choice: Scalars['String']['output'];
  /** Whose steps to show before the fields, for instance RESPONDIO_TOKEN. */
  guide?: Maybe<Scalars['String']['output']>;
};

export type ConnectField = {
  __typename?: 'ConnectField';
  name: Scalars['String']['output'];
  /** Whose label and hint to show, for instance API_TOKEN. */
  code: Scalars['String']['output'];
  secret: Scalars['Boolean']['output'];
  required: Scalars['Boolean']['output'];
  /** In characters. */
  maxLength: Scalars['Int']['output'];
};

export type ThreadSignal =
  | 'TYPING'
  | 'READ';

/** In characters; how many buttons. */
export type CardLimits = {
  __typename?: 'CardLimits';
  title: Scalars['Int']['output'];
  buttons: Scalars['Int']['output'];
  button: Scalars['Int']['output'];
  link: Scalars['Int']['output'];
};

export type ConnectMethod =
  | 'OAUTH'
  | 'FORM';

export type ChannelLimits = {
  __typename?: 'ChannelLimits';
  textLength: Scalars['Int']['output'];
  windowHours?: Maybe<Scalars['Int']['output']>;
  windowMessages?: Maybe<Scalars['Int']['output']>;
  /** How many replies may follow once the hours are over. */
  windowAfterwards?: Maybe<Scalars['Int']['output']>;
};

/** Whether messages come and go. What is of the whole channel is the same at each of its inboxes. */
export type InboxHealth = {
  __typename?: 'InboxHealth';
  webhookState: WebhookState;
  webhookCheckedAt?: Maybe<Scalars['DateTime']['output']>;
  lastEventAt?: Maybe<Scalars['DateTime']['output']>;
  /**
   * Deliveries to the channel that were refused in the last 24 hours, since their signature was missing, wrong or too old.
   * Where each inbox has an address of its own: those that came there since refusedSince.
   */
  rejectedSignatures?: Maybe<Scalars['Int']['output']>;
  /** Since when the inbox's own address refuses deliveries that none of its keys signed; null once a key was added. */
  refusedSince?: Maybe<Scalars['DateTime']['output']>;
  /** The last of them. */
  refusedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Events of this business that are not worked off yet. */
  waitingEvents: Scalars['Int']['output'];
  /** Events of this business that could not be worked off. */
  deadEvents: Scalars['Int']['output'];
  /** Messages of customers in Europe of which the provider told neither writer nor text. */
  unnamedMessages: Scalars['Int']['output'];
  /** Messages on their way out. */
  queuedMessages: Scalars['Int']['output'];
  /** Conversations that could still be answered and have no reply left; null where there is no quota. */
  usedUpThreads?: Maybe<Scalars['Int']['output']>;
  accessExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  consentExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** How it is read; null where the provider tells everything by itself. */
  polling?: Maybe<InboxPolling>;
};

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
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
};

export type SendMessageInput = {
  accountId: Scalars['ID']['input'];
  conversationId: Scalars['ID']['input'];
  clientMessageId: Scalars['ID']['input'];
  content?: InputMaybe<Scalars['String']['input']>;
  private?: InputMaybe<Scalars['Boolean']['input']>;
  /** Uploads, at most 10: a text with pictures becomes several messages in order, and the first is answered. */
  attachmentIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Instead of content. */
  sharePost?: InputMaybe<SharePostInput>;
  /** Instead of content. */
  card?: InputMaybe<CardInput>;
  /** Texts only; a reply to the customer quotes what the channel can quote. */
  inReplyToId?: InputMaybe<Scalars['ID']['input']>;
  /** CONFLICT when a newer message is in the thread than this one. */
  expectedLastMessageId?: InputMaybe<Scalars['ID']['input']>;
};

export type SharePostInput = {
  /** Its id, or its address at the provider; one of the business's own. */
  post: Scalars['String']['input'];
};

/** A question that the customer answers with a tap. */
export type CardInput = {
  title: Scalars['String']['input'];
  buttons: Array<CardButtonInput>;
  /** Shown as links, which may be longer, instead of buttons. */
  asLinks?: InputMaybe<Scalars['Boolean']['input']>;
};

export type CardButtonInput = {
  title: Scalars['String']['input'];
};

export type MessageActionInput = {
  accountId: Scalars['ID']['input'];
  messageId: Scalars['ID']['input'];
};

/** Oldest first. */
export type MessageConnection = {
  __typename?: 'MessageConnection';
  nodes: Array<Message>;
  pageInfo: PageInfo;
};

export type Message = {
  __typename?: 'Message';
  id: Scalars['ID']['output'];
  conversationId: Scalars['ID']['output'];
  type: MessageType;
  /** Null on incoming ones, notes and activity. */
  status?: Maybe<MessageStatus>;
  private: Scalars['Boolean']['output'];
  content?: Maybe<Scalars['String']['output']>;
  /** text, image, share_post, sticker, video, emoji, template, unsupported, activity */
  contentType: Scalars['String']['output'];
  source: MessageSource;
  /** The agent who wrote it. */
  sender?: Maybe<User>;
  externalId?: Maybe<Scalars['String']['output']>;
  clientMessageId?: Maybe<Scalars['ID']['output']>;
  attachments: Array<Attachment>;
  inReplyTo?: Maybe<Message>;
  /** Oldest first. */
  reactions: Array<Reaction>;
  failure?: Maybe<MessageFailure>;
  /**
   * What a placeholder or an activity line says, as data: { kind } or { action, actorName, … }. Also { postRef, url } of a
   * shared post, { buttons } of a card, { tap } of its answer, { automatic } of an automatic message.
   */
  details?: Maybe<Scalars['JSON']['output']>;
  /** The provider's time where it is known; the thread reads in this order. */
  createdAt: Scalars['DateTime']['output'];
  /** It was past when it came here: read from the provider's list, without a notification. What was missed is unread all the same. */
  history: Scalars['Boolean']['output'];
};

export type Reaction = {
  __typename?: 'Reaction';
  /** An emoji, or the address of a picture. */
  sign: Scalars['String']['output'];
  isPicture: Scalars['Boolean']['output'];
  by: ReactionAuthor;
  at: Scalars['DateTime']['output'];
};

export type ReactionAuthor =
  | 'CONTACT'
  | 'BUSINESS';

export type MessageFailure = {
  __typename?: 'MessageFailure';
  code: Scalars['String']['output'];
  message: Scalars['String']['output'];
};

export type SetTypingInput = {
  accountId: Scalars['ID']['input'];
  conversationId: Scalars['ID']['input'];
};

export type ResumeSendingInput = {
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
};

export type SetChannelCredentialsInput = {
  channelType: Scalars['String']['input'];
  appId: Scalars['String']['input'];
  appSecret: Scalars['String']['input'];
};

export type RemoveChannelCredentialsInput = {
  channelType: Scalars['String']['input'];
};

export type SetInboxLimitInput = {
  accountId: Scalars['ID']['input'];
  limit?: InputMaybe<Scalars['Int']['input']>;
};

/** Which app a channel acts as, and who says so. */
export type ChannelAppCredentials = {
  __typename?: 'ChannelAppCredentials';
  appId: Scalars['String']['output'];
  source: CredentialsSource;
  updatedByName?: Maybe<Scalars['String']['output']>;
  updatedAt?: Maybe<Scalars['DateTime']['output']>;
};

export type CredentialsSource =
  | 'ENVIRONMENT'
  | 'PLATFORM';

export type RegisterWebhookInput = {
  channelType: Scalars['String']['input'];
};

/** What the whole installation holds of a channel. */
export type ChannelApp = {
  __typename?: 'ChannelApp';
  channelType: Scalars['String']['output'];
  label: Scalars['String']['output'];
  configured: Scalars['Boolean']['output'];
  /** Null: none is set. */
  credentials?: Maybe<ChannelAppCredentials>;
  webhookState: WebhookState;
  /** The address that it has to be. */
  callbackUrl: Scalars['String']['output'];
  /** The address that the provider named last. */
  registeredUrl?: Maybe<Scalars['String']['output']>;
  registeredAt?: Maybe<Scalars['DateTime']['output']>;
  checkedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Why the last check failed. */
  failureCode?: Maybe<Scalars['String']['output']>;
  /** Of the last 24 hours. */
  rejectedSignatures: Scalars['Int']['output'];
  connectedInboxes: Scalars['Int']['output'];
  /** Events that are not worked off yet, and messages on their way out, of all accounts together. */
  waitingEvents: Scalars['Int']['output'];
  queuedMessages: Scalars['Int']['output'];
  /** Messages that went out in the last hour, of all accounts together. */
  sentLastHour: Scalars['Int']['output'];
  /** The most that all calls to the provider together are, in any second: more it would refuse. */
  callsPerSecond: Scalars['Int']['output'];
};

export type SetAccountStatusInput = {
  accountId: Scalars['ID']['input'];
  status: AccountStatus;
};

export type ReplayDeadLetterInput = {
  id: Scalars['ID']['input'];
};

export type PlatformAccountConnection = {
  __typename?: 'PlatformAccountConnection';
  nodes: Array<PlatformAccount>;
  pageInfo: PageInfo;
};

export type PlatformAccount = {
  __typename?: 'PlatformAccount';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  status: AccountStatus;
  createdAt: Scalars['DateTime']['output'];
  memberCount: Scalars['Int']['output'];
  inboxCount: Scalars['Int']['output'];
  inboxLimit?: Maybe<Scalars['Int']['output']>;
  featureFlags: Array<FeatureFlag>;
};

export type DeadLetterConnection = {
  __typename?: 'DeadLetterConnection';
  nodes: Array<DeadLetter>;
  pageInfo: PageInfo;
};

/** An event that could not be worked off; its content is not shown. */
export type DeadLetter = {
  __typename?: 'DeadLetter';
  id: Scalars['ID']['output'];
  channelType: Scalars['String']['output'];
  code: Scalars['String']['output'];
  receivedAt: Scalars['DateTime']['output'];
  attempts: Scalars['Int']['output'];
};

/** How far the reading of an inbox is whose provider has to be asked. */
export type InboxPolling = {
  __typename?: 'InboxPolling';
  /** Deliveries come, and reading only makes sure that none is missing. */
  byWebhook: Scalars['Boolean']['output'];
  /** How many people are in the inbox's channel, as far as they were looked at. */
  contacts: Scalars['Int']['output'];
  /** Of them, those who are read again and again since something happens there. */
  active: Scalars['Int']['output'];
  /** How long ago the one was looked at who waits longest for it; null while there is nobody. */
  oldestSeconds?: Maybe<Scalars['Int']['output']>;
  /** When everybody was last listed. */
  listedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Why it cannot be read; tried again by itself. */
  failureCode?: Maybe<Scalars['String']['output']>;
};

export type DecideSwapMatchInput = {
  accountId: Scalars['ID']['input'];
  matchId: Scalars['ID']['input'];
  /** A candidate's threadId; null: it is somebody else. */
  threadId?: InputMaybe<Scalars['ID']['input']>;
};

export type TakeBackSwapInput = {
  accountId: Scalars['ID']['input'];
  inboxId: Scalars['ID']['input'];
};

export type InboxSwap = {
  __typename?: 'InboxSwap';
  id: Scalars['ID']['output'];
  from: SwapSide;
  to: SwapSide;
  swappedAt: Scalars['DateTime']['output'];
  /** Until then the connection that was left is kept. */
  takeBackUntil: Scalars['DateTime']['output'];
  canTakeBack: Scalars['Boolean']['output'];
  /** How many messages are still on their way out at the provider that was left; to 1,000. */
  draining: Scalars['Int']['output'];
  /** When another program (a workflow, an AI agent) last answered customers since the swap; null: never. */
  foreignReplyAt?: Maybe<Scalars['DateTime']['output']>;
  /** AUTOMATION the provider's own, API another program's. */
  foreignReplyVia?: Maybe<ForeignReplyVia>;
  /** To 1,000. */
  openDecisions: Scalars['Int']['output'];
  /** What is to be decided, the oldest first; at most 50 at a time. */
  matches: SwapMatchConnection;
};


export type InboxSwapMatchesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type SwapSide = {
  __typename?: 'SwapSide';
  channelType: Scalars['String']['output'];
  externalId: Scalars['String']['output'];
  /** The account's name at the provider, where it is known. */
  handle?: Maybe<Scalars['String']['output']>;
};

export type ForeignReplyVia =
  | 'AUTOMATION'
  | 'API';

export type SwapMatchConnection = {
  __typename?: 'SwapMatchConnection';
  nodes: Array<SwapMatch>;
  pageInfo: PageInfo;
};

/** A customer of one provider who may be one of the other's: somebody has to decide. */
export type SwapMatch = {
  __typename?: 'SwapMatch';
  id: Scalars['ID']['output'];
  /** As the provider has it that told of it last. */
  side: SwapThread;
  /** The likeliest first. */
  candidates: Array<SwapCandidate>;
};

export type SwapCandidate = {
  __typename?: 'SwapCandidate';
  thread: SwapThread;
  /** 0 to 1. */
  confidence: Scalars['Float']['output'];
  /** SAME_NAME, SAME_USERNAME, SAME_TEXTS (some messages say the same at the same time), OTHER_TEXTS (some do not). */
  reasons: Array<Scalars['String']['output']>;
};

export type SwapThread = {
  __typename?: 'SwapThread';
  threadId: Scalars['ID']['output'];
  /** Whose names it goes by. */
  channelTypes: Array<Scalars['String']['output']>;
  contact: Contact;
  /** Where its messages are; null before there is one. */
  conversationId?: Maybe<Scalars['ID']['output']>;
  /** The last five with a text, the oldest first. */
  texts: Array<SwapText>;
};

export type SwapText = {
  __typename?: 'SwapText';
  incoming: Scalars['Boolean']['output'];
  text: Scalars['String']['output'];
  at: Scalars['DateTime']['output'];
};

export type SignUpInput = {
  accountName: Scalars['String']['input'];
  name: Scalars['String']['input'];
  email: Scalars['String']['input'];
  password: Scalars['String']['input'];
  locale?: InputMaybe<Scalars['String']['input']>;
};

export type LogInInput = {
  email: Scalars['String']['input'];
  password: Scalars['String']['input'];
};

export type RequestPasswordResetInput = {
  email: Scalars['String']['input'];
};

export type ResetPasswordInput = {
  token: Scalars['String']['input'];
  password: Scalars['String']['input'];
};

export type VerifyEmailInput = {
  token: Scalars['String']['input'];
};

export type AcceptInvitationInput = {
  token: Scalars['String']['input'];
  name?: InputMaybe<Scalars['String']['input']>;
  password: Scalars['String']['input'];
  /** The language of a new user; else the inviter's. */
  locale?: InputMaybe<Scalars['String']['input']>;
};

export type UpdateProfileInput = {
  name?: InputMaybe<Scalars['String']['input']>;
  locale?: InputMaybe<Scalars['String']['input']>;
};

export type Session = {
  __typename?: 'Session';
  accessToken: Scalars['String']['output'];
  /** When the access token ends. */
  expiresAt: Scalars['DateTime']['output'];
  user: User;
  /** The account to open: the new one after sign-up, else the one last used. */
  account: Account;
};

/** What is marked as one's own is empty or false on anybody else. */
export type User = {
  __typename?: 'User';
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  email: Scalars['String']['output'];
  /** One's own. */
  locale?: Maybe<Scalars['String']['output']>;
  /** One's own. */
  emailVerified: Scalars['Boolean']['output'];
  /** One's own. */
  platformAdministrator: Scalars['Boolean']['output'];
  /** One's own. */
  memberships: Array<Membership>;
};

export type Membership = {
  __typename?: 'Membership';
  account: Account;
  role: Role;
};

export type InvitationPreview = {
  __typename?: 'InvitationPreview';
  accountName: Scalars['String']['output'];
  inviterName: Scalars['String']['output'];
  email: Scalars['String']['output'];
  role: Role;
  /** Whether the address has a user, who then confirms with the password. */
  userExists: Scalars['Boolean']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Partial<Scalars['DateTime']['output']>>;
  JSON: ResolverTypeWrapper<Partial<Scalars['JSON']['output']>>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Partial<Scalars['String']['output']>>;
  ID: ResolverTypeWrapper<Partial<Scalars['ID']['output']>>;
  Int: ResolverTypeWrapper<Partial<Scalars['Int']['output']>>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Boolean: ResolverTypeWrapper<Partial<Scalars['Boolean']['output']>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  AccountEvent: ResolverTypeWrapper<Partial<Omit<AccountEvent, 'message' | 'conversation' | 'inbox'> & { message?: Maybe<ResolversTypes['Message']>, conversation?: Maybe<ResolversTypes['Conversation']>, inbox?: Maybe<ResolversTypes['Inbox']> }>>;
  PageInfo: ResolverTypeWrapper<Partial<PageInfo>>;
  Role: ResolverTypeWrapper<Partial<Role>>;
  AccountStatus: ResolverTypeWrapper<Partial<AccountStatus>>;
  UpdateAccountInput: ResolverTypeWrapper<Partial<UpdateAccountInput>>;
  InviteMemberInput: ResolverTypeWrapper<Partial<InviteMemberInput>>;
  RevokeInvitationInput: ResolverTypeWrapper<Partial<RevokeInvitationInput>>;
  UpdateMemberInput: ResolverTypeWrapper<Partial<UpdateMemberInput>>;
  RemoveMemberInput: ResolverTypeWrapper<Partial<RemoveMemberInput>>;
  SetFeatureFlagInput: ResolverTypeWrapper<Partial<SetFeatureFlagInput>>;
  Account: ResolverTypeWrapper<AccountRow>;
  FeatureFlag: ResolverTypeWrapper<FeatureFlagRow>;
  Member: ResolverTypeWrapper<MemberRow>;
  Invitation: ResolverTypeWrapper<InvitationRow>;
  CreateApiTokenInput: ResolverTypeWrapper<Partial<CreateApiTokenInput>>;
  RevokeApiTokenInput: ResolverTypeWrapper<Partial<RevokeApiTokenInput>>;
  ApiToken: ResolverTypeWrapper<ApiTokenRow>;
  CreatedApiToken: ResolverTypeWrapper<Partial<Omit<CreatedApiToken, 'apiToken'> & { apiToken: ResolversTypes['ApiToken'] }>>;
  AttachmentActionInput: ResolverTypeWrapper<Partial<AttachmentActionInput>>;
  ImagePermission: ResolverTypeWrapper<Partial<ImagePermission>>;
  AttachmentState: ResolverTypeWrapper<Partial<AttachmentState>>;
  Attachment: ResolverTypeWrapper<Partial<Attachment>>;
  Contact: ResolverTypeWrapper<ContactRow>;
  ReferralSource: ResolverTypeWrapper<Partial<ReferralSource>>;
  Referral: ResolverTypeWrapper<ReferralView>;
  ConversationStatus: ResolverTypeWrapper<Partial<ConversationStatus>>;
  ConversationFilter: ResolverTypeWrapper<Partial<ConversationFilter>>;
  SetConversationStatusInput: ResolverTypeWrapper<Partial<SetConversationStatusInput>>;
  MarkConversationReadInput: ResolverTypeWrapper<Partial<MarkConversationReadInput>>;
  AssignConversationInput: ResolverTypeWrapper<Partial<AssignConversationInput>>;
  ConversationConnection: ResolverTypeWrapper<Partial<Omit<ConversationConnection, 'nodes'> & { nodes: Array<ResolversTypes['Conversation']> }>>;
  ConversationCounts: ResolverTypeWrapper<Partial<ConversationCounts>>;
  InboxCount: ResolverTypeWrapper<Partial<InboxCount>>;
  Conversation: ResolverTypeWrapper<ConversationRow>;
  ReplyWindow: ResolverTypeWrapper<ReplyWindowRow>;
  ImportHistoryInput: ResolverTypeWrapper<Partial<ImportHistoryInput>>;
  HistoryRun: ResolverTypeWrapper<HistoryRunRow>;
  HistoryState: ResolverTypeWrapper<Partial<HistoryState>>;
  HistoryReason: ResolverTypeWrapper<Partial<HistoryReason>>;
  PendingConnectionInput: ResolverTypeWrapper<Partial<PendingConnectionInput>>;
  PendingConnection: ResolverTypeWrapper<PendingView>;
  StartConnectionInput: ResolverTypeWrapper<Partial<StartConnectionInput>>;
  ConnectChannelInput: ResolverTypeWrapper<Partial<ConnectChannelInput>>;
  ChannelInspection: ResolverTypeWrapper<Partial<ChannelInspection>>;
  ConnectionChoice: ResolverTypeWrapper<Partial<ConnectionChoice>>;
  SetWebhookKeysInput: ResolverTypeWrapper<Partial<SetWebhookKeysInput>>;
  DisconnectInboxInput: ResolverTypeWrapper<Partial<DisconnectInboxInput>>;
  UpdateInboxInput: ResolverTypeWrapper<Partial<UpdateInboxInput>>;
  OAuthRedirect: ResolverTypeWrapper<Partial<OAuthRedirect>>;
  Inbox: ResolverTypeWrapper<InboxView>;
  SwapObstacle: ResolverTypeWrapper<Partial<SwapObstacle>>;
  InboxWebhook: ResolverTypeWrapper<Partial<InboxWebhook>>;
  ChannelType: ResolverTypeWrapper<Partial<ChannelType>>;
  ConnectForm: ResolverTypeWrapper<Partial<ConnectForm>>;
  ConnectField: ResolverTypeWrapper<Partial<ConnectField>>;
  ThreadSignal: ResolverTypeWrapper<Partial<ThreadSignal>>;
  CardLimits: ResolverTypeWrapper<Partial<CardLimits>>;
  ConnectMethod: ResolverTypeWrapper<Partial<ConnectMethod>>;
  ChannelLimits: ResolverTypeWrapper<Partial<ChannelLimits>>;
  InboxHealth: ResolverTypeWrapper<InboxHealthView>;
  WebhookState: ResolverTypeWrapper<Partial<WebhookState>>;
  MessageType: ResolverTypeWrapper<Partial<MessageType>>;
  MessageStatus: ResolverTypeWrapper<Partial<MessageStatus>>;
  MessageSource: ResolverTypeWrapper<Partial<MessageSource>>;
  RetryUnsentMessagesInput: ResolverTypeWrapper<Partial<RetryUnsentMessagesInput>>;
  SendMessageInput: ResolverTypeWrapper<Partial<SendMessageInput>>;
  SharePostInput: ResolverTypeWrapper<Partial<SharePostInput>>;
  CardInput: ResolverTypeWrapper<Partial<CardInput>>;
  CardButtonInput: ResolverTypeWrapper<Partial<CardButtonInput>>;
  MessageActionInput: ResolverTypeWrapper<Partial<MessageActionInput>>;
  MessageConnection: ResolverTypeWrapper<Partial<Omit<MessageConnection, 'nodes'> & { nodes: Array<ResolversTypes['Message']> }>>;
  Message: ResolverTypeWrapper<MessageRow>;
  Reaction: ResolverTypeWrapper<ReactionView>;
  ReactionAuthor: ResolverTypeWrapper<Partial<ReactionAuthor>>;
  MessageFailure: ResolverTypeWrapper<Partial<MessageFailure>>;
  SetTypingInput: ResolverTypeWrapper<Partial<SetTypingInput>>;
  ResumeSendingInput: ResolverTypeWrapper<Partial<ResumeSendingInput>>;
  SetChannelCredentialsInput: ResolverTypeWrapper<Partial<SetChannelCredentialsInput>>;
  RemoveChannelCredentialsInput: ResolverTypeWrapper<Partial<RemoveChannelCredentialsInput>>;
  SetInboxLimitInput: ResolverTypeWrapper<Partial<SetInboxLimitInput>>;
  ChannelAppCredentials: ResolverTypeWrapper<Partial<ChannelAppCredentials>>;
  CredentialsSource: ResolverTypeWrapper<Partial<CredentialsSource>>;
  RegisterWebhookInput: ResolverTypeWrapper<Partial<RegisterWebhookInput>>;
  ChannelApp: ResolverTypeWrapper<Partial<ChannelApp>>;
  SetAccountStatusInput: ResolverTypeWrapper<Partial<SetAccountStatusInput>>;
  ReplayDeadLetterInput: ResolverTypeWrapper<Partial<ReplayDeadLetterInput>>;
  PlatformAccountConnection: ResolverTypeWrapper<Partial<Omit<PlatformAccountConnection, 'nodes'> & { nodes: Array<ResolversTypes['PlatformAccount']> }>>;
  PlatformAccount: ResolverTypeWrapper<PlatformAccountRow>;
  DeadLetterConnection: ResolverTypeWrapper<Partial<Omit<DeadLetterConnection, 'nodes'> & { nodes: Array<ResolversTypes['DeadLetter']> }>>;
  DeadLetter: ResolverTypeWrapper<DeadLetterRow>;
  InboxPolling: ResolverTypeWrapper<Partial<InboxPolling>>;
  DecideSwapMatchInput: ResolverTypeWrapper<Partial<DecideSwapMatchInput>>;
  TakeBackSwapInput: ResolverTypeWrapper<Partial<TakeBackSwapInput>>;
  InboxSwap: ResolverTypeWrapper<SwapView>;
  SwapSide: ResolverTypeWrapper<Partial<SwapSide>>;
  ForeignReplyVia: ResolverTypeWrapper<Partial<ForeignReplyVia>>;
  SwapMatchConnection: ResolverTypeWrapper<Partial<Omit<SwapMatchConnection, 'nodes'> & { nodes: Array<ResolversTypes['SwapMatch']> }>>;
  SwapMatch: ResolverTypeWrapper<SwapMatchView>;
  SwapCandidate: ResolverTypeWrapper<Partial<Omit<SwapCandidate, 'thread'> & { thread: ResolversTypes['SwapThread'] }>>;
  Float: ResolverTypeWrapper<Partial<Scalars['Float']['output']>>;
  SwapThread: ResolverTypeWrapper<SwapThreadView>;
  SwapText: ResolverTypeWrapper<SwapTextView>;
  SignUpInput: ResolverTypeWrapper<Partial<SignUpInput>>;
  LogInInput: ResolverTypeWrapper<Partial<LogInInput>>;
  RequestPasswordResetInput: ResolverTypeWrapper<Partial<RequestPasswordResetInput>>;
  ResetPasswordInput: ResolverTypeWrapper<Partial<ResetPasswordInput>>;
  VerifyEmailInput: ResolverTypeWrapper<Partial<VerifyEmailInput>>;
  AcceptInvitationInput: ResolverTypeWrapper<Partial<AcceptInvitationInput>>;
  UpdateProfileInput: ResolverTypeWrapper<Partial<UpdateProfileInput>>;
  Session: ResolverTypeWrapper<SessionRow>;
  User: ResolverTypeWrapper<UserRow>;
  Membership: ResolverTypeWrapper<MembershipRow>;
  InvitationPreview: ResolverTypeWrapper<OpenInvitation>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Partial<Scalars['DateTime']['output']>;
  JSON: Partial<Scalars['JSON']['output']>;
  Query: Record<PropertyKey, never>;
  String: Partial<Scalars['String']['output']>;
  ID: Partial<Scalars['ID']['output']>;
  Int: Partial<Scalars['Int']['output']>;
  Mutation: Record<PropertyKey, never>;
  Boolean: Partial<Scalars['Boolean']['output']>;
  Subscription: Record<PropertyKey, never>;
  AccountEvent: Partial<Omit<AccountEvent, 'message' | 'conversation' | 'inbox'> & { message?: Maybe<ResolversParentTypes['Message']>, conversation?: Maybe<ResolversParentTypes['Conversation']>, inbox?: Maybe<ResolversParentTypes['Inbox']> }>;
  PageInfo: Partial<PageInfo>;
  UpdateAccountInput: Partial<UpdateAccountInput>;
  InviteMemberInput: Partial<InviteMemberInput>;
  RevokeInvitationInput: Partial<RevokeInvitationInput>;
  UpdateMemberInput: Partial<UpdateMemberInput>;
  RemoveMemberInput: Partial<RemoveMemberInput>;
  SetFeatureFlagInput: Partial<SetFeatureFlagInput>;
  Account: AccountRow;
  FeatureFlag: FeatureFlagRow;
  Member: MemberRow;
  Invitation: InvitationRow;
  CreateApiTokenInput: Partial<CreateApiTokenInput>;
  RevokeApiTokenInput: Partial<RevokeApiTokenInput>;
  ApiToken: ApiTokenRow;
  CreatedApiToken: Partial<Omit<CreatedApiToken, 'apiToken'> & { apiToken: ResolversParentTypes['ApiToken'] }>;
  AttachmentActionInput: Partial<AttachmentActionInput>;
  ImagePermission: Partial<ImagePermission>;
  Attachment: Partial<Attachment>;
  Contact: ContactRow;
  Referral: ReferralView;
  ConversationFilter: Partial<ConversationFilter>;
  SetConversationStatusInput: Partial<SetConversationStatusInput>;
  MarkConversationReadInput: Partial<MarkConversationReadInput>;
  AssignConversationInput: Partial<AssignConversationInput>;
  ConversationConnection: Partial<Omit<ConversationConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['Conversation']> }>;
  ConversationCounts: Partial<ConversationCounts>;
  InboxCount: Partial<InboxCount>;
  Conversation: ConversationRow;
  ReplyWindow: ReplyWindowRow;
  ImportHistoryInput: Partial<ImportHistoryInput>;
  HistoryRun: HistoryRunRow;
  PendingConnectionInput: Partial<PendingConnectionInput>;
  PendingConnection: PendingView;
  StartConnectionInput: Partial<StartConnectionInput>;
  ConnectChannelInput: Partial<ConnectChannelInput>;
  ChannelInspection: Partial<ChannelInspection>;
  ConnectionChoice: Partial<ConnectionChoice>;
  SetWebhookKeysInput: Partial<SetWebhookKeysInput>;
  DisconnectInboxInput: Partial<DisconnectInboxInput>;
  UpdateInboxInput: Partial<UpdateInboxInput>;
  OAuthRedirect: Partial<OAuthRedirect>;
  Inbox: InboxView;
  InboxWebhook: Partial<InboxWebhook>;
  ChannelType: Partial<ChannelType>;
  ConnectForm: Partial<ConnectForm>;
  ConnectField: Partial<ConnectField>;
  CardLimits: Partial<CardLimits>;
  ChannelLimits: Partial<ChannelLimits>;
  InboxHealth: InboxHealthView;
  RetryUnsentMessagesInput: Partial<RetryUnsentMessagesInput>;
  SendMessageInput: Partial<SendMessageInput>;
  SharePostInput: Partial<SharePostInput>;
  CardInput: Partial<CardInput>;
  CardButtonInput: Partial<CardButtonInput>;
  MessageActionInput: Partial<MessageActionInput>;
  MessageConnection: Partial<Omit<MessageConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['Message']> }>;
  Message: MessageRow;
  Reaction: ReactionView;
  MessageFailure: Partial<MessageFailure>;
  SetTypingInput: Partial<SetTypingInput>;
  ResumeSendingInput: Partial<ResumeSendingInput>;
  SetChannelCredentialsInput: Partial<SetChannelCredentialsInput>;
  RemoveChannelCredentialsInput: Partial<RemoveChannelCredentialsInput>;
  SetInboxLimitInput: Partial<SetInboxLimitInput>;
  ChannelAppCredentials: Partial<ChannelAppCredentials>;
  RegisterWebhookInput: Partial<RegisterWebhookInput>;
  ChannelApp: Partial<ChannelApp>;
  SetAccountStatusInput: Partial<SetAccountStatusInput>;
  ReplayDeadLetterInput: Partial<ReplayDeadLetterInput>;
  PlatformAccountConnection: Partial<Omit<PlatformAccountConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['PlatformAccount']> }>;
  PlatformAccount: PlatformAccountRow;
  DeadLetterConnection: Partial<Omit<DeadLetterConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['DeadLetter']> }>;
  DeadLetter: DeadLetterRow;
  InboxPolling: Partial<InboxPolling>;
  DecideSwapMatchInput: Partial<DecideSwapMatchInput>;
  TakeBackSwapInput: Partial<TakeBackSwapInput>;
  InboxSwap: SwapView;
  SwapSide: Partial<SwapSide>;
  SwapMatchConnection: Partial<Omit<SwapMatchConnection, 'nodes'> & { nodes: Array<ResolversParentTypes['SwapMatch']> }>;
  SwapMatch: SwapMatchView;
  SwapCandidate: Partial<Omit<SwapCandidate, 'thread'> & { thread: ResolversParentTypes['SwapThread'] }>;
  Float: Partial<Scalars['Float']['output']>;
  SwapThread: SwapThreadView;
  SwapText: SwapTextView;
  SignUpInput: Partial<SignUpInput>;
  LogInInput: Partial<LogInInput>;
  RequestPasswordResetInput: Partial<RequestPasswordResetInput>;
  ResetPasswordInput: Partial<ResetPasswordInput>;
  VerifyEmailInput: Partial<VerifyEmailInput>;
  AcceptInvitationInput: Partial<AcceptInvitationInput>;
  UpdateProfileInput: Partial<UpdateProfileInput>;
  Session: SessionRow;
  User: UserRow;
  Membership: MembershipRow;
  InvitationPreview: OpenInvitation;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  account?: Resolver<ResolversTypes['Account'], ParentType, ContextType, RequireFields<QueryAccountArgs, 'id'>>;
  imagePermission?: Resolver<ResolversTypes['ImagePermission'], ParentType, ContextType, RequireFields<QueryImagePermissionArgs, 'accountId' | 'conversationId'>>;
  conversations?: Resolver<ResolversTypes['ConversationConnection'], ParentType, ContextType, RequireFields<QueryConversationsArgs, 'accountId' | 'first'>>;
  conversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType, RequireFields<QueryConversationArgs, 'accountId' | 'id'>>;
  conversationCounts?: Resolver<ResolversTypes['ConversationCounts'], ParentType, ContextType, RequireFields<QueryConversationCountsArgs, 'accountId'>>;
  inboxes?: Resolver<Array<ResolversTypes['Inbox']>, ParentType, ContextType, RequireFields<QueryInboxesArgs, 'accountId'>>;
  inbox?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<QueryInboxArgs, 'accountId' | 'id'>>;
  channelTypes?: Resolver<Array<ResolversTypes['ChannelType']>, ParentType, ContextType, RequireFields<QueryChannelTypesArgs, 'accountId'>>;
  pendingConnection?: Resolver<ResolversTypes['PendingConnection'], ParentType, ContextType, RequireFields<QueryPendingConnectionArgs, 'accountId' | 'id'>>;
  platformAccounts?: Resolver<ResolversTypes['PlatformAccountConnection'], ParentType, ContextType, RequireFields<QueryPlatformAccountsArgs, 'first'>>;
  channelApps?: Resolver<Array<ResolversTypes['ChannelApp']>, ParentType, ContextType>;
  deadLetters?: Resolver<ResolversTypes['DeadLetterConnection'], ParentType, ContextType, RequireFields<QueryDeadLettersArgs, 'first'>>;
  me?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  invitation?: Resolver<ResolversTypes['InvitationPreview'], ParentType, ContextType, RequireFields<QueryInvitationArgs, 'token'>>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  logOut?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  updateAccount?: Resolver<ResolversTypes['Account'], ParentType, ContextType, RequireFields<MutationUpdateAccountArgs, 'input'>>;
  inviteMember?: Resolver<ResolversTypes['Invitation'], ParentType, ContextType, RequireFields<MutationInviteMemberArgs, 'input'>>;
  revokeInvitation?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeInvitationArgs, 'input'>>;
  updateMember?: Resolver<ResolversTypes['Member'], ParentType, ContextType, RequireFields<MutationUpdateMemberArgs, 'input'>>;
  removeMember?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRemoveMemberArgs, 'input'>>;
  setFeatureFlag?: Resolver<ResolversTypes['Account'], ParentType, ContextType, RequireFields<MutationSetFeatureFlagArgs, 'input'>>;
  createApiToken?: Resolver<ResolversTypes['CreatedApiToken'], ParentType, ContextType, RequireFields<MutationCreateApiTokenArgs, 'input'>>;
  revokeApiToken?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeApiTokenArgs, 'input'>>;
  refetchAttachment?: Resolver<ResolversTypes['Attachment'], ParentType, ContextType, RequireFields<MutationRefetchAttachmentArgs, 'input'>>;
  setConversationStatus?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType, RequireFields<MutationSetConversationStatusArgs, 'input'>>;
  markConversationRead?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType, RequireFields<MutationMarkConversationReadArgs, 'input'>>;
  assignConversation?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType, RequireFields<MutationAssignConversationArgs, 'input'>>;
  importHistory?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationImportHistoryArgs, 'input'>>;
  startConnection?: Resolver<ResolversTypes['OAuthRedirect'], ParentType, ContextType, RequireFields<MutationStartConnectionArgs, 'input'>>;
  inspectChannel?: Resolver<ResolversTypes['ChannelInspection'], ParentType, ContextType, RequireFields<MutationInspectChannelArgs, 'input'>>;
  connectChannel?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationConnectChannelArgs, 'input'>>;
  disconnectInbox?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationDisconnectInboxArgs, 'input'>>;
  updateInbox?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationUpdateInboxArgs, 'input'>>;
  setWebhookKeys?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationSetWebhookKeysArgs, 'input'>>;
  confirmConnection?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationConfirmConnectionArgs, 'input'>>;
  cancelConnection?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationCancelConnectionArgs, 'input'>>;
  sendMessage?: Resolver<ResolversTypes['Message'], ParentType, ContextType, RequireFields<MutationSendMessageArgs, 'input'>>;
  retryMessage?: Resolver<ResolversTypes['Message'], ParentType, ContextType, RequireFields<MutationRetryMessageArgs, 'input'>>;
  checkMessage?: Resolver<ResolversTypes['Message'], ParentType, ContextType, RequireFields<MutationCheckMessageArgs, 'input'>>;
  retryUnsentMessages?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationRetryUnsentMessagesArgs, 'input'>>;
  setTyping?: Resolver<ResolversTypes['Conversation'], ParentType, ContextType, RequireFields<MutationSetTypingArgs, 'input'>>;
  resumeSending?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationResumeSendingArgs, 'input'>>;
  setAccountStatus?: Resolver<ResolversTypes['PlatformAccount'], ParentType, ContextType, RequireFields<MutationSetAccountStatusArgs, 'input'>>;
  replayDeadLetter?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationReplayDeadLetterArgs, 'input'>>;
  registerWebhook?: Resolver<ResolversTypes['ChannelApp'], ParentType, ContextType, RequireFields<MutationRegisterWebhookArgs, 'input'>>;
  removeWebhook?: Resolver<ResolversTypes['ChannelApp'], ParentType, ContextType, RequireFields<MutationRemoveWebhookArgs, 'input'>>;
  setChannelCredentials?: Resolver<ResolversTypes['ChannelApp'], ParentType, ContextType, RequireFields<MutationSetChannelCredentialsArgs, 'input'>>;
  removeChannelCredentials?: Resolver<ResolversTypes['ChannelApp'], ParentType, ContextType, RequireFields<MutationRemoveChannelCredentialsArgs, 'input'>>;
  setInboxLimit?: Resolver<ResolversTypes['PlatformAccount'], ParentType, ContextType, RequireFields<MutationSetInboxLimitArgs, 'input'>>;
  decideSwapMatch?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationDecideSwapMatchArgs, 'input'>>;
  takeBackSwap?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType, RequireFields<MutationTakeBackSwapArgs, 'input'>>;
  signUp?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationSignUpArgs, 'input'>>;
  logIn?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationLogInArgs, 'input'>>;
  requestPasswordReset?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRequestPasswordResetArgs, 'input'>>;
  resetPassword?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationResetPasswordArgs, 'input'>>;
  verifyEmail?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationVerifyEmailArgs, 'input'>>;
  acceptInvitation?: Resolver<ResolversTypes['Session'], ParentType, ContextType, RequireFields<MutationAcceptInvitationArgs, 'input'>>;
  updateProfile?: Resolver<ResolversTypes['User'], ParentType, ContextType, RequireFields<MutationUpdateProfileArgs, 'input'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  accountEvents?: SubscriptionResolver<ResolversTypes['AccountEvent'], "accountEvents", ParentType, ContextType, RequireFields<SubscriptionAccountEventsArgs, 'accountId'>>;
};

export type AccountEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AccountEvent'] = ResolversParentTypes['AccountEvent']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  conversation?: Resolver<Maybe<ResolversTypes['Conversation']>, ParentType, ContextType>;
  inbox?: Resolver<Maybe<ResolversTypes['Inbox']>, ParentType, ContextType>;
  data?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type AccountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Account'] = ResolversParentTypes['Account']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['AccountStatus'], ParentType, ContextType>;
  featureFlags?: Resolver<Array<ResolversTypes['FeatureFlag']>, ParentType, ContextType>;
  members?: Resolver<Array<ResolversTypes['Member']>, ParentType, ContextType>;
  invitations?: Resolver<Array<ResolversTypes['Invitation']>, ParentType, ContextType>;
  apiTokens?: Resolver<Array<ResolversTypes['ApiToken']>, ParentType, ContextType>;
};

export type FeatureFlagResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FeatureFlag'] = ResolversParentTypes['FeatureFlag']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  label?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MemberResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Member'] = ResolversParentTypes['Member']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  inboxIds?: Resolver<Array<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type InvitationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Invitation'] = ResolversParentTypes['Invitation']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  inboxIds?: Resolver<Array<ResolversTypes['ID']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type ApiTokenResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiToken'] = ResolversParentTypes['ApiToken']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdBy?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type CreatedApiTokenResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreatedApiToken'] = ResolversParentTypes['CreatedApiToken']> = {
  apiToken?: Resolver<ResolversTypes['ApiToken'], ParentType, ContextType>;
  token?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ImagePermissionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ImagePermission'] = ResolversParentTypes['ImagePermission']> = {
  allowed?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type AttachmentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Attachment'] = ResolversParentTypes['Attachment']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  fileType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['AttachmentState'], ParentType, ContextType>;
  url?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  thumbnailUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  width?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  height?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  mimeType?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  fileName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  externalUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['MessageFailure']>, ParentType, ContextType>;
};

export type ContactResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Contact'] = ResolversParentTypes['Contact']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  username?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  avatarUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  firstSeenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  referrals?: Resolver<Array<ResolversTypes['Referral']>, ParentType, ContextType>;
};

export type ReferralResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Referral'] = ResolversParentTypes['Referral']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['ReferralSource'], ParentType, ContextType>;
  facts?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  at?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type ConversationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationConnection'] = ResolversParentTypes['ConversationConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['Conversation']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ConversationCountsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConversationCounts'] = ResolversParentTypes['ConversationCounts']> = {
  all?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  mine?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unassigned?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inboxes?: Resolver<Array<ResolversTypes['InboxCount']>, ParentType, ContextType>;
};

export type InboxCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxCount'] = ResolversParentTypes['InboxCount']> = {
  inboxId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  open?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ConversationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Conversation'] = ResolversParentTypes['Conversation']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  displayId?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ConversationStatus'], ParentType, ContextType>;
  snoozedUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  inbox?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType>;
  contact?: Resolver<ResolversTypes['Contact'], ParentType, ContextType>;
  assignee?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  unreadCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inboundCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  readCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  lastActivityAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  replyWindow?: Resolver<ResolversTypes['ReplyWindow'], ParentType, ContextType>;
  lastMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  messages?: Resolver<ResolversTypes['MessageConnection'], ParentType, ContextType, RequireFields<ConversationMessagesArgs, 'last'>>;
};

export type ReplyWindowResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReplyWindow'] = ResolversParentTypes['ReplyWindow']> = {
  open?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  closesAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  remaining?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  limit?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type HistoryRunResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HistoryRun'] = ResolversParentTypes['HistoryRun']> = {
  state?: Resolver<ResolversTypes['HistoryState'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['HistoryReason'], ParentType, ContextType>;
  threadsFound?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  threadsRead?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  messagesAdded?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failureCode?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PendingConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PendingConnection'] = ResolversParentTypes['PendingConnection']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  inbox?: Resolver<ResolversTypes['Inbox'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  avatarUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type ChannelInspectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ChannelInspection'] = ResolversParentTypes['ChannelInspection']> = {
  choices?: Resolver<Array<ResolversTypes['ConnectionChoice']>, ParentType, ContextType>;
  notes?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ConnectionChoiceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConnectionChoice'] = ResolversParentTypes['ConnectionChoice']> = {
  ref?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  connected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type OAuthRedirectResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OAuthRedirect'] = ResolversParentTypes['OAuthRedirect']> = {
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type InboxResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Inbox'] = ResolversParentTypes['Inbox']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  channelType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  externalId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  avatarUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  connected?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reauthorizationRequired?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reauthorizationReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  missingScopes?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  accessExpiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  consentExpiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  sendTyping?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sendReadReceipts?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  webhook?: Resolver<Maybe<ResolversTypes['InboxWebhook']>, ParentType, ContextType>;
  lastEventAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  swapObstacle?: Resolver<Maybe<ResolversTypes['SwapObstacle']>, ParentType, ContextType>;
  memberIds?: Resolver<Array<ResolversTypes['ID']>, ParentType, ContextType>;
  history?: Resolver<Maybe<ResolversTypes['HistoryRun']>, ParentType, ContextType>;
  health?: Resolver<Maybe<ResolversTypes['InboxHealth']>, ParentType, ContextType>;
  unsentCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sendingPausedUntil?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  swap?: Resolver<Maybe<ResolversTypes['InboxSwap']>, ParentType, ContextType>;
};

export type InboxWebhookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxWebhook'] = ResolversParentTypes['InboxWebhook']> = {
  url?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  keys?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  maxKeys?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  guide?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ChannelTypeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ChannelType'] = ResolversParentTypes['ChannelType']> = {
  id?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  label?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  configured?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  connect?: Resolver<ResolversTypes['ConnectMethod'], ParentType, ContextType>;
  form?: Resolver<Maybe<ResolversTypes['ConnectForm']>, ParentType, ContextType>;
  limits?: Resolver<ResolversTypes['ChannelLimits'], ParentType, ContextType>;
  sends?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  quotable?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  card?: Resolver<Maybe<ResolversTypes['CardLimits']>, ParentType, ContextType>;
  playerHosts?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  signals?: Resolver<Array<ResolversTypes['ThreadSignal']>, ParentType, ContextType>;
};

export type ConnectFormResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConnectForm'] = ResolversParentTypes['ConnectForm']> = {
  fields?: Resolver<Array<ResolversTypes['ConnectField']>, ParentType, ContextType>;
  choice?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  guide?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type ConnectFieldResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ConnectField'] = ResolversParentTypes['ConnectField']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  secret?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  required?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  maxLength?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CardLimitsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CardLimits'] = ResolversParentTypes['CardLimits']> = {
  title?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  buttons?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  button?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  link?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ChannelLimitsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ChannelLimits'] = ResolversParentTypes['ChannelLimits']> = {
  textLength?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  windowHours?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  windowMessages?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  windowAfterwards?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type InboxHealthResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxHealth'] = ResolversParentTypes['InboxHealth']> = {
  webhookState?: Resolver<ResolversTypes['WebhookState'], ParentType, ContextType>;
  webhookCheckedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastEventAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  rejectedSignatures?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  refusedSince?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  refusedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  waitingEvents?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deadEvents?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unnamedMessages?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  queuedMessages?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  usedUpThreads?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  accessExpiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  consentExpiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  polling?: Resolver<Maybe<ResolversTypes['InboxPolling']>, ParentType, ContextType>;
};

export type MessageConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageConnection'] = ResolversParentTypes['MessageConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['Message']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type MessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  conversationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['MessageType'], ParentType, ContextType>;
  status?: Resolver<Maybe<ResolversTypes['MessageStatus']>, ParentType, ContextType>;
  private?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  content?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  contentType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['MessageSource'], ParentType, ContextType>;
  sender?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  externalId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  clientMessageId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  attachments?: Resolver<Array<ResolversTypes['Attachment']>, ParentType, ContextType>;
  inReplyTo?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  reactions?: Resolver<Array<ResolversTypes['Reaction']>, ParentType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['MessageFailure']>, ParentType, ContextType>;
  details?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  history?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type ReactionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Reaction'] = ResolversParentTypes['Reaction']> = {
  sign?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  isPicture?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  by?: Resolver<ResolversTypes['ReactionAuthor'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type MessageFailureResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageFailure'] = ResolversParentTypes['MessageFailure']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ChannelAppCredentialsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ChannelAppCredentials'] = ResolversParentTypes['ChannelAppCredentials']> = {
  appId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['CredentialsSource'], ParentType, ContextType>;
  updatedByName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  updatedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type ChannelAppResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ChannelApp'] = ResolversParentTypes['ChannelApp']> = {
  channelType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  label?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  configured?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  credentials?: Resolver<Maybe<ResolversTypes['ChannelAppCredentials']>, ParentType, ContextType>;
  webhookState?: Resolver<ResolversTypes['WebhookState'], ParentType, ContextType>;
  callbackUrl?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  registeredUrl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  registeredAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  checkedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failureCode?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  rejectedSignatures?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  connectedInboxes?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  waitingEvents?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  queuedMessages?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sentLastHour?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  callsPerSecond?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PlatformAccountConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PlatformAccountConnection'] = ResolversParentTypes['PlatformAccountConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['PlatformAccount']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type PlatformAccountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PlatformAccount'] = ResolversParentTypes['PlatformAccount']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['AccountStatus'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  memberCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inboxCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inboxLimit?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  featureFlags?: Resolver<Array<ResolversTypes['FeatureFlag']>, ParentType, ContextType>;
};

export type DeadLetterConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeadLetterConnection'] = ResolversParentTypes['DeadLetterConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['DeadLetter']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type DeadLetterResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeadLetter'] = ResolversParentTypes['DeadLetter']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  channelType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  receivedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InboxPollingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxPolling'] = ResolversParentTypes['InboxPolling']> = {
  byWebhook?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  contacts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  active?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  oldestSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  listedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failureCode?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type InboxSwapResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InboxSwap'] = ResolversParentTypes['InboxSwap']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['SwapSide'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['SwapSide'], ParentType, ContextType>;
  swappedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  takeBackUntil?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  canTakeBack?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  draining?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  foreignReplyAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  foreignReplyVia?: Resolver<Maybe<ResolversTypes['ForeignReplyVia']>, ParentType, ContextType>;
  openDecisions?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  matches?: Resolver<ResolversTypes['SwapMatchConnection'], ParentType, ContextType, RequireFields<InboxSwapMatchesArgs, 'first'>>;
};

export type SwapSideResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SwapSide'] = ResolversParentTypes['SwapSide']> = {
  channelType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  externalId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SwapMatchConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SwapMatchConnection'] = ResolversParentTypes['SwapMatchConnection']> = {
  nodes?: Resolver<Array<ResolversTypes['SwapMatch']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SwapMatchResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SwapMatch'] = ResolversParentTypes['SwapMatch']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  side?: Resolver<ResolversTypes['SwapThread'], ParentType, ContextType>;
  candidates?: Resolver<Array<ResolversTypes['SwapCandidate']>, ParentType, ContextType>;
};

export type SwapCandidateResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SwapCandidate'] = ResolversParentTypes['SwapCandidate']> = {
  thread?: Resolver<ResolversTypes['SwapThread'], ParentType, ContextType>;
  confidence?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  reasons?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SwapThreadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SwapThread'] = ResolversParentTypes['SwapThread']> = {
  threadId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  channelTypes?: Resolver<Array<ResolversTypes['String']>, ParentType, ContextType>;
  contact?: Resolver<ResolversTypes['Contact'], ParentType, ContextType>;
  conversationId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  texts?: Resolver<Array<ResolversTypes['SwapText']>, ParentType, ContextType>;
};

export type SwapTextResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SwapText'] = ResolversParentTypes['SwapText']> = {
  incoming?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  account?: Resolver<ResolversTypes['Account'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  locale?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  emailVerified?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  platformAdministrator?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  memberships?: Resolver<Array<ResolversTypes['Membership']>, ParentType, ContextType>;
};

export type MembershipResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Membership'] = ResolversParentTypes['Membership']> = {
  account?: Resolver<ResolversTypes['Account'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
};

export type InvitationPreviewResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InvitationPreview'] = ResolversParentTypes['InvitationPreview']> = {
  accountName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  inviterName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  userExists?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  JSON?: GraphQLScalarType;
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  AccountEvent?: AccountEventResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Account?: AccountResolvers<ContextType>;
  FeatureFlag?: FeatureFlagResolvers<ContextType>;
  Member?: MemberResolvers<ContextType>;
  Invitation?: InvitationResolvers<ContextType>;
  ApiToken?: ApiTokenResolvers<ContextType>;
  CreatedApiToken?: CreatedApiTokenResolvers<ContextType>;
  ImagePermission?: ImagePermissionResolvers<ContextType>;
  Attachment?: AttachmentResolvers<ContextType>;
  Contact?: ContactResolvers<ContextType>;
  Referral?: ReferralResolvers<ContextType>;
  ConversationConnection?: ConversationConnectionResolvers<ContextType>;
  ConversationCounts?: ConversationCountsResolvers<ContextType>;
  InboxCount?: InboxCountResolvers<ContextType>;
  Conversation?: ConversationResolvers<ContextType>;
  ReplyWindow?: ReplyWindowResolvers<ContextType>;
  HistoryRun?: HistoryRunResolvers<ContextType>;
  PendingConnection?: PendingConnectionResolvers<ContextType>;
  ChannelInspection?: ChannelInspectionResolvers<ContextType>;
  ConnectionChoice?: ConnectionChoiceResolvers<ContextType>;
  OAuthRedirect?: OAuthRedirectResolvers<ContextType>;
  Inbox?: InboxResolvers<ContextType>;
  InboxWebhook?: InboxWebhookResolvers<ContextType>;
  ChannelType?: ChannelTypeResolvers<ContextType>;
  ConnectForm?: ConnectFormResolvers<ContextType>;
  ConnectField?: ConnectFieldResolvers<ContextType>;
  CardLimits?: CardLimitsResolvers<ContextType>;
  ChannelLimits?: ChannelLimitsResolvers<ContextType>;
  InboxHealth?: InboxHealthResolvers<ContextType>;
  MessageConnection?: MessageConnectionResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
  Reaction?: ReactionResolvers<ContextType>;
  MessageFailure?: MessageFailureResolvers<ContextType>;
  ChannelAppCredentials?: ChannelAppCredentialsResolvers<ContextType>;
  ChannelApp?: ChannelAppResolvers<ContextType>;
  PlatformAccountConnection?: PlatformAccountConnectionResolvers<ContextType>;
  PlatformAccount?: PlatformAccountResolvers<ContextType>;
  DeadLetterConnection?: DeadLetterConnectionResolvers<ContextType>;
  DeadLetter?: DeadLetterResolvers<ContextType>;
  InboxPolling?: InboxPollingResolvers<ContextType>;
  InboxSwap?: InboxSwapResolvers<ContextType>;
  SwapSide?: SwapSideResolvers<ContextType>;
  SwapMatchConnection?: SwapMatchConnectionResolvers<ContextType>;
  SwapMatch?: SwapMatchResolvers<ContextType>;
  SwapCandidate?: SwapCandidateResolvers<ContextType>;
  SwapThread?: SwapThreadResolvers<ContextType>;
  SwapText?: SwapTextResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Membership?: MembershipResolvers<ContextType>;
  InvitationPreview?: InvitationPreviewResolvers<ContextType>;
};

