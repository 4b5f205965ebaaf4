/** Who looks: administrators see every inbox of their account, agents theirs. */
export interface InboxViewer {
  readonly role: 'administrator' | 'agent'
  readonly inboxIds: ReadonlySet<string> | readonly string[]
}

/** The rule behind every list, look-up, count and live event (I11): whether `viewer` sees the inbox and what is in it. */
export function seesInbox(viewer: InboxViewer, inboxId: string): boolean {
  if (viewer.role === 'administrator') return true
  const { inboxIds } = viewer
  return 'has' in inboxIds ? inboxIds.has(inboxId) : inboxIds.includes(inboxId)
}
