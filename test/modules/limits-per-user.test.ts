import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { GRAPHQL_PER_MINUTE } from '../../server/http/rate-limit.ts'
import type { Actor } from '../support/actor.ts'
import { postGraphql } from '../support/graphql-post.ts'
import { startWorld, type World } from '../support/world.ts'

const lifted = { ...GRAPHQL_PER_MINUTE }
const LIST = 'query ($a: ID!, $f: ConversationFilter) { conversations(accountId: $a, filter: $f) { nodes { id } } }'

let world: World
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
})
afterEach(() => void Object.assign(GRAPHQL_PER_MINUTE, lifted))
afterAll(() => world.close())

const list = (actor: Actor, filter: object = {}) =>
  postGraphql(actor, { query: LIST, variables: { a: actor.accountId, f: filter } })

/** The codes of as many answers, one after the other. */
async function codesOf(times: number, ask: () => ReturnType<typeof list>): Promise<(string | undefined)[]> {
  const codes = []
  for (let time = 0; time < times; time++) codes.push((await ask()).codes[0])
  return codes
}

describe('what a user may ask for in a minute', () => {
  it('is counted by cost, for that user alone, and the refusal says when to come again', async () => {
    admin = await world.business()
    const other = await world.business()
    // One list costs 1 + 25 nodes of 1, plus the field around them.
    GRAPHQL_PER_MINUTE.userCost = 110
    expect(await codesOf(3, () => list(admin))).toEqual([undefined, undefined, 'RATE_LIMITED'])
    const refused = await list(admin)
    expect(refused.status).toBe(429)
    const { errors } = JSON.parse(refused.text) as {
      errors: { extensions: { details: { retryAfterMs: number } } }[]
    }
    expect(errors[0]?.extensions.details.retryAfterMs).toBeGreaterThan(0)
    expect((await list(other)).codes).toEqual([])
  })

  it('holds for searches, connections and checks by their own number', async () => {
    admin = await world.business()
    Object.assign(GRAPHQL_PER_MINUTE, { search: 2, startConnection: 1, inspectChannel: 1, checkMessage: 1 })
    expect(await codesOf(3, () => list(admin, { query: 'mali' }))).toEqual([undefined, undefined, 'RATE_LIMITED'])
    expect((await list(admin)).codes).toEqual([])
    const literal = `{ conversations(accountId: "${admin.accountId}", filter: { query: "x y" }) { nodes { id } } }`
    expect((await postGraphql(admin, { query: literal })).codes).toEqual(['RATE_LIMITED'])
    const start = 'mutation ($i: StartConnectionInput!) { startConnection(input: $i) { url } }'
    const begin = () =>
      postGraphql(admin, { query: start, variables: { i: { accountId: admin.accountId, channelType: 'tiktok' } } })
    expect(await codesOf(2, begin)).toEqual([undefined, 'RATE_LIMITED'])
    const form = 'mutation ($i: ConnectChannelInput!) { inspectChannel(input: $i) { notes } }'
    const look = () =>
      postGraphql(admin, {
        query: form,
        variables: { i: { accountId: admin.accountId, channelType: 'tiktok', fields: {} } },
      })
    expect(await codesOf(2, look)).toEqual(['INVALID', 'RATE_LIMITED'])
    const check =
      'mutation ($i: MessageActionInput!) { a: checkMessage(input: $i) { id } b: checkMessage(input: $i) { id } }'
    const i = { accountId: admin.accountId, messageId: admin.userId }
    expect((await postGraphql(admin, { query: check, variables: { i } })).codes).toEqual(['RATE_LIMITED'])
  })

  it('is counted by address without a session, and in the process while Redis is away', async () => {
    const nobody = Object.assign(await world.business(), { token: '' })
    GRAPHQL_PER_MINUTE.addressCost = 2
    const { redis } = world.deps
    const version = () => postGraphql(nobody, { query: '{ version }' })
    expect((await codesOf(20, version)).at(-1)).toBe('RATE_LIMITED')
    const away = once(redis, 'end')
    redis.disconnect()
    await away
    expect(await codesOf(3, version)).toEqual([undefined, undefined, 'RATE_LIMITED'])
    await redis.connect()
  })
})
