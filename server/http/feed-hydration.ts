import type { Deps } from '../deps.ts'
import type { Context } from '../graphql/context.ts'
import { findOverviews, primeOverviews } from '../modules/conversations/overview.ts'
import { primeMessages, type Loaders } from '../modules/loaders.ts'
import { findWrittenMessages } from '../modules/messages/messages.queries.ts'
import type { Hydrate, Hydrated, LogEntry } from '../realtime/types.ts'
import { createFeedContext } from './graphql-context.ts'

/**
 * Turns rows of the feed's log into AccountEvents: what they speak of and what stands around it is loaded with one
 * statement a batch for all listeners of this process, or two, and primed so that the fields below cost nothing more.
 */
export function feedHydration(deps: Deps): Hydrate {
  return async (accountId, entries) => {
    const shared = createFeedContext(deps, accountId)
    const scope = await shared.scope(accountId)
    const loaders = shared.loaders(scope)
    await scope.read(async (tx) => {
      const overviews = await findOverviews(tx, null, idsOf(entries.map((entry) => entry.conversationId)))
      primeOverviews(loaders, overviews)
      // A message that has just come is its conversation's last one, which the overview brings along.
      const known = new Set(overviews.map((row) => row.lastMessageId))
      const others = idsOf(entries.map((entry) => entry.messageId)).filter((id) => !known.has(id))
      primeMessages(loaders, await findWrittenMessages(tx, others))
    })
    return Promise.all(entries.map((entry) => hydrate(loaders, shared, entry)))
  }
}

const idsOf = (ids: readonly (string | null | undefined)[]): string[] => [...new Set(ids)].filter((id) => id != null)

async function hydrate(loaders: Loaders, shared: Context, entry: LogEntry): Promise<Hydrated | undefined> {
  const [message, conversation, inbox] = await Promise.all([
    entry.messageId ? loaders.message.load(entry.messageId) : undefined,
    entry.conversationId ? loaders.conversation.load(entry.conversationId) : undefined,
    entry.inboxId && !entry.conversationId ? loaders.inbox.load(entry.inboxId) : undefined,
  ])
  if ((entry.messageId && !message) || (entry.conversationId && !conversation)) return undefined
  const { cursor, type, data } = entry
  return { event: { cursor, type, message, conversation, inbox, data }, shared }
}
