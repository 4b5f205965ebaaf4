import { computed, ref, watch, type Ref } from 'vue'
import type { AccountStatus, PlatformAccountsQuery } from '../../api/generated.ts'
import {
  PlatformAccountsDocument,
  SetAccountStatusDocument,
  SetFeatureFlagDocument,
  SetInboxLimitDocument,
} from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import { useTask } from '../../kit/use-task.ts'

export type PlatformAccount = PlatformAccountsQuery['platformAccounts']['nodes'][number]

const PAGE = 25
const PAUSE_MS = 250

/** Every account of the installation, searched and paged. */
export function usePlatformAccounts() {
  const query = ref('')
  const accounts = ref<PlatformAccount[]>([])
  const pageInfo = ref<PlatformAccountsQuery['platformAccounts']['pageInfo']>()
  let asked = 0

  async function fetchPage(after: string | null): Promise<void> {
    const turn = ++asked
    const search = query.value.trim() || null
    const { platformAccounts } = await request(PlatformAccountsDocument, { query: search, first: PAGE, after })
    // An answer to what was typed before is no longer asked for.
    if (turn !== asked) return
    accounts.value = after ? [...accounts.value, ...platformAccounts.nodes] : platformAccounts.nodes
    pageInfo.value = platformAccounts.pageInfo
  }

  const first = useTask(() => fetchPage(null))
  const next = useTask(() => fetchPage(pageInfo.value?.endCursor ?? null))

  function patch(id: string, change: Partial<PlatformAccount>) {
    accounts.value = accounts.value.map((account) => (account.id === id ? { ...account, ...change } : account))
  }

  watchSlowly(query, () => fetchPage(null))

  return {
    query,
    accounts,
    error: computed(() => first.error.value ?? next.error.value),
    load: first.run,
    loadMore: next.run,
    ...changesOf(patch),
    hasNextPage: computed(() => pageInfo.value?.hasNextPage ?? false),
    loaded: computed(() => pageInfo.value !== undefined),
  }
}

/** What an operator changes of an account; `patch` shows it at once. */
function changesOf(patch: (id: string, change: Partial<PlatformAccount>) => void) {
  async function setStatus(accountId: string, status: AccountStatus): Promise<void> {
    const { setAccountStatus } = await request(SetAccountStatusDocument, { input: { accountId, status } })
    patch(accountId, { status: setAccountStatus.status })
  }

  async function setFlag(accountId: string, key: string, enabled: boolean): Promise<void> {
    const { setFeatureFlag } = await request(SetFeatureFlagDocument, { input: { accountId, key, enabled } })
    patch(accountId, { featureFlags: setFeatureFlag.featureFlags })
  }

  async function setLimit(accountId: string, limit: number | null): Promise<void> {
    const { setInboxLimit } = await request(SetInboxLimitDocument, { input: { accountId, limit } })
    patch(accountId, { inboxLimit: setInboxLimit.inboxLimit })
  }

  return { setStatus, setFlag, setLimit }
}

function watchSlowly(source: Ref<string>, work: () => Promise<void>): void {
  watch(source, (_now, _before, onCleanup) => {
    const timer = setTimeout(() => void work(), PAUSE_MS)
    onCleanup(() => clearTimeout(timer))
  })
}
