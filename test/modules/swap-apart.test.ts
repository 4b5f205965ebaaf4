import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { matchOnceMore } from '../../server/modules/messages/find-thread.ts'
import { DecideSwapMatchDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { addBothSides, connectRespondIo, connectTikTok, untilPastIsRead } from '../support/swaps.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

interface Match {
  id: string
  threadId: string
  others: string[]
}

it('two customers who are each asked about the other may be kept apart from both sides at the same moment', async () => {
  const { tiktok, respondio } = world.standin
  respondio.setKnobs({ rateLimit: Infinity, channelMessageIds: 'withheld' })
  const admin = await world.business()
  const sides = addBothSides(world.standin, `shop.${randomUUID().slice(0, 8)}`)
  const at = Date.now() - 30 * 60_000
  for (let twin = 0; twin < 2; twin++) {
    const person = tiktok.addPerson({ username: `u.${randomUUID().slice(0, 10)}`, displayName: 'Alice Demo' })
    tiktok.customerWrites({ business: sides.business, person, text: 'Is this still available?', at })
  }
  const inboxId = await connectTikTok(admin, sides)
  await untilPastIsRead(admin, inboxId)
  await until(
    async () => (await admin.conversations({ inboxId })).every(({ contact }) => contact.name === 'Alice Demo'),
    'both are known by their names',
  )
  await connectRespondIo(admin, sides, inboxId)
  await untilPastIsRead(admin, inboxId)
  const matches = () => sql<Match[]>`
    select id, thread_id as "threadId", array(select c->>'threadId' from jsonb_array_elements(candidates) c) as others
    from swap_matches where inbox_id = ${inboxId} and state = 'open' order by thread_id`
  const [one] = await matches()
  const [other] = one?.others ?? []
  if (!one || !other) throw new Error('nothing to decide')
  const { threadId } = one
  await matchOnceMore(world.deps.scopes.system(admin.accountId), other)
  const mutual = (await matches()).find((match) => match.threadId === other)
  expect(mutual?.others).toContain(threadId)
  // Each is held up once it has written what was said, as it would be by chance.
  await sql`
    create function hold_decision() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(4711); return null; end $$`
  await sql`
    create trigger hold_decision after update on swap_matches for each row
    when (new.state = 'apart' and old.state = 'open') execute function hold_decision()`
  const apart = (matchId: string) =>
    admin.gql(DecideSwapMatchDocument, { input: { accountId: admin.accountId, matchId, threadId: null } })
  let decided: Promise<unknown> | undefined
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(4711)`
    decided = Promise.all([apart(one.id), apart(mutual?.id ?? '')])
    await until(async () => {
      const waiting = await sql`
        select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0
          and query like '%swap_matches%'`
      return waiting.length >= 2
    }, 'both wait')
  })
  await decided
  const open = await matches()
  expect(open.map((match) => match.threadId)).not.toContain(threadId)
  expect(open.map((match) => match.threadId)).not.toContain(other)
})
