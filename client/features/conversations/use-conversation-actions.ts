import type { Conversation } from '../../api/types.ts'
import { errorText } from '../../kit/error-text.ts'
import { formatMoment } from '../../kit/format.ts'
import { t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useConversations } from '../../stores/conversations.ts'
import { useUi } from '../../stores/ui.ts'

/** What can be done with a conversation: at once on screen, taken back when the server refuses, each with its undo. */
export function useConversationActions() {
  const conversations = useConversations()

  async function act(id: string, done: string, work: () => Promise<void>): Promise<void> {
    const before = conversations.byId.get(id)
    try {
      await work()
      const action = before && { label: t('common.undo'), run: () => void undo(before) }
      useUi().toast(done, action ? { action } : {})
    } catch (error) {
      useUi().toast(errorText(error), { tone: 'bad' })
    }
  }

  async function undo(before: Conversation): Promise<void> {
    const now = conversations.byId.get(before.id)
    try {
      if (now?.status !== before.status || now.snoozedUntil !== before.snoozedUntil) {
        await conversations.setStatus(before.id, before.status, before.snoozedUntil ?? undefined)
      }
      if (now?.assignee?.id !== before.assignee?.id) await conversations.assign(before.id, before.assignee?.id ?? null)
    } catch (error) {
      useUi().toast(errorText(error), { tone: 'bad' })
    }
  }

  const nameOf = (assigneeId: string | null) => (assigneeId && useAccounts().nameOf(assigneeId)) || ''

  return {
    resolve: (id: string) => act(id, t('thread.resolved'), () => conversations.setStatus(id, 'RESOLVED')),
    reopen: (id: string) => act(id, t('thread.reopened'), () => conversations.setStatus(id, 'OPEN')),
    setPending: (id: string) => act(id, t('thread.nowPending'), () => conversations.setStatus(id, 'PENDING')),
    snooze: (id: string, at: number) =>
      act(id, t('thread.snoozedUntil', { time: formatMoment(at) }), () =>
        conversations.setStatus(id, 'SNOOZED', new Date(at).toISOString()),
      ),
    assign: (id: string, assigneeId: string | null) =>
      act(id, assigneeId ? t('thread.assignedTo', { name: nameOf(assigneeId) }) : t('thread.unassigned'), () =>
        conversations.assign(id, assigneeId),
      ),
  }
}
