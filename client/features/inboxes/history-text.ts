import type { Inbox } from '../../api/types.ts'
import { formatMoment } from '../../kit/format.ts'
import { t } from '../../locales/i18n.ts'

/** Whether the provider can be asked for earlier messages now. */
export const isReadable = ({ connected, enabled, reauthorizationRequired }: Inbox): boolean =>
  connected && enabled && !reauthorizationRequired

/** How reading earlier messages goes, or went. */
export function historyText(inbox: Inbox, channel: string): string {
  const { history } = inbox
  if (!history) return t('history.never')
  const { threadsRead: read, threadsFound: found, messagesAdded } = history
  if (history.failureCode === 'THREADS_PASSED_OVER') return t('history.partial', { read, found })
  if (history.state === 'FAILED') return t('history.failed', { channel })
  if (history.state === 'DONE') {
    const time = history.finishedAt ? formatMoment(Date.parse(history.finishedAt)) : ''
    return t('history.done', { time }, messagesAdded)
  }
  if (!isReadable(inbox)) return t('history.held')
  if (history.failureCode) return t('history.waits', { channel })
  return history.state === 'LISTING' ? t('history.listing') : t('history.reading', { read, found })
}
