import type { ThreadSignal } from '../../channels/contract.ts'
import type { InboxRow } from './inboxes.queries.ts'

const SETTINGS: Record<ThreadSignal, string> = { typing: 'sendTyping', read: 'sendReadReceipts' }

/** Whether an inbox shows its customers that somebody types, or has read; it does until an administrator says no. */
export const sendsSignal = (inbox: Pick<InboxRow, 'settings'>, signal: ThreadSignal): boolean =>
  inbox.settings[SETTINGS[signal]] !== false

/** What is given, as the columns' JSON has it. */
export function signalSettings(given: {
  sendTyping?: boolean | null
  sendReadReceipts?: boolean | null
}): Record<string, boolean> {
  const { sendTyping, sendReadReceipts } = given
  return { ...(sendTyping != null && { sendTyping }), ...(sendReadReceipts != null && { sendReadReceipts }) }
}
