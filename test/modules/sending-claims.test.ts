import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Scope } from '../../server/db/scope.ts'
import { expireMessage } from '../../server/modules/messages/expiry.ts'
import { failQueuedMessages } from '../../server/modules/messages/settle.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { ByHand } from '../support/by-hand.ts'
import { RetryMessageDocument } from '../support/generated.ts'
import { messageOf } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let hand: ByHand
let admin: Actor
let business: Business
let inboxId: string
let passed = 0

beforeAll(async () => {
  world = await startWorld({
    jobs: false,
    clock: { now: () => new Date(Date.now() + passed) },
    environment: { LOG_LEVEL: 'silent' },
  })
  sql = openSql(world)
  hand = new ByHand(world, sql)
  admin = await world.business()
  ;({ business, inboxId } = await admin.connect())
})

afterEach(() => (passed = 0))

afterAll(async () => {
  await sql.end()
  await world.close()
})

const system = () => world.deps.scopes.system(admin.accountId)
const retry = (messageId: string) =>
  admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId } })
const sends = (threadRef: string) => world.standin.tiktok.ledger.sends(threadRef).length

async function rowOf(id: string) {
  const [row] = await sql<{ status: string; attempts: number; claimed: Date; queued: Date }[]>`
    select status, attempts, claimed_at as claimed, queued_at as queued from messages where id = ${id}`
  if (!row) throw new Error('no message')
  return row
}

/** A process that stands still between its claim, its first transaction, and the call to the provider. */
function standsStill(meanwhile: () => Promise<unknown>): Scope {
  const scope = system()
  let claimed = false
  return {
    ...scope,
    tx: async (work) => {
      const result = await scope.tx(work)
      if (!claimed) {
        claimed = true
        await meanwhile()
      }
      return result
    },
  }
}

describe('a message that fails while it is being claimed', () => {
  it('stays failed and is not sent (I7, I12)', async () => {
    const { id: conversationId, threadId, threadRef } = await hand.converse(business)
    const { id } = await admin.send(conversationId, 'in the last moment')
    let draining: Promise<unknown> | undefined
    await system().tx(async (tx) => {
      await failQueuedMessages(tx, 'account', 'ACCOUNT_SUSPENDED')
      draining = hand.drain(admin, threadId)
      await until(async () => {
        const rows = await sql`
          select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid
          where a.datname = current_database() and l.locktype = 'transactionid' and not l.granted`
        return rows.length > 0
      }, 'the claim waits for the row')
    })
    await draining
    expect(await messageOf(admin, conversationId, id)).toMatchObject({
      ...{ status: 'FAILED', failure: { code: 'ACCOUNT_SUSPENDED' } },
    })
    expect(sends(threadRef)).toBe(0)
  })
})

describe('credentials that do not open', () => {
  it('fail the message at once: nothing was sent, and it goes out once they are mended (I7, I14)', async () => {
    const { id: conversationId, threadId, threadRef } = await hand.converse(business)
    const other = await admin.connect()
    const credentialsOf = (id: string) =>
      sql<{ credentials: string }[]>`select credentials from inboxes where id = ${id}`
    const [own, strange] = [await credentialsOf(inboxId), await credentialsOf(other.inboxId)]
    await sql`update inboxes set credentials = ${strange[0]?.credentials ?? ''} where id = ${inboxId}`
    const { id } = await admin.send(conversationId, 'with a key that does not fit')
    await hand.drain(admin, threadId)
    expect(await messageOf(admin, conversationId, id)).toMatchObject({
      ...{ status: 'FAILED', failure: { code: 'APP_MISCONFIGURED' } },
    })
    expect((await admin.conversation(conversationId)).replyWindow.remaining).toBe(10)
    await sql`update inboxes set credentials = ${own[0]?.credentials ?? ''} where id = ${inboxId}`
    await retry(id)
    await hand.drain(admin, threadId)
    expect(await messageOf(admin, conversationId, id)).toMatchObject({ status: 'SENT' })
    expect(sends(threadRef)).toBe(1)
  })
})

describe('a process that stands still between its claim and the call', () => {
  it('claims the message anew, so that its time to be answered begins anew (I5)', async () => {
    const { id: conversationId, threadId, threadRef } = await hand.converse(business)
    const { id } = await admin.send(conversationId, 'a little late')
    const late = standsStill(async () => {
      expect(await rowOf(id)).toMatchObject({ status: 'sending' })
      passed = 5_001
    })
    await hand.drain(admin, threadId, late)
    const row = await rowOf(id)
    expect(row).toMatchObject({ status: 'sent', attempts: 1 })
    expect(row.claimed.getTime() - row.queued.getTime()).toBeGreaterThan(5_000)
    expect(sends(threadRef)).toBe(1)
  })

  it('sends it no more when its time is over and an agent had it sent anyway', async () => {
    const { id: conversationId, threadId, threadRef } = await hand.converse(business)
    const { id } = await admin.send(conversationId, 'much too late')
    const late = standsStill(async () => {
      for (const [ms, status] of [
        [15_001, 'unconfirmed'],
        [136_000, 'failed'],
      ] as const) {
        passed = ms
        await expireMessage(system(), id)
        expect(await rowOf(id)).toMatchObject({ status })
      }
      await retry(id)
      await hand.drain(admin, threadId)
      expect(sends(threadRef)).toBe(1)
    })
    await hand.drain(admin, threadId, late)
    expect(sends(threadRef)).toBe(1)
    expect(await messageOf(admin, conversationId, id)).toMatchObject({ status: 'SENT', failure: null })
  })

  it('puts it back where an outcome was open already, and sends it once', async () => {
    const { id: conversationId, threadId, threadRef } = await hand.converse(business)
    const { id } = await admin.send(conversationId, 'late, and nobody else came')
    const late = standsStill(async () => {
      passed = 15_001
      await expireMessage(system(), id)
    })
    await hand.drain(admin, threadId, late)
    expect(await rowOf(id)).toMatchObject({ status: 'sent', attempts: 1 })
    expect(sends(threadRef)).toBe(1)
  })
})
