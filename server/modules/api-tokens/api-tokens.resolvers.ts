import type { Resolvers } from '../../graphql/generated.ts'
import { createApiToken, listApiTokens, revokeApiToken } from './api-tokens.service.ts'

export const apiTokenResolvers = {
  Account: { apiTokens: async ({ id }, _, context) => listApiTokens(await context.scope(id)) },
  Mutation: {
    createApiToken: async (_, { input }, context) => createApiToken(await context.scope(input.accountId), input),
    revokeApiToken: async (_, { input }, context) => revokeApiToken(await context.scope(input.accountId), input),
  },
  ApiToken: {
    createdBy: async ({ accountId, createdBy }, _, context) =>
      (await context.loaders(await context.scope(accountId)).colleague.load(createdBy)) ?? null,
  },
} satisfies Resolvers
