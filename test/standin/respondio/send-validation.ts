import { z } from 'zod'
import { ApiError } from './errors.ts'
import type { Json, MessageContent } from './types.ts'

const MAX_TEXT = 6000

/** What respond.io lets through, as far as it is known: xlsx and jpg go, txt does not (§5.2). */
const EXTENSIONS = new Set(
  'jpg jpeg png gif webp mp4 3gp mov mp3 aac amr ogg m4a wav pdf doc docx xls xlsx ppt pptx csv zip'.split(' '),
)

function hasKnownExtension(url: string): boolean {
  const name = URL.canParse(url) ? new URL(url).pathname.split('/').at(-1) : undefined
  return EXTENSIONS.has(name?.split('.').slice(1).at(-1)?.toLowerCase() ?? '')
}

/** Characters and not units of UTF-16, as TikTok counts them; respond.io does not say. */
const words = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= MAX_TEXT, `at most ${MAX_TEXT} characters`)

const template = z.looseObject({
  name: z.string(),
  languageCode: z.string(),
  components: z.array(z.unknown()).optional(),
})

const attachment = z.object({
  type: z.enum(['image', 'video', 'audio', 'file']),
  url: z.string().refine(hasKnownExtension, 'attachment url is not valid'),
})

/** §5.1: what can be sent. An e-mail's words go by either name. */
const content = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: words,
    messageTag: z.enum(['ACCOUNT_UPDATE', 'POST_PURCHASE_UPDATE', 'CONFIRMED_EVENT_UPDATE']).optional(),
  }),
  z.object({ type: z.literal('attachment'), attachment }),
  z.object({ type: z.literal('custom_payload'), payload: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('quick_reply'), title: words, replies: z.array(z.string().min(1)).min(1).max(10) }),
  z.looseObject({ type: z.literal('email'), text: z.string().optional(), message: z.string().optional() }),
  z.object({ type: z.literal('whatsapp_template'), template }),
  z.object({ type: z.literal('facebook_template'), template }),
])

const body = z.object({ channelId: z.number().int().nullish(), message: content })

export interface SendOrder {
  /** undefined: the channel in which something happened last. */
  channelId: number | undefined
  content: MessageContent
}

/** Everything that §5 asks of the body of a send. */
export function validateSend(given: unknown): SendOrder {
  const parsed = body.safeParse(given)
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error))
  const { channelId, message } = parsed.data
  return { channelId: channelId ?? undefined, content: message as Json & { type: string } }
}
