import { ref } from 'vue'
import { useRouter } from 'vue-router'
import type { ConnectChannelInput } from '../../api/generated.ts'
import { ConnectChannelDocument } from '../../api/settings.generated.ts'
import { ApiError, request } from '../../api/graphql.ts'
import type { ChannelType, Inbox } from '../../api/types.ts'
import { errorText } from '../../kit/error-text.ts'
import { useTask } from '../../kit/use-task.ts'
import { useInboxes } from '../../stores/inboxes.ts'
import { sayWhichField } from './connect-fields.ts'
import type { Choice } from './use-connect-form.ts'

/** What became of one that was to be connected: an inbox, or why not; neither while it is being done. */
export interface Outcome {
  choice: Choice
  inbox?: Inbox
  why?: string
}

type Form = NonNullable<ChannelType['form']>

interface Plan {
  form: Form
  wanted(): Choice[]
  inputFor(choiceRef: string): { input: ConnectChannelInput }
  connected(choiceRef: string): void
}

const ATTEMPTS = 3
const LONGEST_WAIT_MS = 10_000

/**
 * Connects what is wanted, one after the other: what fails is told beside what came about, and stops none of the others.
 * A single one ends on its inbox's page, or in an error.
 */
export function useConnecting({ form, wanted, inputFor, connected }: Plan) {
  const router = useRouter()
  const outcomes = ref<Outcome[]>([])

  /** Undefined: the page where somebody decides is open instead. */
  async function connectOne(choice: Choice): Promise<Inbox | undefined> {
    const answer = await connect(form, inputFor(choice.ref))
    if (typeof answer !== 'string') {
      useInboxes().receive(answer)
      connected(choice.ref)
      return answer
    }
    await router.push({ name: 'settings-pending', params: { pendingId: answer } })
    return undefined
  }

  /** What failed before makes way for what comes of it now. */
  async function connectEach(choices: readonly Choice[]): Promise<void> {
    const done = outcomes.value.filter(({ inbox }) => inbox)
    outcomes.value = [...done, ...choices.map((choice) => ({ choice }))]
    for (const outcome of outcomes.value.slice(done.length)) {
      try {
        const inbox = await connectOne(outcome.choice)
        if (!inbox) return
        outcome.inbox = inbox
      } catch (error) {
        outcome.why = errorText(error)
      }
    }
  }

  const connecting = useTask(async () => {
    const choices = wanted()
    const [only, another] = choices
    if (!only || another || outcomes.value.length) return connectEach(choices)
    const inbox = await connectOne(only)
    if (!inbox) return
    await router.push({ name: 'settings-inbox', params: { inboxId: inbox.id }, query: { connected: '1' } })
  })

  return { outcomes, connecting }
}

/**
 * Resolves with the inbox, or the id of what waits for somebody's word, as it is another business than the inbox's own.
 * A provider that is asked too much is asked again.
 */
async function connect(form: Form, variables: { input: ConnectChannelInput }, attempt = 1): Promise<Inbox | string> {
  try {
    return (await request(ConnectChannelDocument, variables)).connectChannel
  } catch (error) {
    const { code, details } = error instanceof ApiError ? error : { code: '', details: {} as ApiError['details'] }
    const pendingId = details['pendingConnectionId']
    if (typeof pendingId === 'string') return pendingId
    if (code !== 'RATE_LIMITED' || attempt === ATTEMPTS) return sayWhichField(form)(error)
    await new Promise((resolve) => setTimeout(resolve, waitOf(details['retryAfterMs'])))
    return connect(form, variables, attempt + 1)
  }
}

const waitOf = (retryAfterMs: unknown): number =>
  Math.min(typeof retryAfterMs === 'number' ? retryAfterMs : 1_000, LONGEST_WAIT_MS)
