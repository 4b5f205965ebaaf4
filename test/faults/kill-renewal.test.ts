import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../server/kit/log.ts'
import { renewCredentials } from '../../server/modules/inboxes/inboxes.jobs.ts'
import { Producer } from '../../server/queue/producer.ts'
import { readMail } from '../support/mails.ts'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'
import type { PointName } from './points.ts'

describe('a worker killed between the provider’s new tokens and their commit', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start()
  }, 120_000)
  afterEach(async () => {
    cluster.standin.tiktok.resetKnobs()
    await cluster.revive()
  })
  afterAll(() => cluster.close())

  interface Kept {
    credentials_version: number
    reauthorization_required: boolean
    reauthorization_reason: string | null
  }

  const rowOf = async ({ inboxId }: History): Promise<Kept> => {
    const [row] = await cluster.sql<Kept[]>`
      select credentials_version, reauthorization_required, reauthorization_reason from inboxes where id = ${inboxId}`
    if (!row) throw new Error('no inbox')
    return row
  }

  /** As the schedule does when its turn comes, every 15 s. */
  async function hintRenewal({ admin, inboxId }: History): Promise<void> {
    const redis = new Redis(cluster.redis.url, { maxRetriesPerRequest: null })
    const producer = new Producer(redis, 'parley:jobs', createLogger({ nodeEnv: 'test', logLevel: 'error' }))
    await producer.enqueue(renewCredentials, { accountId: admin.accountId, inboxId })
    await producer.close()
    redis.disconnect()
  }

  /** Its inbox falls due; the worker dies at that point, and its lease ends with it. */
  async function dieRenewing(point: PointName): Promise<History> {
    const history = await History.begin(cluster, 1)
    const renewals = () => cluster.standin.tiktok.ledger.calls('refresh').length
    const [made, before] = [renewals(), await rowOf(history)]
    await cluster.worker.arm(point)
    await cluster.sql`update inboxes set renew_after = now() - interval '1 minute' where id = ${history.inboxId}`
    await hintRenewal(history)
    await cluster.worker.ended()
    expect(renewals()).toBe(made + 1)
    expect(await rowOf(history)).toEqual(before)
    await cluster.sql`update inboxes set renewal_lease_until = now() where id = ${history.inboxId}`
    await cluster.worker.start()
    return history
  }

  async function finish(history: History): Promise<void> {
    const [thread] = history.threads
    if (!thread) throw new Error('no thread')
    history.customerWrites(thread)
    await history.send(thread)
    await history.quiet()
    await expectConsistent(history)
    expect(await cluster.sql`select status from messages where id = ${history.sends[0]?.messageId ?? ''}`).toEqual([
      { status: 'sent' },
    ])
    await history.end()
  }

  it('I15 the next renewal succeeds by itself where the old token still holds', async () => {
    cluster.standin.tiktok.setKnobs({ refreshRotates: false })
    const history = await dieRenewing('before-credentials-commit')
    await until(async () => (await rowOf(history)).credentials_version > 0, 'it is renewed', 40_000)
    await finish(history)
    expect((await rowOf(history)).reauthorization_required).toBe(false)
  })

  it('I15 where it was rotated away the administrators are told why, and connecting again heals it', async () => {
    const history = await dieRenewing('after-refresh')
    const { admin, business, inboxId } = history
    await until(async () => (await rowOf(history)).reauthorization_required, 'it is flagged', 40_000)
    expect((await rowOf(history)).reauthorization_reason).toBe('REFRESH_REFUSED')
    expect((await readMail(admin.world.deps.config.dataDir, admin.email, /connect/i)).text).toContain(inboxId)
    expect(await admin.authorize({ business, inboxId })).toContain(`/inboxes/${inboxId}?connected=1`)
    await finish(history)
  })
}, 150_000)
