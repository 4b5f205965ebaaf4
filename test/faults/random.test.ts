import { afterAll, beforeAll, describe, it } from 'vitest'
import { lifelikeKnobs as lifelikeRespondIo } from '../standin/respondio/knobs.ts'
import { lifelikeKnobs } from '../standin/tiktok/knobs.ts'
import { createPrng, type Prng } from '../standin/prng.ts'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster, type Dialect } from './cluster.ts'
import { History, type Thread } from './history.ts'
import { byRespondIo, byTikTok, type Side } from './sides.ts'
import { onRespondIo, onTikTok, pick, type Weather } from './weather.ts'

const THREADS = 50
/** Four messages a thread and round make 2,000. */
const ROUNDS = Number(process.env.FAULTS_ROUNDS ?? 10)
const MESSAGES = 4
/** An app of the highest level: the day is about what goes wrong, and not about waiting. */
const environment = { TIKTOK_QPS: '50' }

/** FAULTS_SEED=… repeats the choices of a run; what falls between them is the machine's. */
const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000)

interface Day {
  name: string
  dialect: Dialect
  by: (cluster: Cluster) => Side
  weather: Weather
}

const DAYS: readonly Day[] = [
  { name: 'business_v13', dialect: 'business_v13', by: byTikTok, weather: onTikTok },
  { name: 'gateway_v2', dialect: 'gateway_v2', by: byTikTok, weather: onTikTok },
  { name: 'respond.io', dialect: 'business_v13', by: byRespondIo, weather: onRespondIo },
]

describe.each(DAYS)(`a day in which everything goes wrong, seed ${seed}, $name`, ({ dialect, by, weather }) => {
  const prng = createPrng(seed)
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ workers: 3, knobs: lifelikeKnobs, dialect, environment })
    cluster.standin.respondio.setKnobs({ ...lifelikeRespondIo, rateLimit: 200 })
  }, 120_000)
  afterAll(() => cluster.close())

  async function live(history: History, thread: Thread, life: Prng): Promise<void> {
    for (let message = 0; message < MESSAGES; message++) {
      const dice = life.int(1, 10)
      if (dice <= 7) history.customerWrites(thread)
      else if (dice <= 9) await history.send(thread)
      else history.businessWrites(thread)
    }
    const { business } = history
    if (life.chance(0.05)) cluster.standin.tiktok.customerReads({ business, person: thread.person })
  }

  const mishaps: ((history: History) => Promise<unknown> | void)[] = [
    () => pick(prng, cluster.workers).restart(),
    () => pick(prng, cluster.workers).restart(),
    () => cluster.web.restart(),
    () => cluster.flushRedis(),
    () => cluster.redis.restart(),
    () => cluster.terminateBackends(),
    (history) => pick(prng, history.recorders).cut(),
  ]

  const queued = async () =>
    (await cluster.sql<{ n: number }[]>`select count(*)::int as n from messages where status = 'queued'`)[0]?.n ?? 0

  it('I1 I2 I5 I6 I7 I13 loses nothing, doubles nothing and lies about nothing', async () => {
    const history = await History.begin(cluster, THREADS, 2, by(cluster))
    if (dialect === 'gateway_v2') history.precisionMs = 1_000
    const lives = history.threads.map((_, place) => createPrng(seed, place + 1))
    for (let round = 0; round < ROUNDS; round++) {
      const lived = Promise.all(history.threads.map((thread, place) => live(history, thread, lives[place] ?? prng)))
      weather.disturb(history, prng)
      await pick(prng, mishaps)(history)
      await lived
      await until(async () => (await queued()) <= 10, 'the day goes on', 60_000)
    }
    weather.clear(history)
    await history.endUnconfirmed()
    // What was written in the app no delivery of this dialect tells.
    if (dialect === 'gateway_v2') await history.readPast()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  }, 300_000)
})
