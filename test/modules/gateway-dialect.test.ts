import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCallback } from '../standin/tiktok/gateway/webhooks.ts'
import type { Business, Person } from '../standin/tiktok/types.ts'
import type { Actor } from '../support/actor.ts'
import {
  ChannelAppsDocument,
  DeadLettersDocument,
  DisconnectInboxDocument,
  ImportHistoryDocument,
  ReplayDeadLetterDocument,
} from '../support/generated.ts'
import { operator } from '../support/operator.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

const TOKEN = 'a token of the portal'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  const environment = { TIKTOK_DIALECT: 'gateway_v2', WEBHOOK_VERIFY_TOKEN: TOKEN, LOG_LEVEL: 'silent' }
  world = await startWorld({ environment })
  sql = openSql(world)
  admin = await world.business('Baan Cosmetics')
  ;({ business, inboxId } = await admin.connect('baan.beauty'))
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const aPerson = (): Person =>
  world.standin.tiktok.addPerson({ username: `alice.${randomUUID().slice(0, 8)}`, displayName: 'Alice' })

const eventsOf = (threadRef: string) => sql<{ state: number; code: string | null; account_ref: string }[]>`
  select state, code, account_ref from webhook_events
  where position(${threadRef}::bytea in raw) > 0 order by id`

const inboxOf = async (externalId: string) =>
  (await sql<{ inbox_id: string }[]>`select inbox_id from messages where external_id = ${externalId}`)[0]?.inbox_id

/** Writes to a business; answers the provider's ids. */
const writes = (to: Business, text: string, person = aPerson()) => ({
  ...world.standin.tiktok.customerWrites({ business: to, person, text }),
  person,
})

