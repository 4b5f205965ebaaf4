import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { ConversationFilter, ConversationStatus } from '../../api/generated.ts'
import { useSession } from '../../stores/session.ts'

const statuses: Record<string, ConversationStatus> = {
  open: 'OPEN',
  pending: 'PENDING',
  snoozed: 'SNOOZED',
  resolved: 'RESOLVED',
}

/** The address says which list is shown: folder or inbox, status, search. */
export function useConversationRoute() {
  const route = useRoute()
  const router = useRouter()
  const query = computed(() => String(route.query['q'] ?? '').trim())
  const status = computed<ConversationStatus>(() => statuses[String(route.query['status'])] ?? 'OPEN')
  const folder = computed(() => String(route.params['folder'] ?? ''))
  const inboxId = computed(() => String(route.params['inboxId'] ?? ''))
  const conversationId = computed(() => String(route.params['conversationId'] ?? ''))

  const filter = computed<ConversationFilter>(() => ({
    // Who searches looks for a person, in whatever state the conversation is.
    ...(query.value ? { query: query.value } : { status: status.value }),
    ...(inboxId.value && { inboxId: inboxId.value }),
    ...(folder.value === 'mine' && { assigneeId: useSession().userId }),
    ...(folder.value === 'unassigned' && { unassigned: true }),
  }))

  function show(id: string | undefined) {
    return router.push({ params: { ...route.params, conversationId: id ?? '' }, query: route.query })
  }

  function showStatus(next: ConversationStatus) {
    return router.push({ params: route.params, query: next === 'OPEN' ? {} : { status: next.toLowerCase() } })
  }

  return { query, status, folder, inboxId, conversationId, filter, show, showStatus }
}
