import type { Resolvers } from '../../graphql/generated.ts'
import { lower, upper } from '../../kit/enums.ts'
import { featureFlagsOf } from '../accounts/feature-flags.ts'
import {
  listChannelApps,
  registerWebhook,
  removeChannelCredentials,
  removeWebhook,
  setChannelCredentials,
} from './channel-apps.service.ts'
import { setInboxLimit } from './inbox-limit.service.ts'
import { listDeadLetters, listPlatformAccounts, replayDeadLetter, setAccountStatus } from './platform.service.ts'

export const platformResolvers = {
  Query: {
    platformAccounts: (_, page, { deps, requireUser }) => listPlatformAccounts(deps, requireUser(), page),
    channelApps: (_, __, { deps, requireUser }) => listChannelApps(deps, requireUser()),
    deadLetters: (_, page, { deps, requireUser }) => listDeadLetters(deps, requireUser(), page),
  },
  Mutation: {
    setAccountStatus: (_, { input }, { deps, requireUser }) =>
      setAccountStatus(deps, requireUser(), { ...input, status: lower(input.status) }),
    replayDeadLetter: (_, { input }, { deps, requireUser }) => replayDeadLetter(deps, requireUser(), input),
    registerWebhook: (_, { input }, { deps, requireUser }) => registerWebhook(deps, requireUser(), input),
    removeWebhook: (_, { input }, { deps, requireUser }) => removeWebhook(deps, requireUser(), input),
    setChannelCredentials: (_, { input }, { deps, requireUser }) => setChannelCredentials(deps, requireUser(), input),
    removeChannelCredentials: (_, { input }, { deps, requireUser }) =>
      removeChannelCredentials(deps, requireUser(), input),
    setInboxLimit: (_, { input }, { deps, requireUser }) => setInboxLimit(deps, requireUser(), input),
  },
  PlatformAccount: {
    status: ({ status }) => upper(status),
    featureFlags: ({ flags }) => featureFlagsOf(flags),
  },
} satisfies Resolvers
