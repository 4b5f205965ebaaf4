import { randomBytes } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '../../server/config.ts'
import { createDeps } from '../../server/deps.ts'
import { openCredentials } from '../../server/modules/inboxes/credentials.ts'
import { findInboxes } from '../../server/modules/inboxes/inboxes.queries.ts'
import { Actor } from '../support/actor.ts'
import { commandsOf, type RunCommand } from '../support/commands.ts'
import { openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let sql: postgres.Sql
let environment: Record<string, string>
let run: RunCommand

beforeAll(async () => {
  world = await startWorld({ jobs: false, environment: { LOG_LEVEL: 'silent' } })
  sql = openSql(world)
  ;({ run, environment } = commandsOf(world, OLD_KEY))
})

afterAll(async () => {
  await sql.end()
  await world.close()
})

const OLD_KEY = `test:${Buffer.alloc(32, 7).toString('base64')}`
const NEW_KEY = `new:${Buffer.alloc(32, 9).toString('base64')}`

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
