import type { InboxSwapQuery } from '../../api/generated.ts'
import type { Inbox } from '../../api/types.ts'
import { formatFull } from '../../kit/format.ts'
import { t } from '../../locales/i18n.ts'
import { useInboxes } from '../../stores/inboxes.ts'
import type { Fact } from '../../ui/UiFacts.vue'
import { historyText } from './history-text.ts'

export type Swap = NonNullable<InboxSwapQuery['inbox']['swap']>

/** How a channel is called; one that the installation has no more goes by its id. */
export const channelName = (type: string): string => useInboxes().channelType(type)?.label ?? type

export const swapSides = ({ from, to }: Swap) => ({
  from: channelName(from.channelType),
  to: channelName(to.channelType),
})

const historyTones: Record<string, Fact['tone']> = { DONE: 'ok', FAILED: 'warn' }

/** How far a swap is. */
export function swapFacts(swap: Swap, inbox: Inbox): Fact[] {
  const { from, to } = swapSides(swap)
  const { draining, openDecisions, takeBackUntil, canTakeBack } = swap
  return [
    {
      label: t('swap.history'),
      text: historyText(inbox, to),
      tone: historyTones[inbox.history?.state ?? ''] ?? 'plain',
    },
    {
      label: t('swap.draining', { from }),
      text: draining ? t('swap.drainingSome', {}, draining) : t('swap.none'),
      tone: draining ? 'plain' : 'ok',
    },
    {
      label: t('swap.decisions'),
      text: openDecisions ? t('swap.decisionsSome', {}, openDecisions) : t('swap.none'),
      tone: openDecisions ? 'warn' : 'ok',
    },
    ...(canTakeBack
      ? [
          {
            label: t('swap.takeBackUntil'),
            text: t('swap.takeBackUntilDate', { date: formatFull(takeBackUntil) }),
            tone: 'plain',
          } as const,
        ]
      : []),
  ]
}

/** What another program did, and where to switch it off; undefined: none has answered since. */
export function foreignText(swap: Swap): string | undefined {
  const { foreignReplyAt, foreignReplyVia } = swap
  if (!foreignReplyAt || !foreignReplyVia) return undefined
  const { from, to } = swapSides(swap)
  return t(`swap.foreign_${foreignReplyVia}`, { time: formatFull(foreignReplyAt), channels: `${from}, ${to}` })
}
