import type { ThreadMessage } from '../../api/types.ts'
import { dayStart } from '../../kit/format.ts'

export type TimelineRow =
  | { kind: 'unread'; key: string; count: number }
  | { kind: 'activity'; key: string; messages: ThreadMessage[] }
  | { kind: 'message'; key: string; message: ThreadMessage; first: boolean; last: boolean }

/** One day of the thread; its separator stays on top while the day is read. */
export interface TimelineDay {
  key: string
  at: string
  rows: TimelineRow[]
}

export interface UnreadLine {
  messageId: string
  count: number
}

const GROUP_MS = 5 * 60_000

/** A bubble keeps its identity when the server's message takes the place of our own. */
export function messageKey(message: ThreadMessage): string {
  return message.clientMessageId ?? message.id
}

/** Messages as the eye reads them: days, the unread line, groups of one writer within five minutes, quiet activity. */
export function buildTimeline(messages: readonly ThreadMessage[], unread?: UnreadLine): TimelineDay[] {
  const days: TimelineDay[] = []
  for (const message of messages) {
    const start = dayStart(Date.parse(message.createdAt))
    let day = days.at(-1)
    if (!day || dayStart(Date.parse(day.at)) !== start) {
      day = { key: `day:${start}`, at: message.createdAt, rows: [] }
      days.push(day)
    }
    if (unread?.messageId === message.id) day.rows.push({ kind: 'unread', key: 'unread', count: unread.count })
    addMessage(day.rows, message)
  }
  return days
}

function addMessage(rows: TimelineRow[], message: ThreadMessage): void {
  const previous = rows.at(-1)
  if (message.type === 'ACTIVITY') {
    if (previous?.kind === 'activity') previous.messages.push(message)
    else rows.push({ kind: 'activity', key: `activity:${message.id}`, messages: [message] })
    return
  }
  const joins = previous?.kind === 'message' && sameGroup(previous.message, message)
  if (joins) previous.last = inTrouble(previous.message) || previous.message.status !== message.status
  rows.push({ kind: 'message', key: messageKey(message), message, first: !joins, last: true })
}

function sameGroup(a: ThreadMessage, b: ThreadMessage): boolean {
  const sameWriter =
    a.type === b.type && a.source === b.source && a.private === b.private && a.sender?.id === b.sender?.id
  return sameWriter && Date.parse(b.createdAt) - Date.parse(a.createdAt) <= GROUP_MS
}

/** What needs words, and perhaps an action, has its own line under its own bubble. */
export function inTrouble(message: ThreadMessage): boolean {
  return message.status === 'FAILED' || message.status === 'UNCONFIRMED' || message.local === 'unsent'
}

/** Where the unread line goes: before the first of the last `unread` messages of the customer. */
export function findUnreadLine(messages: readonly ThreadMessage[], unread: number): UnreadLine | undefined {
  if (unread <= 0) return undefined
  const incoming = messages.filter((message) => message.type === 'INCOMING')
  const first = incoming.at(-unread) ?? incoming[0]
  return first && { messageId: first.id, count: unread }
}
