import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { postGraphql } from '../support/graphql-post.ts'
import { fingerprint, openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

const RESTLESS = ['access_changes', 'account_events', 'feed_heads', 'contacts', 'webhook_events']

let world: World
let sql: postgres.Sql
let admin: Actor
let conversationId: string
let before: Record<string, string>

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  const { business } = await admin.connect()
  conversationId = (await admin.customerWrites(business)).conversation.id
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

describe('pages and cursors', () => {
  const list = (first: unknown, after?: unknown) =>
    post({
      query:
        'query($a: ID!, $first: Int, $after: String) { conversations(accountId: $a, first: $first, after: $after) { nodes { id } } }',
      variables: { a: admin.accountId, first, after },
    })
  const thread = (more: Record<string, unknown>) =>
    post({
      query: `query($a: ID!, $id: ID!, $last: Int, $before: String, $first: Int, $after: String) { conversation(accountId: $a, id: $id) {
        messages(last: $last, before: $before, first: $first, after: $after) { nodes { id } } } }`,
      variables: { a: admin.accountId, id: conversationId, ...more },
    })

  it.each([0, -1, 101, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1e300, '5', 1.5, true])(
    'refuse a page of %s',
    async (size) => {
      for (const answer of [await list(size), await thread({ last: size }), await thread({ first: size })]) {
        expect(answer.codes, answer.text).toEqual(['INVALID'])
      }
    },
  )

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const someId = '01a202df-c504-779c-9b5d-24908abb0538'
  const forged = [
    ...['', ' ', 'x', '💥', 'a'.repeat(3_000), '%00', '../../etc/passwd', "' or 1=1 --", '\0', '\ud800'],
    ...[encode(null), encode([]), encode({}), encode([1]), encode([1, 2, 3]), encode(['a', 'b']), encode([[], {}])],
    ...[encode([-1, someId]), encode([1e300, someId]), encode(['1', "x'; drop table messages"])],
    ...[encode([999_999_999_999_999, someId]), encode([8_640_000_000_000_001, someId])],
    ...[encode([999_999_999_999_999, 1]), encode([1, '999999999999999999']), encode([1.5, 1]), encode(['1e3', '1'])],
  ]

  /** Of the right shape, and as good as any other place in a thread. */
  const fit = encode([1, '999999999999999999'])

  it.each(forged)('answer the forged cursor %j with INVALID', async (cursor) => {
    expect((await list(5, cursor)).codes).toEqual(['INVALID'])
    for (const answer of [await thread({ before: cursor }), await thread({ after: cursor })]) {
      expect(answer.codes, answer.text).toEqual(cursor === fit ? [] : ['INVALID'])
    }
  })

  it('take null for none', async () => {
    for (const answer of [await list(5, null), await thread({ before: null }), await thread({ after: null })])
      expect(answer.codes, answer.text).toEqual([])
  })

  it('refuse a cursor of another list, and before together with after', async () => {
    const page = await post({
      query:
        'query($a: ID!, $id: ID!) { conversation(accountId: $a, id: $id) { messages { pageInfo { startCursor } } } }',
      variables: { a: admin.accountId, id: conversationId },
    })
    const { startCursor } = (page.data as { conversation: { messages: { pageInfo: { startCursor: string } } } })
      .conversation.messages.pageInfo
    expect((await list(5, startCursor)).codes).toEqual(['INVALID'])
    expect((await thread({ before: startCursor, after: startCursor })).codes).toEqual(['INVALID'])
  })

  it.each(['\0', '\ud800', '%', '_', '\\', "'", '#', '#99999999999999999999', '💥'.repeat(60), 'x'.repeat(5_000)])(
    'search for %j without an error',
    async (query) => {
      const answer = await post({
        query: 'query($a: ID!, $f: ConversationFilter) { conversations(accountId: $a, filter: $f) { nodes { id } } }',
        variables: { a: admin.accountId, f: { query } },
      })
      expect(answer.codes, answer.text).toEqual([])
      expect(answer.data).toEqual({ conversations: { nodes: [] } })
    },
  )

  it('refuse filters that exclude each other', async () => {
    const answer = await post({
      query: 'query($a: ID!, $f: ConversationFilter) { conversations(accountId: $a, filter: $f) { nodes { id } } }',
      variables: { a: admin.accountId, f: { unassigned: true, assigneeId: admin.userId } },
    })
    expect(answer.codes).toEqual(['INVALID'])
  })
})

describe('requests of the wrong shape', () => {
  const status = `mutation($i: SetConversationStatusInput!) { setConversationStatus(input: $i) { id } }`

  it('are INVALID when variables have wrong types, are missing or unknown, also once the document is compiled', async () => {
    const input = { accountId: admin.accountId, conversationId, status: 'OPEN' }
    const bad = [
      { i: null },
      {},
      { i: 7 },
      { i: [] },
      { i: { ...input, status: 'GONE' } },
      { i: { ...input, more: 1 } },
      { i: { ...input, conversationId: {} } },
      { i: { ...input, conversationId: null } },
      { i: { ...input, accountId: true } },
      { i: { ...input, snoozedUntil: 'tomorrow' } },
      { i: { ...input, snoozedUntil: '2026-13-45T99:00:00Z' } },
      { i: { ...input, snoozedUntil: 1 } },
    ]
    for (const variables of [...bad, ...bad]) {
      const answer = await post({ query: status, variables })
      expect(answer.codes[0], JSON.stringify(variables)).toBe('INVALID')
      expect(answer.data).toBeNull()
      expect((await post({ query: status, variables: { i: input } })).codes).toEqual([])
    }
  })

  it('are INVALID when fields, arguments or types do not exist', async () => {
    await expectInvalid({ query: '{ passwords }' }, /Cannot query field/)
    await expectInvalid({ query: '{ me { passwordHash } }' }, /Cannot query field/)
    await expectInvalid({ query: '{ inboxes { id } }' }, /required/)
    await expectInvalid({ query: 'query($x: Nope!) { version @include(if: $x) }' }, /Unknown type/)
  })

  it.each([
    ['no JSON', '{'],
    ['an empty body', ''],
    ['a list of requests', JSON.stringify([{ query: '{ version }' }])],
    ['a text', '"{ version }"'],
    ['null', 'null'],
    ['no query', '{}'],
    ['a query that is no text', '{"query":{}}'],
    ['variables that are no object', '{"query":"{ version }","variables":[1]}'],
    ['a name that is no text', '{"query":"{ version }","operationName":7}'],
  ])('are INVALID when the body is %s', async (_what, body) => {
    expect(await post(body)).toMatchObject({ status: 400, codes: ['INVALID'], data: null })
  })

  it('are INVALID when an operation is named that is not in the document', async () => {
    for (let time = 0; time < 3; time++) {
      const answer = await post({ query: 'query A { version }', operationName: 'B' })
      expect(answer).toMatchObject({ codes: ['INVALID'], data: null })
    }
  })

  it('are refused as another type than JSON, and over 256 kB', async () => {
    expect(await post('{ version }', { 'content-type': 'text/plain' })).toMatchObject({
      codes: ['INVALID'],
    })
    expect(await post('query=%7Bversion%7D', { 'content-type': 'application/x-www-form-urlencoded' })).toMatchObject({
      codes: ['INVALID'],
    })
    const huge = JSON.stringify({ query: '{ version }', variables: { x: 'x'.repeat(300_000) } })
    expect(await post(huge)).toMatchObject({ status: 413, codes: ['INVALID'] })
  })

  it('are not taken by GET: nothing can be put into a link', async () => {
    const response = await fetch(`${world.url}/graphql?query=%7Bversion%7D`, { headers: admin.headers() })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
  })

  it('pollute nothing through __proto__', async () => {
    const answer = await post('{"query":"{ version }","variables":{"__proto__":{"polluted":1}}}')
    expect(answer.codes[0] ?? 'INVALID').toBe('INVALID')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('whoever is not signed in', () => {
  it.each(['', 'Bearer', 'Bearer x', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'Basic eDp5', `Bearer ${'a'.repeat(5_000)}`])(
    'gets UNAUTHENTICATED with %j',
    async (authorization) => {
      const answer = await post({ query: '{ me { id } }' }, { authorization })
      expect(answer.codes).toEqual(['UNAUTHENTICATED'])
    },
  )

  it('learns nothing from a foreign id', async () => {
    const query = 'query($a: ID!) { inboxes(accountId: $a) { id } }'
    const answers = await Promise.all(
      [admin.accountId, randomUUID(), 'x'].map((a) => post({ query, variables: { a } }, { authorization: '' })),
    )
    expect(answers.map((answer) => answer.codes)).toEqual([
      ['UNAUTHENTICATED'],
      ['UNAUTHENTICATED'],
      ['UNAUTHENTICATED'],
    ])
  })
})

it('none of all this has changed anything', async () => {
  expect(await fingerprint(sql, RESTLESS)).toEqual(before)
})
