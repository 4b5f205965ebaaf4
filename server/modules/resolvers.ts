import { dateTime, json } from '../graphql/scalars.ts'
import type { Resolvers } from '../graphql/generated.ts'
import { accountResolvers } from './accounts/accounts.resolvers.ts'
import { apiTokenResolvers } from './api-tokens/api-tokens.resolvers.ts'
import { attachmentResolvers } from './attachments/attachments.resolvers.ts'
import { contactResolvers } from './contacts/contacts.resolvers.ts'
import { conversationResolvers } from './conversations/conversations.resolvers.ts'
import { historyResolvers } from './history/history.resolvers.ts'
import { inboxResolvers } from './inboxes/inboxes.resolvers.ts'
import { intakeResolvers } from './intake/intake.resolvers.ts'
import { messageResolvers } from './messages/messages.resolvers.ts'
import { signalResolvers } from './messages/signals.resolvers.ts'
import { platformResolvers } from './platform/platform.resolvers.ts'
import { swapResolvers } from './swaps/swaps.resolvers.ts'
import { userResolvers } from './users/users.resolvers.ts'

const modules: readonly Resolvers[] = [
  { DateTime: dateTime, JSON: json, Query: { version: () => '0.1.0' } },
  userResolvers,
  accountResolvers,
  apiTokenResolvers,
  inboxResolvers,
  contactResolvers,
  conversationResolvers,
  messageResolvers,
  signalResolvers,
  attachmentResolvers,
  intakeResolvers,
  historyResolvers,
  swapResolvers,
  platformResolvers,
]

/** All modules' resolvers in one; two of the same field would be a mistake, so that is refused at boot. */
export const resolvers = modules.reduce<Record<string, unknown>>((merged, module) => {
  for (const [type, fields] of Object.entries(module)) {
    const before = (merged[type] ?? {}) as object
    const clash = Object.keys(fields).find((field) => field in before)
    if (clash && merged[type]) throw new Error(`two resolvers of ${type}.${clash}`)
    merged[type] = merged[type] ? { ...before, ...fields } : fields
  }
  return merged
}, {})
