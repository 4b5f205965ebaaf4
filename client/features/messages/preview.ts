import type { Message } from '../../api/types.ts'
import { t } from '../../locales/i18n.ts'
import { activityText } from './activity-text.ts'
import { wordsOf } from './message-kind.ts'

/** One line that says what was last, and who wrote it when it was us. */
export function previewOf(message: Message, userId: string): string {
  if (message.type === 'ACTIVITY') return activityText(message)
  const text = wordsOf({ ...message, content: message.content?.trim() ?? null }).replace(/\s+/g, ' ')
  if (message.type === 'INCOMING') return text
  if (message.sender?.id === userId) return t('list.you', { text })
  return message.sender ? t('list.other', { name: message.sender.name.split(' ')[0]!, text }) : text
}
