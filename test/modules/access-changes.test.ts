import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbedded, type Embedded } from '../../server/embedded/embedded.ts'
import { createLogger } from '../../server/kit/log.ts'
import type { Actor } from '../support/actor.ts'
import { LogOutDocument, RemoveMemberDocument, UpdateMemberDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let folder: string
let redis: Embedded
let world: World
let sql: postgres.Sql
let admin: Actor
let inboxId: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-access-'))
  const log = createLogger({ nodeEnv: 'test', logLevel: 'silent' })
  redis = await startEmbedded({ dataDir: folder, log, postgres: false, redis: true, durable: false })
  world = await startWorld({ environment: { LOG_LEVEL: 'silent', REDIS_URL: redis.redisUrl ?? '' } })
  sql = openSql(world)
  admin = await world.business()
  ;({ inboxId } = await admin.connect())
})

afterAll(async () => {
  await sql.end()
  await world.close()
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Something that takes access away, in a transaction that began so long ago. */
const announceLate = (userId: string, secondsAgo: number) => sql`
  insert into access_changes (kind, account_id, user_id, created_at)
  values ('membership', ${admin.accountId}, ${userId}, now() - make_interval(secs => ${secondsAgo}))`

describe('what is taken away takes effect on open sockets (I11)', () => {
  it('also when its transaction had to wait for a minute before it could commit', async () => {
    const agent = await admin.invite('AGENT', [inboxId])
    const feed = await agent.subscribe()
    // What came of joining has been read by now, and is not read again.
    await pause(1_500)
    await sql`delete from inbox_members where user_id = ${agent.userId}`
    await announceLate(agent.userId, 60)
    await feed.until((event) => event.type === 'access.changed', 'the member is told')
    feed.close()
  })

  it('within a second while Redis has stopped, for a log-out, a removal and a change of role alike', async () => {
    const [leaving, removed, demoted] = await Promise.all([
      admin.invite('AGENT', [inboxId]),
      admin.invite('AGENT', [inboxId]),
      admin.invite('ADMINISTRATOR'),
    ])
    const feeds = await Promise.all([leaving, removed, demoted].map((actor) => actor.subscribe()))
    const [ofLeaving, ofRemoved, ofDemoted] = feeds
    await redis.stop()
    await until(() => world.deps.redis.status !== 'ready', 'Redis is gone')
    await leaving.gql(LogOutDocument, {})
    await until(() => ofLeaving?.closed, 'whoever logged out is out', 1_500)
    expect(ofLeaving?.closed?.code).toBe(4401)
    const { accountId } = admin
    await admin.gql(RemoveMemberDocument, { input: { accountId, userId: removed.userId } })
    await until(() => ofRemoved?.closed, 'the removed member is out', 1_500)
    expect(ofRemoved?.closed?.code).toBe(4403)
    expect(ofRemoved?.events.at(-1)).toMatchObject({ type: 'access.changed' })
    await admin.gql(UpdateMemberDocument, { input: { accountId, userId: demoted.userId, role: 'AGENT' } })
    await until(() => ofDemoted?.events.some(({ type }) => type === 'access.changed'), 'the demoted one knows', 1_500)
    expect(ofDemoted?.closed).toBeUndefined()
    ofDemoted?.close()
  })
})
