import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { DisconnectInboxDocument, RetryMessageDocument, UpdateInboxDocument } from '../support/generated.ts'
import { listMails } from '../support/mails.ts'
import { untilStatus } from '../support/messages.ts'
import { runSchedule } from '../support/schedule.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let admin: Actor

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  admin = await world.business()
})

afterEach(() => {
  world.standin.tiktok.clearFaults()
  world.standin.tiktok.resetKnobs()
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const disconnect = (inboxId: string) =>
  admin.gql(DisconnectInboxDocument, { input: { accountId: admin.accountId, inboxId } })

interface Sealed {
  credentials: string | null
  credentials_version: number
  renew_after: Date | null
  access_expires_at: Date | null
  reauthorization_required: boolean
  reauthorization_reason: string | null
}

const rowOf = async (inboxId: string): Promise<Sealed> => {
  const [row] = await sql<Sealed[]>`
    select credentials, credentials_version, renew_after, access_expires_at, reauthorization_required,
      reauthorization_reason from inboxes where id = ${inboxId}`
  if (!row) throw new Error('no inbox')
  return row
}

async function renewNow(inboxId: string): Promise<void> {
  await sql`update inboxes set renew_after = now() - interval '1 minute' where id = ${inboxId}`
  await runSchedule(world.deps, 'renewals')
}

const reauthMails = async (to: string) =>
  (await listMails(world.config.dataDir)).filter((mail) => mail.to.includes(to) && /connect/i.test(mail.subject))

describe('disconnecting', () => {
  it('fails what is queued, keeps history, takes no sends; the same account restores the same inbox with its name', async () => {
    const { inboxId, business } = await admin.connect()
    const { conversation, threadRef, person } = await admin.customerWrites(business, 'before')
    await admin.gql(UpdateInboxDocument, { input: { accountId: admin.accountId, inboxId, name: 'ร้านของเรา' } })
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    const { id } = await admin.send(conversation.id, 'queued')
    await disconnect(inboxId)
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(['CHANNEL_DISCONNECTED', 'CHANNEL_DISABLED']).toContain(failed.failure?.code)
    world.standin.tiktok.clearFaults()
    expect(await rowOf(inboxId)).toMatchObject({ credentials: null, renew_after: null })
    expect(world.standin.tiktok.connected(business)).toBe(false)
    expect((await admin.conversation(conversation.id)).replyWindow).toMatchObject({
      open: false,
      reason: 'CHANNEL_DISABLED',
    })
    await expect(admin.send(conversation.id, 'x')).rejects.toMatchObject({ code: 'FEATURE_DISABLED' })
    await disconnect(inboxId)
    expect(await admin.authorize({ business })).toContain(`/inboxes/${inboxId}?connected=1`)
    expect(await admin.inbox(inboxId)).toMatchObject({ name: 'ร้านของเรา', connected: true })
    await admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId: id } })
    await untilStatus(admin, conversation.id, id, 'SENT')
    expect((await admin.customerWrites(business, 'after', person)).conversation.id).toBe(conversation.id)
  })

  it('frees the business for another tenant, and then this one cannot take it back', async () => {
    const other = await world.business()
    const { inboxId, business } = await admin.connect()
    const { conversation } = await admin.customerWrites(business, 'to the first owner')
    await disconnect(inboxId)
    expect(await other.authorize({ business })).toMatch(/connected=1$/)
    expect(await other.conversations()).toEqual([])
    expect(await admin.authorize({ business, inboxId })).toBe(
      `/a/${admin.accountId}/settings/inboxes?error=ALREADY_CONNECTED`,
    )
    await other.customerWrites(business, 'to the second owner')
    expect((await admin.messages(conversation.id)).map((message) => message.content)).toEqual(['to the first owner'])
  })
})

