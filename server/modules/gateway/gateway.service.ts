import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { invalid, notFound } from '../../kit/errors.ts'
import { newNonce } from '../../kit/ids.ts'
import type { MessageRow } from '../messages/messages.queries.ts'
import { sendMessage } from '../messages/send-message.ts'
import { findConnectedChannels, findConversationIdByRef, pageChats, type ChatPlace } from './chats.queries.ts'
import type { RememberedCounts } from './remembered-counts.ts'

/** What the message-gateway says of itself, in its words. */
export interface GatewayStatus {
  provider: string
  hasApiKey: boolean
  contacts: number
  seenMessages: number
  polling: boolean
  chatLogPath: string
  chatLogExists: boolean
  chatCount: number
}

/** The account's state: its connected channels, whether one of them may send, and how much there was lately. */
export async function readStatus(scope: Scope, remembered: RememberedCounts): Promise<GatewayStatus> {
  const [{ channelTypes, connected }, { contacts, seen, chats }] = await Promise.all([
    scope.read(findConnectedChannels),
    remembered.of(scope),
  ])
  return {
    provider: channelTypes.join(',') || 'none',
    hasApiKey: connected,
    contacts,
    seenMessages: seen,
    polling: channelTypes.length > 0,
    chatLogPath: '/api/chats',
    chatLogExists: true,
    chatCount: chats,
  }
}

const PAGE = 500

/**
 * All chats of the account as the text of one JSON array, oldest first, a page at a time: what is not taken is not read.
 * Each page is a transaction of its own: what changes its time meanwhile may be missing, or there twice.
 */
export async function* writeChats(scope: Scope): AsyncGenerator<string> {
  let after: ChatPlace | undefined
  let before = '['
  do {
    const { chats, end } = await scope.read((tx) => pageChats(tx, after, PAGE))
    if (chats.length) {
      yield before + chats.map((chat) => JSON.stringify(chat)).join(',')
      before = ','
    }
    after = end
  } while (after)
  yield before === '[' ? '[]' : ']'
}

/** Of what names a conversation. */
export const LONGEST_REF = 300

/**
 * Sends a reply as an agent's client does: through window, quota and flags. What a program sends twice is two replies
 * unless it names them with `clientMessageId`. INVALID for what is no such request, NOT_FOUND for a conversation that is
 * not there.
 */
export async function sendChat(deps: Deps, scope: Scope, payload: unknown): Promise<MessageRow> {
  const { conversationId, text, clientMessageId = newNonce() } = (payload ?? {}) as Record<string, unknown>
  const ref = typeof conversationId === 'number' ? String(conversationId) : conversationId
  if (typeof ref !== 'string' || !ref || ref.length > LONGEST_REF)
    throw invalid('conversationId', 'Name a conversation')
  if (typeof text !== 'string') throw invalid('text', 'A message needs text')
  if (typeof clientMessageId !== 'string') throw invalid('clientMessageId', 'clientMessageId is a text')
  const isStorable = !ref.includes('\0') && ref.isWellFormed()
  const id = isStorable ? await scope.read((tx) => findConversationIdByRef(tx, ref)) : undefined
  if (!id) throw notFound('Conversation')
  return sendMessage(deps, scope, { conversationId: id, clientMessageId, content: text })
}
