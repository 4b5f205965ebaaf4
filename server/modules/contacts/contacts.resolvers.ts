import type { Resolvers } from '../../graphql/generated.ts'
import { upper } from '../../kit/enums.ts'

export const contactResolvers = {
  Referral: {
    source: (row) => upper(row.source),
    at: (row) => (row.at === null ? null : new Date(row.at)),
  },
} satisfies Resolvers
