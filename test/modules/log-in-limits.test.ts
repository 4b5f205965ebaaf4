import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Actor } from '../support/actor.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent', TRUST_PROXY_HOPS: '1' } })
})
afterAll(() => world.close())

const LOG_IN = 'mutation ($input: LogInInput!) { logIn(input: $input) { accessToken } }'

/** The code that a log-in from an address ends with; undefined when it went well. */
async function logIn(email: string, address: string, password = Actor.password): Promise<string | undefined> {
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ query: LOG_IN, variables: { input: { email, password } } }),
  })
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  return errors?.[0]?.extensions.code
}

/** Strangers at many addresses guess until nobody listens to them any more. */
async function besiege(email: string): Promise<void> {
  for (let round = 0; round < 25; round++) {
    const guesses = Array.from({ length: 8 }, () => logIn(email, `10.1.${round}.1`, 'guess'))
    if ((await Promise.all(guesses)).includes('RATE_LIMITED')) return
  }
  throw new Error('nobody stops them')
}

describe('guessing at somebody’s password', () => {
  it('does not keep its owner out where they logged in before', async () => {
    const { email } = await world.business()
    expect(await logIn(email, '203.0.113.1')).toBeUndefined()
    await besiege(email)
    expect(await logIn(email, '203.0.113.1')).toBeUndefined()
    expect(await logIn(email, '203.0.113.1', 'mistyped')).toBe('UNAUTHENTICATED')
    // Nobody can be told from a stranger at an address of their own.
    expect(await logIn(email, '203.0.113.2')).toBe('RATE_LIMITED')
    expect(await logIn((await world.business()).email, '203.0.113.1')).toBeUndefined()
  })

  it('is still stopped at the owner’s own address', async () => {
    const { email } = await world.business()
    expect(await logIn(email, '203.0.113.3')).toBeUndefined()
    const codes = []
    for (let guess = 0; guess < 12; guess++) codes.push(await logIn(email, '203.0.113.3', 'guess'))
    expect(codes.indexOf('RATE_LIMITED')).toBe(10)
  })

  it('is what counts: log-ins that went well do not', async () => {
    const { email } = await world.business()
    for (let place = 0; place < 110; place += 10) {
      const together = Array.from({ length: 10 }, (_, more) => logIn(email, `203.0.114.${place + more}`))
      expect(new Set(await Promise.all(together))).toEqual(new Set([undefined]))
    }
  }, 60_000)
})
