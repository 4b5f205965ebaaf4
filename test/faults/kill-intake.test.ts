import { afterAll, beforeAll, describe, it } from 'vitest'
import { expectConsistent } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'
import type { ServerNode } from './node.ts'
import type { PointName } from './points.ts'

describe('a process killed while messages come in', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ knobs: { duplicateWebhooks: 0.2 } })
  }, 120_000)
  afterAll(() => cluster.close())

  async function dieAndComeBack(node: ServerNode, point: PointName, nth: number): Promise<void> {
    const history = await History.begin(cluster, 4)
    await node.arm(point, nth)
    const load = history.load(3)
    await node.ended()
    await history.endLeasesOf(node)
    await node.start()
    await load
    await history.endUnconfirmed()
    await history.quiet()
    await expectConsistent(history)
    await history.end()
  }

  it.each([1, 5])('I1 a web process that dies before an event is stored, at event %i', (nth) =>
    dieAndComeBack(cluster.web, 'after-webhook-verified', nth),
  )

  it('I2 a web process that dies between the commit of an event and its 200', () =>
    dieAndComeBack(cluster.web, 'after-event-stored', 3))

  it('I1 I2 a worker that dies before it commits new messages', () =>
    dieAndComeBack(cluster.worker, 'during-ingest', 2))

  it('I13 a worker that dies after the commit and before the feed is numbered', () =>
    dieAndComeBack(cluster.worker, 'after-ingest-commit', 2))

  it('I13 a web process that dies as it numbers the feed', () => dieAndComeBack(cluster.web, 'during-stamp', 5))

  it('I13 a worker that dies as it numbers the feed', () => dieAndComeBack(cluster.worker, 'during-stamp', 5))
}, 150_000)
