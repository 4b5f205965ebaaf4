import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { ChannelWebhook, InboundEvent, ThreadSnapshot } from '../../../server/channels/contract.ts'

const id = z.string().regex(/^[\w-]{1,64}$/)
const place = { shop: id, thread: id, at: z.number().int().nonnegative() }

export const message = z.object({
  ...{ ...place, event: z.enum(['message', 'echo']), id, kind: z.string(), text: z.string().optional() },
  person: z.object({ id, name: z.string() }),
  via: z.enum(['api', 'app', 'automation']).default('app'),
  alsoKnownAs: id.optional(),
  delivery: z
    .object({ state: z.enum(['sent', 'delivered', 'read', 'failed']), code: z.string().optional() })
    .transform(({ state, code }) => ({ state, ...(code && { code }) }))
    .optional(),
})
const delivery = z.union([message, z.object({ ...place, event: z.literal('read'), readUpTo: z.number() })])

type Message = z.output<typeof message>

const hash = (...parts: (string | Buffer)[]) => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part).update('\0')
  return sum.digest('base64url')
}

export const threadKeyOf = (shop: string, thread: string) => `loopback ${hash(shop, thread)}`

function read(body: Buffer): z.output<typeof delivery> | undefined {
  try {
    return delivery.safeParse(JSON.parse(body.toString('utf8'))).data
  } catch {
    return undefined
  }
}

export function toEvent(told: Message): ThreadSnapshot['messages'][number] {
  const { id: externalId, thread: threadRef, kind, text, via, alsoKnownAs, delivery } = told
  const person = { ref: told.person.id, name: told.person.name }
  const content =
    kind === 'text'
      ? { contentType: 'text', text: text ?? '' }
      : { contentType: 'unsupported', details: { kind }, raw: told }
  const named = { externalId, ...(alsoKnownAs && { alsoKnownAs }) }
  const common = { ...named, threadRef, person, content, at: new Date(told.at) }
  if (told.event === 'message') return { kind: 'message', ...common }
  return { kind: 'echo', ...common, via, ...(delivery && { delivery }) }
}

export const webhook: ChannelWebhook = {
  verify: ({ headers, body }, _now, keys = []) => {
    const given = headers['x-loopback-signature']
    if (!given) return { ok: false, reason: 'missing' }
    const bytes = Buffer.from(given, 'hex')
    const isRight = (key: string) => {
      const right = createHmac('sha256', key).update(body).digest()
      return bytes.length === right.length && timingSafeEqual(bytes, right)
    }
    return keys.some(isRight) ? { ok: true } : { ok: false, reason: 'wrong' }
  },
  route: (body) => {
    const told = read(body)
    const eventKey = hash(body)
    if (!told) return { eventKey, accountRef: '', threadKey: `loopback ${eventKey}`, code: 'UNREADABLE' }
    return { eventKey, accountRef: told.shop, threadKey: threadKeyOf(told.shop, told.thread) }
  },
  parse: (body): InboundEvent[] => {
    const told = read(body)
    if (!told) return []
    if (told.event !== 'read') return [toEvent(told)]
    return [{ kind: 'read', threadRef: told.thread, at: new Date(told.at), readUpTo: new Date(told.readUpTo) }]
  },
}
