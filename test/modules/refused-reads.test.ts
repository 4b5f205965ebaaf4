import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handleSyncContact } from '../../jobs/handlers/sync-contact.ts'
import type { Business } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument } from '../support/generated.ts'
import { sendAndWait } from '../support/messages.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let messageId: string
let job: { accountId: string; threadId: string }

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' }, knobs: { echo: 'never' } })
  sql = openSql(world)
  admin = await world.business()
  ;({ business } = await admin.connect())
  const { conversation } = await admin.customerWrites(business)
  messageId = (await sendAndWait(admin, conversation.id, 'did it arrive?')).id
  const [row] = await sql<{ thread_id: string }[]>`select thread_id from messages where id = ${messageId}`
  job = { accountId: admin.accountId, threadId: row?.thread_id ?? '' }
  await until(async () => (await sql`select 1 from contacts where profile_synced_at is null`).length === 0, 'synced')
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

describe('a token that is refused on a read is renewed, and the read done with the new one (I15)', () => {
  it('for a contact, whose name comes all the same', async () => {
    await sql`update contacts set name = 'nobody', profile_synced_at = null where account_id = ${admin.accountId}`
    world.standin.tiktok.expireAccessTokens(business)
    // What connecting asked the provider for may have left no slot: then it is asked for again.
    await until(async () => (await handleSyncContact(world.deps, job)) === undefined, 'the contact is read')
    const contacts = await sql`select name from contacts where account_id = ${admin.accountId}`
    expect(contacts).toEqual([{ name: 'Alice Demo' }])
  })

  it('for a check, which says what became of the message', async () => {
    await sql`
      update messages set status = 'unconfirmed', external_id = null, deadline_at = now() + interval '10 minutes'
      where id = ${messageId}`
    world.standin.tiktok.expireAccessTokens(business)
    const input = { accountId: admin.accountId, messageId }
    const { checkMessage } = await admin.gql(CheckMessageDocument, { input })
    expect(checkMessage.status).toBe('SENT')
  })

  it('unless the provider is busy: then the contact is asked for again later', async () => {
    await sql`update contacts set profile_synced_at = null where account_id = ${admin.accountId}`
    world.standin.tiktok.expireAccessTokens(business)
    world.standin.tiktok.fault({ kind: '502', operations: ['refresh'], count: Infinity })
    expect(await handleSyncContact(world.deps, job)).toBeGreaterThan(0)
    world.standin.tiktok.clearFaults()
    expect(await sql`select 1 from contacts where profile_synced_at is null`).toHaveLength(1)
  })
})
