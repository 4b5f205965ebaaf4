import type { Resolvers } from '../../graphql/generated.ts'
import { setTyping } from './signals.ts'
import { pausedUntil, resumeSending } from './slowdown.ts'

export const signalResolvers = {
  Mutation: {
    setTyping: async (_, { input }, context) =>
      setTyping(context.deps, await context.scope(input.accountId), input.conversationId),
    resumeSending: async (_, { input }, context) => resumeSending(await context.scope(input.accountId), input.inboxId),
  },
  Inbox: {
    sendingPausedUntil: (row, _, context) => pausedUntil(row, context.deps.clock.now()) ?? null,
  },
} satisfies Resolvers
