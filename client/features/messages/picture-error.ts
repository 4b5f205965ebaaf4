import { ApiError } from '../../api/graphql.ts'
import { errorText } from '../../kit/error-text.ts'
import { hasText, t } from '../../locales/i18n.ts'

/** Why a picture was not taken, in words. */
export function pictureError(error: unknown): string {
  const key = error instanceof ApiError ? `pictures.${String(error.details['reason'])}` : ''
  return hasText(key) ? t(key) : errorText(error)
}

/** The pictures among what was pasted, dropped or chosen. */
export const picturesIn = (files: FileList | undefined): File[] =>
  [...(files ?? [])].filter((file) => file.type.startsWith('image/'))
