import type { Message } from '../../api/types.ts'
import { hasText, t } from '../../locales/i18n.ts'

/** What says of what kind a message is: all that a quote knows of the message it quotes. */
type Kind = Pick<Message, 'contentType' | 'details'>

export const factsOf = ({ details }: Kind) => (details ?? {}) as Record<string, unknown>
const wordOf = (value: unknown) => (typeof value === 'string' ? value : '')

/** The kind in words, as the provider called it when that says more than our own kind. */
export function kindLabel(message: Kind): string {
  const kind = wordOf(factsOf(message)['kind']) || message.contentType
  const key = `kinds.${kind.toLowerCase()}`
  return t(hasText(key) ? key : 'kinds.unknown', { kind })
}

/** What a message says in words: its text, which of a card's buttons it answers, or else of what kind it is. */
export function wordsOf(message: Kind & Pick<Message, 'content'>): string {
  const text = message.content ?? ''
  if (text && factsOf(message)['tap']) return t('thread.tapped', { text })
  return text || kindLabel(message)
}

/** The answers that a card offers. */
export function buttonsOf(message: Kind): string[] {
  const { buttons } = factsOf(message)
  return message.contentType === 'template' && Array.isArray(buttons) ? buttons.map(wordOf).filter(Boolean) : []
}

/** Which of the provider's automatic messages it is, in words. */
export function automaticLabel(message: Kind): string {
  const key = `automatic.${wordOf(factsOf(message)['automatic'])}`
  return hasText(key) ? t(key) : t('thread.automatic')
}

/** What was written elsewhere, and failed there, can be sent again there alone. */
export const mayTryAgain = ({ source }: Pick<Message, 'source'>): boolean => source === 'AGENT'

/** Where a shared post, a sticker or a picture is at the provider. */
export function addressOf(message: Message): string | undefined {
  const attached = message.attachments.map((attachment) => attachment.externalUrl ?? attachment.url).find(Boolean)
  const url = attached ?? wordOf(factsOf(message)['url'])
  return /^https?:|^\//.test(url) ? url : undefined
}

/** The address of a post's player, when it is one on a host that is known for it; nothing else is put into a frame. */
export function playerOf(address: string | undefined, hosts: readonly string[]): string | undefined {
  if (!address || !URL.canParse(address)) return undefined
  const { protocol, host, pathname } = new URL(address)
  const known = protocol === 'https:' && hosts.includes(host) && /^\/player\/v1\/\d+$/.test(pathname)
  return known ? `https://${host}${pathname}` : undefined
}
