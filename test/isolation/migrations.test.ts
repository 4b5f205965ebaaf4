import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { loadConfig } from '../../server/config.ts'
import { migrate } from '../../server/db/migrate.ts'
import { createDeps } from '../../server/deps.ts'
import { startEmbedded, type Embedded } from '../../server/embedded/embedded.ts'
import { createLogger } from '../../server/kit/log.ts'

const log = createLogger({ nodeEnv: 'test', logLevel: 'silent' })
const ROLES = ['parley_app', 'parley_system', 'parley_intake']

async function as<T>(url: string, work: (sql: postgres.Sql) => Promise<T>, role?: string): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: (role ? { role } : {}) as never })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

/** Another database and user of the same server. */
function urlOf(url: string, database: string, user?: string): string {
  const other = new URL(url)
  other.pathname = `/${database}`
  if (user) Object.assign(other, { username: user, password: 'secret' })
  return other.href
}

/** A database that belongs to a login without any other right than `right`; answers its URL. */
async function ownedDatabase(superuserUrl: string, name: string, right: 'createrole' | 'nocreaterole') {
  await as(superuserUrl, async (sql) => {
    await sql.unsafe(`create role ${name} login nosuperuser nobypassrls ${right} password 'secret'`)
    await sql.unsafe(`create database ${name} owner ${name}`)
  })
  return urlOf(superuserUrl, name, name)
}

describe('on a server of its own', () => {
  let folder: string
  let embedded: Embedded
  let url: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-migrations-'))
    embedded = await startEmbedded({ dataDir: folder, log, postgres: true, redis: true, durable: false })
    url = await ownedDatabase(embedded.databaseUrl ?? '', 'parley_owner', 'createrole')
  })
  afterAll(async () => {
    await embedded.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('two that migrate at once end with one migrated database, by an owner who is no superuser (I18)', async () => {
    await Promise.all([migrate(url), migrate(url)])
    await migrate(url)
    const rows = await as(urlOf(embedded.databaseUrl ?? '', 'parley_owner'), (sql) => sql`select id from installation`)
    expect(rows).toHaveLength(1)
  })

  it('and Parley runs on it: somebody signs up, and nobody sees a row without a scope (I10)', async () => {
    const deps = createDeps(
      loadConfig({
        NODE_ENV: 'test',
        DATABASE_URL: url,
        REDIS_URL: embedded.redisUrl,
        JWT_SECRET: 'a secret of the tests, long enough to be one',
        ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      }),
      { log },
    )
    const app = await buildApp(deps)
    const input = { accountName: 'Shop', name: 'Mali', email: 'mali@shop.test', password: 'correct horse battery' }
    const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { account { id name } } }'
    const answer = await app.inject({ method: 'POST', url: '/graphql', body: { query, variables: { input } } })
    const { data } = answer.json<{ data: { signUp: { account: { id: string; name: string } } } }>()
    expect(data.signUp.account.name, answer.body).toBe('Shop')
    // The one function that belongs to another role.
    const found = deps.scopes
      .system(data.signUp.account.id)
      .read((tx) => tx.sql`select search_contact_ids('%', null, 1)`)
    expect(await found).toEqual([])
    for (const role of ['parley_app', 'parley_intake']) {
      const seen = as(url, (sql) => sql`select id from accounts`, role).catch((error: { code: string }) => error.code)
      expect(await seen, role).toEqual(role === 'parley_app' ? [] : '42501')
    }
    await app.close()
    await deps.close()
  })
})

describe('on a server where our roles are known already', () => {
  const superuser = inject('postgresUrl')
  const names = ['granted_owner', 'stranger_owner']
  afterAll(() =>
    as(superuser, async (sql) => {
      for (const name of names) {
        await sql.unsafe(`drop database if exists ${name} with (force)`)
        await sql.unsafe(`drop role if exists ${name}`)
      }
    }),
  )

  it('an owner who was granted them migrates without the right to make roles', async () => {
    const url = await ownedDatabase(superuser, 'granted_owner', 'nocreaterole')
    await as(superuser, (sql) => sql.unsafe(`grant ${ROLES.join(', ')} to granted_owner`))
    await migrate(url)
    const rows = await as(urlOf(superuser, 'granted_owner'), (sql) => sql`select id from installation`)
    expect(rows).toHaveLength(1)
  })

  it('one who was not is told so, and nothing is half done', async () => {
    const url = await ownedDatabase(superuser, 'stranger_owner', 'nocreaterole')
    await expect(migrate(url)).rejects.toMatchObject({ cause: { code: '42501' } })
    expect(await as(url, (sql) => sql`select 1 from pg_tables where schemaname = 'public'`)).toEqual([])
  })
})
