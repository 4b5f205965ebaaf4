import type { FaultKind } from './knobs.ts'
import type { Json } from './types.ts'

/** Right answers, written as a tolerant client must be able to read them. */
type Oddity = (body: unknown, asked: { cursorId: string | undefined; url: string }) => unknown

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Goes through every member of every object, the innermost ones first. */
function rewrite(value: unknown, member: (name: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => rewrite(one, member))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, one]) => [name, member(name, rewrite(one, member))])
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined))
}

/** §4.1, §5.1: what may be absent. */
const OPTIONAL = new Set(
  'lastName phone email language locale countryCode profilePic isBlocked tags custom_fields assignee lifecycle meta sender replyTo status channelMessageId previous'.split(
    ' ',
  ),
)

const oddities: Partial<Record<FaultKind, Oddity>> = {
  repeat_cursor: (body, { cursorId, url }) => {
    if (cursorId === undefined || !isObject(body) || !isObject(body['pagination'])) return body
    return { ...body, pagination: { ...body['pagination'], next: url } }
  },
  unknown_status: (body) =>
    rewrite(body, (name, value) => {
      if (name !== 'status') return value
      return Array.isArray(value) ? [...value, { value: 'queued_by_provider', timestamp: 1 }] : 'hibernating'
    }),
  numbers_as_strings: (body) => rewrite(body, (_name, value) => (typeof value === 'number' ? String(value) : value)),
  missing_members: (body) => rewrite(body, (name, value) => (OPTIONAL.has(name) ? undefined : value)),
}

export const oddityOf = (kind: FaultKind): Oddity | undefined => oddities[kind]
