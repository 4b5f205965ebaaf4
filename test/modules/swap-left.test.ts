import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getInboxRow, type InboxRow } from '../../server/modules/inboxes/inboxes.queries.ts'
import { storeRenewed } from '../../server/modules/inboxes/left-side.ts'
import { withCredentials } from '../../server/modules/inboxes/with-credentials.ts'
import { pauseSending } from '../../server/modules/messages/slowdown.ts'
import { Actor } from '../support/actor.ts'
import { DisconnectInboxDocument, TakeBackSwapDocument } from '../support/generated.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { addBothSides, connectRespondIo, connectTikTok, readSwap, type TwoSides } from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const MINUTE = 60_000
const WEEK = 7 * 24 * 60 * MINUTE
let passed = 0
let world: World
let sql: postgres.Sql
let admin: Actor
let sides: TwoSides
let inboxId: string
/** As it was before it went over. */
let before: InboxRow

beforeAll(async () => {
  world = await startWorld({ clock: { now: () => new Date(Date.now() + passed) } })
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** An inbox that has gone over from TikTok to respond.io. */
beforeEach(async () => {
  passed = 0
  world.standin.respondio.setKnobs({ rateLimit: Infinity })
  world.standin.tiktok.clearFaults()
  admin = await world.business()
  sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
  inboxId = await connectTikTok(admin, sides)
  before = await scope().read((tx) => getInboxRow(tx, inboxId))
  await connectRespondIo(admin, sides, inboxId)
})

const scope = () => world.deps.scopes.system(admin.accountId)
const kept = async () => {
  const [row] = await sql<{ connection: Record<string, unknown> }[]>`
    select from_connection as connection from inbox_swaps where inbox_id = ${inboxId}`
  return row?.connection
}
const granted = () => world.standin.tiktok.connected(sides.business)
const swaps = () => sql<{ state: string; attempts: number }[]>`
  select state, attempts from inbox_swaps where inbox_id = ${inboxId}`

/** The token that was left has run out meanwhile, at TikTok too. */
async function pass(ms: number): Promise<void> {
  passed += ms
  world.standin.tiktok.expireAccessTokens(sides.business)
  Object.assign(admin, { token: (await Actor.logIn(world, admin.email)).token })
}

describe('what was granted to the side that a swap left', () => {
  it('is taken back at the provider once the time is over, long after its token has run out', async () => {
    await pass(WEEK + MINUTE)
    expect(granted()).toBe(true)
    await runSchedule(world.deps, 'swaps')
    expect(granted()).toBe(false)
    expect(await swaps()).toEqual([{ state: 'over', attempts: 0 }])
  })

  it('is taken back later with the token that was renewed for it, when the provider was busy', async () => {
    world.standin.tiktok.fault({ kind: '502', operations: ['token_revoke'], count: 1 })
    expect((await readSwap(admin, inboxId)).swapObstacle).toBe('SWAP_OPEN')
    await pass(WEEK + MINUTE)
    await runSchedule(world.deps, 'swaps')
    expect([granted(), await swaps()]).toEqual([true, [{ state: 'open', attempts: 1 }]])
    expect(await readSwap(admin, inboxId)).toMatchObject({ swapObstacle: 'SWAP_ENDING', swap: { canTakeBack: false } })
    await expect(connectTikTok(admin, sides, inboxId)).rejects.toMatchObject({
      ...{ code: 'CONFLICT', details: { reason: 'SWAP_ENDING' } },
    })
    passed += 2 * MINUTE
    await runSchedule(world.deps, 'swaps')
    expect([granted(), await swaps()]).toEqual([false, [{ state: 'over', attempts: 1 }]])
    expect(await readSwap(admin, inboxId)).toMatchObject({ swapObstacle: null, swap: null })
  })

  it('is taken back also when what was renewed for it cannot be written, since nobody could do so later', async () => {
    await pass(WEEK + MINUTE)
    await sql`
      create function no_new_credentials() returns trigger language plpgsql as $$
      begin
        if new.from_credentials is null then return new; end if;
        raise 'it is away';
      end $$`
    await sql`
      create trigger no_new_credentials before update of from_credentials on inbox_swaps
      for each row execute function no_new_credentials()`
    try {
      await runSchedule(world.deps, 'swaps')
    } finally {
      await sql`drop function no_new_credentials cascade`
    }
    expect([granted(), await swaps()]).toEqual([false, [{ state: 'over', attempts: 0 }]])
  })

  it('is forgotten at once when the provider has ended it itself', async () => {
    world.standin.tiktok.expireRefreshTokens(sides.business)
    await pass(WEEK + MINUTE)
    await runSchedule(world.deps, 'swaps')
    expect(await swaps()).toEqual([{ state: 'over', attempts: 0 }])
  })

  it('is taken back when the inbox is disconnected meanwhile', async () => {
    await pass(2 * 24 * 60 * MINUTE)
    await admin.gql(DisconnectInboxDocument, { input: { accountId: admin.accountId, inboxId } })
    expect(granted()).toBe(false)
  })
})

describe('the credentials of the side that a swap left', () => {
  it('are renewed for whoever still asks with those of before the swap, and nothing is ended', async () => {
    world.standin.tiktok.expireAccessTokens(sides.business)
    const channel = world.deps.channels.get('tiktok')
    const asked = withCredentials(world.deps, scope(), before, async (credentials) =>
      channel.listThreads?.(credentials),
    )
    await expect(asked).resolves.toMatchObject({ threads: [] })
    expect(await kept()).toMatchObject({
      ...{ reauthorizationRequired: false, credentialsVersion: before.credentialsVersion + 1 },
    })
    expect(await admin.inbox(inboxId)).toMatchObject({ channelType: 'respondio', reauthorizationRequired: false })
  })
})

describe('that the provider has ended what a swap left', () => {
  const pause = () => scope().tx((tx) => pauseSending(tx, before))
  const renew = () =>
    scope().tx((tx) =>
      storeRenewed(world.deps, tx, before, { externalId: before.externalId, credentials: {}, grantedScopes: [] }),
    )
  const takeBack = () => admin.gql(TakeBackSwapDocument, { input: { accountId: admin.accountId, inboxId } })
  const isKept = async () => (await kept())?.['reauthorizationRequired']

  it.each([
    { what: 'slowed down', change: pause, check: isKept },
    { what: 'renewed', change: renew, check: isKept },
    {
      ...{ what: 'taken back', change: takeBack },
      check: async () => (await admin.inbox(inboxId)).reauthorizationRequired,
    },
  ])('is not forgotten when it is $what at that moment', async ({ change, check }) => {
    let changing: Promise<unknown> | undefined
    await sql.begin(async (tx) => {
      const ended = JSON.stringify({ reauthorizationRequired: true, reauthorizationReason: 'REVOKED' })
      await tx`update inbox_swaps set from_connection = from_connection || ${ended}::text::jsonb where inbox_id = ${inboxId}`
      const [own] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`
      changing = change()
      await until(async () => {
        const waiting = await sql`select 1 from pg_stat_activity where ${own?.pid ?? 0} = any(pg_blocking_pids(pid))`
        return waiting.length > 0
      }, 'it waits')
    })
    await changing
    expect(await check()).toBe(true)
  })
})
