import { z } from 'zod'
import type { MessageContent } from './types.ts'

const ref = z.string().min(1)
const pair = { business: ref, person: ref }
const at = z.number().int().min(0).optional()

const operation = z.enum(['ADD', 'REMOVE'])

const content = z.union([
  z.object({ type: z.literal('text'), body: z.string() }),
  z.object({ type: z.literal('image'), mediaId: z.string() }),
  z.object({ type: z.literal('video'), mediaId: z.string() }),
  z.object({ type: z.literal('share_post'), videoId: z.string() }),
  z.object({ type: z.literal('sticker'), url: z.string() }),
  z.object({ type: z.literal('emoji'), url: z.string() }),
  z.object({ type: z.literal('unknown'), kind: z.string(), payload: z.unknown() }),
]) satisfies z.ZodType<MessageContent>

const writing = {
  ...pair,
  text: z.string().optional(),
  content: content.optional(),
  at,
  id: z.string().min(1).optional(),
  conversationId: z.string().min(1).optional(),
  quoteOf: z.string().optional(),
}

export const schemas = {
  business: z.object({
    username: z.string().min(1),
    displayName: z.string().min(1),
    openId: z.string().min(1).optional(),
    avatar: z.string().optional(),
    region: z.string().length(2).optional(),
    posts: z.array(z.string()).optional(),
    personal: z.boolean().optional(),
  }),
  person: z.object({
    username: z.string().min(1),
    displayName: z.string().min(1),
    region: z.string().length(2).optional(),
    id: z.string().min(1).optional(),
    isFollower: z.boolean().optional(),
  }),
  writing: z.object(writing),
  inApp: z.object({
    ...writing,
    source: z.enum(['APP', 'WEB', 'API', 'OTHERS', 'UNKNOWN_SOURCE']).optional(),
    autoType: z.enum(['WELCOME_MESSAGE', 'SUGGESTED_QUESTION', 'AUTO_REPLY']).optional(),
  }),
  unknownKind: z.object({ ...writing, kind: z.string().min(1).optional(), payload: z.unknown().optional() }),
  tap: z.object({ ...writing, messageId: z.string(), buttonId: z.string() }),
  reads: z.object({ ...pair, upTo: at }),
  reacts: z.object({
    ...pair,
    messageId: z.string(),
    emoji: z.string().min(1).optional(),
    operation: operation.optional(),
    by: z.enum(['person', 'business']).optional(),
    signs: z
      .array(z.union([z.object({ emoji: z.string(), operation }), z.object({ aiEmojiUrl: z.string(), operation })]))
      .optional(),
    at,
  }),
  arrives: z.object({
    ...pair,
    ad: z.object({ name: z.string() }).optional(),
    link: z.object({ ref: z.string(), message: z.string().optional() }).optional(),
    at,
  }),
  blocks: z.object({ ...pair, blocked: z.boolean().optional() }),
  revoke: z.object({ business: ref, reason: z.number().int().min(0).max(5).optional() }),
  grant: z.object({ business: ref, scopes: z.array(z.string()).optional() }),
  businessOnly: z.object({ business: ref }),
  authorize: z.object({
    url: z.url(),
    decision: z.enum(['approve', 'deny', 'invalid_scope']).default('approve'),
    business: ref.optional(),
    scopes: z.array(z.string()).optional(),
  }),
  webhookUrl: z.object({ url: z.url().nullable() }),
  sign: z.object({ rawBody: z.string(), t: z.number().int().optional(), secret: z.string().optional() }),
  postRaw: z.object({
    rawBody: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
    url: z.url().optional(),
  }),
}
