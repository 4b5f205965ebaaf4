import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { resolvers } from '../../server/modules/resolvers.ts'
import type { Actor } from '../support/actor.ts'
import { postGraphql } from '../support/graphql-post.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let admin: Actor

beforeAll(async () => {
  vi.spyOn(resolvers.Query as { version: () => unknown }, 'version').mockReturnValue(null)
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  admin = await world.business()
})

afterAll(async () => {
  vi.restoreAllMocks()
  await world.close()
})

describe('an error while a document is executed', () => {
  it('is ours and says nothing of the inside, interpreted and compiled alike', async () => {
    const logged = vi.spyOn(world.deps.log, 'error')
    for (let time = 0; time < 3; time++) {
      const answer = await postGraphql(admin, { query: '{ version }' })
      expect(answer.codes).toEqual(['INTERNAL'])
      expect(answer.messages).toBe('["Something went wrong"]')
      expect(logged).toHaveBeenCalledTimes(time + 1)
      const errorId = /"errorId":"([0-9a-f]{10})"/.exec(answer.text)?.[1]
      expect(logged.mock.lastCall?.[0]).toMatchObject({ errorId })
    }
  })

  it('is the asker’s when it is in the variables', async () => {
    const query = 'query ($first: Int!, $a: ID!) { conversations(accountId: $a, first: $first) { nodes { id } } }'
    for (let time = 0; time < 3; time++) {
      const answer = await postGraphql(admin, { query, variables: { a: admin.accountId, first: 'x' } })
      expect(answer.codes).toEqual(['INVALID'])
    }
  })
})
