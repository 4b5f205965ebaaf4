import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SetAccountStatusDocument, SetFeatureFlagDocument } from '../support/generated.ts'
import { ByHand } from '../support/by-hand.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Actor } from '../support/actor.ts'

let world: World
let sql: postgres.Sql
let hand: ByHand
let platform: Actor

// Without workers: what fails here fails with the change itself, and no call or token is spent on it.
beforeAll(async () => {
  world = await startWorld({ jobs: false })
  sql = openSql(world)
  hand = new ByHand(world, sql)
  platform = await operator(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const setFlag = (of: Actor, key: string, enabled: boolean) =>
  platform.gql(SetFeatureFlagDocument, { input: { accountId: of.accountId, key, enabled } })
const suspend = (of: Actor) =>
  platform.gql(SetAccountStatusDocument, { input: { accountId: of.accountId, status: 'SUSPENDED' } })

/** An account with `count` messages that wait to be sent; the first one may have arrived before. */
async function withBacklog(count: number) {
  const admin = await world.business()
  const { business } = await admin.connect()
  const conversation = await hand.converse(business)
  const { id } = await admin.send(conversation.id, 'sent anyway')
  await sql`update messages set unknown_sends = 1, unknown_since = at, claimed_at = at where id = ${id}`
  await sql`
    insert into messages (account_id, id, inbox_id, thread_id, conversation_id, type, status, source, content, queued_at,
      deadline_at, at)
    select m.account_id, gen_random_uuid(), m.inbox_id, m.thread_id, m.conversation_id, m.type, m.status, m.source,
      'number ' || n, m.queued_at, m.deadline_at, m.at
    from messages m, generate_series(2, ${count}::int) n where m.id = ${id}`
  return { admin, ...conversation }
}

const backlogOf = (admin: Actor) => sql<{ status: string; code: string | null; slots: number; n: number }[]>`
  select status, failure_code as code, unknown_sends as slots, count(*)::int as n from messages
  where account_id = ${admin.accountId} and type = 'outgoing' and deadline_at is null = (status = 'failed')
  group by 1, 2, 3 order by n`

const failed = (count: number, code: string) => [
  { status: 'failed', code: 'DELIVERY_UNKNOWN', slots: 0, n: 1 },
  { status: 'failed', code, slots: 0, n: count - 1 },
]

/** Every one of them is told to the screens, and the provider to nobody. */
async function expectTold(admin: Actor, count: number): Promise<void> {
  const [row] = await sql<{ n: number }[]>`
    select count(distinct message_id)::int as n from account_events
    where account_id = ${admin.accountId} and type = 'message.updated'`
  expect(row?.n).toBe(count)
  expect(world.standin.tiktok.ledger.calls('send')).toEqual([])
  expect(await world.deps.redis.keys('*:bucket*')).toEqual([])
}

describe('what waits to be sent', () => {
  it('fails as soon as the account is suspended, and nobody else’s does (I7, I11)', async () => {
    const [one, other] = [await withBacklog(300), await withBacklog(2)]
    await suspend(one.admin)
    expect(await backlogOf(one.admin)).toEqual(failed(300, 'ACCOUNT_SUSPENDED'))
    await expectTold(one.admin, 300)
    expect(await backlogOf(other.admin)).toMatchObject([{ status: 'queued' }, { status: 'queued' }])
  })

  it('fails as soon as its channel is switched off, and not with another one (I12)', async () => {
    const { admin } = await withBacklog(300)
    await setFlag(admin, 'channel_respondio', false)
    expect(await backlogOf(admin)).toMatchObject([{ status: 'queued' }, { status: 'queued', n: 299 }])
    await setFlag(admin, 'channel_tiktok', false)
    expect(await backlogOf(admin)).toEqual(failed(300, 'CHANNEL_DISABLED'))
    await expectTold(admin, 300)
    await setFlag(admin, 'channel_tiktok', true)
    expect(await backlogOf(admin)).toEqual(failed(300, 'CHANNEL_DISABLED'))
  })
})
