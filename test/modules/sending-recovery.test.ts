import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ChannelError } from '../../server/channels/contract.ts'
import { readUnderRate } from '../../server/modules/messages/provider-reads.ts'
import type { TokenBucket } from '../../server/queue/token-bucket.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument, RetryMessageDocument } from '../support/generated.ts'
import { untilStatus } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
  const connected = await admin.connect()
  business = connected.business
  inboxId = connected.inboxId
})

afterEach(() => {
  world.standin.tiktok.clearFaults()
  world.standin.tiktok.setKnobs({ echo: 'after', echoDelayMs: 5 })
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

describe('a refused token ends a connection only when a newer one is refused too (I15)', () => {
  it('not while the provider cannot renew: the message waits and goes out', async () => {
    const { tiktok } = world.standin
    const { conversation } = await admin.customerWrites(business)
    tiktok.expireAccessTokens(business)
    tiktok.fault({ kind: '502', operations: ['refresh'], count: 1 })
    const { id } = await admin.send(conversation.id, 'after a bad gateway')
    await untilStatus(admin, conversation.id, id, 'SENT')
    expect((await admin.inbox(inboxId)).reauthorizationRequired).toBe(false)
  })

  it('not while another thread renews: both messages go out', async () => {
    const { tiktok } = world.standin
    const threads = [await admin.customerWrites(business), await admin.customerWrites(business)]
    tiktok.expireAccessTokens(business)
    const sends = threads.map(({ conversation }) => admin.send(conversation.id, 'one token for two'))
    for (const [place, { id }] of (await Promise.all(sends)).entries()) {
      await untilStatus(admin, threads[place]?.conversation.id ?? '', id, 'SENT')
    }
    expect((await admin.inbox(inboxId)).reauthorizationRequired).toBe(false)
  })

  it('not because an earlier attempt failed for another reason', async () => {
    const { tiktok } = world.standin
    const { conversation } = await admin.customerWrites(business)
    tiktok.fault({ kind: '40201', operations: ['send'], count: 1 })
    tiktok.fault({ kind: '40105', operations: ['send'], count: 1 })
    const { id } = await admin.send(conversation.id, 'twice unlucky')
    await untilStatus(admin, conversation.id, id, 'SENT')
    expect((await admin.inbox(inboxId)).reauthorizationRequired).toBe(false)
  })

  it('but when fresh ones are refused as well it does, and a check says what to do', async () => {
    const { tiktok } = world.standin
    const other = await world.business()
    const connected = await other.connect()
    const { conversation } = await other.customerWrites(connected.business)
    tiktok.fault({ kind: '40105', operations: ['send'], count: Infinity, businessId: connected.business.openId })
    const { id } = await other.send(conversation.id, 'never')
    await untilStatus(other, conversation.id, id, 'FAILED')
    const failed = (await other.messages(conversation.id)).find((message) => message.id === id)
    expect(failed?.failure?.code).toBe('CHANNEL_REAUTH')
    expect((await other.inbox(connected.inboxId)).reauthorizationRequired).toBe(true)
  })
})

describe('what is put back does not wait for ever (I7)', () => {
  it('a message past its time fails with the reason instead of a new deadline', async () => {
    const { tiktok } = world.standin
    const { conversation, threadRef } = await admin.customerWrites(business)
    tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    const { id } = await admin.send(conversation.id, 'too fast')
    await sql`update messages set queued_at = now() - interval '20 minutes' where id = ${id}`
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failed.failure?.code).toBe('RATE_LIMITED')
  })
})

describe('the provider’s rate (I9)', () => {
  const rate = () => ({ bucket: randomUUID(), perSecond: 8, burst: 8 })
  const take = (buckets: TokenBucket, limit: ReturnType<typeof rate>, accountId: string) =>
    buckets.take(limit, { accountId, waiter: randomUUID() })

  it('a pause outlives the questions that are asked meanwhile', async () => {
    const { buckets, redis } = world.deps
    const limit = rate()
    await buckets.pause(limit, 30_000)
    expect(await take(buckets, limit, 'a')).toBeGreaterThan(10_000)
    const keys = await redis.keys(`*${limit.bucket}`)
    expect(await redis.pttl(keys[0] ?? '')).toBeGreaterThan(25_000)
  })

  it('a pause of unknown length doubles up to five minutes until something is accepted, and once for all in flight', async () => {
    const { buckets, redis } = world.deps
    const limit = rate()
    // At once: Redis has them all within a moment.
    const inFlight = await Promise.all([1, 2, 3, 4].map(() => buckets.pause(limit)))
    expect(Math.max(...inFlight)).toBe(1_000)
    await until(async () => (await take(buckets, limit, 'a')) === 0, 'the pause is over')
    const [second, wait] = await Promise.all([buckets.pause(limit), take(buckets, limit, 'a')])
    expect(second).toBe(2_000)
    expect(wait).toBeGreaterThan(1_000)
    await buckets.accepted(limit)
    expect(await buckets.pause(limit)).toBe(1_000)
    const [key = ''] = await redis.keys(`*${limit.bucket}:paused`)
    await redis.hset(key, { ms: 256_000, until: 0 })
    expect(await buckets.pause(limit)).toBe(300_000)
  })

  it('a read that is too fast pauses the sends too', async () => {
    const { deps } = world
    const { rate: limit } = deps.channels.get('tiktok').manifest
    const taker = () => ({ accountId: admin.accountId, waiter: randomUUID() })
    const refused = () => Promise.reject(new ChannelError('rate_limited', 'RATE_LIMITED', { retryAfterMs: 60_000 }))
    const read = () => readUnderRate(deps, { channelType: 'tiktok', rateScope: null }, taker(), refused)
    await until(async () => (await read()) === 60_000, 'it had its turn')
    expect(await deps.buckets.take(limit, taker())).toBeGreaterThan(30_000)
    await deps.redis.del(...(await deps.redis.keys(`*${limit.bucket}*`)))
  })

  it('reads cost nobody a share of the sends', async () => {
    const { buckets } = world.deps
    const limit = { ...rate(), burst: 2 }
    const readers = Array.from({ length: 40 }, (_, number) => ({ accountId: `reader ${number}`, waiter: 'history' }))
    for (const reader of readers) await buckets.takeSpare(limit, reader)
    const sender = { accountId: 'sender', waiter: 'send' }
    const started = Date.now()
    let sent = 0
    await until(async () => (await buckets.take(limit, sender)) === 0 && ++sent === 9, 'nine are sent')
    // A 41st part of the rate would take 40 s for the eight beyond the first.
    expect(Date.now() - started).toBeLessThan(10_000)
  })

  it('one account’s thousand waiters leave another account its share of the tokens', async () => {
    const { buckets } = world.deps
    const limit = rate()
    const waits = []
    for (let place = 0; place < 1_000; place++) waits.push(await take(buckets, limit, 'busy'))
    expect(waits.at(-1)).toBeGreaterThan(10_000)
    const got = { busy: 0, quiet: 0 }
    const ask = async (account: 'busy' | 'quiet') => {
      if ((await take(buckets, limit, account)) === 0) got[account] += 1
    }
    // Who has a thousand waiters asks a hundred times as often.
    while (got.quiet < 5 && got.busy < 60) {
      await ask('quiet')
      for (let count = 0; count < 100; count++) await ask('busy')
    }
    expect(got.busy).toBeLessThanOrEqual(got.quiet + limit.burst)
  })
})

describe('an attempt that may have arrived', () => {
  it('keeps its slot in the quota when it is sent again, and its late echo is no second bubble (I2, I8)', async () => {
    const { tiktok } = world.standin
    const { conversation, threadRef } = await admin.customerWrites(business)
    tiktok.setKnobs({ echo: 'never' })
    tiktok.fault({ kind: '502', operations: ['send'], count: 1, commit: true })
    tiktok.fault({ kind: '502', operations: ['content_list'], count: Infinity })
    const { id } = await admin.send(conversation.id, 'perhaps')
    await untilStatus(admin, conversation.id, id, 'UNCONFIRMED')
    await sql`update messages set status = 'failed', failure_code = 'DELIVERY_UNKNOWN', deadline_at = null where id = ${id}`
    const input = { accountId: admin.accountId, messageId: id }
    await admin.gql(RetryMessageDocument, { input })
    await untilStatus(admin, conversation.id, id, 'SENT')
    expect(tiktok.messages(threadRef).filter((message) => message.from === 'business')).toHaveLength(2)
    expect((await admin.conversation(conversation.id)).replyWindow.remaining).toBe(8)
  })
})

describe('asking what became of a message', () => {
  it('holds no transaction while the provider is slow (I5)', async () => {
    const { tiktok } = world.standin
    const { conversation, threadRef } = await admin.customerWrites(business)
    tiktok.setKnobs({ echo: 'never' })
    tiktok.fault({ kind: '502', operations: ['send'], count: 1 })
    tiktok.fault({ kind: 'timeout_before_commit', operations: ['content_list'], count: Infinity, holdMs: 4_000 })
    const { id } = await admin.send(conversation.id, 'slow')
    await untilStatus(admin, conversation.id, id, 'UNCONFIRMED')
    const asked = () => tiktok.ledger.calls('content_list').filter((call) => call.conversationId === threadRef)
    const before = asked().length
    let answered = 0
    // Three at once are more than the rate allows, which is not the matter here.
    const tokens = vi.spyOn(world.deps.buckets, 'take').mockResolvedValue(0)
    const input = { accountId: admin.accountId, messageId: id }
    const checks = [1, 2, 3].map(() =>
      expect(admin.gql(CheckMessageDocument, { input }))
        .rejects.toMatchObject({ code: 'CHANNEL_UNAVAILABLE' })
        .finally(() => (answered += 1)),
    )
    await until(() => asked().length >= before + 3, 'the provider is asked three times')
    const since = Date.now()
    await until(() => Date.now() - since > 1_000, 'it has not answered for a second')
    const open = await sql`
      select query from pg_stat_activity
      where application_name = 'parley_app' and state = 'idle in transaction' and datname = current_database()
        and state_change < now() - interval '500 milliseconds'`
    expect([open.map((row) => row['query'] as string), answered]).toEqual([[], 0])
    await Promise.all(checks)
    tokens.mockRestore()
  })
})

describe('an echo that is faster than the answer', () => {
  it('is ours and not a second message (I2)', async () => {
    const { tiktok } = world.standin
    const { conversation, threadRef } = await admin.customerWrites(business)
    tiktok.setKnobs({ echo: 'before', echoDelayMs: 300 })
    const { id } = await admin.send(conversation.id, 'fast echo')
    await untilStatus(admin, conversation.id, id, 'SENT')
    await tiktok.settled()
    const rows = (await admin.messages(conversation.id)).filter((message) => message.type !== 'INCOMING')
    expect(rows.map((message) => message.id)).toEqual([id])
    expect(tiktok.messages(threadRef)).toHaveLength(2)
  })
})
