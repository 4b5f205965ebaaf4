import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields, type Arguments, type FieldRow } from './isolation/fields.ts'
import { documentOf, listFieldsWithIds, replaceAt, valueAt, type RootField } from './isolation/schema.ts'
import { buildTenant, type Tenant } from './isolation/tenants.ts'
import type { Actor } from './support/actor.ts'
import { Feed } from './support/feed.ts'
import { fingerprint, openSql } from './support/sql.ts'
import { startWorld, type World } from './support/world.ts'

const rootFields = listFieldsWithIds()
const rowOf = (field: RootField): FieldRow => {
  const row = fields[field.name]
  if (!row) throw new Error(`${field.name} has no row in test/isolation/fields.ts`)
  return row
}
const objectIds = (field: RootField) =>
  field.ids.filter((id) => !id.account && !rowOf(field).opaque?.includes(id.keys.at(-1) ?? ''))

const MALFORMED = [
  '',
  ' ',
  '0',
  'null',
  "' or true --",
  '../x',
  'x'.repeat(5_000),
  'a\0b',
  '\ud800',
  '٣٤',
  `${randomUUID()}x`,
]
const unknownIds = () => [randomUUID(), '00000000-0000-0000-0000-000000000000']

let world: World
let sql: postgres.Sql
let ours: Tenant
let theirs: Tenant

