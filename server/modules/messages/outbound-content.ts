import type { Channel, ChannelManifest, OutboundContent } from '../../channels/contract.ts'
import { AppError, invalid } from '../../kit/errors.ts'

/** What a message says, as its row keeps it. */
export interface MessageBody {
  contentType: string
  content: string | null
  details: Record<string, unknown> | null
}

export interface OtherContentInput {
  content?: string | null
  sharePost?: { post: string } | null
  card?: { title: string; buttons: readonly { title: string }[]; asLinks?: boolean | null } | null
}

/** Whether something else than text is to be sent. */
export const isOtherContent = ({ sharePost, card }: OtherContentInput): boolean => sharePost != null || card != null

/**
 * A shared post or a card, as the channel takes it. INVALID with the field and a reason: ONE_OF (text, a post or a card,
 * and nothing beside it), NOT_SENT_HERE (the channel has no such thing), NOT_A_POST, TOO_LONG (limit, length).
 */
export function readOtherContent({ manifest, posts }: Channel, input: OtherContentInput): MessageBody {
  const { content, sharePost, card } = input
  if (content || (sharePost && card)) throw invalid(content ? 'content' : 'card', 'A message is one thing', 'ONE_OF')
  if (sharePost) {
    if (!posts || !manifest.sends.includes('share_post')) throw notHere('sharePost')
    const post = posts.read(sharePost.post)
    if (!post) throw invalid('sharePost.post', 'Give the id or the address of a post', 'NOT_A_POST')
    return { contentType: 'share_post', content: null, details: { kind: 'share_post', ...post } }
  }
  if (!card || !manifest.card || !manifest.sends.includes('card')) throw notHere('card')
  return readCard(manifest.card, card)
}

const notHere = (field: string) => invalid(field, 'This channel does not send that', 'NOT_SENT_HERE')

function readCard(
  limits: NonNullable<ChannelManifest['card']>,
  card: NonNullable<OtherContentInput['card']>,
): MessageBody {
  const asLinks = card.asLinks ?? false
  const title = checkLine('card.title', card.title, limits.title)
  const count = card.buttons.length
  if (count < 1 || count > limits.buttons)
    throw invalid('card.buttons', `A card has 1 to ${limits.buttons} buttons`, 'BUTTON_COUNT')
  const most = asLinks ? limits.link : limits.button
  const buttons = card.buttons.map((button, place) => checkLine(`card.buttons.${place}.title`, button.title, most))
  if (new Set(buttons).size < count) throw invalid('card.buttons', 'Each button says something else', 'SAME_TWICE')
  return {
    contentType: 'template',
    content: title,
    details: { kind: 'template', buttons, ...(asLinks && { asLinks }) },
  }
}

/** One line that says something, and can be stored everywhere it goes. */
function checkLine(field: string, value: string, limit: number): string {
  const line = value.trim()
  if (!line) throw invalid(field, 'This needs text', 'EMPTY')
  if (/\p{Cc}/u.test(line) || !line.isWellFormed())
    throw invalid(field, 'The text holds characters that cannot be sent', 'UNUSABLE')
  const length = [...line].length
  if (length > limit)
    throw new AppError('INVALID', `At most ${limit} characters`, { field, reason: 'TOO_LONG', limit, length })
  return line
}

/** What the row of a queued message says of its content. */
export interface OutboundParts {
  content_type: string
  content: string | null
  details: Record<string, unknown> | null
  /** External id of the quoted message. */
  quotes: string | null
  upload_ref: string | null
  upload_ref_expires_at: Date | null
}

/**
 * What the channel is to send, of what the row keeps; undefined while its picture is not with the provider. A button is
 * named by its place: what its tap answers.
 */
export function outboundContent(row: OutboundParts, now: Date): OutboundContent | undefined {
  const { content_type, content, details, quotes } = row
  const text = content ?? ''
  if (content_type === 'image') {
    const { upload_ref: ref, upload_ref_expires_at: expiresAt } = row
    return ref && expiresAt && expiresAt > now ? { type: 'image', ref } : undefined
  }
  if (content_type === 'share_post') return { type: 'share_post', postRef: String(details?.['postRef']) }
  if (content_type === 'template') {
    const titles = (details?.['buttons'] ?? []) as string[]
    const buttons = titles.map((title, place) => ({ id: `option_${place + 1}`, title }))
    return { type: 'card', title: text, buttons, asLinks: details?.['asLinks'] === true }
  }
  return { type: 'text', text, ...(quotes && { quotes }) }
}

interface Said {
  content_type: string
  content: string | null
  details: Record<string, unknown> | null
}

/** Whether the provider's echo says what our message says. Providers trim and fold white space; nothing else is forgiven. */
export function saysTheSame(
  ours: Said,
  theirs: { contentType: string; text?: string; details?: Record<string, unknown> },
): boolean {
  if (ours.content_type !== theirs.contentType || fold(ours.content ?? '') !== fold(theirs.text ?? '')) return false
  return ours.content_type !== 'share_post' || ours.details?.['postRef'] === theirs.details?.['postRef']
}

/** White space does not count. */
export const fold = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ').trim()
