import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { InboxWebhookDocument, SetWebhookKeysDocument } from '../support/generated.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { Polling, connectRespondIo, type RespondIoShop } from './polling-kit.ts'

const KEY = 'the-key-of-a-webhook'

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

async function hookUp({ accountId, inboxId }: RespondIoShop): Promise<string> {
  const { inbox } = await admin.gql(InboxWebhookDocument, { accountId, id: inboxId })
  await admin.gql(SetWebhookKeysDocument, { input: { accountId, inboxId, keys: [KEY] } })
  return world.url + new URL(inbox.webhook?.url ?? '').pathname
}

/** Nothing but a delivery makes anybody look at them for an hour. */
const leaveAlone = ({ inboxId }: RespondIoShop) => sql`
  with quiet as (
    update polled_threads set checked_at = now(), check_due_at = now() + interval '1 hour', read_due_at = null,
      active_at = now() - interval '3 days', bumped_at = null, unsettled_at = null
    where inbox_id = ${inboxId})
  update polls set list_due_at = now() + interval '1 hour' where inbox_id = ${inboxId}`

describe('a delivery that does not tell what was written', () => {
  it('has the contact read, be they known or not', async () => {
    const shop = await connectRespondIo(world, admin)
    const polling = new Polling(world, sql, shop)
    const { respondio } = world.standin
    const url = await hookUp(shop)
    const { contactId } = polling.writes({ firstName: 'Ploy' }, 'Have you oolong?')
    await polling.hurry('list')
    await until(async () => (await polling.messages(contactId)).length === 1, 'the first one is read')
    await leaveAlone(shop)
    const wrapped = (id: number, text: string) =>
      JSON.stringify({ data: { contact: { id }, message: { type: 'text', text }, conversationId: 7 } })
    polling.writes(contactId, 'Two, please.')
    expect((await respondio.postRaw(wrapped(contactId, 'Two, please.'), { url, key: KEY })).status).toBe(200)
    await until(async () => (await polling.messages(contactId)).length === 2, 'the second one is read')
    const { contactId: another } = polling.writes({ firstName: 'Nok' }, 'Hello?')
    await respondio.postRaw(wrapped(another, 'Hello?'), { url, key: KEY })
    await until(async () => (await polling.messages(another)).length === 1, 'who is new is looked for')
    const events = await sql`select distinct state, code from webhook_events where channel_type = 'respondio'`
    expect(events).toEqual([{ state: 1, code: 'WRONG_SHAPE' }])
  })
})
