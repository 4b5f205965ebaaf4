import { seesInbox } from '../kit/visibility.ts'
import type { LogEntry, Viewer } from './types.ts'

/** About the account itself, so every member gets them. */
const FOR_EVERYBODY = new Set(['member.updated', 'account.updated'])

/** Whether a member gets an entry of their account's log: the live form of the rule that lists obey (I11). */
export function isVisible(viewer: Viewer, entry: Pick<LogEntry, 'inboxId' | 'userId' | 'type'>): boolean {
  if (entry.userId !== null && entry.userId !== viewer.userId) return false
  if (entry.inboxId === null || FOR_EVERYBODY.has(entry.type)) return true
  return seesInbox(viewer, entry.inboxId)
}