beforeAll(async () => {
  world = await startWorld({ loopback: true })
  sql = openSql(world)
  ours = await buildTenant(world, 'ours')
  theirs = await buildTenant(world, 'theirs')
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

interface Outcome {
  code: string | undefined
  message: string | undefined
  details: unknown
  value: unknown
  text: string
}

async function call(actor: Actor, field: RootField, values: Arguments): Promise<Outcome> {
  if (field.kind === 'subscription') return subscribe(actor, values)
  const { query, variables } = documentOf(field, rowOf(field), { it: values })
  const answer = await actor.raw(query, variables)
  const [error] = answer.errors ?? []
  const value = (answer.data as { it?: unknown } | null | undefined)?.it ?? null
  const { code, details } = error?.extensions ?? {}
  return { code, message: error?.message, details, value, text: JSON.stringify(answer) }
}

async function subscribe(actor: Actor, values: Arguments): Promise<Outcome> {
  const feed = await Feed.open(actor.as(String(values['accountId'])))
  const [error] = (feed.errors.flat() as { message: string; extensions: { code: string } }[]) ?? []
  const value = feed.events[0]?.type ?? null
  feed.close()
  return {
    code: error?.extensions.code,
    message: error?.message,
    details: undefined,
    value,
    text: JSON.stringify(feed.errors),
  }
}

/** That there is no such thing, in the field's own way; for everybody else that they may not. */
function expectNone(outcome: Outcome, row: FieldRow, what: string, refused?: 'FORBIDDEN') {
  const none = row.none !== undefined && outcome.code === undefined
  if (none) expect(outcome.value, what).toEqual(row.none)
  else expect(outcome, what).toMatchObject({ code: refused ?? 'NOT_FOUND', value: null })
}

describe('the table of fields (I10)', () => {
  it('has a row for every field that takes an id and for every subscription, and none that is gone', () => {
    expect(Object.keys(fields).sort()).toEqual(rootFields.map((field) => field.name).sort())
  })

  it.each(rootFields)('names every id that $name takes', (field) => {
    const values = rowOf(field).valid(ours.one)
    const missing = field.ids.filter((id) => valueAt(values, id) === undefined)
    expect(missing.map((id) => id.keys.join('.'))).toEqual([])
  })
})

describe('somebody of another business (I10)', () => {
  let before: Record<string, string>
  beforeAll(async () => {
    before = await fingerprint(sql)
  })

  it.each(rootFields)('finds nothing of ours through $name', async (field) => {
    const row = rowOf(field)
    const refused = row.platform ? ('FORBIDDEN' as const) : undefined
    const [mine, foreign] = [row.valid(theirs.one), row.valid(ours.one)]
    const whole = await call(theirs.admin, field, foreign)
    expect(whole, 'everything is foreign').toMatchObject({ code: refused ?? 'NOT_FOUND', value: null })
    for (const id of field.ids.filter((path) => path.account || objectIds(field).includes(path))) {
      const other = [valueAt(foreign, id)].flat()[0] as string
      const answers = new Set<string>()
      for (const candidate of [other, other.toUpperCase(), ...unknownIds(), ...MALFORMED]) {
        const outcome = await call(theirs.admin, field, replaceAt(mine, id, candidate))
        const what = `${id.keys.join('.')} = ${JSON.stringify(candidate.slice(0, 60))}`
        if (id.account) expect(outcome, what).toMatchObject({ code: refused ?? 'NOT_FOUND', value: null })
        else expectNone(outcome, row, what, refused)
        for (const secret of ours.secrets) expect(outcome.text, what).not.toContain(secret)
        answers.add(JSON.stringify([outcome.code, outcome.message, outcome.details, outcome.value]))
      }
      expect([...answers], `${id.keys.join('.')}: foreign, unknown and malformed look the same`).toHaveLength(1)
    }
  })

  it('has changed nothing by all of that, anywhere', async () => {
    expect(await fingerprint(sql)).toEqual(before)
  })
})

describe('an agent who does not see an inbox (I11)', () => {
  const narrow = rootFields.filter((field) => objectIds(field).length > 0)
  let before: Record<string, string>
  beforeAll(async () => {
    before = await fingerprint(sql)
  })

  it.each(narrow)('finds nothing of it through $name', async (field) => {
    const row = rowOf(field)
    const refused = row.platform || row.administrators ? ('FORBIDDEN' as const) : undefined
    const [seen, hidden] = [row.valid(ours.one), row.valid(ours.two)]
    expectNone(await call(ours.agent, field, hidden), row, 'everything is in the other inbox', refused)
    for (const id of objectIds(field)) {
      const other = [valueAt(hidden, id)].flat()[0] as string
      const outcome = await call(ours.agent, field, replaceAt(seen, id, other))
      const unknown = await call(ours.agent, field, replaceAt(seen, id, randomUUID()))
      expectNone(outcome, row, id.keys.join('.'), refused)
      expect({ ...outcome, text: '' }, `${id.keys.join('.')} looks like an unknown one`).toEqual({
        ...unknown,
        text: '',
      })
      expect(outcome.text).not.toContain(ours.two.text)
    }
  })

  it('has changed nothing by all of that', async () => {
    expect(await fingerprint(sql)).toEqual(before)
  })
})

describe('two accounts in one document (I10)', () => {
  const queries = rootFields.filter((field) => field.kind === 'query')

  it.each(queries)('$name answers an own one and refuses a foreign one', async (field) => {
    const row = rowOf(field)
    const { query, variables } = documentOf(field, row, { own: row.valid(theirs.one), foreign: row.valid(ours.one) })
    const answer = await theirs.admin.raw(query, variables)
    expect(answer.errors?.map((error) => error.extensions?.code)).toEqual(['NOT_FOUND'])
    expect(answer.errors?.[0]).toMatchObject({ path: ['foreign'] })
    for (const secret of ours.secrets) expect(JSON.stringify(answer)).not.toContain(secret)
  })

  it('lets the own half of two mutations through and refuses the foreign one', async () => {
    const field = { name: 'Mutation.setConversationStatus', kind: 'mutation' } as const
    const row = { ...rowOf({ ...field, ids: [] }), select: '{ id status }' }
    const calls = { own: row.valid(theirs.two), foreign: row.valid(ours.two) }
    const { query, variables } = documentOf(field, row, calls)
    const { errors } = await theirs.admin.raw(query, variables)
    expect(errors).toMatchObject([{ path: ['foreign'], extensions: { code: 'NOT_FOUND' } }])
    expect((await theirs.admin.conversation(theirs.two.conversationId)).status).toBe('PENDING')
    expect((await ours.admin.conversation(ours.two.conversationId)).status).toBe('OPEN')
  })

  it.each(queries)('$name answers a member of both as two documents would', async (field) => {
    const row = rowOf(field)
    const both = await memberOfBoth()
    const calls = { a: row.valid(ours.one), b: row.valid(theirs.one), c: row.valid(ours.two), d: row.valid(theirs.two) }
    const { query, variables } = documentOf(field, row, calls)
    const { data, errors } = await both.raw(query, variables)
    expect(errors).toBeUndefined()
    for (const [alias, values] of Object.entries(calls)) {
      const alone = await call(both, field, values)
      expect(alone.value, alias).not.toBeNull()
      expect((data as Record<string, unknown>)[alias], alias).toEqual(alone.value)
    }
  })
})

let shared: Promise<Actor> | undefined
/** An administrator of theirs who was invited by us too. */
const memberOfBoth = () => (shared ??= ours.admin.inviteKnown('ADMINISTRATOR', theirs.admin))

describe('whoever may (so that the refusals above mean something)', () => {
  it.each(Object.keys(fields))('%s answers', async (name) => {
    const field = rootFields.find((candidate) => candidate.name === name) as RootField
    const row = rowOf(field)
    const outcome = await call(ours.admin, field, row.valid(ours.one))
    expect(outcome, outcome.text).toMatchObject({ code: row.platform ? 'FORBIDDEN' : row.answers })
  })
})
