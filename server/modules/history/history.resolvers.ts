import type { Resolvers } from '../../graphql/generated.ts'
import { upper } from '../../kit/enums.ts'
import { importHistory } from './history.service.ts'

export const historyResolvers = {
  Mutation: {
    importHistory: async (_, { input }, context) =>
      importHistory(context.deps, await context.scope(input.accountId), input.inboxId),
  },
  Inbox: {
    history: async (row, _, context) =>
      (await context.loaders(await context.scope(row.accountId)).historyRun.load(row.id)) ?? null,
  },
  HistoryRun: {
    state: (row) => upper(row.state),
    reason: (row) => upper(row.reason),
  },
} satisfies Resolvers
