import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '../../server/graphql/limits.ts'
import type { Actor } from '../support/actor.ts'
import { postGraphql } from '../support/graphql-post.ts'
import { fingerprint, openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

const RESTLESS = ['access_changes', 'account_events', 'feed_heads', 'contacts', 'webhook_events']

let world: World
let sql: postgres.Sql
let admin: Actor
let before: Record<string, string>

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  const { business } = await admin.connect()
  await admin.customerWrites(business)
  await world.standin.tiktok.settled()
  before = await fingerprint(sql, RESTLESS)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const post = (body: unknown, headers?: Record<string, string>) => postGraphql(admin, body, headers)

/** The same bad document twice: the second answer comes from what was kept of the first. */
async function expectInvalid(body: { query: string; variables?: unknown }, message: RegExp) {
  for (let time = 0; time < 2; time++) {
    const answer = await post(body)
    expect(answer, answer.text).toMatchObject({ data: null })
    expect(new Set(answer.codes)).toEqual(new Set(['INVALID']))
    expect(answer.messages).toMatch(message)
  }
}

const nested = (levels: number) =>
  `query($a: ID!) { account(id: $a) ${'{ members { user { memberships { account '.repeat(levels)} { id } ${'} } } }'.repeat(levels)} }`

describe('a document that asks too much is refused before anything is executed (I17)', () => {
  it('when it is too deep', async () => {
    await expectInvalid({ query: nested(3), variables: { a: admin.accountId } }, /levels/)
  })

  it('when it is deep through fragments, circles included', async () => {
    const spread = `query($a: ID!) { account(id: $a) { ...A } }
      fragment A on Account { members { user { memberships { account { ...B } } } } }
      fragment B on Account { members { user { memberships { account { id } } } } }`
    await expectInvalid({ query: spread, variables: { a: admin.accountId } }, /levels/)
    const circle = `query($a: ID!) { account(id: $a) { ...A } } fragment A on Account { members { user { memberships { account { ...A } } } } }`
    await expectInvalid({ query: circle, variables: { a: admin.accountId } }, /spread|itself/)
  })

  it('when it is too wide, has too many aliases or too many directives', async () => {
    const roots = Array.from({ length: LIMITS.rootFields + 1 }, () => 'version').join(' ')
    await expectInvalid({ query: `{ ${roots} }` }, /root fields/)
    const aliases = Array.from({ length: LIMITS.aliases + 1 }, (_, place) => `a${place}: name`).join(' ')
    await expectInvalid({ query: `{ me { ${aliases} } }` }, /aliases/)
    const directives = Array.from({ length: LIMITS.directives + 1 }, () => 'name @include(if: true)').join(' ')
    await expectInvalid({ query: `{ me { ${directives} } }` }, /directives/)
  })

  it('when root fields hide in fragments', async () => {
    const many = Array.from({ length: LIMITS.rootFields + 1 }, () => 'version').join(' ')
    await expectInvalid({ query: `{ ...A } fragment A on Query { ${many} }` }, /root fields/)
    await expectInvalid({ query: `{ ... on Query { ${many} } }` }, /root fields/)
  })

  it('when it costs too much, in literals, variables, defaults and nested pages alike', async () => {
    const pages = (first: string, last: string) =>
      `conversations(accountId: $a, first: ${first}) { nodes { messages(last: ${last}) { nodes { id content } } } }`
    const variables = { a: admin.accountId }
    await expectInvalid({ query: `query($a: ID!) { ${pages('100', '100')} }`, variables }, /costs/)
    const named = { ...variables, n: 100 }
    await expectInvalid({ query: `query($a: ID!, $n: Int) { ${pages('$n', '$n')} }`, variables: named }, /costs/)
    await expectInvalid({ query: `query($a: ID!, $n: Int = 100) { ${pages('$n', '$n')} }`, variables }, /costs/)
    const both = pages('100', '1, first: 100')
    await expectInvalid({ query: `query($a: ID!) { ${both} }`, variables }, /costs/)
    const aliased = Array.from({ length: 4 }, (_, place) => `p${place}: ${pages('60', '30')}`).join(' ')
    await expectInvalid({ query: `query($a: ID!) { ${aliased} }`, variables }, /costs/)
  })

  it('when it is a bomb of fragments, quickly', async () => {
    const layers = Array.from({ length: 25 }, (_, place) =>
      place === 24
        ? `fragment F${place} on User { name }`
        : `fragment F${place} on User { ...F${place + 1} ...F${place + 1} }`,
    )
    const fields = `query($a: ID!) { me { ...F0 } } ${layers.join(' ')}`
    const same = `{ me { ${'name '.repeat(1_900)} } }`
    const repeated = `{ me { ${Array.from({ length: 400 }, () => 'memberships { role }').join(' ')} } }`
    for (const query of [
      fields,
      same,
      repeated,
      `{ ${'me { '.repeat(900)}`,
      '{'.repeat(11_000),
      `{ version(${'a:[['.repeat(900)}) }`,
    ]) {
      // What this process computes, whatever else the machine does.
      const started = process.cpuUsage()
      const answer = await post({ query, variables: { a: admin.accountId } })
      expect(process.cpuUsage(started).user / 1_000, query.slice(0, 60)).toBeLessThan(400)
      expect(
        answer.codes.every((code) => code === 'INVALID'),
        answer.text.slice(0, 200),
      ).toBe(true)
    }
  })

  it('when it is longer than the client’s longest many times over', async () => {
    const answer = await post({ query: `{ version } # ${'x'.repeat(LIMITS.characters)}` })
    expect(answer).toMatchObject({ status: 400, codes: ['INVALID'], data: null })
  })

  it('when it holds several operations, or none', async () => {
    await expectInvalid({ query: 'query A { version } query B { version }' }, /one operation/)
    await expectInvalid({ query: 'fragment A on Query { version }' }, /one operation|never used/)
    await expectInvalid({ query: '' }, /Syntax Error/)
  })

  it('when a subscription comes over HTTP', async () => {
    const query = 'subscription($a: ID!) { accountEvents(accountId: $a) { cursor } }'
    const answer = await post({ query, variables: { a: admin.accountId } })
    expect(answer.data).toBeNull()
    expect(answer.codes).toEqual(['INVALID'])
  })
})

describe('in production', () => {
  it('the schema does not explain itself, and the rest works', async () => {
    const { validationRules } = await import('../../server/graphql/limits.ts')
    const { buildSchema, parse, specifiedRules, validate } = await import('graphql')
    const { typeDefs } = await import('../../server/graphql/type-defs.generated.ts')
    const rules = [...specifiedRules, ...validationRules({ introspection: false })]
    const errors = (query: string) => validate(buildSchema(typeDefs), parse(query), rules).map((error) => error.message)
    expect(errors('{ __schema { types { name } } }').join()).toMatch(/introspection/i)
    expect(errors('{ __type(name: "User") { name } }').join()).toMatch(/introspection/i)
    expect(errors('{ version __typename }')).toEqual([])
  })
})

it('none of all this has changed anything', async () => {
  expect(await fingerprint(sql, RESTLESS)).toEqual(before)
})
