import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'

describe('Redis forgets, restarts or is away', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ webs: 1, workers: 2 })
  }, 120_000)
  afterAll(() => cluster.close())
  // Does nothing when it runs, which it does unless a test failed.
  afterEach(() => cluster.redis.start())

  async function under(history: History, disturb: () => Promise<void>): Promise<void> {
    const load = history.load(4)
    await disturb()
    await load
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  }

  it('I6 I18 FLUSHALL in the midst of it', async () => {
    const history = await History.begin(cluster, 5)
    await under(history, async () => {
      for (let round = 0; round < 3; round++) {
        const sends = history.sends.length
        await until(() => history.sends.length > sends || sends >= 20, 'the load goes on')
        await cluster.flushRedis()
      }
    })
  })

  it('I1 I13 a restart in the midst of it', async () => {
    const history = await History.begin(cluster, 5)
    await under(history, () => cluster.redis.restart())
  })

  it('I1 webhooks are taken while Redis is away, and worked off once it is back', async () => {
    const history = await History.begin(cluster, 5)
    const { tiktok } = cluster.standin
    await cluster.redis.kill()
    const ids = history.threads.map((thread) => history.customerWrites(thread))
    await tiktok.settled()
    const attempts = ids.flatMap((messageId) => tiktok.ledger.webhooks({ messageId })[0]?.attempts ?? [])
    expect(attempts.map((attempt) => attempt.status)).toEqual(ids.map(() => 200))
    for (const thread of history.threads) expect(await history.send(thread)).toMatchObject({ outcome: 'ok' })
    await cluster.redis.start()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })

  it('I13 what is written while Redis is away reaches open screens all the same', async () => {
    const history = await History.begin(cluster, 1)
    const [thread] = history.threads
    const [recorder] = history.recorders
    if (!thread || !recorder) throw new Error('nobody is there')
    await cluster.redis.kill()
    const sent = await history.send(thread)
    await until(() => recorder.messages.has(sent.messageId ?? ''), 'the screen shows it', 10_000)
    await cluster.redis.start()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })

  it('I18 a process that starts while Redis is away serves, and works once it is back', async () => {
    const history = await History.begin(cluster, 2)
    await cluster.redis.kill()
    await Promise.all([cluster.web.restart(), cluster.worker.restart()])
    for (const thread of history.threads) history.customerWrites(thread)
    await cluster.standin.tiktok.settled()
    await cluster.redis.start()
    await Promise.all(history.threads.map((thread) => history.send(thread)))
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })
}, 150_000)
