import type { Resolvers } from '../../graphql/generated.ts'
import { lower, upper } from '../../kit/enums.ts'
import { unsafeTouchMembership } from './accounts.queries.ts'
import { getAccount, updateAccount } from './accounts.service.ts'
import { featureFlagsOf, setFeatureFlag } from './feature-flags.ts'
import { inviteMember, listInvitations, revokeInvitation } from './invitations.service.ts'
import { listMembers, removeMember, updateMember } from './members.service.ts'

export const accountResolvers = {
  Query: {
    account: async (_, { id }, { deps, scope, requireUser }) => {
      const opened = await scope(id)
      await unsafeTouchMembership(deps.system, opened.accountId, requireUser().userId, deps.clock.now())
      return getAccount(opened)
    },
  },
  Mutation: {
    updateAccount: async (_, { input }, context) => updateAccount(await context.scope(input.accountId), input),
    inviteMember: async (_, { input }, context) => {
      const scope = await context.scope(input.accountId)
      await context.http?.request.limit('invitation', scope.accountId)
      return inviteMember(scope, { ...input, role: lower(input.role) })
    },
    revokeInvitation: async (_, { input }, context) => revokeInvitation(await context.scope(input.accountId), input),
    updateMember: async (_, { input }, context) =>
      updateMember(await context.scope(input.accountId), { ...input, role: input.role && lower(input.role) }),
    removeMember: async (_, { input }, context) => removeMember(await context.scope(input.accountId), input),
    setFeatureFlag: (_, { input }, context) => setFeatureFlag(context.deps, context.requireUser(), input),
  },
  Account: {
    status: ({ status }) => upper(status),
    featureFlags: ({ flags }) => featureFlagsOf(flags),
    members: async ({ id }, _, context) => listMembers(await context.scope(id)),
    invitations: async ({ id }, _, context) => listInvitations(await context.scope(id)),
  },
  Member: {
    user: ({ userId, name, email }) => ({ id: userId, name, email }),
    role: ({ role }) => upper(role),
  },
  Invitation: { role: ({ role }) => upper(role) },
} satisfies Resolvers
