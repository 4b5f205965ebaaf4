import { ApiError } from '../../api/graphql.ts'
import type { ChannelType } from '../../api/types.ts'
import { ExplainedError } from '../../kit/error-text.ts'
import { hasText, t } from '../../locales/i18n.ts'
import { explain } from './use-connect.ts'

type Form = NonNullable<ChannelType['form']>
export type ConnectField = Form['fields'][number]

/** Its label; a field that the server has learned after us is called by its name. */
export function fieldLabel({ name, code }: ConnectField): string {
  const key = `connectFields.${code}`
  return hasText(key) ? t(key) : name
}

export function fieldHint({ code }: ConnectField, channel: string): string {
  const key = `connectFields.${code}_hint`
  return hasText(key) ? t(key, { channel }) : ''
}

/** Names the field that was not right; the other reasons have sentences of their own. */
export const sayWhichField =
  (form: Form) =>
  (error: unknown): never => {
    const name = error instanceof ApiError && error.code === 'INVALID' ? error.details['field'] : undefined
    const field = form.fields.find((one) => one.name === name)
    if (field) throw new ExplainedError(t('connectForm.wrong', { field: fieldLabel(field) }))
    return explain(error)
  }
