import { asList, asRecord, asText, asUrl, isShallow } from '../../kit/json.ts'
import type { Json } from '../../kit/json.ts'
import type { MessageContent } from '../contract.ts'

type Shown = Pick<MessageContent, 'contentType' | 'text' | 'media'> & { facts?: Json }

/** Undefined: the block is not what its type promises. */
type Reader = (block: Json) => Shown | undefined

const defined = (facts: Json): Json =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))

const MEDIA: Readonly<Record<string, 'image' | 'video'>> = { image: 'image', video: 'video' }

/** A file has a type, or tells it by its MIME type, which has three names (respond.io wire reference §5.1). */
function fileKind({ type, mime, mimeType, mime_type }: Json): string {
  const known = ['image', 'video', 'audio', 'file'].find((kind) => kind === type)
  const told = asText(mime) ?? asText(mimeType) ?? asText(mime_type)
  return known ?? /^(image|video|audio)\//.exec(told ?? '')?.[1] ?? 'file'
}

/**
 * In a block of its own, or flat, as some have seen it (§5.1, §10.7). What is pending is not stored there yet, and may have
 * no address before it is.
 */
const attachment: Reader = (block) => {
  const file = asRecord(block.attachment) ?? { ...block, type: MEDIA[String(block.type)] }
  const url = asUrl(file.url)
  const pending = file.isPending === true || file.isPending === 'true' || undefined
  if (!url && !pending) return undefined
  const kind = fileKind(file)
  const medium = MEDIA[kind]
  const facts = { kind, url, fileName: asText(file.fileName)?.slice(0, 255), pending }
  if (!medium) return { contentType: 'unsupported', facts }
  return { contentType: medium, media: [{ kind: medium, ...(url && { url }), ...(pending && { pending }) }], facts }
}

/** A shared TikTok post; which members it has nobody says (§5.1). */
const post: Reader = (block) => {
  const inner = asRecord(block.post) ?? block
  const url = asUrl(inner.url) ?? asUrl(inner.embed_url) ?? asUrl(inner.link)
  const postRef = /\/(?:video|player\/v1)\/(\d{1,32})/.exec(url ?? '')?.[1]
  return url ? { contentType: 'share_post', facts: { url, postRef } } : undefined
}

const quickReply: Reader = (block) => {
  const title = asText(block.title)
  const buttons = asList(block.replies).flatMap((reply) => asText(reply) ?? [])
  return title ? { contentType: 'template', text: title, facts: { buttons } } : undefined
}

const text: Reader = (block) => {
  const words = asText(block.text)
  return words === undefined ? undefined : { contentType: 'text', text: words }
}

const readers = new Map<string, Reader>([
  ['text', text],
  ['attachment', attachment],
  ['image', attachment],
  ['video', attachment],
  ['post', post],
  ['quick_reply', quickReply],
])

function kindOf({ type }: Json): string {
  const kind = asText(type)?.toLowerCase() ?? ''
  return /^[\w.-]{1,64}$/.test(kind) ? kind : 'unknown'
}

// Of what is too deep to be written again the raw delivery remains.
const rawOf = (block: Json): { raw?: Json } => (isShallow(block) ? { raw: block } : {})

/**
 * What a message says (respond.io wire reference §5.1). Everything but text keeps its raw form; what cannot be shown is
 * `unsupported` with details { kind }, and its words if it has any: an e-mail's go by either name.
 */
export function readContent(block: Json): MessageContent {
  const kind = kindOf(block)
  const shown = readers.get(kind)?.(block)
  if (shown?.contentType === 'text') return { contentType: 'text', text: shown.text ?? '' }
  if (shown) {
    const { facts, ...rest } = shown
    return { ...rest, details: { kind, ...defined(facts ?? {}) }, ...rawOf(block) }
  }
  const words = asText(block.text) ?? asText(block.message)
  return { contentType: 'unsupported', ...(words && { text: words }), details: { kind }, ...rawOf(block) }
}