describe('credentials are renewed ahead of their end (I15)', () => {
  it('between half and three quarters of their life, and the rotated ones are written and used', async () => {
    const { inboxId, business } = await admin.connect()
    const before = await rowOf(inboxId)
    const life = 86_400_000
    const left = (before.access_expires_at?.getTime() ?? 0) - (before.renew_after?.getTime() ?? 0)
    expect(left).toBeGreaterThan(life * 0.24)
    expect(left).toBeLessThan(life * 0.51)
    await renewNow(inboxId)
    const after = await until(async () => {
      const row = await rowOf(inboxId)
      return row.credentials_version > before.credentials_version && row
    }, 'it is renewed')
    expect(after.credentials).not.toBe(before.credentials)
    expect(after.renew_after?.getTime()).toBeGreaterThan(Date.now())
    const { conversation } = await admin.customerWrites(business)
    const { id } = await admin.send(conversation.id, 'with the new token')
    await untilStatus(admin, conversation.id, id, 'SENT')
  })

  it('a refusal for good asks to connect again: flag, reason, a mail to each administrator, sends fail with a way back', async () => {
    const second = await admin.invite('ADMINISTRATOR')
    const agent = await admin.invite('AGENT')
    const { inboxId, business } = await admin.connect()
    const { conversation, person } = await admin.customerWrites(business)
    world.standin.tiktok.expireRefreshTokens(business)
    await renewNow(inboxId)
    await until(async () => (await rowOf(inboxId)).reauthorization_required, 'it is flagged')
    expect(await admin.inbox(inboxId)).toMatchObject({ reauthorizationRequired: true, connected: true })
    expect((await rowOf(inboxId)).reauthorization_reason).toMatch(/^[A-Z_]+$/)
    for (const actor of [admin, second]) {
      await until(async () => (await reauthMails(actor.email)).length === 1, `${actor.email} is told`)
    }
    expect(await reauthMails(agent.email)).toEqual([])
    await expect(admin.send(conversation.id, 'x')).rejects.toMatchObject({ code: 'CHANNEL_REAUTH' })
    expect((await admin.conversation(conversation.id)).replyWindow).toMatchObject({
      open: false,
      reason: 'CHANNEL_REAUTH',
    })
    world.standin.tiktok.setKnobs({ webhooksNeedGrant: false })
    await admin.customerWrites(business, 'still received', person)
    expect(await admin.authorize({ business, inboxId })).toContain(`/inboxes/${inboxId}?connected=1`)
    expect(await rowOf(inboxId)).toMatchObject({ reauthorization_required: false, reauthorization_reason: null })
    const { id } = await admin.send(conversation.id, 'and sends again')
    await untilStatus(admin, conversation.id, id, 'SENT')
  })

  it('a provider that is away is no refusal: the inbox stays connected and is tried again', async () => {
    const { inboxId } = await admin.connect()
    const before = await rowOf(inboxId)
    world.standin.tiktok.fault({ kind: '502', operations: ['refresh'] })
    await renewNow(inboxId)
    await until(async () => ((await rowOf(inboxId)).renew_after?.getTime() ?? 0) > Date.now() - 5_000, 'it is put off')
    expect(await rowOf(inboxId)).toMatchObject({
      ...{ reauthorization_required: false, credentials_version: before.credentials_version },
      credentials: before.credentials,
    })
  })
})

describe('a consent that the business withdraws', () => {
  it('is known from the provider’s word: reauthorization is required, once, and what is queued fails with it', async () => {
    const { inboxId, business } = await admin.connect()
    const { conversation, threadRef } = await admin.customerWrites(business)
    world.standin.tiktok.fault({ kind: '40100', conversationId: threadRef, count: Infinity })
    const { id } = await admin.send(conversation.id, 'queued')
    world.standin.tiktok.revoke(business)
    await until(async () => (await admin.inbox(inboxId)).reauthorizationRequired, 'it is flagged')
    expect((await admin.inbox(inboxId)).reauthorizationReason).toBe('REVOKED')
    const failed = await untilStatus(admin, conversation.id, id, 'FAILED')
    expect(failed.failure?.code).toBe('CHANNEL_REAUTH')
    expect(world.standin.tiktok.messages(threadRef)).toHaveLength(1)
  })
})

describe('changing an inbox', () => {
  it.each(['', '   ', 'x'.repeat(101), 'a\0b', 'two\nlines', '\u202eevil', '\ud800'])(
    'refuses the name %j',
    async (name) => {
      const { inboxes } = await only()
      const input = { accountId: admin.accountId, inboxId: inboxes, name }
      await expect(admin.gql(UpdateInboxDocument, { input })).rejects.toMatchObject({ code: 'INVALID' })
    },
  )

  it('takes a name in any script, and members who are members', async () => {
    const { inboxes: inboxId } = await only()
    const agent = await admin.invite('AGENT')
    const input = { accountId: admin.accountId, inboxId, name: 'ร้าน 😀', memberIds: [agent.userId, agent.userId] }
    const { updateInbox } = await admin.gql(UpdateInboxDocument, { input })
    expect(updateInbox).toMatchObject({ name: 'ร้าน 😀', memberIds: [agent.userId] })
    for (const memberId of [randomUUID(), 'x', '']) {
      const wrong = { accountId: admin.accountId, inboxId, memberIds: [memberId] }
      await expect(admin.gql(UpdateInboxDocument, { input: wrong })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect((await admin.inbox(inboxId)).memberIds).toEqual([agent.userId])
  })
})

let known: Promise<{ inboxes: string }> | undefined
const only = () => (known ??= admin.connect().then(({ inboxId }) => ({ inboxes: inboxId })))
