import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { checkEncryptionKey } from '../../server/boot.ts'
import { createDeps } from '../../server/deps.ts'
import { unsafeListUnsyncedContacts } from '../../server/modules/contacts/contact-sweep.queries.ts'
import { ingestDeliveries } from '../../server/modules/intake/intake.service.ts'
import { unsafePruneEvents } from '../../server/modules/intake/retention.ts'
import { schedules } from '../../jobs/schedules.ts'
import type { Actor } from '../support/actor.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  ;({ business } = await admin.connect())
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

/** A customer writes; answers the conversation. */
async function converse() {
  const { tiktok } = world.standin
  const person = tiktok.addPerson({ username: `p.${randomUUID()}`, displayName: 'Alice' })
  tiktok.customerWrites({ business, person, text: 'Hello' })
  await tiktok.settled()
  const waiting = await sql<{ channelType: string; accountRef: string; threadKey: string }[]>`
    select channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"
    from webhook_events where state = 0`
  for (const delivery of waiting) await ingestDeliveries(world.deps, delivery)
  const [row] = await sql<{ id: string; threadId: string; contactId: string }[]>`
    select c.id, c.thread_id as "threadId", t.contact_id as "contactId"
    from conversations c join threads t on t.id = c.thread_id order by c.created_at desc, c.id desc limit 1`
  if (!row) throw new Error('no conversation')
  return row
}

const run = (name: string) => runSchedule(world.deps, name)

describe('what happens by the clock', () => {
  it.each(schedules.map(({ name }) => name))('%s may do what it does', async (name) => {
    await run(name)
  })

  it('goes on after a row that fails', async () => {
    const [poison, fine] = [await converse(), await converse()]
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$`
    await sql`create trigger refuse before update on conversations for each row
      when (old.status = 'snoozed' and old.snoozed_until < '2001-01-01') execute function refuse()`
    await sql`update conversations set status = 'snoozed', snoozed_until = '2000-01-01' where id = ${poison.id}`
    await sql`update conversations set status = 'snoozed', snoozed_until = '2002-01-01' where id = ${fine.id}`
    await run('snoozes')
    const rows = await sql`select id, status from conversations where id in (${poison.id}, ${fine.id})`
    expect(Object.fromEntries(rows.map((row) => [row['id'], row['status']]))).toEqual({
      [poison.id]: 'snoozed',
      [fine.id]: 'open',
    })
  })

  it('asks again for the profiles that have not come', async () => {
    const { contactId, threadId } = await converse()
    const listed = async () =>
      (await unsafeListUnsyncedContacts(world.deps.system, new Date(), 500)).map((row) => row.threadId)
    expect(await listed()).not.toContain(threadId)
    await sql`update contacts set created_at = now() - interval '1 minute' where id = ${contactId}`
    expect(await listed()).toContain(threadId)
    await sql`update contacts set profile_synced_at = now() where id = ${contactId}`
    expect(await listed()).not.toContain(threadId)
  })

  it('deletes raw deliveries: 30 days after they were worked off, dead and waiting ones 90 days old', async () => {
    const add = (state: number, days: number) => sql`
      insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw, state, received_at, processed_at)
      select 'old', ${`${state} ${days} `} || n, 'x', 'x', '', ${state}, now() - make_interval(days => ${days}),
        now() - make_interval(days => ${days}) from generate_series(1, ${state === 1 ? 6_000 : 1}::int) n`
    for (const days of [29, 31, 89, 91]) for (const state of [0, 1, 2, 3]) await add(state, days)
    await unsafePruneEvents(world.deps.system, new Date())
    const left = await sql<{ what: string }[]>`
      select distinct split_part(event_key, ' ', 1) || ' ' || split_part(event_key, ' ', 2) as what
      from webhook_events where channel_type = 'old' order by 1`
    expect(left.map((row) => row.what)).toEqual([
      '0 29',
      '0 31',
      '0 89',
      '0 91',
      '1 29',
      '2 29',
      '2 31',
      '2 89',
      '3 29',
      '3 31',
      '3 89',
    ])
  })
})

it('a gap begins a minute before the oldest refused delivery was signed, whatever comes first (I1)', async () => {
  const raw = JSON.stringify({ event: 'im_receive_msg', user_openid: business.openId, content: '{}' })
  const now = Math.floor(Date.now() / 1_000)
  for (const age of [400, 900, 500]) {
    const { value } = world.standin.tiktok.signWebhook(raw, { t: now - age })
    const headers = { 'tiktok-signature': value }
    expect((await fetch(`${world.url}/webhooks/tiktok`, { method: 'POST', headers, body: raw })).status).toBe(401)
    const since = now - Math.max(age, age === 400 ? 0 : 900) - 60
    await until(async () => {
      const [row] = await sql<{ at: Date | null }[]>`
        select gap_since as at from inboxes where external_id = ${business.openId}`
      return row?.at?.getTime() === since * 1_000
    }, `the gap is noted as of ${age} s ago`)
  }
})

it('a database without migrations stops the boot with one line', async () => {
  const name = `bare_${randomUUID().slice(0, 8)}`
  await sql`create database ${sql(name)} template template0`
  const databaseUrl = inject('postgresUrl').replace(/[^/]+$/, name)
  const bare = createDeps({ ...world.config, databaseUrl })
  try {
    await expect(checkEncryptionKey(bare)).rejects.toMatchObject({
      expected: true,
      message: expect.stringContaining('npm run db:migrate') as string,
    })
  } finally {
    await bare.close()
    await sql`drop database ${sql(name)} with (force)`
  }
})
