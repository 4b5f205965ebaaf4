/* eslint-disable */
import { TypedDocumentString, type InvitationsQuery, type InvitationsQueryVariables, type UpdateAccountMutation, type UpdateAccountMutationVariables, type InviteMemberMutation, type InviteMemberMutationVariables, type RevokeInvitationMutation, type RevokeInvitationMutationVariables, type UpdateMemberMutation, type UpdateMemberMutationVariables, type RemoveMemberMutation, type RemoveMemberMutationVariables, type ApiTokensQuery, type ApiTokensQueryVariables, type CreateApiTokenMutation, type CreateApiTokenMutationVariables, type RevokeApiTokenMutation, type RevokeApiTokenMutationVariables, type InboxMembersQuery, type InboxMembersQueryVariables, type StartConnectionMutation, type StartConnectionMutationVariables, type InspectChannelMutation, type InspectChannelMutationVariables, type ConnectChannelMutation, type ConnectChannelMutationVariables, type DisconnectInboxMutation, type DisconnectInboxMutationVariables, type UpdateInboxMutation, type UpdateInboxMutationVariables, type InboxHealthQuery, type InboxHealthQueryVariables, type InboxWebhookQuery, type InboxWebhookQueryVariables, type SetWebhookKeysMutation, type SetWebhookKeysMutationVariables, type ImportHistoryMutation, type ImportHistoryMutationVariables, type InboxUnsentQuery, type InboxUnsentQueryVariables, type RetryUnsentMessagesMutation, type RetryUnsentMessagesMutationVariables, type PendingConnectionQuery, type PendingConnectionQueryVariables, type ConfirmConnectionMutation, type ConfirmConnectionMutationVariables, type CancelConnectionMutation, type CancelConnectionMutationVariables, type InboxSwapQuery, type InboxSwapQueryVariables, type SwapMatchesQuery, type SwapMatchesQueryVariables, type DecideSwapMatchMutation, type DecideSwapMatchMutationVariables, type TakeBackSwapMutation, type TakeBackSwapMutationVariables, type PlatformAccountsQuery, type PlatformAccountsQueryVariables, type DeadLettersQuery, type DeadLettersQueryVariables, type SetAccountStatusMutation, type SetAccountStatusMutationVariables, type SetFeatureFlagMutation, type SetFeatureFlagMutationVariables, type ReplayDeadLetterMutation, type ReplayDeadLetterMutationVariables, type ChannelAppsQuery, type ChannelAppsQueryVariables, type RegisterWebhookMutation, type RegisterWebhookMutationVariables, type RemoveWebhookMutation, type RemoveWebhookMutationVariables, type SetChannelCredentialsMutation, type SetChannelCredentialsMutationVariables, type RemoveChannelCredentialsMutation, type RemoveChannelCredentialsMutationVariables, type SetInboxLimitMutation, type SetInboxLimitMutationVariables } from './generated.ts'
export const InvitationsDocument = new TypedDocumentString(`
    query Invitations($id: ID!) {
  account(id: $id) {
    id
    invitations {
      id
      email
      role
      inboxIds
      createdAt
      expiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<InvitationsQuery, InvitationsQueryVariables>;
export const UpdateAccountDocument = new TypedDocumentString(`
    mutation UpdateAccount($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
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
}`) as unknown as TypedDocumentString<UpdateAccountMutation, UpdateAccountMutationVariables>;
export const InviteMemberDocument = new TypedDocumentString(`
    mutation InviteMember($input: InviteMemberInput!) {
  inviteMember(input: $input) {
    id
  }
}
    `) as unknown as TypedDocumentString<InviteMemberMutation, InviteMemberMutationVariables>;
export const RevokeInvitationDocument = new TypedDocumentString(`
    mutation RevokeInvitation($input: RevokeInvitationInput!) {
  revokeInvitation(input: $input)
}
    `) as unknown as TypedDocumentString<RevokeInvitationMutation, RevokeInvitationMutationVariables>;
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
export const ApiTokensDocument = new TypedDocumentString(`
    query ApiTokens($id: ID!) {
  account(id: $id) {
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
export const CreateApiTokenDocument = new TypedDocumentString(`
    mutation CreateApiToken($input: CreateApiTokenInput!) {
  createApiToken(input: $input) {
    token
  }
}
    `) as unknown as TypedDocumentString<CreateApiTokenMutation, CreateApiTokenMutationVariables>;
export const RevokeApiTokenDocument = new TypedDocumentString(`
    mutation RevokeApiToken($input: RevokeApiTokenInput!) {
  revokeApiToken(input: $input)
}
    `) as unknown as TypedDocumentString<RevokeApiTokenMutation, RevokeApiTokenMutationVariables>;
export const InboxMembersDocument = new TypedDocumentString(`
    query InboxMembers($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    id
    memberIds
  }
}
    `) as unknown as TypedDocumentString<InboxMembersQuery, InboxMembersQueryVariables>;
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
      handle
      connected
    }
  }
}
    `) as unknown as TypedDocumentString<InspectChannelMutation, InspectChannelMutationVariables>;
export const ConnectChannelDocument = new TypedDocumentString(`
    mutation ConnectChannel($input: ConnectChannelInput!) {
  connectChannel(input: $input) {
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
}`) as unknown as TypedDocumentString<ConnectChannelMutation, ConnectChannelMutationVariables>;
export const DisconnectInboxDocument = new TypedDocumentString(`
    mutation DisconnectInbox($input: DisconnectInboxInput!) {
  disconnectInbox(input: $input) {
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
}`) as unknown as TypedDocumentString<DisconnectInboxMutation, DisconnectInboxMutationVariables>;
export const UpdateInboxDocument = new TypedDocumentString(`
    mutation UpdateInbox($input: UpdateInboxInput!) {
  updateInbox(input: $input) {
    ...InboxFields
    memberIds
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
}`) as unknown as TypedDocumentString<UpdateInboxMutation, UpdateInboxMutationVariables>;
export const InboxHealthDocument = new TypedDocumentString(`
    query InboxHealth($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    id
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
      unnamedMessages
      usedUpThreads
      polling {
        byWebhook
        contacts
        active
        oldestSeconds
        listedAt
        failureCode
      }
      accessExpiresAt
      consentExpiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<InboxHealthQuery, InboxHealthQueryVariables>;
export const InboxWebhookDocument = new TypedDocumentString(`
    query InboxWebhook($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    id
    webhook {
      url
      keys
      maxKeys
      guide
    }
  }
}
    `) as unknown as TypedDocumentString<InboxWebhookQuery, InboxWebhookQueryVariables>;
export const SetWebhookKeysDocument = new TypedDocumentString(`
    mutation SetWebhookKeys($input: SetWebhookKeysInput!) {
  setWebhookKeys(input: $input) {
    id
    webhook {
      url
      keys
      maxKeys
      guide
    }
  }
}
    `) as unknown as TypedDocumentString<SetWebhookKeysMutation, SetWebhookKeysMutationVariables>;
export const ImportHistoryDocument = new TypedDocumentString(`
    mutation ImportHistory($input: ImportHistoryInput!) {
  importHistory(input: $input) {
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
}`) as unknown as TypedDocumentString<ImportHistoryMutation, ImportHistoryMutationVariables>;
export const InboxUnsentDocument = new TypedDocumentString(`
    query InboxUnsent($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    id
    unsentCount
  }
}
    `) as unknown as TypedDocumentString<InboxUnsentQuery, InboxUnsentQueryVariables>;
export const RetryUnsentMessagesDocument = new TypedDocumentString(`
    mutation RetryUnsentMessages($input: RetryUnsentMessagesInput!) {
  retryUnsentMessages(input: $input) {
    id
    unsentCount
  }
}
    `) as unknown as TypedDocumentString<RetryUnsentMessagesMutation, RetryUnsentMessagesMutationVariables>;
export const PendingConnectionDocument = new TypedDocumentString(`
    query PendingConnection($accountId: ID!, $id: ID!) {
  pendingConnection(accountId: $accountId, id: $id) {
    id
    name
    handle
    expiresAt
    inbox {
      id
      name
      handle
    }
  }
}
    `) as unknown as TypedDocumentString<PendingConnectionQuery, PendingConnectionQueryVariables>;
export const ConfirmConnectionDocument = new TypedDocumentString(`
    mutation ConfirmConnection($input: PendingConnectionInput!) {
  confirmConnection(input: $input) {
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
}`) as unknown as TypedDocumentString<ConfirmConnectionMutation, ConfirmConnectionMutationVariables>;
export const CancelConnectionDocument = new TypedDocumentString(`
    mutation CancelConnection($input: PendingConnectionInput!) {
  cancelConnection(input: $input)
}
    `) as unknown as TypedDocumentString<CancelConnectionMutation, CancelConnectionMutationVariables>;
export const InboxSwapDocument = new TypedDocumentString(`
    query InboxSwap($accountId: ID!, $id: ID!) {
  inbox(accountId: $accountId, id: $id) {
    id
    swapObstacle
    swap {
      id
      from {
        channelType
      }
      to {
        channelType
      }
      swappedAt
      takeBackUntil
      canTakeBack
      draining
      foreignReplyAt
      foreignReplyVia
      openDecisions
    }
  }
}
    `) as unknown as TypedDocumentString<InboxSwapQuery, InboxSwapQueryVariables>;
export const SwapMatchesDocument = new TypedDocumentString(`
    query SwapMatches($accountId: ID!, $id: ID!, $after: String) {
  inbox(accountId: $accountId, id: $id) {
    id
    swap {
      id
      matches(first: 20, after: $after) {
        nodes {
          id
          side {
            ...SwapThreadFields
          }
          candidates {
            confidence
            reasons
            thread {
              ...SwapThreadFields
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
}`) as unknown as TypedDocumentString<SwapMatchesQuery, SwapMatchesQueryVariables>;
export const DecideSwapMatchDocument = new TypedDocumentString(`
    mutation DecideSwapMatch($input: DecideSwapMatchInput!) {
  decideSwapMatch(input: $input) {
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
}`) as unknown as TypedDocumentString<DecideSwapMatchMutation, DecideSwapMatchMutationVariables>;
export const TakeBackSwapDocument = new TypedDocumentString(`
    mutation TakeBackSwap($input: TakeBackSwapInput!) {
  takeBackSwap(input: $input) {
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
}`) as unknown as TypedDocumentString<TakeBackSwapMutation, TakeBackSwapMutationVariables>;
export const PlatformAccountsDocument = new TypedDocumentString(`
    query PlatformAccounts($query: String, $first: Int, $after: String) {
  platformAccounts(query: $query, first: $first, after: $after) {
    nodes {
      id
      name
      status
      createdAt
      memberCount
      inboxCount
      inboxLimit
      featureFlags {
        key
        enabled
        label
      }
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<PlatformAccountsQuery, PlatformAccountsQueryVariables>;
export const DeadLettersDocument = new TypedDocumentString(`
    query DeadLetters($first: Int, $after: String) {
  deadLetters(first: $first, after: $after) {
    nodes {
      id
      channelType
      code
      receivedAt
      attempts
    }
    pageInfo {
      endCursor
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<DeadLettersQuery, DeadLettersQueryVariables>;
export const SetAccountStatusDocument = new TypedDocumentString(`
    mutation SetAccountStatus($input: SetAccountStatusInput!) {
  setAccountStatus(input: $input) {
    id
    status
  }
}
    `) as unknown as TypedDocumentString<SetAccountStatusMutation, SetAccountStatusMutationVariables>;
export const SetFeatureFlagDocument = new TypedDocumentString(`
    mutation SetFeatureFlag($input: SetFeatureFlagInput!) {
  setFeatureFlag(input: $input) {
    id
    featureFlags {
      key
      enabled
      label
    }
  }
}
    `) as unknown as TypedDocumentString<SetFeatureFlagMutation, SetFeatureFlagMutationVariables>;
export const ReplayDeadLetterDocument = new TypedDocumentString(`
    mutation ReplayDeadLetter($input: ReplayDeadLetterInput!) {
  replayDeadLetter(input: $input)
}
    `) as unknown as TypedDocumentString<ReplayDeadLetterMutation, ReplayDeadLetterMutationVariables>;
export const ChannelAppsDocument = new TypedDocumentString(`
    query ChannelApps {
  channelApps {
    ...ChannelAppFields
  }
}
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
}`) as unknown as TypedDocumentString<ChannelAppsQuery, ChannelAppsQueryVariables>;
export const RegisterWebhookDocument = new TypedDocumentString(`
    mutation RegisterWebhook($input: RegisterWebhookInput!) {
  registerWebhook(input: $input) {
    ...ChannelAppFields
  }
}
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
}`) as unknown as TypedDocumentString<RegisterWebhookMutation, RegisterWebhookMutationVariables>;
export const RemoveWebhookDocument = new TypedDocumentString(`
    mutation RemoveWebhook($input: RegisterWebhookInput!) {
  removeWebhook(input: $input) {
    ...ChannelAppFields
  }
}
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
}`) as unknown as TypedDocumentString<RemoveWebhookMutation, RemoveWebhookMutationVariables>;
export const SetChannelCredentialsDocument = new TypedDocumentString(`
    mutation SetChannelCredentials($input: SetChannelCredentialsInput!) {
  setChannelCredentials(input: $input) {
    ...ChannelAppFields
  }
}
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
}`) as unknown as TypedDocumentString<SetChannelCredentialsMutation, SetChannelCredentialsMutationVariables>;
export const RemoveChannelCredentialsDocument = new TypedDocumentString(`
    mutation RemoveChannelCredentials($input: RemoveChannelCredentialsInput!) {
  removeChannelCredentials(input: $input) {
    ...ChannelAppFields
  }
}
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
}`) as unknown as TypedDocumentString<RemoveChannelCredentialsMutation, RemoveChannelCredentialsMutationVariables>;
export const SetInboxLimitDocument = new TypedDocumentString(`
    mutation SetInboxLimit($input: SetInboxLimitInput!) {
  setInboxLimit(input: $input) {
    id
    inboxLimit
  }
}
    `) as unknown as TypedDocumentString<SetInboxLimitMutation, SetInboxLimitMutationVariables>;
