import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'

describe('Postgres breaks off', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ workers: 2 })
  }, 120_000)
  afterAll(() => cluster.close())

  async function under(disturb: (history: History) => Promise<unknown>): Promise<void> {
    const history = await History.begin(cluster, 5)
    const load = history.load(4)
    await disturb(history)
    await load
    await history.endUnconfirmed()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  }

  it('I1 I13 every session is terminated, again and again', () =>
    under(async (history) => {
      for (let round = 1; round <= 5; round++) {
        await until(() => history.sends.length >= round * 3, 'the load goes on', 40_000)
        await cluster.terminateBackends()
      }
    }))

  it('I1 I18 it restarts', () => under(() => cluster.restartPostgres()))

  it('I1 it is killed and recovers', () =>
    under(async () => {
      await cluster.postgres.kill()
      await cluster.restartPostgres()
    }))
}, 150_000)
