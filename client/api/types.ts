import type {
  AccountFieldsFragment,
  ConversationFieldsFragment,
  InboxFieldsFragment,
  InboxesQuery,
  MeFieldsFragment,
  MessageFieldsFragment,
} from './generated.ts'

export type Me = MeFieldsFragment
export type Account = AccountFieldsFragment
export type Member = Account['members'][number]
export type Inbox = InboxFieldsFragment
export type ChannelType = InboxesQuery['channelTypes'][number]
/** What everybody sees of a conversation, and what the feed carries. */
export type SharedConversation = ConversationFieldsFragment
export type Conversation = SharedConversation & { readCount: number }
export type ReplyWindow = Conversation['replyWindow']
export type Message = MessageFieldsFragment
/** `local` marks a bubble that the server has not acknowledged: on its way, or without an answer. */
export type ThreadMessage = Message & { local?: 'sending' | 'unsent' }

export function unreadOf(conversation: Conversation): number {
  return Math.max(0, conversation.inboundCount - conversation.readCount)
}