describe('the gateway dialect', () => {
  it('shakes hands with whoever knows the token, and with nobody else', async () => {
    for (const path of ['/webhooks/tiktok', '/webhook/tiktok']) {
      expect(await checkCallback(world.url + path, TOKEN)).toBe(true)
      expect(await checkCallback(world.url + path, 'another token')).toBe(false)
    }
    const ask = (query: string) => fetch(`${world.url}/webhook/tiktok?${query}`)
    const page = encodeURIComponent('<script>alert(1)</script>')
    const taken = await ask(`verify_token=${encodeURIComponent(TOKEN)}&challenge=${page}`)
    expect(await taken.text()).toBe('<script>alert(1)</script>')
    expect(taken.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(taken.headers.get('x-content-type-options')).toBe('nosniff')
    const { channelApps } = await (await operator(world)).gql(ChannelAppsDocument, {})
    expect(channelApps).toMatchObject([{ webhookState: 'BY_HAND', callbackUrl: expect.stringContaining('/webhooks/') }])
    for (const query of ['challenge=abc', `verify_token=${TOKEN}x&challenge=abc`, ''])
      expect((await ask(query)).status).toBe(403)
  })

  it('brings a message in and the answer out, with what was read', async () => {
    const { tiktok } = world.standin
    const { conversation, person, threadRef } = await admin.customerWrites(business, 'ส่งของวันนี้ทันไหมคะ')
    await until(async () => (await eventsOf(threadRef)).every(({ state }) => state === 1), 'both are worked off')
    expect(await eventsOf(threadRef)).toEqual([
      { state: 1, code: 'CONVERSATION_OPENED', account_ref: business.openId },
      { state: 1, code: null, account_ref: business.openId },
    ])
    await admin.send(conversation.id, 'ทันค่ะ')
    await until(async () => (await admin.messages(conversation.id)).at(-1)?.status === 'SENT', 'it is sent')
    expect(tiktok.messages(threadRef).map(({ source }) => source)).toEqual(['APP', 'API'])
    tiktok.customerReads({ business, person, upTo: Date.now() })
    await until(async () => (await admin.messages(conversation.id)).at(-1)?.status === 'READ', 'it is read')
    const { replyWindow } = await admin.conversation(conversation.id)
    expect(replyWindow).toMatchObject({ open: true, limit: 10, reason: null })
  })

  it('settles by the list what was perhaps sent, and finds there what was written in the app (I5)', async () => {
    const { tiktok } = world.standin
    const { conversation, person, threadRef } = await admin.customerWrites(business)
    tiktok.fault({ kind: 'truncated_json' })
    await admin.send(conversation.id, 'did it arrive?')
    const last = async () => (await admin.messages(conversation.id)).at(-1)
    await until(async () => (await last())?.status === 'UNCONFIRMED', 'nobody knows')
    await until(async () => (await last())?.status === 'SENT', 'the list knows')
    expect(tiktok.messages(threadRef)).toHaveLength(2)
    const inApp = tiktok.businessWritesInApp({ business, person, text: 'from the app' })
    await admin.gql(ImportHistoryDocument, { input: { accountId: admin.accountId, inboxId } })
    await until(() => inboxOf(inApp.messageId), 'it is found')
    const [run] = await sql<{ since: Date }[]>`select since from history_runs where inbox_id = ${inboxId}`
    expect(Number(run?.since) % 1_000, 'whole seconds, as the wire has them').toBe(0)
    expect((await admin.messages(conversation.id)).map(({ content }) => content)).toEqual([
      ...['Hello', 'did it arrive?', 'from the app'],
    ])
  })

  it('renews a refused token on the way, and waits when TikTok asks to', async () => {
    const { tiktok } = world.standin
    const { conversation, threadRef } = await admin.customerWrites(business)
    tiktok.expireAccessTokens(business)
    tiktok.fault('40100')
    await admin.send(conversation.id, 'with a new token')
    await until(async () => (await admin.messages(conversation.id)).at(-1)?.status === 'SENT', 'it is sent')
    expect(tiktok.messages(threadRef)).toHaveLength(2)
  })

  it('takes no delivery under the other dialect’s header, with both, or that is old: the gap is marked (I1)', async () => {
    const { tiktok } = world.standin
    const { threadRef, person } = await admin.customerWrites(business)
    const raw = (createdAt: number) =>
      JSON.stringify({
        ...{ client_key: tiktok.appId, event: 'direct_message.read', create_time: createdAt, user_openid: person.id },
        content: JSON.stringify({ conversation_id: threadRef }),
      })
    const now = Math.floor(Date.now() / 1_000)
    const post = async (body: string, headers: Record<string, string>) =>
      (await tiktok.postRaw(body, { headers })).status
    const own = tiktok.signWebhook(raw(now)).headers
    const theirs = { 'Tiktok-Signature': `t=${now},s=${'0'.repeat(64)}` }
    expect(await post(raw(now), theirs)).toBe(401)
    expect(await post(raw(now), { ...own, ...theirs })).toBe(401)
    expect(await eventsOf(threadRef)).toHaveLength(2)
    expect(await post(raw(now), own)).toBe(200)
    const old = raw(now - 700)
    expect(await post(old, tiktok.signWebhook(old).headers)).toBe(401)
    const [row] = await until(
      () =>
        sql<{ gap_since: Date }[]>`select gap_since from inboxes where id = ${inboxId} and gap_since is not null`.then(
          (rows) => rows.length > 0 && rows,
        ),
      'the gap is marked',
    )
    expect(row?.gap_since.getTime()).toBeLessThan((now - 700) * 1_000)
  })
})

describe('two inboxes of it', () => {
  let root: Actor
  let other: Actor
  let second: Business
  let secondInbox: string
  let known: { threadRef: string; person: Person }
  beforeAll(async () => {
    const { tiktok } = world.standin
    root = await operator(world)
    other = await world.business('Nong Nut')
    second = tiktok.addBusiness({ username: 'nong.nut', displayName: 'Nong Nut' })
    const person = aPerson()
    known = { person, threadRef: tiktok.customerWrites({ business: second, person, text: 'before' }).conversationId }
    const location = await other.authorize({ business: second })
    secondInbox = /inboxes\/([0-9a-f-]{36})/.exec(location)?.[1] ?? ''
    await until(
      () => sql`select 1 from thread_aliases where external_id = ${known.threadRef}`.then(({ length }) => length),
      'its past is read',
    )
  })

  it('get what is of a conversation that they know, or that names them', async () => {
    const again = writes(second, 'again', known.person)
    expect(await until(() => inboxOf(again.messageId), 'it is there')).toBe(secondInbox)
    world.standin.tiktok.setKnobs({ gatewayNamesBusiness: true })
    const named = writes(business, 'to the first one')
    world.standin.tiktok.setKnobs({ gatewayNamesBusiness: false })
    expect(await until(() => inboxOf(named.messageId), 'it is there')).toBe(inboxId)
  })

  it('get nothing of which nobody can tell whose it is; it can be replayed (I4, I10)', async () => {
    const { messageId, conversationId } = writes(second, 'to whom?')
    // Of the conversation that it opens, and of the message.
    const areDead = () =>
      until(async () => {
        const events = await eventsOf(conversationId)
        return events.length === 2 && events.every(({ state }) => state === 2) && events
      }, 'both are dead letters')
    const dead = { state: 2, code: 'NO_BUSINESS', account_ref: '' }
    expect(await areDead()).toEqual([dead, dead])
    await never(() => inboxOf(messageId), 'somebody sees it')
    const { deadLetters } = await root.gql(DeadLettersDocument, {})
    const letters = deadLetters.nodes.filter(({ code }) => code === 'NO_BUSINESS').slice(0, 2)
    await admin.gql(DisconnectInboxDocument, { input: { accountId: admin.accountId, inboxId } })
    const replay = async () => {
      for (const { id } of letters) await root.gql(ReplayDeadLetterDocument, { input: { id } })
    }
    await replay()
    expect(await areDead(), 'it may be for the one that left').toEqual([dead, dead])
    // Once the conversation is known, it is clear.
    await sql`insert into thread_aliases (account_id, inbox_id, channel_type, external_id, thread_id)
      select account_id, inbox_id, 'tiktok', ${conversationId}, id from threads where inbox_id = ${secondInbox} limit 1`
    await replay()
    expect(await until(() => inboxOf(messageId), 'it is there'), 'whose conversation it is').toBe(secondInbox)
  })

  it('do not get in each other’s way when one is of an earlier app', async () => {
    await sql`update inboxes set app_id = 'an earlier one' where id = ${inboxId}`
    const { messageId } = writes(second, 'to the only one of this app')
    expect(await until(() => inboxOf(messageId), 'it is there')).toBe(secondInbox)
    await sql`update inboxes set app_id = null where id = ${inboxId}`
  })

  it('do not get what is of one that is disconnected: that waits for it (I1)', async () => {
    const [first] = await sql<{ external_id: string }[]>`
      select external_id from thread_aliases where inbox_id = ${inboxId} limit 1`
    const conversation = world.standin.tiktok.world.conversation(first?.external_id ?? '')
    world.standin.tiktok.setKnobs({ webhooksNeedGrant: false })
    const { tiktok } = world.standin
    const { messageId } = tiktok.customerWrites({ business, person: conversation.personId, text: 'still there?' })
    const waiting = async () => (await eventsOf(messageId)).find(({ state }) => state === 3)
    expect(await until(waiting, 'it waits')).toEqual({ state: 3, code: 'NO_INBOX', account_ref: business.openId })
    expect(await admin.authorize({ business })).toMatch(/connected=1$/)
    expect(await until(() => inboxOf(messageId), 'it is there')).toBe(inboxId)
  })
})

describe('an inbox of another dialect', () => {
  const speak = (dialect: string) => sql`update inboxes set dialect = ${dialect} where id = ${inboxId}`
  const follow = () => runSchedule(world.deps, 'grants')

  it('sends nothing and has to be connected again, until the installation is back at its dialect', async () => {
    const { tiktok } = world.standin
    tiktok.setKnobs({ gatewayNamesBusiness: true })
    const { conversation, threadRef } = await admin.customerWrites(business)
    await speak('business_v13')
    const calls = tiktok.ledger.calls().length
    await admin.send(conversation.id, 'by the wrong way')
    await until(async () => (await admin.messages(conversation.id)).at(-1)?.status === 'FAILED', 'it fails')
    expect((await admin.messages(conversation.id)).at(-1)?.failure?.code).toBe('CHANNEL_REAUTH')
    const flags = { reauthorizationRequired: true, reauthorizationReason: 'DIALECT_CHANGED' }
    await until(async () => (await admin.inbox(inboxId)).reauthorizationRequired, 'the inbox says so')
    expect(await admin.inbox(inboxId)).toMatchObject(flags)
    expect([tiktok.messages(threadRef).length, tiktok.ledger.calls().length]).toEqual([1, calls])
    await speak('gateway_v2')
    await follow()
    expect(await admin.inbox(inboxId)).toMatchObject({ reauthorizationRequired: false, reauthorizationReason: null })
    await speak('business_v13')
    await follow()
    expect(await admin.inbox(inboxId)).toMatchObject(flags)
    expect(await admin.authorize({ business, inboxId })).toMatch(/connected=1$/)
    expect(await admin.inbox(inboxId)).toMatchObject({ reauthorizationRequired: false })
    const [row] = await sql`select dialect from inboxes where id = ${inboxId}`
    expect(row).toEqual({ dialect: 'gateway_v2' })
  })
})
