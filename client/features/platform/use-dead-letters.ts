import { computed, ref } from 'vue'
import type { DeadLettersQuery } from '../../api/generated.ts'
import { DeadLettersDocument, ReplayDeadLetterDocument } from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import { errorText } from '../../kit/error-text.ts'
import { useTask } from '../../kit/use-task.ts'
import { t } from '../../locales/i18n.ts'
import { useUi } from '../../stores/ui.ts'

type DeadLetter = DeadLettersQuery['deadLetters']['nodes'][number]

const PAGE = 25

/** Events that ended in the dead-letter list, newest first. */
export function useDeadLetters() {
  const letters = ref<DeadLetter[]>([])
  const pageInfo = ref<DeadLettersQuery['deadLetters']['pageInfo']>()

  async function fetchPage(after: string | null): Promise<void> {
    const { deadLetters } = await request(DeadLettersDocument, { first: PAGE, after })
    letters.value = after ? [...letters.value, ...deadLetters.nodes] : deadLetters.nodes
    pageInfo.value = deadLetters.pageInfo
  }

  const first = useTask(() => fetchPage(null))
  const next = useTask(() => fetchPage(pageInfo.value?.endCursor ?? null))

  async function replay(id: string): Promise<void> {
    try {
      await request(ReplayDeadLetterDocument, { input: { id } })
      letters.value = letters.value.filter((letter) => letter.id !== id)
      useUi().toast(t('platform.replayed'))
    } catch (failure) {
      useUi().toast(errorText(failure), { tone: 'bad' })
    }
  }

  return {
    letters,
    error: computed(() => first.error.value ?? next.error.value),
    load: first.run,
    loadMore: next.run,
    replay,
    hasNextPage: computed(() => pageInfo.value?.hasNextPage ?? false),
    loaded: computed(() => pageInfo.value !== undefined),
  }
}
