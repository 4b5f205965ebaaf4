import { z } from 'zod'
import type { RespondIoContext } from './context.ts'
import { refuse } from './errors.ts'
import type { Contact } from './types.ts'

const condition = z.object({
  category: z.enum(['contactField', 'contactTag', 'lifecycle']),
  field: z.string().nullish(),
  operator: z.enum([
    'isEqualTo',
    'isNotEqualTo',
    'isTimestampAfter',
    'isTimestampBefore',
    'isTimestampBetween',
    'exists',
    'doesNotExist',
    'isGreaterThan',
    'isLessThan',
    'isBetween',
    'hasAnyOf',
    'hasAllOf',
    'hasNoneOf',
  ]),
  value: z
    .union([z.string(), z.array(z.string()), z.object({ from: z.string(), to: z.string() }), z.boolean(), z.null()])
    .optional(),
})
type Condition = z.output<typeof condition>

/** All three members are required; `search` alone may be empty (§4.3). */
export const listBody = z.object({
  search: z.string({ error: 'Please check if search is provided' }),
  timezone: z.string({ error: 'Please check if timezone is provided' }).min(1),
  filter: z.union([z.object({ $and: z.array(condition) }), z.object({ $or: z.array(condition) })], {
    error: 'Please check if filter is provided',
  }),
})

type Test = (contact: Contact) => boolean

/** How far a place is ahead of UTC at that time, in ms. */
function offsetAt(timeZone: string, at: number): number {
  const format = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const
  const parts = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', ...format }).formatToParts(at)
  const [year = 0, month = 1, ...rest] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((name) =>
    Number(parts.find(({ type }) => type === name)?.value),
  )
  return Date.UTC(year, month - 1, ...rest) - Math.floor(at / 1000) * 1000
}

/** "2026-07-01 00:00" in the time zone of the request. */
function timeOf(text: unknown, timezone: string): number {
  const match = typeof text === 'string' ? /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)/.exec(text) : null
  const asUtc = match ? Date.parse(`${match[1]}T${match[2]}Z`) : NaN
  if (Number.isNaN(asUtc)) throw refuse(400, 'value is not a timestamp')
  try {
    return asUtc - offsetAt(timezone, asUtc)
  } catch {
    throw refuse(400, 'timezone is invalid')
  }
}

const lastMessageAt = ({ presences }: Contact): number | null => {
  const times = presences.flatMap(({ lastMessageAt: at }) => (at === null ? [] : [at]))
  return times.length > 0 ? Math.max(...times) : null
}

/** Fields that a contact can be asked for; others are custom fields, or 400. */
const FIELDS: Record<string, (contact: Contact) => unknown> = {
  firstName: ({ firstName }) => firstName,
  lastName: ({ lastName }) => lastName,
  phone: ({ phone }) => phone,
  email: ({ email }) => email,
  language: ({ language }) => language,
  countryCode: ({ countryCode }) => countryCode,
  status: ({ open }) => (open ? 'open' : 'close'),
  tags: ({ tags }) => tags,
  assigneeUserId: ({ assigneeId }) => assigneeId,
  createdAt: ({ createdAt }) => createdAt,
  lastInteractionTime: lastMessageAt,
}

function valueOf(
  ctx: RespondIoContext,
  { field: name, value }: Condition,
  spaceId: number,
): (contact: Contact) => unknown {
  const field = name ?? ''
  const known = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined
  if (known) return known
  const custom = ctx.world
    .space(spaceId)
    .customFields.find((one) => [one.slug, one.name, String(one.id)].includes(field))
  if (!custom) throw refuse(400, `field ${field} is invalid`)
  // §2.1: true, and not "true".
  if (custom.dataType === 'checkbox' && typeof value === 'string') throw refuse(400, 'value must be a boolean')
  return ({ customFields }) => customFields.find(({ name }) => [custom.name, custom.slug].includes(name))?.value
}

const same = (actual: unknown, wanted: unknown): boolean => String(actual ?? '') === String(wanted ?? '')
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value == null ? [] : [value])
const isThere = (value: unknown): boolean =>
  value != null && value !== '' && !(Array.isArray(value) && value.length === 0)
const closedIsClose = (value: Condition['value']) => (value === 'closed' ? 'close' : value)

type Range = { from?: unknown; to?: unknown }

/** Whether a value answers a condition; times are ms. */
function answers({ operator, value }: Condition, timezone: string): (actual: unknown) => boolean {
  const time = (text: unknown): number => timeOf(text, timezone)
  const { from, to } = (value ?? {}) as Range
  const within = (actual: unknown, low: number, high: number): boolean =>
    isThere(actual) && Number(actual) >= low && Number(actual) <= high
  switch (operator) {
    case 'isEqualTo':
      return (actual) => same(actual, closedIsClose(value))
    case 'isNotEqualTo':
      return (actual) => !same(actual, closedIsClose(value))
    case 'exists':
      return isThere
    case 'doesNotExist':
      return (actual) => !isThere(actual)
    case 'hasAnyOf':
      return (actual) => listOf(actual).some((one) => listOf(value).includes(one))
    case 'hasAllOf':
      return (actual) => listOf(value).every((one) => listOf(actual).includes(one))
    case 'hasNoneOf':
      return (actual) => !listOf(actual).some((one) => listOf(value).includes(one))
    case 'isGreaterThan':
      return (actual) => isThere(actual) && Number(actual) > Number(value)
    case 'isLessThan':
      return (actual) => isThere(actual) && Number(actual) < Number(value)
    case 'isBetween':
      return (actual) => within(actual, Number(from), Number(to))
    case 'isTimestampAfter':
      return (
        (low) => (actual) =>
          within(actual, low, Infinity)
      )(time(value))
    case 'isTimestampBefore':
      return (
        (high) => (actual) =>
          within(actual, 0, high)
      )(time(value))
    case 'isTimestampBetween':
      return (
        (low, high) => (actual) =>
          within(actual, low, high)
      )(time(from), time(to))
  }
}

function testOf(ctx: RespondIoContext, spaceId: number, timezone: string, one: Condition): Test | undefined {
  const answer = answers(one, timezone)
  if (one.category === 'contactTag') return ({ tags }) => answer(tags)
  if (one.category === 'lifecycle') return ({ lifecycle }) => answer(lifecycle)
  const field = one.field ?? ''
  const { lastInteractionFilter, statusFilter } = ctx.knobs
  const power = { lastInteractionTime: lastInteractionFilter, status: statusFilter }[field] ?? 'works'
  if (power === 'ignored') return undefined
  if (power === '400') throw refuse(400, `field ${field} is invalid`)
  const read = valueOf(ctx, one, spaceId)
  return (contact) => answer(read(contact))
}

function matchesSearch({ firstName, lastName, email, phone }: Contact, search: string): boolean {
  const wanted = search.toLowerCase()
  return [`${firstName} ${lastName}`, email, phone].some((text) => text?.toLowerCase().includes(wanted))
}

/** Those who answer the request (§4.3); no condition is everyone. */
export function filterContacts(
  ctx: RespondIoContext,
  spaceId: number,
  { search, timezone, filter }: z.output<typeof listBody>,
): Contact[] {
  const conditions = '$and' in filter ? filter.$and : filter.$or
  const tests = conditions.flatMap((one) => testOf(ctx, spaceId, timezone, one) ?? [])
  const fits: Test = (contact) =>
    tests.length === 0 ||
    ('$and' in filter ? tests.every((test) => test(contact)) : tests.some((test) => test(contact)))
  return ctx.world.contactsOf(spaceId).filter((contact) => matchesSearch(contact, search) && fits(contact))
}
