import type { Resolvers } from '../../graphql/generated.ts'
import { getInboxPolling } from './health.ts'

export const pollingResolvers = {
  InboxHealth: {
    polling: async ({ inbox }, _, context) => getInboxPolling(await context.scope(inbox.accountId), inbox.id),
  },
} satisfies Resolvers
