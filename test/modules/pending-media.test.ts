import type postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { handleFetchMedia } from '../../jobs/handlers/fetch-media.ts'
import type { Knobs } from '../standin/respondio/knobs.ts'
import type { Actor } from '../support/actor.ts'
import { picture } from '../support/pictures.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { connectRespondIo, Polling } from './polling-kit.ts'

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  world.standin.respondio.setKnobs({ rateLimit: Infinity })
  world.deps.buckets.takeSpare = () => Promise.resolve(0)
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const HOUR_MS = 3_600_000

/** A customer's picture that respond.io has not stored yet, as it was taken in. */
async function sendPending(pendingAttachmentUrl: Knobs['pendingAttachmentUrl']) {
  const { respondio } = world.standin
  const shop = await connectRespondIo(world, admin)
  respondio.setKnobs({ attachmentPendingMs: HOUR_MS, pendingAttachmentUrl })
  const mediaId = respondio.addMedium({ mime: 'image/jpeg', bytes: await picture({ format: 'jpeg' }) })
  const content = { type: 'stored', attachment: { type: 'image', mediaId } }
  respondio.customerWrites({ channel: shop.channel, contact: { firstName: 'Ploy' }, content })
  await new Polling(world, sql, shop).all()
  const find = async () => {
    const [row] = await sql<{ id: string; state: string; failure_code: string | null; wait: number }[]>`
      select id, state, failure_code, extract(epoch from next_attempt_at - now())::int as wait
      from attachments where inbox_id = ${shop.inboxId}`
    return row ?? expect.unreachable('it was not taken for a picture')
  }
  const { id: attachmentId } = await find()
  /** What the job does, as often as that. */
  const fetchIt = async (times = 1) => {
    for (let time = 0; time < times; time++) {
      await sql`update attachments set next_attempt_at = now() where id = ${attachmentId}`
      await handleFetchMedia(world.deps, { accountId: admin.accountId, attachmentId })
    }
    return find()
  }
  return { attachmentId, fetchIt }
}

it.each(['told', 'missing'] as const)(
  'a picture that respond.io has not stored yet heals itself, its address being %s (I4)',
  async (pendingAttachmentUrl) => {
    const { fetchIt } = await sendPending(pendingAttachmentUrl)
    const waiting = await fetchIt(8)
    expect(waiting).toMatchObject({ state: 'waiting', failure_code: null })
    expect(waiting.wait).toBeGreaterThan(60)
    expect(waiting.wait).toBeLessThan(2 * 3_600)
    world.standin.respondio.clock.advance(HOUR_MS + 1_000)
    expect(await fetchIt()).toMatchObject({ state: 'stored', failure_code: null })
  },
)

it('a picture that is not there after a day is given up', async () => {
  const { attachmentId, fetchIt } = await sendPending('told')
  expect(await fetchIt()).toMatchObject({ state: 'waiting' })
  await sql`update attachments set pending_until = pending_until - interval '24 hours' where id = ${attachmentId}`
  expect(await fetchIt()).toMatchObject({ state: 'failed', failure_code: 'MEDIA_GONE' })
})
