import type { Socket } from 'socket.io-client'
import type postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { GATEWAY_PER_MINUTE } from '../../server/http/gateway-sign-in.ts'
import { createDeps } from '../../server/deps.ts'
import { Dashboards, PollingLine, tokenOf, type ChatItem } from '../support/dashboard.ts'
import { RetryMessageDocument, RevokeApiTokenDocument } from '../support/generated.ts'
import { sendAndWait, untilStatus } from '../support/messages.ts'
import { operator } from '../support/operator.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
const dashboards = new Dashboards()

beforeAll(async () => {
  world = await startWorld({ environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
})
afterEach(() => dashboards.close())
afterAll(async () => {
  await sql.end()
  await world.close()
})

const dashboardOf = (token: string) => dashboards.open(world.url, token)
const shop = () => dashboards.shop(world)
const left = (socket: Socket) => new Promise<string>((resolve) => socket.once('disconnect', resolve))

const suspend = async (accountId: string, status: 'ACTIVE' | 'SUSPENDED') => {
  const query = 'mutation ($input: SetAccountStatusInput!) { setAccountStatus(input: $input) { id } }'
  expect((await (await operator(world)).raw(query, { input: { accountId, status } })).errors).toBeUndefined()
}

describe('Socket.IO', () => {
  it.each([[['polling']], [['websocket']], [['polling', 'websocket']]])(
    'over %j tells what happens once and in order, and sends, beside the feed on the same server',
    async (transports) => {
      const { dashboard, admin, conversation, says } = await shop()
      const feed = await admin.subscribe()
      const socket = await dashboard.connect({ transports })
      for (const text of ['One', 'Two', 'Three']) says(text)
      await until(() => dashboard.messages.length === 3, 'three messages arrive')
      const [stored] = await dashboard.chats()
      const answered = await dashboard.send(socket, { conversationId: stored?.conversationId, text: 'Hi' })
      expect(answered).toEqual({ ok: true, messageId: expect.any(String) as string, status: 'queued' })
      await untilStatus(admin, conversation.id, answered.messageId ?? '', 'SENT')
      await until(() => dashboard.messages.length === 4, 'the reply is told of')
      expect(dashboard.messages.map(({ message }) => message.content)).toEqual(['One', 'Two', 'Three', 'Hi'])
      // The provider's time of what was sent comes with its echo.
      const timeless = (items: ChatItem[]) => items.map(({ timestamp: _, ...item }) => item)
      expect(timeless(dashboard.messages)).toEqual(timeless((await dashboard.chats()).slice(1)))
      await until(
        () => feed.events.filter(({ type }) => type === 'message.created').length === 4,
        'the feed told it too',
      )
      feed.close()
    },
  )

  it('finds the conversation by the customer’s id as well, and sends to whoever listens elsewhere too (I13)', async () => {
    const { dashboard, admin, token } = await shop()
    const deps = createDeps(world.config, { redisPrefix: 'another' })
    deps.stamper.start()
    const app = await buildApp(deps)
    const elsewhere = dashboards.open(await app.listen({ port: 0, host: '127.0.0.1' }), token)
    try {
      const [socket] = await Promise.all([dashboard.connect(), elsewhere.connect()])
      const [chat] = await dashboard.chats()
      const sends = ['First', 'Second', 'Third'].map((text) =>
        dashboard.send(socket, { conversationId: chat?.user.id, text }),
      )
      expect((await Promise.all(sends)).map(({ ok }) => ok)).toEqual([true, true, true])
      for (const { messages } of [dashboard, elsewhere]) {
        await until(() => messages.length === 3, 'all are told of, also in a process that no hint reaches')
        expect(messages.map(({ message }) => message.content)).toEqual(['First', 'Second', 'Third'])
      }
      expect(await admin.conversations()).toHaveLength(1)
    } finally {
      elsewhere.close()
      await app.close()
      await deps.close()
    }
  })

  it('says why something was not sent, in the answer and as an event, and stores nothing (I8, I17)', async () => {
    const { dashboard, admin, conversation } = await shop()
    const other = await shop()
    const [chat] = await dashboard.chats()
    const [foreign] = await other.dashboard.chats()
    const conversationId = chat?.conversationId
    const socket = await dashboard.connect()
    const bad: [unknown, string][] = [
      [undefined, 'INVALID'],
      [null, 'INVALID'],
      ['text', 'INVALID'],
      [{ conversationId }, 'INVALID'],
      [{ conversationId, text: '  ' }, 'INVALID'],
      [{ conversationId, text: 'a\0b' }, 'INVALID'],
      [{ conversationId, text: 'x'.repeat(20_000) }, 'INVALID'],
      [{ conversationId: { $ne: 1 }, text: 'Hi' }, 'INVALID'],
      [{ conversationId, text: 'Hi', clientMessageId: 1 }, 'INVALID'],
      [{ conversationId, text: 'Hi', clientMessageId: 'a b' }, 'INVALID'],
      [{ conversationId: 'a\0b', text: 'Hi' }, 'NOT_FOUND'],
      [{ conversationId: 12_345, text: 'Hi' }, 'NOT_FOUND'],
      [{ conversationId: foreign?.conversationId, text: 'Hi' }, 'NOT_FOUND'],
    ]
    for (const [payload, code] of bad)
      expect((await dashboard.send(socket, payload)).error?.code, JSON.stringify(payload)).toBe(code)
    await until(() => dashboard.errors.length === bad.length, 'each is told as an event')
    await sql`update threads set last_inbound_at = now() - interval '50 hours' where account_id = ${admin.accountId}`
    const closed = await dashboard.send(socket, { conversationId, text: 'Too late' })
    expect(closed.error).toMatchObject({ code: 'WINDOW_CLOSED', details: { reason: 'EXPIRED' } })
    // Nobody waits for an answer to these.
    socket.emit('send_message')
    socket.emit('send_message', 1, 2, 3)
    socket.emit('unknown', {})
    await until(() => dashboard.errors.length === bad.length + 3, 'the server goes on')
    expect(await admin.messages(conversation.id)).toHaveLength(1)
    expect(dashboard.messages).toEqual([])
  })

  it('sends once what comes again under the same clientMessageId, and refuses another text under it (I5)', async () => {
    const { dashboard, admin, conversation } = await shop()
    const [chat] = await dashboard.chats()
    const socket = await dashboard.connect()
    const send = (text: string) =>
      dashboard.send(socket, { conversationId: chat?.conversationId, text, clientMessageId: 'order-1' })
    const [first, second] = await Promise.all([send('Hi'), send('Hi')])
    expect([first.ok, second.messageId]).toEqual([true, first.messageId])
    expect((await send('Bye')).error).toMatchObject({ code: 'CONFLICT', details: { reason: 'ID_REUSED' } })
    expect(await admin.messages(conversation.id)).toHaveLength(2)
  })

  it('tells once of a reply that failed later, and again when it fails again', async () => {
    const { dashboard, admin, conversation } = await shop()
    const [chat] = await dashboard.chats()
    const conversationId = chat?.conversationId ?? ''
    const socket = await dashboard.connect()
    world.standin.tiktok.fault({ kind: '40002', conversationId, count: 2 })
    const { messageId = '' } = await dashboard.send(socket, { conversationId, text: 'Hi' })
    const failed = { conversationId, code: 'INVALID_MESSAGE', message: expect.any(String) as string }
    await untilStatus(admin, conversation.id, messageId, 'FAILED')
    await until(() => dashboard.errors.length, 'the failure is told')
    await admin.gql(RetryMessageDocument, { input: { accountId: admin.accountId, messageId } })
    await until(() => dashboard.errors.length > 1, 'so is the second one')
    await sendAndWait(admin, conversation.id, 'Bye')
    await until(() => dashboard.messages.length === 2, 'what came after it is told')
    expect(dashboard.errors).toEqual([failed, failed])
    expect(await dashboard.chats()).toHaveLength(2)
  })

  it('closes on whoever asks and never takes the answers, and repeats no long name', async () => {
    const { dashboard, token } = await shop()
    const socket = await dashboard.connect()
    await dashboard.send(socket, { conversationId: 'x'.repeat(60_000), text: 'Hi' })
    await until(() => dashboard.errors.length, 'the refusal is told')
    expect(dashboard.errors).toEqual([{ code: 'INVALID', message: expect.any(String), details: expect.any(Object) }])
    const line = await PollingLine.open(world.url)
    await line.post([`40{"token":"${token}"}`])
    expect(await (await line.poll()).text()).toMatch(/^40/)
    const statuses: number[] = []
    for (let round = 0; round < 8; round += 1)
      statuses.push((await line.post(Array<string>(300).fill('42["send_message",{}]'))).status)
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200])
    expect(statuses.at(-1)).toBe(400)
  })

  it('takes so many handshakes of an address and no more, over either transport', async () => {
    GATEWAY_PER_MINUTE.signIns = 2
    const app = await buildApp({ ...world.deps, config: { ...world.config, trustProxyHops: 1 } })
    GATEWAY_PER_MINUTE.signIns = GATEWAY_PER_MINUTE.handshakes
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const shake = (address: string) =>
      fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { 'x-forwarded-for': `1.1.1.1, ${address}` } })
    const { token } = await shop()
    const opens = (address: string) =>
      dashboards
        .open(url, token)
        .connect({ transports: ['websocket'], extraHeaders: { 'x-forwarded-for': address } })
        .then(() => true)
        .catch(() => false)
    try {
      for (let round = 0; round < 6; round += 1) await Promise.all(Array.from({ length: 100 }, () => shake('2.2.2.2')))
      expect([(await shake('2.2.2.2')).status, (await shake('3.3.3.3')).status]).toEqual([403, 200])
      expect([await opens('2.2.2.2'), await opens('3.3.3.3')]).toEqual([false, true])
      // And so many sign-ins.
      expect([await opens('4.4.4.4'), await opens('3.3.3.3'), await opens('3.3.3.3')]).toEqual([true, true, false])
    } finally {
      dashboards.close()
      await app.close()
    }
  })

  it('answers what it had taken when the process stops, and takes no more', async () => {
    const { admin, conversation, token } = await shop()
    const app = await buildApp(world.deps)
    const dashboard = dashboards.open(await app.listen({ port: 0, host: '127.0.0.1' }), token)
    const socket = await dashboard.connect({ transports: ['websocket'], reconnection: false })
    const [chat] = await dashboard.chats()
    const send = (text: string) => dashboard.send(socket, { conversationId: chat?.conversationId, text })
    const holder = await sql.reserve()
    await holder`begin`
    await holder`select 1 from threads where account_id = ${admin.accountId} for no key update`
    const taken = [send('One'), send('Two')]
    let closed: Promise<unknown> | undefined
    try {
      await until(
        async () =>
          (
            await holder`
              select 1 from pg_locks l join pg_stat_activity a on a.pid = l.pid
              where a.datname = current_database() and a.application_name = 'parley_app' and not l.granted`
          ).length,
        'the first waits for its thread',
      )
      closed = app.close()
      const late = await send('Three')
      expect(late.error?.code).toBe('RATE_LIMITED')
    } finally {
      await holder`commit`
      holder.release()
    }
    expect((await Promise.all(taken)).map(({ ok }) => ok)).toEqual([true, true])
    await closed
    expect(await admin.messages(conversation.id)).toHaveLength(3)
  })

  it('takes so many sockets of an account and no more', async () => {
    const { dashboard } = await shop()
    const opened = await Promise.allSettled(
      Array.from({ length: 102 }, () => dashboard.connect({ transports: ['websocket'] })),
    )
    const refused = opened.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    expect(refused).toEqual(['Error: RATE_LIMITED', 'Error: RATE_LIMITED'])
    dashboard.close()
    await until(
      () =>
        dashboardOf(dashboard.token)
          .connect()
          .catch(() => undefined),
      'there is room again',
    )
  })

  it('shuts out within a second whose token is revoked or the business is suspended (I11)', async () => {
    const { admin, dashboard, token, tokenId } = await shop()
    const socket = await dashboard.connect()
    const other = dashboardOf((await tokenOf(admin)).token)
    const staying = await other.connect({ transports: ['websocket'] })
    const [revoked] = await Promise.all([
      left(socket),
      admin.gql(RevokeApiTokenDocument, { input: { accountId: admin.accountId, apiTokenId: tokenId } }),
    ])
    expect(revoked).toBe('io server disconnect')
    expect((await dashboard.get('/api/chats')).status).toBe(401)
    await expect(dashboardOf(token).connect()).rejects.toThrow('UNAUTHENTICATED')
    expect(staying.connected).toBe(true)
    await Promise.all([left(staying), suspend(admin.accountId, 'SUSPENDED')])
    const answer = await other.get('/api/status')
    expect(answer.status).toBe(403)
    await expect(dashboardOf(other.token).connect()).rejects.toThrow('FORBIDDEN')
    await suspend(admin.accountId, 'ACTIVE')
    expect((await dashboardOf(other.token).connect()).connected).toBe(true)
  })
})
