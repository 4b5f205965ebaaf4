import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsafePruneEvents } from '../../server/modules/intake/retention.ts'
import type { Actor } from '../support/actor.ts'
import { InboxHealthDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Business } from '../standin/tiktok/types.ts'

const DAY_MS = 24 * 3_600_000

let world: World
let sql: postgres.Sql
let admin: Actor
let inboxId: string
let business: Business

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
  const connected = await admin.connect()
  inboxId = connected.inboxId
  business = connected.business
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const healthFor = async (actor: Actor, id = inboxId) =>
  (await actor.gql(InboxHealthDocument, { accountId: actor.accountId, id })).inbox.health

const anEvent = (accountRef: string, state: number) =>
  sql`insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw, state, next_attempt_at)
    values ('tiktok', ${randomUUID()}, ${accountRef}, ${randomUUID()}, '\\x00', ${state}, now() + interval '1 hour')`

const unsigned = () => fetch(`${world.url}/webhooks/tiktok`, { method: 'POST', body: '{}' })

describe('the health of an inbox', () => {
  it('counts what waits, what is dead and what is on its way out, of this business alone', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    const other = await world.business()
    const theirs = await other.connect()
    for (const state of [0, 2, 2]) await anEvent(business.openId, state)
    await anEvent(theirs.business.openId, 2)
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    await admin.send(conversation.id, 'waits')
    expect(await healthFor(admin)).toMatchObject({
      ...{ waitingEvents: 1, deadEvents: 2, queuedMessages: 1, webhookState: 'UNKNOWN', webhookCheckedAt: null },
      ...{ lastEventAt: expect.any(String), accessExpiresAt: expect.any(String), consentExpiresAt: expect.any(String) },
    })
    expect(await healthFor(other, theirs.inboxId)).toMatchObject({ waitingEvents: 0, deadEvents: 1, queuedMessages: 0 })
    world.standin.tiktok.clearFaults()
  })

  it('is for administrators alone', async () => {
    const agent = await admin.invite('AGENT', [inboxId])
    expect(await healthFor(agent)).toBeNull()
  })

  it('counts refused signatures of a day, written together and after the answer', async () => {
    await Promise.all(Array.from({ length: 25 }, unsigned))
    await until(async () => (await healthFor(admin))?.rejectedSignatures === 25, 'they are counted', 10_000)
    expect(await sql`select reason, count from webhook_rejections`).toEqual([{ reason: 'missing', count: 25 }])
    await unsigned()
    await until(async () => (await healthFor(admin))?.rejectedSignatures === 26, 'and added to', 10_000)
    await sql`update webhook_rejections set hour = hour - interval '25 hours'`
    expect((await healthFor(admin))?.rejectedSignatures).toBe(0)
    await unsafePruneEvents(world.deps.system, new Date(Date.now() + 40 * DAY_MS))
    expect(await sql`select 1 from webhook_rejections`).toEqual([])
  })
})
