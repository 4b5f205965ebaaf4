import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { resolveUnnamed } from '../../server/modules/intake/intake.jobs.ts'
import { resolveUnnamed as searchOn } from '../../server/modules/intake/unnamed.ts'
import type { Actor } from '../support/actor.ts'
import {
  InboxSignalsDocument,
  MarkConversationReadDocument,
  SetConversationStatusDocument,
  SetFeatureFlagDocument,
  SetSignalsDocument,
  SetTypingDocument,
} from '../support/generated.ts'
import { sendAndWait, untilStatus } from '../support/messages.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { never, until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import type { Operation } from '../standin/tiktok/knobs.ts'
import type { Business, Conversation } from '../standin/tiktok/types.ts'

let world: World
let sql: postgres.Sql
let admin: Actor
let business: Business
let inboxId: string

beforeAll(async () => {
  world = await startWorld()
  sql = openSql(world)
  admin = await world.business()
  ;({ business, inboxId } = await admin.connect())
})

afterEach(async () => {
  world.standin.tiktok.clearFaults()
  world.standin.tiktok.resetKnobs()
  world.standin.tiktok.setKnobs({ qps: Infinity })
  await setSignals({ sendTyping: true, sendReadReceipts: true })
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const setSignals = (given: { sendTyping?: boolean; sendReadReceipts?: boolean }) =>
  admin.gql(SetSignalsDocument, { input: { accountId: admin.accountId, inboxId, ...given } })
const inbox = async () => (await admin.gql(InboxSignalsDocument, { accountId: admin.accountId, id: inboxId })).inbox
const typing = (conversationId: string) =>
  admin.gql(SetTypingDocument, { input: { accountId: admin.accountId, conversationId } })
const markRead = (conversationId: string, actor = admin) =>
  actor.gql(MarkConversationReadDocument, { input: { accountId: admin.accountId, conversationId } })
const atTikTok = (threadRef: string): Conversation => world.standin.tiktok.world.conversation(threadRef)
/** Calls of an action on a thread, in the stand-in's words. */
const actions = (threadRef: string, action: 'TYPING' | 'MARK_READ') =>
  world.standin.tiktok.ledger
    .since(0)
    .filter(
      (entry) => entry.kind === 'send' && entry.conversationId === threadRef && entry.body['sender_action'] === action,
    )
const signalled = async (conversationId: string) => {
  const [row] = await sql<{ n: number }[]>`
    select t.read_signalled_count as n from threads t join conversations c on c.thread_id = t.id where c.id = ${conversationId}`
  return row?.n
}

describe('typing', () => {
  it('is shown to the customer while an agent types, at most once in three seconds, and stored nowhere', async () => {
    const { conversation, threadRef } = await admin.customerWrites(business)
    const { ledger } = world.standin.tiktok
    // The sign gives way to every other call, and somebody who types asks again.
    await until(() => Date.now() - (ledger.calls().at(-1)?.at ?? 0) > 300, 'nothing else is asked')
    await until(async () => {
      await Promise.all([typing(conversation.id), typing(conversation.id), typing(conversation.id)])
      return atTikTok(threadRef).typingUntil > Date.now()
    }, 'the customer sees it')
    await never(() => actions(threadRef, 'TYPING').length > 1, 'it is shown twice')
    expect((await admin.messages(conversation.id)).length).toBe(1)
    expect((await admin.conversation(conversation.id)).replyWindow.remaining).toBe(10)
  })

  it('is not shown where it is switched off, where nobody may write, or in front of the sends', async () => {
    const off = await admin.customerWrites(business)
    const closed = await admin.customerWrites(business)
    const busy = await admin.customerWrites(business)
    await sql`update threads set last_inbound_at = last_inbound_at - interval '49 hours'
      where id = (select thread_id from conversations where id = ${closed.conversation.id})`
    await setSignals({ sendTyping: false })
    await typing(off.conversation.id)
    await setSignals({ sendTyping: true })
    expect(await inbox()).toMatchObject({ sendTyping: true, sendReadReceipts: true })
    await typing(closed.conversation.id)
    const { rate } = world.deps.channels.get('tiktok').manifest
    await world.deps.buckets.pause(rate, 1_500)
    await typing(busy.conversation.id)
    const shown = () => [off, closed, busy].some(({ threadRef }) => actions(threadRef, 'TYPING').length)
    await never(shown, 'it is shown')
  })

  it('of a conversation of somebody else is NOT_FOUND', async () => {
    const other = await world.business()
    const { conversation } = await admin.customerWrites(business)
    const input = { accountId: other.accountId, conversationId: conversation.id }
    await expect(other.gql(SetTypingDocument, { input })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('what an agent has read', () => {
  it('shows as seen at the customer’s, once for all that is new, and is written down', async () => {
    const { conversation, threadRef, person } = await admin.customerWrites(business)
    await admin.customerWrites(business, 'Anybody?', person)
    expect(atTikTok(threadRef).businessReadUpTo).toBe(0)
    await Promise.all([markRead(conversation.id), markRead(conversation.id)])
    await until(async () => (await signalled(conversation.id)) === 2, 'it is written down')
    await markRead(conversation.id)
    await never(() => actions(threadRef, 'MARK_READ').length > 1, 'it is told twice')
    await admin.customerWrites(business, 'Thanks', person)
    await markRead(conversation.id)
    await until(async () => (await signalled(conversation.id)) === 3, 'the next one is told')
    expect(actions(threadRef, 'MARK_READ')).toHaveLength(2)
  })

  it('is told again after a failure, and never where the inbox does not want it', async () => {
    const failing = await admin.customerWrites(business)
    const quiet = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40105', operations: ['sender_action'], conversationId: failing.threadRef })
    await markRead(failing.conversation.id)
    await until(async () => (await signalled(failing.conversation.id)) === 1, 'a new token is made, and it is told')
    await setSignals({ sendReadReceipts: false })
    expect(await inbox()).toMatchObject({ sendTyping: true, sendReadReceipts: false })
    await markRead(quiet.conversation.id)
    await never(() => actions(quiet.threadRef, 'MARK_READ').length, 'it is told')
    expect(await signalled(quiet.conversation.id)).toBe(0)
  })

  it('stays with us while the channel is switched off (I12)', async () => {
    const platform = await operator(world)
    const { conversation, threadRef } = await admin.customerWrites(business)
    const flag = { accountId: admin.accountId, key: 'channel_tiktok' }
    await platform.gql(SetFeatureFlagDocument, { input: { ...flag, enabled: false } })
    await Promise.all([markRead(conversation.id), typing(conversation.id)])
    await never(() => atTikTok(threadRef).businessReadUpTo + atTikTok(threadRef).typingUntil, 'something is told')
    await platform.gql(SetFeatureFlagDocument, { input: { ...flag, enabled: true } })
  })
})

describe('what the customer has read', () => {
  it('is read in every conversation of the thread, older ones too (I7)', async () => {
    const { tiktok } = world.standin
    await sql`update inboxes set lock_to_single_conversation = false where id = ${inboxId}`
    const { conversation, person } = await admin.customerWrites(business)
    const first = await sendAndWait(admin, conversation.id, 'the first answer')
    const resolved = { accountId: admin.accountId, conversationId: conversation.id, status: 'RESOLVED' as const }
    await admin.gql(SetConversationStatusDocument, { input: resolved })
    const later = await admin.customerWrites(business, 'One more thing', person)
    expect(later.conversation.id).not.toBe(conversation.id)
    const second = await sendAndWait(admin, later.conversation.id, 'the second answer')
    await tiktok.settled()
    tiktok.customerReads({ business, person })
    await untilStatus(admin, conversation.id, first.id, 'READ')
    await untilStatus(admin, later.conversation.id, second.id, 'READ')
    await sql`update inboxes set lock_to_single_conversation = true where id = ${inboxId}`
  })
})

describe('a customer in Europe, whose event names neither writer nor text (TikTok wire reference §6.4)', () => {
  const european = () =>
    world.standin.tiktok.addPerson({ username: `eu.${randomUUID()}`, displayName: 'Élodie', region: 'FR' })
  /** The lists have had their time. */
  const ageUnnamed = async () => {
    const rows = await sql<{ thread_key: string }[]>`
      update webhook_events set received_at = now() - interval '2 minutes', next_attempt_at = null
      where state = 0 and account_ref = ${business.openId} and received_at > now() - interval '1 minute'
      returning thread_key`
    for (const { thread_key: threadKey } of rows)
      world.deps.producer.hint(resolveUnnamed, { accountId: admin.accountId, inboxId, threadKey })
  }
  const events = async () => {
    const rows = await sql<{ state: number; code: string | null }[]>`
      select state, code from webhook_events where account_ref = ${business.openId} and thread_key = ${`tiktok:${business.openId}`}
      order by id`
    return rows.map(({ state, code }) => [state, code])
  }

  const delayedSearches = async () =>
    (await world.deps.producer.queue('reads').getDelayed()).filter((job) => job.name === resolveUnnamed.name)

  it('is found in the lists and arrives as any other; a search that has to wait holds no slot and goes on where it stopped (I9)', async () => {
    const { fault, ledger } = world.standin.tiktok
    const { threadRef } = await admin.customerWrites(business, 'Hello, at nearly the same time')
    const before = (await events()).length
    const calls = (operation: Operation) => ledger.calls(operation).filter((call) => call.seq > since)
    const reads = () => calls('content_list').filter((call) => call.conversationId === threadRef)
    let since = 0
    await until(() => reads().length, 'the other customer’s name is asked for')
    since = ledger.entries.at(-1)?.seq ?? 0
    fault({ kind: '40100', operations: ['content_list'], conversationId: threadRef })
    await world.deps.buckets.pause(world.deps.channels.get('tiktok').manifest.rate, 500)
    const { tiktok } = world.standin
    const newcomer = european()
    tiktok.setKnobs({ dropNextWebhooks: 1 })
    tiktok.arrives({ business, person: newcomer, link: { ref: 'printemps' } })
    const arrives = admin.customerWrites(business, 'Bonjour', newcomer)
    await until(async () => (await delayedSearches()).length, 'it waits without a slot')
    expect(calls('conversation_list')).toEqual([])
    const { conversation, messageId, person } = await arrives
    expect(calls('conversation_list')).toHaveLength(2)
    expect(reads().map(({ code }) => code)).toEqual([40100, 0])
    expect(conversation.contact).toMatchObject({ name: 'Élodie', referrals: [{ facts: { ref: 'printemps' } }] })
    expect(await admin.messages(conversation.id)).toMatchObject([{ externalId: messageId, content: 'Bonjour' }])
    expect((await admin.conversation(conversation.id)).unreadCount).toBe(1)
    expect((await events()).slice(before)).toEqual([[1, null]])
    expect(person.region).toBe('FR')
  })

  it('stands on its row and on the inbox’s health when the lists do not tell, or not for certain', async () => {
    const { tiktok } = world.standin
    const before = (await events()).length
    const at = Date.now() - 60_000
    tiktok.setKnobs({ euListed: false })
    for (const seconds of [0, 1])
      tiktok.customerWrites({ business, person: european(), text: 'not listed', at: at - seconds * 1_000 })
    const pending = await until(async () => {
      const rows = await sql<{ id: number }[]>`
        select id::int from webhook_events where state = 0 and account_ref = ${business.openId} order by id`
      return rows.length === 2 && rows.map(({ id }) => id)
    }, 'two wait')
    const counted = async () => (await inbox()).health?.unnamedMessages
    await never(counted, 'one is given up while the lists may be behind', 1_500)
    // A search whose list is older than the second one leaves that to another.
    const { deps } = world
    const place = { accountId: admin.accountId, inboxId, threadKey: `tiktok:${business.openId}` }
    const search = { eventIds: pending.slice(0, 1), startedAt: Date.now(), pages: 1, threads: [] }
    const answer = await searchOn(deps, deps.scopes.system(admin.accountId), { ...place, search })
    expect(answer).toEqual({ waitMs: 0, payload: place })
    await until(async () => {
      await ageUnnamed()
      return (await counted()) === 2
    }, 'they are counted')
    tiktok.setKnobs({ euListed: true })
    // Two at the same moment: which is whose cannot be told.
    tiktok.pauseWebhooks()
    for (const text of ['one', 'two']) tiktok.customerWrites({ business, person: european(), text, at: at - 120_000 })
    tiktok.resumeWebhooks()
    await until(async () => (await events()).slice(before).every(([state]) => state === 1), 'nothing waits')
    const codes = (await events()).slice(before).map(([, code]) => code)
    expect(codes.every((code) => code === 'EU_UNRESOLVED')).toBe(true)
    expect(await admin.conversations({ query: 'eu.' })).toHaveLength(1)
    expect((await inbox()).health?.unnamedMessages).toBe(codes.length)
  })
})
