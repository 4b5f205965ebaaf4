import type { Resolvers } from '../../graphql/generated.ts'
import { getInboxHealth } from './health.ts'

export const intakeResolvers = {
  Inbox: {
    health: async (row, _, context) => getInboxHealth(context.deps, await context.scope(row.accountId), row),
  },
} satisfies Resolvers
