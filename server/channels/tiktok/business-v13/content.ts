import type { MessageContent } from '../../contract.ts'
import { asId, asList, asRecord, asText, asUrl, isShallow } from '../../../kit/json.ts'
import type { Json } from '../../../kit/json.ts'
import { readPost } from './posts.ts'

type Shown = Pick<MessageContent, 'text' | 'quotes' | 'media'> & { facts?: Json }

/** Undefined: the block is not what its type promises. */
type Reader = (message: Json) => Shown | undefined

const defined = (facts: Json): Json =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))

function media(block: 'image' | 'video'): Reader {
  return (message) => {
    const mediaId = asId(asRecord(message[block])?.media_id)
    return mediaId ? { facts: { mediaId }, media: [{ kind: block, ref: mediaId }] } : undefined
  }
}

function linked(block: 'sticker' | 'emoji'): Reader {
  return (message) => {
    const url = asUrl(asRecord(message[block])?.url)
    return url ? { facts: { url }, media: [{ kind: block, url }] } : undefined
  }
}

const sharedPost: Reader = (message) => {
  const post = asRecord(message.share_post)
  const url = asUrl(post?.embed_url)
  // Lists give the address alone (TikTok wire reference §4.3).
  return url ? { facts: { url, postRef: asId(post?.video_id) ?? readPost(url)?.postRef } } : undefined
}

// `elements[].buttons[].text` in webhooks, `buttons[].title` in lists (TikTok wire reference §6.4).
const template: Reader = (message) => {
  const whole = asRecord(message.template)
  const card = asRecord(asList(whole?.elements)[0]) ?? whole
  const title = asText(card?.title)
  if (!title) return undefined
  const labels = asList(card?.buttons).map(
    (button) => asText(asRecord(button)?.text) ?? asText(asRecord(button)?.title),
  )
  const asLinks = asText(whole?.type)?.toLowerCase() === 'qa_link_card' || undefined
  return { text: title, facts: { buttons: labels.filter((label) => label !== undefined), asLinks } }
}

const text: Reader = (message) => {
  const body = asText(asRecord(message.text)?.body)
  return body === undefined ? undefined : { text: body }
}

const readers = new Map<string, Reader>([
  ['text', text],
  ['image', media('image')],
  ['video', media('video')],
  ['share_post', sharedPost],
  ['sticker', linked('sticker')],
  ['emoji', linked('emoji')],
  ['template', template],
])

const quoting = (value: unknown): { quotes?: string } => {
  const quotes = asId(value)
  return quotes ? { quotes } : {}
}

// Of what is too deep to be written again the raw delivery remains.
const rawOf = (message: Json): { raw?: Json } => (isShallow(message) ? { raw: message } : {})

/** Lower-case in webhooks, UPPER-CASE in lists, under two names (TikTok wire reference §4.3, §6.4). */
export function kindOf(message: Json): string {
  const kind = asText(message.type ?? message.message_type)?.toLowerCase() ?? ''
  return /^[\w.-]{1,64}$/.test(kind) ? kind : 'unknown'
}

/** What a tap answers: TikTok posts the button's text in the customer's name (TikTok wire reference §4.1, §6.4). */
function tapOf(message: Json): Json | undefined {
  const source = asRecord(message.reply_source_payload)
  const messageId = asId(source?.reply_source_msg_id)
  return messageId ? defined({ messageId, buttonId: asId(source?.reply_source_unique_id) }) : undefined
}

/** Facts of any kind of message: the button that was tapped, and which of TikTok's automatic messages it is. */
const circumstances = (message: Json): Json =>
  defined({ tap: tapOf(message), automatic: asText(message.auto_message_type)?.slice(0, 64) })

/**
 * What a message says. Everything but text keeps its raw form; what cannot be understood is `unsupported`, with
 * details { kind }. A tap on a card's button is text with details { tap }, an automatic message has { automatic }.
 */
export function readContent(message: Json): MessageContent {
  const kind = kindOf(message)
  const shown = readers.get(kind)?.(message)
  const quote = quoting(asRecord(message.referenced_message_info)?.referenced_message_id)
  const around = circumstances(message)
  if (!shown) return { contentType: 'unsupported', details: { kind, ...around }, ...rawOf(message), ...quote }
  const { facts, ...rest } = shown
  if (kind === 'text')
    return { contentType: kind, ...rest, ...quote, ...(Object.keys(around).length > 0 && { details: around }) }
  const details = { kind, ...defined(facts ?? {}), ...around }
  return { contentType: kind, ...quote, ...rest, details, ...rawOf(message) }
}
