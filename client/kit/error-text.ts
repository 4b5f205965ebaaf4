import { ApiError } from '../api/graphql.ts'
import { hasText, t } from '../locales/i18n.ts'

/** An error that is told in a sentence of ours, in the reader's language already. */
export class ExplainedError extends Error {}

/**
 * A sentence for the reader. What the server says itself is English: its code and the field it speaks of are enough, and
 * the id by which an operator finds a fault of ours in the log.
 */
export function errorText(error: unknown): string {
  if (error instanceof ExplainedError) return error.message
  if (!(error instanceof ApiError)) return t('errors.INTERNAL')
  const entered = error.code === 'INVALID' ? [`invalid.${String(error.details['field']).split('.')[0]}`] : []
  const sentence = t([...entered, `errors.${error.code}`].find(hasText) ?? 'errors.INTERNAL')
  const { errorId } = error.details
  return typeof errorId === 'string' ? `${sentence} (${errorId})` : sentence
}
