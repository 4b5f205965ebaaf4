import { ref } from 'vue'
import type { SwapMatchesQuery } from '../../api/generated.ts'
import { DecideSwapMatchDocument, SwapMatchesDocument } from '../../api/settings.generated.ts'
import { ApiError, request } from '../../api/graphql.ts'
import { errorText } from '../../kit/error-text.ts'
import { useTask } from '../../kit/use-task.ts'
import { t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { useInboxes } from '../../stores/inboxes.ts'
import { useUi } from '../../stores/ui.ts'

type Connection = NonNullable<SwapMatchesQuery['inbox']['swap']>['matches']
export type Match = Connection['nodes'][number]
/** Merges with that thread, or leaves apart; resolves with why not, in words. */
export type Decide = (matchId: string, threadId: string | null) => Promise<string | undefined>

/** What somebody has to decide after a swap of providers, the oldest first. */
export function useSwapMatches(inboxId: string) {
  const matches = ref<Match[]>()
  const pageInfo = ref<Connection['pageInfo']>()

  async function fetchPage(after: string | null): Promise<void> {
    const { accountId } = useAccounts()
    const { swap } = (await request(SwapMatchesDocument, { accountId, id: inboxId, after })).inbox
    const found = swap?.matches.nodes ?? []
    matches.value = after ? [...(matches.value ?? []), ...found] : found
    pageInfo.value = swap?.matches.pageInfo
  }

  const first = useTask(() => fetchPage(null))
  const next = useTask(() => fetchPage(pageInfo.value?.endCursor ?? null))

  const drop = (matchId: string) => (matches.value = matches.value?.filter(({ id }) => id !== matchId))

  const decide: Decide = async (matchId, threadId) => {
    try {
      const input = { accountId: useAccounts().accountId, matchId, threadId }
      useInboxes().receive((await request(DecideSwapMatchDocument, { input })).decideSwapMatch)
      drop(matchId)
      if (!matches.value?.length && pageInfo.value?.hasNextPage) await first.run()
      return undefined
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'NOT_FOUND') return errorText(error)
      useUi().toast(t('swapMatch.decidedElsewhere'))
      drop(matchId)
      return undefined
    }
  }

  return { matches, pageInfo, first, next, decide }
}
