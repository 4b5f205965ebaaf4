import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { picture, upload } from '../support/pictures.ts'
import { until } from '../support/until.ts'
import { expectConsistent } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'
import type { ServerNode } from './node.ts'
import type { PointName } from './points.ts'

describe('a process killed while messages go out', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start()
  }, 120_000)
  afterAll(() => cluster.close())

  async function dieAndComeBack(node: ServerNode, point: PointName, nth: number): Promise<void> {
    const history = await History.begin(cluster, 4)
    await node.arm(point, nth)
    const load = history.load(3)
    await node.ended()
    if (node.role === 'web') await node.start()
    await load
    // Only now, so that messages wait behind the one that nobody holds any more.
    if (node.role === 'worker') {
      await history.endLeases()
      await node.start()
    }
    await history.endUnconfirmed()
    await history.quiet()
    await expectConsistent(history)
    expect(history.sends.map((sent) => sent.outcome)).toEqual(history.sends.map(() => 'ok'))
    await history.end()
  }

  it.each<[string, PointName, number]>([
    ['I5 before it has claimed a message', 'before-claim-commit', 2],
    ['I5 I7 after the claim, before the provider is called', 'after-claim-commit', 2],
    ['I5 with the request under way', 'during-send', 3],
    ['I5 I6 with the answer in its hands', 'after-send', 4],
    ['I7 before the result is committed', 'before-result-commit', 3],
    ['I13 after the result is committed', 'after-result-commit', 3],
  ])('a worker: %s', (_name, point, nth) => dieAndComeBack(cluster.worker, point, nth))

  it.each<[string, PointName, number]>([
    ['I5 before a message is committed', 'before-queue-commit', 3],
    ['I5 after a message is committed, before its agent is told', 'after-queue-commit', 3],
  ])('a web process: %s', (_name, point, nth) => dieAndComeBack(cluster.web, point, nth))

  it('a worker with a picture in its hands, coming or going: each is there once, in its order (I2, I5, I6)', async () => {
    const { sql, standin, worker } = cluster
    const history = await History.begin(cluster, 1)
    const { admin, business } = history
    const [thread] = history.threads
    if (!thread) throw new Error('no thread')
    const bytes = await picture()
    for (const point of ['after-upload', 'after-upload-commit'] as const) {
      const { attachments } = await upload(admin, thread.conversationId, [{ bytes }])
      await worker.arm(point)
      await admin.send(thread.conversationId, point, { attachmentIds: attachments.map(({ id }) => id) })
      await worker.ended()
      await worker.start()
      await history.quiet()
    }
    const sent = standin.tiktok.messages(thread.ref).filter(({ source }) => source === 'API')
    expect(sent.map(({ content }) => (content.type === 'text' ? content.body : content.type))).toEqual([
      ...['after-upload', 'image', 'after-upload-commit', 'image'],
    ])
    await worker.arm('before-fetch-commit')
    const mediaId = standin.tiktok.addMedium({ business, mime: 'image/jpeg', bytes })
    standin.tiktok.customerWrites({ business, person: thread.person, content: { type: 'image', mediaId } })
    await worker.ended()
    await sql`update attachments set next_attempt_at = now() where state = 'waiting'`
    await worker.start()
    await until(
      async () => {
        const rows = await sql`select state from attachments where account_id = ${admin.accountId}`
        return rows.length === 3 && rows.every(({ state }) => state === 'stored')
      },
      'the picture is here',
      30_000,
    )
    await history.end()
  })
}, 150_000)
