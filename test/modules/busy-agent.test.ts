import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { RemoveMemberDocument, UpdateInboxDocument, UpdateMemberDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

/** Beyond 65,534 parameters of four a row. */
const MANY = 17_000

let world: World
let sql: postgres.Sql
let admin: Actor
let inboxId: string

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  ;({ inboxId } = await admin.connect())
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    await tx`
      insert into threads (account_id, id, inbox_id, contact_id)
      select ${admin.accountId}, gen_random_uuid(), ${inboxId}, gen_random_uuid() from generate_series(1, ${MANY})`
    await tx`
      insert into conversations (account_id, id, display_id, inbox_id, thread_id, contact_id, status, last_activity_at)
      select account_id, gen_random_uuid(), row_number() over (), inbox_id, id, contact_id,
        case when random() < 0.1 then 'open' else 'resolved' end, now() from threads`
  })
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const assigned = async (agent: Actor) => {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from conversations where assignee_id = ${agent.userId}`
  return row?.n
}

const head = async () => {
  const [row] = await sql<{ seq: number }[]>`
    select coalesce(max(seq), 0)::int as seq from account_events where account_id = ${admin.accountId}`
  return row?.seq ?? 0
}

/** An agent with everything that there is, who listens. */
async function busyAgent() {
  const agent = await admin.invite('AGENT', [inboxId])
  await sql`update conversations set assignee_id = ${agent.userId} where account_id = ${admin.accountId}`
  return { agent, feed: await agent.subscribe(), before: await head() }
}

/** Every conversation is announced, in numbers without a hole. */
async function expectAnnounced(before: number) {
  const announced = async () => {
    const [row] = await sql<{ n: number }[]>`
      select count(distinct conversation_id)::int as n from account_events
      where account_id = ${admin.accountId} and type = 'conversation.updated' and seq > ${before}`
    return row?.n === MANY
  }
  await until(announced, 'all of them are announced', 30_000)
}

describe('an agent with very many conversations (I11)', () => {
  it('can be removed, and is out within a second', async () => {
    const { agent, feed, before } = await busyAgent()
    await admin.gql(RemoveMemberDocument, { input: { accountId: admin.accountId, userId: agent.userId } })
    await until(() => feed.closed, 'the socket is closed', 2_000)
    expect(await assigned(agent)).toBe(0)
    await expectAnnounced(before)
  }, 60_000)

  it('can lose the inbox', async () => {
    const { agent, before } = await busyAgent()
    await admin.gql(UpdateMemberDocument, { input: { accountId: admin.accountId, userId: agent.userId, inboxIds: [] } })
    expect(await assigned(agent)).toBe(0)
    await expectAnnounced(before)
  }, 60_000)

  it('can be taken off the inbox', async () => {
    const { agent, before } = await busyAgent()
    await admin.gql(UpdateInboxDocument, { input: { accountId: admin.accountId, inboxId, memberIds: [] } })
    expect(await assigned(agent)).toBe(0)
    await expectAnnounced(before)
  }, 60_000)
})
