import type { Resolvers } from '../../graphql/generated.ts'
import { upper } from '../../kit/enums.ts'
import { primeMessages } from '../loaders.ts'
import { failureText } from './failures.ts'
import { messageCursor, pageMessages } from './messages.queries.ts'
import { retryMessage, sendMessage } from './send-message.ts'
import { checkMessage } from './settle.ts'
import { countUnsent, retryUnsentMessages } from './unsent.ts'

export const messageResolvers = {
  Mutation: {
    sendMessage: async (_, { input }, context) =>
      sendMessage(context.deps, await context.scope(input.accountId), input),
    retryMessage: async (_, { input }, context) =>
      retryMessage(context.deps, await context.scope(input.accountId), input.messageId),
    checkMessage: async (_, { input }, context) =>
      checkMessage(context.deps, await context.scope(input.accountId), input.messageId),
    retryUnsentMessages: async (_, { input }, context) =>
      retryUnsentMessages(context.deps, await context.scope(input.accountId), input.inboxId),
  },
  Inbox: {
    unsentCount: async (row, _, context) => countUnsent(context.deps, await context.scope(row.accountId), row),
  },
  Conversation: {
    messages: async (row, { last, before, first, after }, context) => {
      const scope = await context.scope(row.accountId)
      const page = await scope.read((tx) => pageMessages(tx, row.id, { last, before, first, after }))
      primeMessages(context.loaders(scope), page.rows)
      const ends = [page.rows[0], page.rows.at(-1)].map((message) => (message ? messageCursor(message) : null))
      const { hasNextPage, hasPreviousPage } = page
      return {
        nodes: page.rows,
        pageInfo: { startCursor: ends[0] ?? null, endCursor: ends[1] ?? null, hasNextPage, hasPreviousPage },
      }
    },
  },
  Message: {
    type: (row) => upper(row.type),
    status: (row) => row.status && upper(row.status),
    source: (row) => upper(row.source),
    sender: async (row, _, context) => {
      if (!row.senderId) return null
      return (await context.loaders(await context.scope(row.accountId)).colleague.load(row.senderId)) ?? null
    },
    inReplyTo: async (row, _, context) => {
      if (!row.inReplyToId) return null
      return (await context.loaders(await context.scope(row.accountId)).message.load(row.inReplyToId)) ?? null
    },
    reactions: async (row, _, context) =>
      row.externalId ? context.loaders(await context.scope(row.accountId)).reactions.load(row.id) : [],
    failure: (row) => (row.failureCode ? { code: row.failureCode, message: failureText(row.failureCode) } : null),
    createdAt: (row) => row.at,
  },
  Reaction: {
    by: (row) => upper(row.by),
    at: (row) => new Date(row.at),
  },
} satisfies Resolvers
