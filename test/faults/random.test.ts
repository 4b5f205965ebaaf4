import { afterAll, beforeAll, describe, it } from 'vitest'
import { lifelikeKnobs, type Fault, type Knobs } from '../standin/tiktok/knobs.ts'
import { createPrng, type Prng } from '../standin/prng.ts'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster, type Dialect } from './cluster.ts'
import { History, type Thread } from './history.ts'

const THREADS = 50
/** Four messages a thread and round make 2,000. */
const ROUNDS = Number(process.env.FAULTS_ROUNDS ?? 10)
const MESSAGES = 4
/** An app of the highest level: the day is about what goes wrong, and not about waiting. */
const environment = { TIKTOK_QPS: '50' }
const FAULTS: Fault[] = [
  { kind: 'timeout_after_commit', holdMs: 200 },
  { kind: 'timeout_before_commit', holdMs: 200 },
  { kind: 'reset' },
  { kind: '502', commit: true },
  { kind: '502' },
  { kind: 'truncated_json' },
  { kind: 'html', commit: true },
  { kind: '40100' },
  { kind: '40105' },
  { kind: '50000' },
  { kind: '40100', operations: ['content_list', 'conversation_list'] },
  { kind: 'truncated_json', operations: ['content_list', 'conversation_list'] },
  { kind: '502', operations: ['refresh', 'token'] },
]

/** FAULTS_SEED=… repeats the choices of a run; what falls between them is the machine's. */
const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000)

const DIALECTS: readonly Dialect[] = ['business_v13', 'gateway_v2']

describe.each(DIALECTS)(`a day in which everything goes wrong, seed ${seed}, %s`, (dialect) => {
  const prng = createPrng(seed)
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ workers: 3, knobs: lifelikeKnobs, dialect, environment })
  }, 120_000)
  afterAll(() => cluster.close())

  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[prng.int(0, items.length - 1)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }

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

  const anyKnobs = (): Partial<Knobs> => ({
    echo: pick(['after', 'before', 'late', 'never', 'random']),
    lateEchoDelayMs: 1_000,
    echoUniqueIdentifier: pick(['business', 'person']),
    duplicateWebhooks: prng.int(0, 3) / 10,
    reorderWebhooks: prng.int(0, 3) / 10,
    webhookDelayMs: pick([5, 50, 500]),
    signatureStyle: {
      ...{ header: pick(['Tiktok-Signature', 'TIKTOK-SIGNATURE']), spaceAfterComma: prng.chance(0.5) },
      signatureFirst: prng.chance(0.5),
    },
    expiredTokenCode: pick([40105, 40102]),
    contentListOrder: pick(['newest_first', 'oldest_first']),
    gatewayNamesBusiness: prng.chance(0.5),
  })

  const mishaps: ((history: History) => Promise<unknown> | void)[] = [
    () => pick(cluster.workers).restart(),
    () => pick(cluster.workers).restart(),
    () => cluster.web.restart(),
    () => cluster.flushRedis(),
    () => cluster.redis.restart(),
    () => cluster.terminateBackends(),
    (history) => pick(history.recorders).cut(),
  ]

  function disturb({ business }: History): void {
    const { tiktok } = cluster.standin
    tiktok.setKnobs(anyKnobs())
    for (let fault = prng.int(1, 4); fault > 0; fault--) tiktok.fault({ ...pick(FAULTS) })
    if (prng.chance(0.2)) tiktok.expireAccessTokens(business)
  }

  const queued = async () =>
    (await cluster.sql<{ n: number }[]>`select count(*)::int as n from messages where status = 'queued'`)[0]?.n ?? 0

  it('I1 I2 I5 I6 I7 I13 loses nothing, doubles nothing and lies about nothing', async () => {
    const history = await History.begin(cluster, THREADS, 2)
    if (dialect === 'gateway_v2') history.precisionMs = 1_000
    const lives = history.threads.map((_, place) => createPrng(seed, place + 1))
    for (let round = 0; round < ROUNDS; round++) {
      const lived = Promise.all(history.threads.map((thread, place) => live(history, thread, lives[place] ?? prng)))
      disturb(history)
      await pick(mishaps)(history)
      await lived
      await until(async () => (await queued()) <= 10, 'the day goes on', 60_000)
    }
    cluster.standin.tiktok.clearFaults()
    await history.endUnconfirmed()
    // What was written in the app no delivery of this dialect tells.
    if (dialect === 'gateway_v2') await history.readPast()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  }, 300_000)
})
