import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVerifiedUser } from '../../server/modules/users/create-user.ts'
import { Actor } from '../support/actor.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let owner: Actor
beforeAll(async () => {
  world = await startWorld()
  owner = await world.business('Acme')
})
afterAll(() => world.close())

const session = `mutation ($input: LogInInput!) { logIn(input: $input) {
  accessToken expiresAt account { id status featureFlags { key enabled } }
  user { locale emailVerified memberships { role account { name } } } } }`

const refresh = (actor: Actor) => fetch(`${world.url}/auth/refresh`, { method: 'POST', headers: actor.headers() })

async function ask(actor: Actor, query: string, variables: unknown = {}) {
  const { data, errors } = await actor.raw(query, variables)
  return { data: data as Record<string, never> | null | undefined, code: errors?.[0]?.extensions?.code }
}

describe('a session', () => {
  it('starts with a cookie, shows oneself in full, and ends for good', async () => {
    const actor = new Actor(world)
    const { data } = await ask(actor, session, { input: { email: owner.email, password: Actor.password } })
    expect(data).toMatchObject({
      logIn: {
        account: { status: 'ACTIVE', featureFlags: [{ key: 'channel_tiktok', enabled: true }, {}] },
        user: {
          locale: 'en',
          emailVerified: false,
          memberships: [{ role: 'ADMINISTRATOR', account: { name: 'Acme' } }],
        },
      },
    })
    actor.token = (data as unknown as { logIn: { accessToken: string } }).logIn.accessToken
    expect([...actor.cookies.keys()]).toEqual(['parley_refresh'])
    expect((await ask(actor, '{ me { id } }')).code).toBeUndefined()
    expect((await refresh(actor)).status).toBe(200)
    expect(await ask(actor, 'mutation { logOut }')).toMatchObject({ data: { logOut: true } })
    expect(await ask(actor, '{ me { id } }')).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect((await refresh(actor)).status).toBe(401)
  })

  it('opens on a suspended business too, whose fields are then closed', async () => {
    const other = await world.business()
    await world.deps.system.sql`update accounts set status = 'suspended' where id = ${other.accountId}`
    const again = new Actor(world)
    const { data, code } = await ask(again, session, { input: { email: other.email, password: Actor.password } })
    expect({ data, code }).toMatchObject({ data: { logIn: { account: { status: 'SUSPENDED' } } }, code: undefined })
    expect(await ask(other, 'query ($id: ID!) { account(id: $id) { name } }', { id: other.accountId })).toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  it('cannot be guessed faster by asking several times in one document', async () => {
    const input = { email: `${randomUUID()}@example.com`, password: 'wrong wrong wrong' }
    const guess = `mutation ($input: LogInInput!) { a: logIn(input: $input) { accessToken } b: logIn(input: $input) { accessToken } }`
    const codes: (string | undefined)[] = []
    for (let round = 0; round < 7; round++) codes.push((await ask(new Actor(world), guess, { input })).code)
    expect(codes[0]).toBe('UNAUTHENTICATED')
    expect(codes.at(-1)).toBe('RATE_LIMITED')
  })
})

describe('others', () => {
  it('see name and address of a member, and nothing of what is one’s own', async () => {
    const agent = await owner.invite('AGENT')
    const { data } = await ask(
      agent,
      `query ($id: ID!) { account(id: $id) { members { role user {
        name email locale emailVerified platformAdministrator memberships { role } } } } }`,
      { id: owner.accountId },
    )
    const own = { locale: null, emailVerified: false, platformAdministrator: false, memberships: [] }
    expect(data).toMatchObject({
      account: {
        members: [
          { role: 'AGENT', user: own },
          { role: 'ADMINISTRATOR', user: { email: owner.email, ...own } },
        ],
      },
    })
    const invitations = await ask(agent, 'query ($id: ID!) { account(id: $id) { invitations { id } } }', {
      id: owner.accountId,
    })
    expect(invitations.code).toBe('FORBIDDEN')
  })
})

describe('the platform administrator', () => {
  it('switches a feature of any business, without being a member', async () => {
    const email = 'operator@example.com'
    const created = { email, name: 'Olga', password: Actor.password, accountName: 'Platform' }
    await createVerifiedUser(world.deps, created)
    const operator = await Actor.logIn(world, email)
    const set = `mutation ($input: SetFeatureFlagInput!) { setFeatureFlag(input: $input) { id featureFlags { key enabled label } } }`
    const input = { accountId: owner.accountId, key: 'channel_respondio', enabled: false }
    expect((await ask(operator, set, { input })).data).toMatchObject({
      setFeatureFlag: { id: owner.accountId, featureFlags: [{}, { key: 'channel_respondio', enabled: false }] },
    })
    expect(await ask(owner, set, { input })).toMatchObject({ code: 'FORBIDDEN' })
    expect(await ask(new Actor(world), set, { input })).toMatchObject({ code: 'UNAUTHENTICATED' })
    const list = '{ platformAccounts(query: "Acme") { nodes { name status memberCount featureFlags { key } } } }'
    expect((await ask(operator, list)).data).toMatchObject({
      platformAccounts: { nodes: [{ name: 'Acme', status: 'ACTIVE', memberCount: 2 }] },
    })
    expect(await ask(owner, list)).toMatchObject({ code: 'FORBIDDEN' })
    const account = 'query ($id: ID!) { account(id: $id) { name } }'
    expect(await ask(operator, account, { id: owner.accountId })).toMatchObject({ code: 'NOT_FOUND' })
  })
})
