import { z } from 'zod'
import { EVENTS } from './settings.ts'
import type { MessageContent } from './types.ts'

const id = z.number().int()
const word = z.string().min(1)
const optional = z.string().optional()
const nullable = z.string().nullable().optional()

const fields = {
  firstName: word,
  lastName: optional,
  ...{ phone: nullable, email: nullable, language: nullable, countryCode: nullable },
}
const sources = ['user', 'ai_agent', 'workflow', 'api', 'echo', 'broadcast', 'bot', 'zapier', 'make', 'n8n'] as const

const content = z.union([
  z.object({
    type: z.literal('stored'),
    attachment: z.object({ type: z.enum(['image', 'video', 'audio', 'file']), mediaId: z.string() }),
  }),
  z.looseObject({ type: word }),
]) satisfies z.ZodType<MessageContent>

const writing = { channel: id, text: optional, content: content.optional() }

export const schemas = {
  space: z.object({ name: word }),
  spaceOnly: z.object({ space: id }),
  user: z.object({
    ...{ space: id, firstName: word, lastName: optional, email: optional },
    role: z.enum(['agent', 'manager', 'owner']).optional(),
  }),
  channel: z.object({ space: id, source: optional, name: optional, business: optional }),
  contact: z.object({ channel: id, ...fields }),
  customerWrites: z.object({
    ...writing,
    contact: z.union([id, z.object(fields)]),
    at: z.number().int().min(0).optional(),
    quoteOf: id.optional(),
    channelMessageId: optional,
  }),
  customerReads: z.object({ contact: id, channel: id, upTo: z.number().int().optional() }),
  businessWrites: z.object({ ...writing, contact: id, source: z.enum(sources).optional(), user: id.optional() }),
  blocks: z.object({ contact: id, blocked: z.boolean().optional() }),
  closes: z.object({ contact: id, user: id.optional(), source: optional, category: optional, summary: optional }),
  opens: z.object({ contact: id, source: optional }),
  assigns: z.object({ contact: id, user: id.nullable() }),
  tags: z.object({ contact: id, tags: z.array(word), action: z.enum(['add', 'remove']).optional() }),
  subscription: z.object({
    ...{ space: id, event: z.enum(EVENTS), url: z.url(), key: optional },
    sources: z.array(z.enum(sources)).optional(),
  }),
  idOnly: z.object({ id }),
  sign: z.object({ rawBody: z.string(), key: z.string() }),
  postRaw: z.object({
    ...{ rawBody: z.string(), url: z.url(), key: optional },
    headers: z.record(z.string(), z.string()).optional(),
  }),
}
