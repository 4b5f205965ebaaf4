import type { Resolvers } from '../../graphql/generated.ts'
import { notFound } from '../../kit/errors.ts'
import { upper } from '../../kit/enums.ts'
import { keptConnection } from '../inboxes/swap.queries.ts'
import { takeBackSwap } from '../inboxes/swap.ts'
import { decideSwapMatch, getSwap, listSwapMatches, matchCursor } from './swaps.service.ts'

export const swapResolvers = {
  Mutation: {
    decideSwapMatch: async (_, { input }, context) => decideSwapMatch(await context.scope(input.accountId), input),
    takeBackSwap: async (_, { input }, context) =>
      takeBackSwap(context.deps, await context.scope(input.accountId), input.inboxId),
  },
  Inbox: {
    swap: async (row, _, context) => getSwap(await context.scope(row.accountId), row),
  },
  InboxSwap: {
    from: (row) => ({
      ...{ channelType: row.fromChannelType, externalId: row.fromExternalId, handle: keptConnection(row).handle },
    }),
    to: (row) => ({ channelType: row.toChannelType, externalId: row.toExternalId, handle: row.toHandle }),
    takeBackUntil: (row) => row.endsAt,
    foreignReplyVia: (row) => row.foreignReplyVia && upper(row.foreignReplyVia),
    matches: async (row, { first, after }, context) => {
      const asked = { first: first ?? null, after: after ?? null }
      const { nodes, hasNextPage } = await listSwapMatches(await context.scope(row.accountId), row, asked)
      const [top] = nodes
      const last = nodes.at(-1)
      const cursors = { startCursor: top ? matchCursor(top) : null, endCursor: last ? matchCursor(last) : null }
      return { nodes, pageInfo: { ...cursors, hasNextPage, hasPreviousPage: after != null } }
    },
  },
  SwapThread: {
    contact: async (row, _, context) => {
      const contact = await context.loaders(await context.scope(row.accountId)).contact.load(row.contactId)
      if (!contact) throw notFound('Contact')
      return contact
    },
  },
  SwapText: { at: (row) => new Date(row.at) },
} satisfies Resolvers
