import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'

describe('screens and lines', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ workers: 2, knobs: { echo: 'random' } })
  }, 120_000)
  afterAll(() => cluster.close())
  afterEach(async () => {
    cluster.standin.tiktok.resetKnobs()
    cluster.standin.tiktok.resumeWebhooks()
    await cluster.revive()
  })

  it('I13 sockets that are cut in the midst of a burst resume without a hole or a double', async () => {
    const history = await History.begin(cluster, 5, 3)
    const load = history.load(4)
    for (let cut = 1; cut <= 12; cut++) {
      await until(() => history.sends.length >= cut, 'the load goes on')
      const recorder = history.recorders[cut % history.recorders.length]
      if (!recorder) throw new Error('nobody listens')
      const { reconnects } = recorder
      recorder.cut()
      await until(() => recorder.reconnects > reconnects, 'it listens again')
    }
    await load
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })

  it('I1 I2 I3 webhooks that come twice, in another order, or only after refusals', async () => {
    const { tiktok } = cluster.standin
    // Nobody knows whether production signs its redeliveries anew (TikTok wire reference §19).
    tiktok.setKnobs({ duplicateWebhooks: 0.6, reorderWebhooks: 0.6, resignRetries: false })
    const history = await History.begin(cluster, 5)
    history.customersWriteMuch()
    const load = history.load(4)
    await until(() => history.sends.length >= 5, 'the load goes on')
    await cluster.web.kill()
    history.customersWriteMuch()
    await until(
      () => tiktok.ledger.entries.some((entry) => entry.kind === 'attempt' && entry.status === null),
      'refused',
    )
    await cluster.web.start()
    await load
    for (const { person } of history.threads) tiktok.customerReads({ business: history.business, person })
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })

  it('I18 SIGTERM hands back what is in hand within 10 s, and nothing is lost', async () => {
    const history = await History.begin(cluster, 5)
    const { tiktok } = cluster.standin
    const [thread] = history.threads
    if (!thread) throw new Error('no thread')
    // Each send takes the provider 2 s, so that a thread of six has 12 s of work.
    tiktok.setKnobs({ echo: 'before' })
    tiktok.pauseWebhooks()
    for (let count = 0; count < 6; count++) await history.send(thread)
    await until(() => tiktok.ledger.sends(thread.ref).length > 0, 'the first one is on its way')
    const took = await Promise.all(cluster.workers.map((worker) => worker.stop()))
    expect(Math.max(...took)).toBeLessThan(10_000)
    const left = await cluster.sql`
      select content from messages
      where status in ('sending', 'unconfirmed') and account_id = ${history.admin.accountId}`
    expect(left).toEqual([])
    tiktok.resumeWebhooks()
    await cluster.revive()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })

  it('I18 a web process that is told to end finishes its requests and sends its listeners away', async () => {
    const history = await History.begin(cluster, 5)
    const load = history.load(3)
    await until(() => history.sends.length >= 5, 'the load goes on')
    expect(await cluster.web.stop()).toBeLessThan(10_000)
    await cluster.web.start()
    await load
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  })
}, 150_000)
