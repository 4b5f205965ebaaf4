import { computed, reactive, ref, watch } from 'vue'
import type { InspectChannelMutation } from '../../api/generated.ts'
import { InspectChannelDocument } from '../../api/settings.generated.ts'
import { request } from '../../api/graphql.ts'
import type { ChannelType, Inbox } from '../../api/types.ts'
import { ExplainedError } from '../../kit/error-text.ts'
import { useTask } from '../../kit/use-task.ts'
import { hasText, t } from '../../locales/i18n.ts'
import { useAccounts } from '../../stores/accounts.ts'
import { sayWhichField } from './connect-fields.ts'
import { useConnecting } from './use-connecting.ts'

type Form = NonNullable<ChannelType['form']>
export type Choice = InspectChannelMutation['inspectChannel']['choices'][number]

/** What to know before connecting; a note without a sentence is for programs. */
export const noteTexts = (notes: readonly string[], channel: string): string[] =>
  notes.flatMap((code) => {
    const key = `connectNotes.${code}`
    return hasText(key) ? [t(key, { channel })] : []
  })

/** What was found, and what of it is picked. */
function useChoices(again: Inbox | undefined) {
  const notes = ref<string[]>([])
  const choices = ref<Choice[]>()
  const picked = ref(new Set<string>())
  const isOwn = ({ ref: id }: Choice) => id === again?.externalId
  const isFree = (choice: Choice) => !choice.connected || isOwn(choice)

  /** The inbox's own is what is wanted, and so is one that stands alone. */
  function offer(found: InspectChannelMutation['inspectChannel']): void {
    const own = found.choices.filter(isOwn)
    const free = found.choices.filter(isFree)
    notes.value = found.notes
    choices.value = own.length ? own : found.choices
    const wanted = own.length || free.length > 1 ? own : free
    picked.value = new Set(wanted.map((choice) => choice.ref))
  }

  /** An inbox that is connected again has one place to give. */
  function pick(choice: string, on: boolean): void {
    if (again) picked.value.clear()
    if (on) picked.value.add(choice)
    else picked.value.delete(choice)
  }

  function markConnected(ref: string): void {
    picked.value.delete(ref)
    choices.value = choices.value?.map((choice) => (choice.ref === ref ? { ...choice, connected: true } : choice))
  }

  return { notes, choices, picked, isOwn, isFree, offer, pick, markConnected }
}

/** Looks what can be connected with what was entered, and connects what is picked: each an inbox, or one of it in `again`. */
export function useConnectForm(channel: ChannelType, form: Form, again: Inbox | undefined) {
  const values = reactive<Record<string, string>>(Object.fromEntries(form.fields.map(({ name }) => [name, ''])))
  const { offer, markConnected, isOwn, ...found } = useChoices(again)
  const ownFound = computed(() => found.choices.value?.some(isOwn) ?? false)
  const inputOf = (fields: Record<string, string>) => {
    const { accountId } = useAccounts()
    return { input: { accountId, channelType: channel.id, fields, inboxId: again?.id ?? null } }
  }

  const looking = useTask(async () => {
    const { inspectChannel } = await request(InspectChannelDocument, inputOf({ ...values })).catch(sayWhichField(form))
    if (!inspectChannel.choices.length) throw new ExplainedError(t('connectError.NOTHING_TO_CONNECT'))
    offer(inspectChannel)
  })

  const { outcomes, connecting } = useConnecting({
    form,
    wanted: () => (found.choices.value ?? []).filter(({ ref }) => found.picked.value.has(ref)),
    inputFor: (ref) => inputOf({ ...values, [form.choice]: ref }),
    connected: markConnected,
  })

  // What was found belongs to what was entered then, and so does what became of it.
  watch(values, () => {
    found.choices.value = undefined
    outcomes.value = []
  })

  return { values, ...found, ownFound, looking, outcomes, connecting }
}
