import { useRoute, useRouter } from 'vue-router'
import type { SessionFieldsFragment } from '../../api/generated.ts'
import { useSession } from '../../stores/session.ts'

/** What follows a successful log-in of any kind: the page that was asked for, else the account. */
export function useSessionEntry() {
  const router = useRouter()
  const route = useRoute()

  async function enter(session: SessionFieldsFragment, first = false): Promise<void> {
    useSession().open(session)
    const next = String(route.query['next'] ?? '')
    // Only paths of our own: a link in a mail must not lead elsewhere after the password.
    if (/^\/(?![/\\])/.test(next)) await router.replace(next)
    else await router.replace({ name: first ? 'start' : 'folder', params: entryParams(session, first) })
  }

  return { enter }
}

function entryParams(session: SessionFieldsFragment, first: boolean): Record<string, string> {
  return first ? { accountId: session.account.id } : { accountId: session.account.id, folder: 'all' }
}
