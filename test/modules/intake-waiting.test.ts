import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Channels } from '../../server/channels/registry.ts'
import { rearmWaiting } from '../../server/modules/intake/waiting.ts'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ jobs: false })
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** Deliveries that wait for a business; the newest come first on the disk. */
const wait = (accountRef: string, count: number) => sql`
  insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw, state, code)
  select 'tiktok', ${randomUUID()} || n, ${accountRef}, ${accountRef} || n, '{}', 3, 'NO_INBOX'
  from generate_series(1, ${count}::int) n`

async function states(accountRef: string) {
  const rows = await sql<{ state: number; n: number; newest: string }[]>`
    select state, count(*)::int as n, max(id) as newest from webhook_events where account_ref = ${accountRef}
    group by state order by state`
  return rows.map(({ state, n, newest }) => ({ state, n, newest: Number(newest) }))
}

const addBusiness = () =>
  world.standin.tiktok.addBusiness({ username: `later.${randomUUID().slice(0, 8)}`, displayName: 'Later' })

describe('deliveries that waited (I1)', () => {
  it('are taken up by whoever connects, the oldest 500 of their own at once, and the rest by the sweep', async () => {
    const [business, stranger] = [addBusiness(), addBusiness()]
    await wait(business.openId, 600)
    await wait(stranger.openId, 5)
    expect(await admin.authorize({ business })).toMatch(/connected=1$/)
    const [pending, waiting] = await states(business.openId)
    expect(pending).toMatchObject({ state: 0, n: 500 })
    expect(waiting).toMatchObject({ state: 3, n: 100, newest: (pending?.newest ?? 0) + 100 })
    await rearmWaiting(world.deps)
    expect(await states(business.openId)).toMatchObject([{ state: 0, n: 600 }])
    expect(await states(stranger.openId)).toMatchObject([{ state: 3, n: 5 }])
  })

  it('are taken up by one sweep however many they are', async () => {
    const { business } = await admin.connect()
    await wait(business.openId, 4_500)
    await rearmWaiting(world.deps)
    expect(await states(business.openId)).toMatchObject([{ state: 0, n: 4_500 }])
  })

  it('go on waiting while the flag that their channel names is off, whatever the channel is called', async () => {
    const { business } = await admin.connect()
    await wait(business.openId, 3)
    const key = 'channel_respondio'
    await sql`insert into feature_flags (account_id, key, enabled) values (${admin.accountId}, ${key}, false)`
    const [channel] = world.deps.channels.all()
    if (!channel) throw new Error('no channel')
    const flagged = { ...channel, manifest: { ...channel.manifest, featureFlag: key } }
    await rearmWaiting({ ...world.deps, channels: new Channels([flagged]) })
    expect(await states(business.openId)).toMatchObject([{ state: 3, n: 3 }])
    await rearmWaiting(world.deps)
    expect(await states(business.openId)).toMatchObject([{ state: 0, n: 3 }])
  })
})
