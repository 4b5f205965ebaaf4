import type { Resolvers } from '../../graphql/generated.ts'
import { toAttachment } from './attachment-view.ts'
import { carriesAttachments } from './attachments.queries.ts'
import { refetchAttachment } from './attachments.service.ts'
import { readImagePermission } from './image-permission.ts'

export const attachmentResolvers = {
  Query: {
    imagePermission: async (_, { accountId, conversationId }, context) =>
      readImagePermission(context.deps, await context.scope(accountId), conversationId),
  },
  Mutation: {
    refetchAttachment: async (_, { input }, context) =>
      toAttachment(await refetchAttachment(await context.scope(input.accountId), input.attachmentId)),
  },
  Message: {
    attachments: async (row, _, context) => {
      if (!carriesAttachments(row.contentType)) return []
      const rows = await context.loaders(await context.scope(row.accountId)).attachments.load(row.id)
      return rows.map(toAttachment)
    },
  },
} satisfies Resolvers
