import type { Context } from '../../graphql/context.ts'
import type { Resolvers } from '../../graphql/generated.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { lower, upper } from '../../kit/enums.ts'
import { featureFlagsOf } from '../accounts/feature-flags.ts'
import type { Loaders } from '../loaders.ts'
import { countConversations, listConversations, listCursor, parseListFilter } from './conversation-list.ts'
import type { ConversationRow } from './conversations.queries.ts'
import {
  assignConversation,
  getOverview,
  markConversationRead,
  setConversationStatus,
} from './conversations.service.ts'
import { primeOverviews } from './overview.ts'
import { blockOf, replyWindow, type ReplyWindow, type WindowFacts } from './reply-window.ts'

export const conversationResolvers = {
  Query: {
    conversations: async (_, { accountId, filter, first, after }, context) => {
      const scope = await context.scope(accountId)
      const page = await listConversations(scope, parseListFilter(filter ?? {}), {
        first: first ?? null,
        after: after ?? null,
      })
      primeOverviews(context.loaders(scope), page.rows)
      return connection(page.rows, { hasNextPage: page.hasNextPage, hasPreviousPage: after != null })
    },
    conversation: async (_, { accountId, id }, context) => {
      const scope = await context.scope(accountId)
      const overview = await getOverview(scope, id)
      primeOverviews(context.loaders(scope), [overview])
      return overview
    },
    conversationCounts: async (_, { accountId, inboxId }, context) =>
      countConversations(await context.scope(accountId), inboxId),
  },
  Mutation: {
    setConversationStatus: async (_, { input }, context) =>
      setConversationStatus(await context.scope(input.accountId), {
        conversationId: input.conversationId,
        status: lower(input.status),
        snoozedUntil: input.snoozedUntil ?? null,
      }),
    markConversationRead: async (_, { input }, context) =>
      markConversationRead(await context.scope(input.accountId), input.conversationId),
    assignConversation: async (_, { input }, context) =>
      assignConversation(await context.scope(input.accountId), {
        conversationId: input.conversationId,
        assigneeId: input.assigneeId ?? null,
      }),
  },
  Conversation: {
    status: (row) => upper(row.status),
    inbox: async (row, _, context) => found(await (await loaders(context, row)).inbox.load(row.inboxId), 'Inbox'),
    contact: async (row, _, context) =>
      found(await (await loaders(context, row)).contact.load(row.contactId), 'Contact'),
    assignee: async (row, _, context) =>
      row.assigneeId ? ((await (await loaders(context, row)).colleague.load(row.assigneeId)) ?? null) : null,
    unreadCount: async (row, _, context) => Math.max(row.inboundCount - (await readCount(context, row)), 0),
    readCount: (row, _, context) => readCount(context, row),
    lastMessage: async (row, _, context) =>
      row.lastMessageId ? ((await (await loaders(context, row)).message.load(row.lastMessageId)) ?? null) : null,
    replyWindow: (row, _, context) => windowOf(context, row),
  },
} satisfies Resolvers

const loaders = async (context: Context, row: ConversationRow): Promise<Loaders> =>
  context.loaders(await context.scope(row.accountId))

function found<Row>(row: Row | undefined, what: string): Row {
  if (!row) throw notFound(what)
  return row
}

/** The asking member's own, so there is none below AccountEvent. */
async function readCount(context: Context, row: ConversationRow): Promise<number> {
  if (!context.signedIn)
    throw new AppError('INVALID', 'Not in a subscription: use inboundCount', { field: 'unreadCount' })
  return (await loaders(context, row)).readCount.load(row.threadId)
}

async function windowOf(context: Context, row: ConversationRow): Promise<ReplyWindow> {
  const batch = await loaders(context, row)
  const [inbox, usage] = await Promise.all([batch.inbox.load(row.inboxId), batch.windowUsage.load(row.threadId)])
  const { manifest } = context.deps.channels.get(inbox?.channelType ?? '')
  const enabled = featureFlagsOf(inbox?.flags ?? {}).some((flag) => flag.key === manifest.featureFlag && flag.enabled)
  const blocked = blockOf(inbox, enabled)
  const named = usage.namedAt.includes(inbox?.channelType ?? '')
  const facts: WindowFacts = { lastInboundAt: row.lastInboundAt, ...usage, named, ...(blocked ? { blocked } : {}) }
  return replyWindow(manifest.window, facts, context.deps.clock.now())
}

function connection(rows: readonly ConversationRow[], more: { hasNextPage: boolean; hasPreviousPage: boolean }) {
  const [first] = rows
  const last = rows.at(-1)
  const pageInfo = { startCursor: first ? listCursor(first) : null, endCursor: last ? listCursor(last) : null, ...more }
  return { nodes: [...rows], pageInfo }
}
