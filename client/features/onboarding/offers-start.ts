import { remembered } from '../../kit/storage.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useInboxes } from '../../stores/inboxes.ts'

/** What this browser remembers of the first steps of an account. */
export const startMemory = (accountId: string) => remembered(`parley:start:${accountId}`)

/** Whether the rail still offers the first steps. */
export function offersStart(): boolean {
  const accounts = useAccounts()
  const membership = accounts.current && startMemory(accounts.accountId).read() !== 'left'
  return Boolean(membership) && (!useInboxes().connected.length || accounts.members.length < 2)
}
