import { t } from '../../locales/i18n.ts'
import type { ComposerMode } from '../../stores/drafts.ts'

/** The pictures that would go along. */
export interface PictureSituation {
  count: number
  uploading: boolean
  failed: boolean
  /** Why none can be sent here. */
  refused: string | undefined
  /** Replies that are lacking for all of it. */
  missing: number
}

const NONE: PictureSituation = { count: 0, uploading: false, failed: false, refused: undefined, missing: 0 }

interface Situation {
  text: string
  left: number | undefined
  /** Why replies are closed; empty while they are open. */
  closed: string
  mode: ComposerMode
  pictures?: PictureSituation
}

/** Why the button cannot be pressed now, in words; undefined when it can. */
export function sendBlocker({ text, left, closed, mode, pictures = NONE }: Situation): string | undefined {
  if (closed) return closed
  if (pictures.refused) return pictures.refused
  if (pictures.uploading) return t('pictures.wait')
  if (pictures.failed) return t('pictures.failed')
  if (pictures.missing) return t('pictures.tooMany', { n: pictures.missing })
  if (!text.trim() && !pictures.count) return t(mode === 'note' ? 'composer.emptyNote' : 'composer.emptyReply')
  if (left !== undefined && left < 0) return t('composer.tooLong', { n: -left })
  return undefined
}
