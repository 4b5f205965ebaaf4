import { createHmac } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import {
  SetAccountStatusDocument,
  SetFeatureFlagDocument,
  StartConnectionDocument,
  type AccountStatus,
} from '../support/generated.ts'
import { messageOf, untilStatus } from '../support/messages.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const WAITING = 3

let world: World
let sql: postgres.Sql
let platform: Actor

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  platform = await operator(world)
})

afterEach(() => world.standin.tiktok.clearFaults())

afterAll(async () => {
  await sql.end()
  await world.close()
})

const flag = (of: Actor, enabled: boolean) =>
  platform.gql(SetFeatureFlagDocument, { input: { accountId: of.accountId, key: 'channel_tiktok', enabled } })
const status = (of: Actor, value: AccountStatus) =>
  platform.gql(SetAccountStatusDocument, { input: { accountId: of.accountId, status: value } })

async function aBusiness() {
  const admin = await world.business()
  const { business, inboxId } = await admin.connect()
  return { admin, inboxId, business, ...(await admin.customerWrites(business)) }
}

const waitsWith = (businessId: string, code: string) =>
  until(async () => {
    const rows = await sql`select code from webhook_events where account_ref = ${businessId} and state = ${WAITING}`
    return rows.length > 0 && rows.every((row) => row['code'] === code)
  }, `the event waits with ${code}`)

const fromBusiness = (threadRef: string) =>
  world.standin.tiktok.messages(threadRef).filter((message) => message.from === 'business')

describe('a channel that is switched off for an account (I12)', () => {
  it('takes no sends and no connections, keeps its events, and works them off when it is on again', async () => {
    const { admin, business, conversation, person, inboxId } = await aBusiness()
    await flag(admin, false)
    await expect(admin.send(conversation.id, 'Hello')).rejects.toMatchObject({ code: 'FEATURE_DISABLED' })
    const input = { accountId: admin.accountId, channelType: 'tiktok' }
    await expect(admin.gql(StartConnectionDocument, { input })).rejects.toMatchObject({ code: 'FEATURE_DISABLED' })
    expect((await admin.conversation(conversation.id)).replyWindow).toMatchObject({
      open: false,
      reason: 'CHANNEL_DISABLED',
    })
    expect((await admin.inbox(inboxId)).enabled).toBe(false)
    await admin.send(conversation.id, 'a note is no send', { private: true })
    world.standin.tiktok.customerWrites({ business, person, text: 'while it is off' })
    await waitsWith(business.openId, 'FEATURE_DISABLED')
    expect((await admin.messages(conversation.id)).map((message) => message.content)).not.toContain('while it is off')
    await flag(admin, true)
    await until(
      async () => (await admin.messages(conversation.id)).some((message) => message.content === 'while it is off'),
      'the event is worked off',
    )
    const { id } = await admin.send(conversation.id, 'and on again')
    await untilStatus(admin, conversation.id, id, 'SENT')
  })

  it('binds at the claim too: what is queued fails in words and is not sent', async () => {
    const { admin, conversation, threadRef } = await aBusiness()
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    const { id } = await admin.send(conversation.id, 'queued when it was switched off')
    await flag(admin, false)
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failed.failure?.code).toBe('CHANNEL_DISABLED')
    expect(fromBusiness(threadRef)).toEqual([])
  })

  it('is one account’s matter', async () => {
    const [one, other] = [await aBusiness(), await aBusiness()]
    await flag(one.admin, false)
    const { id } = await other.admin.send(other.conversation.id, 'undisturbed')
    await untilStatus(other.admin, other.conversation.id, id, 'SENT')
  })
})

describe('a suspended account', () => {
  it('is FORBIDDEN to its members, stops sending at once, keeps receiving, and works it off when active again (I1)', async () => {
    const { admin, business, conversation, person, threadRef } = await aBusiness()
    const feed = await admin.subscribe()
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    const queued = await admin.send(conversation.id, 'queued when it was suspended')
    await status(admin, 'SUSPENDED')
    const forbidden = { code: 'FORBIDDEN', details: { reason: 'ACCOUNT_SUSPENDED' } }
    await expect(admin.conversations()).rejects.toMatchObject(forbidden)
    await expect(admin.send(conversation.id, 'Hello')).rejects.toMatchObject(forbidden)
    await until(() => feed.closed ?? (feed.completed || feed.errors.length > 0), 'the live view ends', 3_000)
    world.standin.tiktok.customerWrites({ business, person, text: 'is anybody there?' })
    await waitsWith(business.openId, 'ACCOUNT_SUSPENDED')
    await until(
      async () => (await sql`select 1 from messages where id = ${queued.id} and status = 'failed'`).length > 0,
      'what was queued has failed',
    )
    world.standin.tiktok.clearFaults()
    await status(admin, 'ACTIVE')
    await until(
      async () => (await admin.messages(conversation.id)).some((message) => message.content === 'is anybody there?'),
      'the event is worked off',
    )
    expect((await messageOf(admin, conversation.id, queued.id)).failure?.code).toBe('ACCOUNT_SUSPENDED')
    expect(fromBusiness(threadRef)).toEqual([])
    const { id } = await admin.send(conversation.id, 'we are back')
    await untilStatus(admin, conversation.id, id, 'SENT')
    feed.close()
  })
})

describe('a delivery signed by the rule of a dialect that is not in use', () => {
  it('is refused, alone or beside the right signature: nobody chooses the weaker rule (I1)', async () => {
    const { tiktok } = world.standin
    const raw = JSON.stringify({ client_key: tiktok.appId, event: 'im_new', create_time: 1, user_openid: 'B' })
    const weak = {
      'X-TT-Webhook-Signature': `sha256=${createHmac('sha256', tiktok.appSecret).update(raw).digest('hex')}`,
    }
    const own = tiktok.signWebhook(raw).headers
    const answers = []
    for (const headers of [weak, { ...own, ...weak }, own])
      answers.push((await tiktok.postRaw(raw, { headers })).status)
    expect(answers).toEqual([401, 401, 200])
  })
})
