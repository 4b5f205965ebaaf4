import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Channel, Connection } from '../../server/channels/contract.ts'
import type { Scope } from '../../server/db/scope.ts'
import { followGrant } from '../../server/modules/inboxes/changed-grants.ts'
import { renewInboxCredentials, requireReauthorization } from '../../server/modules/inboxes/renewal.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { sendAndWait } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  // A sequence forgets nothing when its transaction is rolled back.
  await sql`create sequence writes`
  await sql`create function first_write_fails() returns trigger language plpgsql security definer as $$ begin
    if nextval('writes') = 1 then
      if tg_argv[0] = 'cut' then perform pg_terminate_backend(pg_backend_pid()), pg_sleep(5); end if;
      raise 'refused';
    end if;
    return new;
  end $$`
})

beforeEach(async () => {
  ;({ business, inboxId } = await admin.connect())
})

afterEach(async () => {
  vi.restoreAllMocks()
  await sql`drop trigger if exists first_write on inboxes`
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const system = () => world.deps.scopes.system(admin.accountId)

async function rowOf() {
  const [row] = await sql<{ version: number; flag: boolean; reason: string | null; leased: boolean }[]>`
    select credentials_version as version, reauthorization_required as flag, reauthorization_reason as reason,
      renewal_lease_until is not null as leased from inboxes where id = ${inboxId}`
  if (!row) throw new Error('no inbox')
  return row
}

const renew = async (scope = system()) =>
  renewInboxCredentials(world.deps, scope, inboxId, { version: (await rowOf()).version, channelType: 'tiktok' })

const renewals = () => world.standin.tiktok.ledger.calls('refresh').length

/** Does `meanwhile` when the provider has renewed and its answer is still on its way. */
function whileRenewing(meanwhile: () => Promise<unknown>): void {
  const channel = world.deps.channels.get('tiktok') as Channel & Required<Pick<Channel, 'renew'>>
  const atProvider = channel.renew
  vi.spyOn(channel, 'renew').mockImplementationOnce(async (credentials): Promise<Connection> => {
    const connection = await atProvider(credentials)
    await meanwhile()
    return connection
  })
}

/** The scope's second transaction, the one that writes the credentials, is committed and its answer lost. */
function answerLost(scope: Scope): Scope {
  let transactions = 0
  return {
    ...scope,
    tx: async (work) => {
      const result = await scope.tx(work)
      if (++transactions === 2) throw Object.assign(new Error('connection closed'), { code: 'CONNECTION_CLOSED' })
      return result
    },
  }
}

/** The provider takes only the new token, and nobody was asked to connect again. */
async function expectRenewed(version: number): Promise<void> {
  expect(await rowOf()).toEqual({ version, flag: false, reason: null, leased: false })
  const { conversation } = await admin.customerWrites(business)
  await sendAndWait(admin, conversation.id, 'with the new token')
  expect(await rowOf()).toMatchObject({ version, flag: false })
}

describe('rotated credentials are not lost (I15)', () => {
  it.each(['refused', 'cut'])('when the first write of them is %s', async (how) => {
    await sql`alter sequence writes restart`
    await sql`create trigger first_write before update on inboxes for each row
      when (new.credentials_version > old.credentials_version) execute function first_write_fails(${sql.unsafe(how)})`
    const [before, asked] = [await rowOf(), renewals()]
    world.standin.tiktok.expireAccessTokens(business)
    expect(await renew()).toBe('fresh')
    expect((await sql<{ n: string }[]>`select last_value as n from writes`)[0]?.n).toBe('2')
    await expectRenewed(before.version + 1)
    expect(renewals()).toBe(asked + 1)
  })

  it('nor taken for refused when they were written and the answer to that is lost', async () => {
    const before = await rowOf()
    world.standin.tiktok.expireAccessTokens(business)
    expect(await renew(answerLost(system()))).toBe('fresh')
    await expectRenewed(before.version + 1)
  })
})

describe('what happens to the connection while the provider renews it', () => {
  it('a consent that is withdrawn stays withdrawn', async () => {
    const before = await rowOf()
    whileRenewing(() => {
      world.standin.tiktok.revoke(business)
      return until(async () => (await rowOf()).flag, 'the withdrawal is known')
    })
    expect(await renew()).toBe('ended')
    expect(await rowOf()).toEqual({ version: before.version, flag: true, reason: 'REVOKED', leased: false })
    expect(await renew()).toBe('ended')
  })

  it('an app that is entered by mistake costs it nothing', async () => {
    const before = await rowOf()
    whileRenewing(() => system().tx((tx) => requireReauthorization(tx, inboxId, 'APP_CHANGED')))
    expect(await renew()).toBe('fresh')
    const version = before.version + 1
    expect(await rowOf()).toEqual({ version, flag: true, reason: 'APP_CHANGED', leased: false })
    await system().tx((tx) => followGrant(tx, world.deps.channels, inboxId))
    world.standin.tiktok.expireAccessTokens(business)
    expect(await renew(), 'with the token that came meanwhile').toBe('fresh')
    await expectRenewed(version + 1)
  })

  it('a consent that is given anew counts, and what waits goes out with it', async () => {
    const before = await rowOf()
    const { conversation } = await admin.customerWrites(business)
    world.standin.tiktok.expireAccessTokens(business)
    whileRenewing(() => admin.authorize({ business, inboxId }))
    await sendAndWait(admin, conversation.id, 'after all')
    expect(await rowOf()).toMatchObject({ version: before.version + 1, flag: false })
  })
})
