import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handleSettleThread } from '../../jobs/handlers/settle-thread.ts'
import { handleSyncContact } from '../../jobs/handlers/sync-contact.ts'
import { checkMessage } from '../../server/modules/messages/settle.ts'
import type { Actor } from '../support/actor.ts'
import { CheckMessageDocument, SetAccountStatusDocument, SetFeatureFlagDocument } from '../support/generated.ts'
import { messageOf, sendAndWait } from '../support/messages.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let platform: Actor
let messageId: string
let conversationId: string
let job: { accountId: string; threadId: string }

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' }, knobs: { echo: 'never' } })
  sql = openSql(world)
  admin = await world.business()
  platform = await operator(world)
  const { business } = await admin.connect()
  conversationId = (await admin.customerWrites(business)).conversation.id
  messageId = (await sendAndWait(admin, conversationId, 'did it arrive?')).id
  const [row] = await sql<{ thread_id: string }[]>`select thread_id from messages where id = ${messageId}`
  job = { accountId: admin.accountId, threadId: row?.thread_id ?? '' }
  await until(async () => (await sql`select 1 from contacts where profile_synced_at is null`).length === 0, 'synced')
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const reads = () =>
  world.standin.tiktok.ledger.entries.filter((entry) => entry.kind === 'call' && entry.operation.endsWith('_list'))
    .length

const setFlag = (enabled: boolean) =>
  platform.gql(SetFeatureFlagDocument, { input: { accountId: admin.accountId, key: 'channel_tiktok', enabled } })
const setStatus = (status: 'ACTIVE' | 'SUSPENDED') =>
  platform.gql(SetAccountStatusDocument, { input: { accountId: admin.accountId, status } })

/** The message's outcome is open again, and its customer unknown. */
async function forget() {
  await sql`
    update messages set status = 'unconfirmed', external_id = null, claimed_at = now() - interval '30 seconds',
      deadline_at = now() + interval '10 minutes' where id = ${messageId}`
  await sql`update contacts set profile_synced_at = null where account_id = ${admin.accountId}`
}

/** What the sweepers would have the worker do. */
async function work() {
  expect(await handleSettleThread(world.deps, job)).toBeUndefined()
  expect(await handleSyncContact(world.deps, job)).toBeUndefined()
}

const check = () => admin.gql(CheckMessageDocument, { input: { accountId: admin.accountId, messageId } })

describe('a provider is not asked (I12)', () => {
  it('while the feature is off: a check says so, and the jobs are quiet', async () => {
    await setFlag(false)
    await forget()
    const before = reads()
    await expect(check()).rejects.toMatchObject({ code: 'FEATURE_DISABLED', details: { reason: 'CHANNEL_DISABLED' } })
    await work()
    expect(reads()).toBe(before)
    expect((await messageOf(admin, conversationId, messageId)).status).toBe('UNCONFIRMED')
    await setFlag(true)
  })

  it('while the business is suspended', async () => {
    await setStatus('SUSPENDED')
    await forget()
    const before = reads()
    await expect(check()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    // Somebody whose request was on its way when the business was suspended.
    const late = checkMessage(world.deps, world.deps.scopes.system(admin.accountId), messageId)
    await expect(late).rejects.toMatchObject({ code: 'FORBIDDEN', details: { reason: 'ACCOUNT_SUSPENDED' } })
    await work()
    expect(reads()).toBe(before)
    await setStatus('ACTIVE')
  })

  it('and is again afterwards', async () => {
    await forget()
    const before = reads()
    expect((await check()).checkMessage.status).toBe('SENT')
    await handleSyncContact(world.deps, job)
    expect(reads()).toBeGreaterThan(before)
  })
})
