import type { Conversation, ThreadMessage } from '../../client/api/types.ts'

const MINUTE = 60_000
export const noon = Date.parse('2026-03-12T12:00:00.000Z')
export const at = (minutes: number) => new Date(noon + minutes * MINUTE).toISOString()

export function aConversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: 'c1',
    displayId: 1,
    status: 'OPEN',
    snoozedUntil: null,
    inboundCount: 1,
    readCount: 0,
    lastActivityAt: at(0),
    createdAt: at(-60),
    inbox: { id: 'inbox-1' },
    contact: {
      id: 'k1',
      name: 'สมหญิง ใจดี',
      username: 'somying.jd',
      avatarUrl: null,
      firstSeenAt: at(-60),
      referrals: [],
    },
    assignee: null,
    replyWindow: { open: true, closesAt: at(48 * 60), remaining: 10, limit: 10, reason: null },
    lastMessage: null,
    ...change,
  }
}

export function aMessage(change: Partial<ThreadMessage> = {}): ThreadMessage {
  return {
    id: 'm1',
    conversationId: 'c1',
    type: 'INCOMING',
    status: null,
    private: false,
    content: 'สวัสดี',
    contentType: 'text',
    source: 'CONTACT',
    clientMessageId: null,
    details: null,
    createdAt: at(0),
    sender: null,
    failure: null,
    attachments: [],
    inReplyTo: null,
    reactions: [],
    ...change,
  }
}

export const mali = { id: 'u1', name: 'Mali Kittisak' }

export const aReply = (change: Partial<ThreadMessage> = {}) =>
  aMessage({ type: 'OUTGOING', source: 'AGENT', status: 'SENT', sender: mali, ...change })
