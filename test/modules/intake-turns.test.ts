import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ingestDeliveries } from '../../server/modules/intake/intake.service.ts'
import type { Actor } from '../support/actor.ts'
import { openSql } from '../support/sql.ts'
import { StatementCounter } from '../support/statements.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

const counter = new StatementCounter()
let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld({
    jobs: false,
    environment: { LOG_LEVEL: 'silent' },
    through: (url) => counter.through(url),
  })
  sql = openSql(world)
  admin = await world.business()
  await sql`create function act() returns trigger language plpgsql as $$ begin
    if new.content like 'stall%' then perform pg_advisory_xact_lock(99); end if;
    if new.content like '%poison' then raise 'refused'; end if;
    if new.content like '%slow' then raise 'cut off' using errcode = '57014'; end if;
    return new;
  end $$`
  await sql`create trigger act before insert on messages for each row execute function act()`
})

afterAll(async () => {
  await sql.end()
  await world.close()
  counter.close()
})

beforeEach(async () => {
  await sql`delete from webhook_events`
  ;({ business, inboxId } = await admin.connect())
})

interface Event {
  id: string
  state: number
  code: string | null
  attempts: number
}

/** What came, in its order. */
const events = () => sql<Event[]>`select id, state, code, attempts from webhook_events order by id`

const contents = async () => {
  const rows = await sql<{ content: string }[]>`select content from messages where inbox_id = ${inboxId} order by at`
  return rows.map((row) => row.content)
}

/** A customer writes these texts into one thread; answers their delivery. */
async function write(...texts: string[]) {
  const { tiktok } = world.standin
  const person = tiktok.addPerson({ username: `p.${randomUUID()}`, displayName: 'Alice' })
  for (const text of texts) {
    tiktok.customerWrites({ business, person, text })
    await tiktok.settled()
  }
  return delivered()
}

async function delivered() {
  const [row] = await sql<{ channelType: string; accountRef: string; threadKey: string }[]>`
    select channel_type as "channelType", account_ref as "accountRef", thread_key as "threadKey"
    from webhook_events where state = 0 limit 1`
  if (!row) throw new Error('nothing was delivered')
  return row
}

/** Whether a session of this database waits for a lock of that kind. */
async function isWaiting(watcher: postgres.Sql, kind: 'advisory' | 'transactionid') {
  const rows = await watcher`
    select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where a.datname = current_database() and l.locktype = ${kind} and not l.granted`
  return rows.length > 0
}

/** Works the texts off, and does `meanwhile` while the message that stalls is being written. */
async function whileStalled(
  texts: string[],
  meanwhile: (events: Event[], holder: postgres.Sql) => Promise<unknown>,
): Promise<void> {
  const delivery = await write(...texts)
  const holder = await sql.reserve()
  await holder`select pg_advisory_lock(99)`
  const working = ingestDeliveries(world.deps, delivery)
  try {
    await until(() => isWaiting(holder, 'advisory'), 'the message stalls')
    await meanwhile(await events(), holder)
  } finally {
    await holder`select pg_advisory_unlock(99)`
    holder.release()
    await working
  }
}

describe('work on one thread', () => {
  it('reads what is pending only once it has asked for the lock (I3)', async () => {
    const delivery = await write('Hello')
    const texts = await counter.during(() => ingestDeliveries(world.deps, delivery), ['parley_app'])
    const [lock, take] = [/pg_advisory_xact_lock/, /from webhook_events/].map((statement) =>
      texts.findIndex((text) => statement.test(text)),
    )
    expect(lock, texts.join('\n')).toBeGreaterThanOrEqual(0)
    expect(take, texts.join('\n')).toBeGreaterThan(lock ?? 0)
  })
})

describe('after a failed batch each event is looked at again in its own transaction', () => {
  it('and one that another worker has finished meanwhile is left alone (I2)', async () => {
    await whileStalled(['poison', 'stall', 'third'], ([, , third]) => {
      return sql`update webhook_events set state = 1 where id = ${third?.id ?? ''}`
    })
    expect(await contents()).toEqual(['stall'])
    expect(await events()).toMatchObject([{ state: 0, attempts: 1 }, { state: 1 }, { state: 1, attempts: 0 }])
  })

  it('and the rest waits when the flag goes off meanwhile (I12)', async () => {
    const flag = { account_id: admin.accountId, key: 'channel_tiktok', enabled: false }
    await whileStalled(['poison', 'stall', 'third'], () => sql`insert into feature_flags ${sql(flag)}`)
    await sql`delete from feature_flags where account_id = ${admin.accountId}`
    expect(await contents()).toEqual(['stall'])
    expect((await events())[2]).toMatchObject({ state: 3, code: 'FEATURE_DISABLED' })
  })

  it('and no failure is counted against one that another worker finishes as soon as it can', async () => {
    let finishing: Promise<unknown> | undefined
    await whileStalled(['poison', 'stall poison'], async ([, second], holder) => {
      finishing = sql`update webhook_events set state = 1 where id = ${second?.id ?? ''}`.execute()
      await until(() => isWaiting(holder, 'transactionid'), 'the other worker waits for the row')
    })
    await finishing
    expect(await events()).toMatchObject([
      { state: 0, attempts: 1 },
      { state: 1, attempts: 0 },
    ])
  })

  it('and one whose statement is cut off is counted, and holds up nobody (I4)', async () => {
    await ingestDeliveries(world.deps, await write('slow', 'after'))
    expect(await contents()).toEqual(['after'])
    expect(await events()).toMatchObject([{ state: 0, attempts: 1 }, { state: 1 }])
  })
})

describe('a withdrawn consent', () => {
  /** TikTok says at `createTime`, in seconds, that the business disconnected. */
  async function withdraw(createTime: number) {
    const { tiktok } = world.standin
    const raw = JSON.stringify({
      ...{ client_key: tiktok.appId, event: 'authorization.removed', create_time: createTime },
      ...{ user_openid: business.openId, content: JSON.stringify({ reason: 1 }) },
    })
    const signature = tiktok.signWebhook(raw, { t: Math.floor(Date.now() / 1_000) }).value
    const headers = { 'tiktok-signature': signature }
    const { status } = await fetch(`${world.url}/webhooks/tiktok`, { method: 'POST', headers, body: raw })
    expect(status).toBe(200)
    await ingestDeliveries(world.deps, await delivered())
  }

  const isFlagged = async () => (await admin.inbox(inboxId)).reauthorizationRequired
  const now = () => Math.floor(Date.now() / 1_000)

  it('flags the inbox (I15)', async () => {
    await withdraw(now() + 1)
    expect(await isFlagged()).toBe(true)
    expect(await events()).toMatchObject([{ state: 1, code: null }])
  })

  it('flags it no more once there is a newer one, and its row says so', async () => {
    await withdraw(now() - 5)
    expect(await isFlagged()).toBe(false)
    expect(await events()).toMatchObject([{ state: 1, code: 'OUTDATED' }])
  })

  it('that came late does not flag an inbox that was connected again', async () => {
    await withdraw(now() + 1)
    await sql`update inboxes set connected_at = connected_at - interval '1 hour' where id = ${inboxId}`
    expect(await admin.authorize({ business, inboxId })).toMatch(/connected=1$/)
    await withdraw(now() - 60)
    expect(await isFlagged()).toBe(false)
  })
})
