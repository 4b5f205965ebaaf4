import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Channel, PersonRef } from '../../channels/contract.ts'
import { asUrl } from '../../kit/json.ts'
import type { WrittenInbound } from '../messages/ingest.ts'

/** Whatever stands where a name of the provider is expected: visible, and one line. */
const ref = z
  .union([z.string(), z.number().int().nonnegative().transform(String)])
  .pipe(z.string().regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u))
const words = z.string().max(200).nullish()

const chat = z.object({
  id: ref.nullish(),
  direction: z.enum(['incoming', 'outgoing']),
  conversationId: ref,
  timestamp: z.iso.datetime({ offset: true }),
  user: z
    .object({ id: ref.nullish(), username: words, nickname: words, avatar: z.string().max(2_000).nullish() })
    .nullish(),
  message: z.object({ id: ref.nullish(), type: z.string().min(1).max(40), content: z.string().max(20_000).nullish() }),
})

type ExternalIdOf = NonNullable<Channel['externalIdOf']>

type ParsedChat = z.infer<typeof chat>

/** A line of the gateway's file as something that happened on a thread, or why it cannot be used. */
export type Parsed = { event: WrittenInbound } | { code: 'NOT_JSON' | 'INVALID' | 'TIME_AHEAD'; field?: string }

/** @param externalIdOf the channel's name for what the file names by the provider's */
export function parseChat(text: string, now: Date, externalIdOf: ExternalIdOf = (_, messageId) => messageId): Parsed {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { code: 'NOT_JSON' }
  }
  const { data, error } = chat.safeParse(value)
  if (!data) return { code: 'INVALID', field: error.issues[0]?.path.join('.') ?? '' }
  const at = new Date(data.timestamp)
  if (!(at.getTime() > 0)) return { code: 'INVALID', field: 'timestamp' }
  return at > now ? { code: 'TIME_AHEAD', field: 'timestamp' } : { event: toEvent(data, at, externalIdOf) }
}

/** What the gateway writes where it knows nothing of a customer. */
const known = (told: string | null | undefined) => (told && told !== 'unknown' ? told : undefined)

/** The customer: on what went out the gateway's `user` is the business (`self`, `You`), so it says only whose conversation it is. */
function personOf({ direction, conversationId, user }: ParsedChat): PersonRef {
  if (direction === 'outgoing') return { ref: conversationId }
  const [username, name] = [known(user?.username), known(user?.nickname)]
  const avatarUrl = user?.avatar?.startsWith('https://') ? asUrl(user.avatar) : undefined
  return {
    ref: known(user?.id) ?? conversationId,
    ...(username && { username }),
    ...(name && { name }),
    ...(avatarUrl && { avatarUrl }),
  }
}

function toEvent(given: ParsedChat, at: Date, externalIdOf: ExternalIdOf): WrittenInbound {
  const { direction, conversationId, message } = given
  const messageId = message.id ?? given.id
  const common = {
    threadRef: conversationId,
    externalId: messageId ? externalIdOf(conversationId, messageId) : nameOf(given, at),
    at,
    person: personOf(given),
    content:
      message.type === 'text' && message.content
        ? { contentType: 'text', text: message.content }
        : { contentType: 'unsupported', details: { kind: message.type }, raw: message },
  }
  return direction === 'incoming' ? { kind: 'message', ...common } : { kind: 'echo', via: 'app', ...common }
}

/** Whether a message has only the name that it was given here. */
export const isNameless = (externalId: string): boolean => /^chat:[\w-]{43}$/.test(externalId)

/** The gateway names no message: what it says, when and to whom is its name, so that the same line is the same message. */
function nameOf({ conversationId, direction, message }: ParsedChat, at: Date): string {
  const facts = [conversationId, direction, at.getTime(), message.type, message.content ?? null]
  return `chat:${createHash('sha256').update(JSON.stringify(facts)).digest('base64url')}`
}
