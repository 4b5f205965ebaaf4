import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsOf, type RunCommand } from '../support/commands.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'
import { connectRespondIo, Polling } from './polling-kit.ts'

let world: World
let sql: postgres.Sql
let run: RunCommand

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  ;({ run } = commandsOf(world))
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

describe('import:chats', { timeout: 60_000 }, () => {
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const line = (conversationId: string, minutes: number, content: string, more: object = {}) => ({
    type: 'dm',
    direction: 'incoming',
    conversationId,
    timestamp: ago(minutes),
    user: { id: conversationId, username: `user.${conversationId}`, nickname: `Nick ${conversationId}`, avatar: '' },
    message: { type: 'text', content },
    ...more,
  })
  const outgoing = { direction: 'outgoing' }

  it('writes a gateway’s file into an inbox as its past, and the second time nothing (I2, I3, I8)', async () => {
    const admin = await world.business()
    const { inboxId } = await admin.connect()
    const feed = await admin.subscribe()
    const good = [
      line('41', 50, 'Second'),
      line('42', 45, 'Other'),
      line('41', 60, 'First'),
      line('41', 40, 'Answer', outgoing),
      line('41', 30, 'a\0b', { message: { id: 77, type: 'text', content: 'With\0id' } }),
      line('42', 20, '', { message: { type: 'image', content: 'https://x.test/a.jpg' }, user: null }),
    ]
    const bad = [
      '{"type":',
      '[]',
      line('43', -60, 'Tomorrow'),
      line('', 1, 'x'),
      line('44', 1, 'x', { direction: 'up' }),
    ]
    const long = JSON.stringify(line('45', 1, 'x'.repeat(300_000)))
    const file = [...good, '', good[0], ...bad].map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
    const args = ['--account', admin.accountId, '--inbox', inboxId]
    const first = await run('import-chats', args, {}, [long, ...file].join('\n'))
    expect(first.out).toBe('13 lines: 6 added, 1 here already, 6 not usable.\n')
    expect(first.err.trim().split('\n')).toEqual([
      'line 1: TOO_LONG',
      'line 10: NOT_JSON',
      'line 11: INVALID',
      'line 12: TIME_AHEAD (timestamp)',
      'line 13: INVALID (conversationId)',
      'line 14: INVALID (direction)',
    ])
    expect(first.code).toBe(1)
    const again = await run('import-chats', args, {}, good.map((row) => JSON.stringify(row)).join('\r\n'))
    expect(again).toEqual({ code: 0, out: '6 lines: 0 added, 6 here already, 0 not usable.\n', err: '' })

    const rows = await admin.conversations()
    expect(rows.map(({ contact, unreadCount }) => [contact.name, unreadCount])).toEqual([
      ['Nick 42', 0],
      ['Nick 41', 0],
    ])
    const told = await admin.messages(rows[1]?.id ?? '')
    expect(told.map(({ content, type }) => [type, content])).toEqual([
      ['INCOMING', 'First'],
      ['INCOMING', 'Second'],
      ['OUTGOING', 'Answer'],
      ['INCOMING', 'With\uFFFDid'],
    ])
    await expect(admin.send(rows[1]?.id ?? '', 'Hi')).rejects.toMatchObject({ details: { reason: 'NO_INBOUND' } })
    const rename = 'mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { id } }'
    await admin.raw(rename, { input: { accountId: admin.accountId, name: 'The end' } })
    await until(() => feed.events.some(({ type }) => type === 'account.updated'), 'the feed has told everything')
    expect(feed.events.filter(({ type }) => type === 'message.created')).toEqual([])
    feed.close()
  })

  it('doubles nothing that came from the provider before, and keeps what the file says twice (I2)', async () => {
    const admin = await world.business()
    const { inboxId } = await admin.connect()
    const rows = [
      line('51', 30, 'Hello'),
      line('51', 29, 'Answer', outgoing),
      line('51', 28, 'Hello'),
      line('51', 27, 'ok'),
      line('51', 27, 'Ok'),
    ]
    const again = { ...rows[3], timestamp: new Date(Date.parse(rows[3]?.timestamp ?? '') + 1_000).toISOString() }
    const named = rows.slice(0, 2).map((row, place) => ({
      ...row,
      timestamp: new Date(Date.parse(row.timestamp) + 1_500).toISOString(),
      message: { ...row.message, id: `provider-${place}` },
    }))
    const args = ['--account', admin.accountId, '--inbox', inboxId]
    const told = (told: object[]) => run('import-chats', args, {}, told.map((row) => JSON.stringify(row)).join('\n'))
    expect((await told(named)).out).toBe('2 lines: 2 added, 0 here already, 0 not usable.\n')
    const first = await told([...rows, again])
    expect(first.out).toBe('6 lines: 4 added, 2 here already, 0 not usable.\n')
    expect((await told([...rows, again])).out).toBe('6 lines: 0 added, 6 here already, 0 not usable.\n')
    const [conversation] = await admin.conversations()
    const messages = await admin.messages(conversation?.id ?? '')
    expect(messages.map(({ content }) => content)).toEqual(['Hello', 'Answer', 'Hello', 'ok', 'Ok', 'ok'])
  })

  it('names customers by their own lines and keeps them apart, since the gateway calls the business You (I2)', async () => {
    const admin = await world.business()
    const { inboxId } = await admin.connect()
    const self = { ...outgoing, user: { id: 'self', username: 'You', nickname: 'You', avatar: '' } }
    const unknown = { user: { id: 'unknown', username: 'unknown', nickname: 'unknown', avatar: '' } }
    const rows = [
      line('61', 60, 'Hello 61', self),
      line('62', 59, 'Hello 62', self),
      line('61', 58, 'Hi', {
        user: { id: 'u61', username: 'anan', nickname: 'Anan', avatar: 'https://x.test/a\0.jpg' },
      }),
      line('63', 57, 'Hello 63', self),
      line('64', 56, 'Hi', unknown),
      line('65', 55, 'Hi', unknown),
    ]
    const args = ['--account', admin.accountId, '--inbox', inboxId]
    const told = (told: object[]) => run('import-chats', args, {}, told.map((row) => JSON.stringify(row)).join('\n'))
    const names = async () =>
      (await admin.conversations()).map(({ contact }) => [contact.name, contact.username]).sort()
    expect((await told(rows)).out).toBe('6 lines: 6 added, 0 here already, 0 not usable.\n')
    expect(await names()).toEqual([
      ['62', null],
      ['63', null],
      ['64', null],
      ['65', null],
      ['Anan', 'anan'],
    ])
    // A later part of the file knows more.
    await told([line('62', 50, 'Hi', { user: { id: 'u62', username: 'bo', nickname: 'Bo', avatar: '' } })])
    await told([line('61', 49, 'Hi', { user: { id: 'u61', username: 'anan', nickname: 'Not so', avatar: '' } })])
    expect(await names()).toEqual([
      ['63', null],
      ['64', null],
      ['65', null],
      ['Anan', 'anan'],
      ['Bo', 'bo'],
    ])
    expect(
      await sql`select external_id from contact_identities where account_id = ${admin.accountId} order by 1`,
    ).toEqual(['62', '63', '64', '65', 'u61', 'u62'].map((id) => ({ external_id: id })))
  })

  it('calls a message as the channel does: one that is read later is no other, and two contacts may have one id (I2)', async () => {
    const admin = await world.business()
    const { respondio } = world.standin
    respondio.setKnobs({ rateLimit: Infinity })
    const shop = await connectRespondIo(world, admin)
    const polling = new Polling(world, sql, shop)
    const { contactId, messageId } = polling.writes({ firstName: 'Anan' }, 'Hello')
    const named = { message: { type: 'text', content: 'Hello', id: messageId } }
    const rows = [line(String(contactId), 30, '', named), line(String(contactId + 1), 30, '', named)]
    const args = ['--account', admin.accountId, '--inbox', shop.inboxId]
    const environment = { RESPONDIO_API_URL: respondio.apiUrl }
    const outcome = await run('import-chats', args, environment, rows.map((row) => JSON.stringify(row)).join('\n'))
    expect(outcome.out).toBe('2 lines: 2 added, 0 here already, 0 not usable.\n')
    await polling.all()
    expect((await polling.messages()).map((row) => row.external_id).sort()).toEqual(
      [contactId, contactId + 1].map((id) => `${id}:${messageId}`),
    )
  })

  it('refuses what it cannot do in words, and changes nothing (I17)', async () => {
    const [admin, other] = [await world.business(), await world.business()]
    const { inboxId } = await admin.connect()
    const [account, inbox] = [
      ['--account', admin.accountId],
      ['--inbox', inboxId],
    ]
    const wrong: [string[], number][] = [
      [[], 2],
      [account, 2],
      [[...account, '--inbox', 'mine'], 2],
      [[...account, ...inbox, '--nonsense'], 2],
      [[...account, ...inbox, 'a', 'b'], 2],
      [['--account', other.accountId, ...inbox], 1],
      [[...account, ...inbox, 'no-such-file.jsonl'], 1],
    ]
    const outcomes = await Promise.all(
      wrong.map(([args]) => run('import-chats', args, {}, JSON.stringify(line('1', 1, 'x')))),
    )
    for (const [place, { code, out, err }] of outcomes.entries()) {
      expect([code, out], err).toEqual([wrong[place]?.[1], ''])
      expect(err).not.toMatch(/\n +at /)
    }
    expect(await sql`select 1 from messages where account_id = ${admin.accountId}`).toEqual([])
  })
})
