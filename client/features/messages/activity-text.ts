import type { Message } from '../../api/types.ts'
import { hasText, t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'

interface ActivityDetails {
  action?: string
  status?: string
  actorId?: string
  actorName?: string
  assigneeId?: string
  assigneeName?: string
  displayId?: number
}

/** An activity line in the reader's language, from its facts; without an actor it happened by itself. */
export function activityText(message: Message): string {
  const details = (message.details ?? {}) as ActivityDetails
  const values = {
    actorName: details.actorName ?? t('activity.somebody'),
    assigneeName:
      (details.assigneeId && useAccounts().nameOf(details.assigneeId)) ||
      details.assigneeName ||
      t('activity.somebody'),
    displayId: String(details.displayId ?? ''),
  }
  const key = candidates(details).find(hasText)
  return key ? t(key, values) : (message.content ?? t('activity.unknown', values))
}

function candidates({ action, status, actorId, actorName, assigneeId }: ActivityDetails): string[] {
  const name = `activity.${status ? `${action}_${status.toLowerCase()}` : action}`
  const special = !actorName ? '_auto' : assigneeId && assigneeId === actorId ? '_self' : ''
  return [`${name}${special}`, name]
}
