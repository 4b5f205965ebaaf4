import { randomBytes } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '../../server/config.ts'
import { createDeps } from '../../server/deps.ts'
import { openCredentials } from '../../server/modules/inboxes/credentials.ts'
import { findInboxes } from '../../server/modules/inboxes/inboxes.queries.ts'
import { Actor } from '../support/actor.ts'
import { runCli } from '../support/cli.ts'
import { openSql } from '../support/sql.ts'
import { until } from '../support/until.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let environment: Record<string, string>

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  const { databaseUrl = '', redisUrl = '', dataDir, publicUrl, jwtSecret } = world.config
  environment = {
    NODE_ENV: 'production',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    PUBLIC_URL: publicUrl,
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEYS: OLD_KEY,
    PLATFORM_ADMIN_EMAIL: 'root@parley.test',
  }
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const OLD_KEY = `test:${Buffer.alloc(32, 7).toString('base64')}`
const NEW_KEY = `new:${Buffer.alloc(32, 9).toString('base64')}`

const run = (command: string, args: string[] = [], env: Record<string, string> = {}, input = '') =>
  runCli(command, args, { ...environment, ...env }, input)

describe('db:migrate', { timeout: 60_000 }, () => {
  let url: string
  const name = `empty_${randomBytes(4).toString('hex')}`
  beforeAll(async () => {
    await sql.unsafe(`create database ${name}`)
    url = inject('postgresUrl').replace(/[^/]+$/, name)
  })
  afterAll(() => sql.unsafe(`drop database if exists ${name} with (force)`))

  it('migrates once, however many are told to at once, and does nothing the next time', async () => {
    const both = await Promise.all([1, 2].map(() => run('db-migrate', [], { DATABASE_URL: url })))
    for (const outcome of [...both, await run('db-migrate', [], { DATABASE_URL: url })])
      expect(outcome).toMatchObject({ code: 0, out: 'The database is up to date.\n' })
    const migrated = openSql({ config: { databaseUrl: url } as never })
    expect(await migrated`select id from installation`).toHaveLength(1)
    await migrated.end()
  })

  it('says in a line what is wrong', async () => {
    const outcome = await run('db-migrate', [], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
    expect(outcome).toMatchObject({ code: 1, out: '' })
    expect(outcome.err.trim().split('\n')).toHaveLength(1)
    expect(await run('db-migrate', [], { DATABASE_URL: 'mysql://x' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('DATABASE_URL: is not a URL') as string,
    })
  })
})

describe('user:create', { timeout: 60_000 }, () => {
  const create = (args: string[], input = `${Actor.password}\n`) => run('user-create', args, {}, input)

  it('makes a verified user with a business, who logs in with the password of standard input', async () => {
    const email = 'olga@shop.test'
    const outcome = await create(['--email', email, '--name', 'Olga', '--account', 'Shop'])
    expect(outcome).toMatchObject({ code: 0, err: '' })
    expect(outcome.out).toMatch(/^Created olga@shop.test \(user [\w-]{36}, account [\w-]{36}\)\.\n$/)
    expect(outcome.out + outcome.err).not.toContain(Actor.password)
    const olga = await Actor.logIn(world, email)
    const [row] = await sql`select name, email_verified_at from users where id = ${olga.userId}`
    expect(row).toMatchObject({ name: 'Olga', email_verified_at: expect.any(Date) as Date })
    const again = await create(['--email', email, '--name', 'Olga', '--account', 'Shop'])
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining(email) as string })
  })

  it('says what a login without a business is good for', async () => {
    const plain = await create(['--email', 'plain@shop.test', '--name', 'Plain'])
    expect(plain).toMatchObject({ code: 0, out: expect.stringContaining('--account makes one') as string })
    const root = await create(['--email', 'Root@parley.test', '--name', 'Root'])
    expect(root).toMatchObject({ code: 0, err: '' })
    expect(root.out).not.toContain('--account')
  })

  it.each([
    [['--email', 'x@shop.test'], '', 2],
    [['--email', 'x@shop.test', '--name', 'X', '--nonsense', '1'], '', 2],
    [['--email', 'x@shop.test', '--name', 'X'], '', 2],
    [['--email', 'nobody', '--name', 'X'], `${Actor.password}\n`, 1],
    [['--email', 'x@shop.test', '--name', 'X'], 'short\n', 1],
  ])('refuses %j with %j in words, and changes nothing (I17)', async (args, input, code) => {
    const outcome = await create(args, input)
    expect(outcome).toMatchObject({ code, out: '' })
    expect(outcome.err).not.toMatch(/\n +at /)
    expect(await sql`select 1 from users where email = 'x@shop.test'`).toEqual([])
  })
})

describe('keys:rotate', { timeout: 60_000 }, () => {
  it('seals every inbox under the new key, and the old one may go (I14)', async () => {
    const { accountId, inboxId } = await connected()
    const outcome = await run('keys-rotate', [], { ENCRYPTION_KEYS: `${NEW_KEY},${OLD_KEY}` })
    expect(outcome).toEqual({ code: 0, out: '1 sealed anew, 0 left on an older key.\n', err: '' })
    const config = loadConfig({ ...environment, ENCRYPTION_KEYS: NEW_KEY })
    const deps = createDeps(config)
    const [inbox] = await deps.scopes.system(accountId).read((tx) => findInboxes(tx, [inboxId]))
    expect(inbox && openCredentials(deps, inbox)).toMatchObject({ accessToken: expect.any(String) as string })
    await deps.close()
    expect(await run('keys-rotate', [], { ENCRYPTION_KEYS: NEW_KEY })).toMatchObject({
      code: 0,
      out: '0 sealed anew, 0 left on an older key.\n',
    })
  })

  it('refuses a key that is not the database’s, and shows none', async () => {
    const outcome = await run('keys-rotate', [], { ENCRYPTION_KEYS: OLD_KEY })
    expect(outcome).toMatchObject({ code: 1, out: '', err: expect.stringContaining('ENCRYPTION_KEYS') as string })
    expect(outcome.err).not.toContain(OLD_KEY.split(':')[1])
  })

  async function connected() {
    const admin = await world.business()
    const { inboxId } = await admin.connect()
    return { accountId: admin.accountId, inboxId }
  }
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
