import { useRouter } from 'vue-router'
import { StartConnectionDocument } from '../../api/settings.generated.ts'
import { ApiError, request } from '../../api/graphql.ts'
import type { ChannelType, Inbox } from '../../api/types.ts'
import { ExplainedError } from '../../kit/error-text.ts'
import { rememberedHere } from '../../kit/storage.ts'
import { useTask } from '../../kit/use-task.ts'
import { hasText, t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useInboxes } from '../../stores/inboxes.ts'

const attempt = rememberedHere('parley:connecting')

/**
 * Begins a connection, for a new inbox, to renew one, or instead of an inbox's own channel: opens the channel's form, or sends the browser to the provider,
 * from where it comes back through the server.
 */
export function useConnect() {
  const router = useRouter()
  return useTask(async (channelType: string, inboxId?: string) => {
    const { accountId } = useAccounts()
    if (useInboxes().channelType(channelType)?.form) {
      const to = { name: 'settings-connect', params: { accountId, channelType } }
      return router.push({ ...to, query: inboxId ? { inbox: inboxId } : {} })
    }
    const input = { accountId, channelType, inboxId: inboxId ?? null }
    const { startConnection } = await request(StartConnectionDocument, { input }).catch(explain)
    attempt.write(JSON.stringify(input))
    return location.assign(startConnection.url)
  })
}

/** What this tab last set out to connect for the account, so that it can be tried again. */
export function lastAttempt(): { channelType: string; inboxId?: string } | undefined {
  const { accountId, channelType, inboxId } = JSON.parse(attempt.read() ?? '{}') as Record<string, string | null>
  if (!channelType || accountId !== useAccounts().accountId) return undefined
  return { channelType, ...(inboxId ? { inboxId } : {}) }
}

/** The reasons why connecting does not come about have sentences of their own. */
export function explain(error: unknown): never {
  const key = `connectError.${error instanceof ApiError ? String(error.details['reason'] ?? error.code) : ''}`
  throw hasText(key) ? new ExplainedError(t(key)) : error
}

/** The providers that an inbox may go over to. */
export const otherChannels = ({ channelType }: Pick<Inbox, 'channelType'>): ChannelType[] =>
  useInboxes().channelTypes.filter(({ id }) => id !== channelType)

/** Why a channel cannot be connected now; undefined when it can. */
export function connectBlocker(channel: ChannelType): string | undefined {
  if (!channel.enabled) return t('inboxes.channelOff')
  return channel.configured ? undefined : t('inboxes.channelUnconfigured')
}
