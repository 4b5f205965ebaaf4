import type { Resolvers } from '../../graphql/generated.ts'
import { upper } from '../../kit/enums.ts'
import { featureFlagsOf, listFeatureFlags } from '../accounts/feature-flags.ts'
import { connectChannel, inspectChannel } from './connect-form.ts'
import { getInboxWebhook, setWebhookKeys } from './inbox-webhook.ts'
import { listInboxRows } from './inboxes.queries.ts'
import { missingCosts } from './missing-scopes.ts'
import { cancelConnection, confirmConnection, getPendingConnection } from './pending-connections.ts'
import { disconnectInbox, getInbox, updateInbox } from './inboxes.service.ts'
import { sendsSignal } from './signal-settings.ts'
import { getSwapObstacle } from './swap.ts'
import { prepareConnection } from './start-connection.ts'

export const inboxResolvers = {
  Query: {
    inboxes: async (_, { accountId }, context) => listInboxRows(await context.scope(accountId)),
    inbox: async (_, { accountId, id }, context) => getInbox(await context.scope(accountId), id),
    pendingConnection: async (_, { accountId, id }, context) =>
      getPendingConnection(await context.scope(accountId), id),
    channelTypes: async (_, { accountId }, context) => {
      const flags = await listFeatureFlags(await context.scope(accountId))
      return context.deps.channels.all().map(({ manifest }) => ({
        id: manifest.id,
        label: manifest.label,
        configured: manifest.configured,
        enabled: flags.some((flag) => flag.key === manifest.featureFlag && flag.enabled),
        connect: upper(manifest.connect),
        form: manifest.form ? { ...manifest.form, fields: [...manifest.form.fields] } : null,
        limits: {
          textLength: manifest.limits.textLength,
          windowHours: manifest.window?.hours ?? null,
          windowMessages: manifest.window?.messages ?? null,
          windowAfterwards: manifest.window?.afterwards ?? null,
        },
        sends: [...manifest.sends],
        quotable: [...manifest.quotable],
        card: manifest.card ?? null,
        playerHosts: [...manifest.playerHosts],
        signals: manifest.signals.map(upper),
      }))
    },
  },
  Mutation: {
    startConnection: async (_, { input }, context) => {
      const claims = await prepareConnection(await context.scope(input.accountId), context.deps.channels, input)
      return { url: await context.authorizationUrl(claims) }
    },
    inspectChannel: async (_, { input }, context) =>
      inspectChannel(context.deps, await context.scope(input.accountId), input),
    connectChannel: async (_, { input }, context) =>
      connectChannel(context.deps, await context.scope(input.accountId), input),
    disconnectInbox: async (_, { input }, context) =>
      disconnectInbox(context.deps, await context.scope(input.accountId), input.inboxId),
    setWebhookKeys: async (_, { input }, context) =>
      setWebhookKeys(context.deps, await context.scope(input.accountId), input),
    updateInbox: async (_, { input }, context) => updateInbox(await context.scope(input.accountId), input),
    confirmConnection: async (_, { input }, context) =>
      confirmConnection(context.deps, await context.scope(input.accountId), input.pendingConnectionId),
    cancelConnection: async (_, { input }, context) =>
      cancelConnection(context.deps, await context.scope(input.accountId), input.pendingConnectionId),
  },
  PendingConnection: {
    name: ({ profile }) => profile.name,
    handle: ({ profile }) => profile.handle ?? null,
    avatarUrl: ({ profile }) => profile.avatarUrl ?? null,
    inbox: async (row, _, context) => getInbox(await context.scope(row.accountId), row.inboxId),
  },
  Inbox: {
    sendTyping: (row) => sendsSignal(row, 'typing'),
    sendReadReceipts: (row) => sendsSignal(row, 'read'),
    connected: (row) => row.disconnectedAt === null,
    missingScopes: (row, _, { deps }) =>
      row.disconnectedAt ? [] : missingCosts(deps.channels.get(row.channelType), row.grantedScopes),
    accessExpiresAt: (row) => (row.disconnectedAt ? null : row.accessExpiresAt),
    consentExpiresAt: (row) => (row.disconnectedAt ? null : row.consentExpiresAt),
    enabled: async (row, _, context) => {
      const inbox = await context.loaders(await context.scope(row.accountId)).inbox.load(row.id)
      const { featureFlag } = context.deps.channels.get(row.channelType).manifest
      return featureFlagsOf(inbox?.flags ?? {}).some((flag) => flag.key === featureFlag && flag.enabled)
    },
    swapObstacle: async (row, _, context) => getSwapObstacle(await context.scope(row.accountId), row),
    webhook: async (row, _, context) => getInboxWebhook(context.deps, await context.scope(row.accountId), row),
    memberIds: async (row, _, context) => {
      const scope = await context.scope(row.accountId)
      if (scope.actor.kind !== 'member' || scope.actor.role !== 'administrator') return []
      return context.loaders(scope).inboxMemberIds.load(row.id)
    },
  },
} satisfies Resolvers
