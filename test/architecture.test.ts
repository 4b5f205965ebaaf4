import { readFileSync } from 'node:fs'
import path from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settings } from '../client/locales/en/settings.ts'
import { packageRoot } from '../server/kit/paths.ts'
import { createTestDatabase } from './support/database.ts'
import type { TestDatabase } from './support/database.ts'
import { importCircles, readSources } from './support/sources.ts'
import type { Source } from './support/sources.ts'

const product = readSources('server', 'jobs', 'client')
const tests = readSources('test')
const all = [...product, ...tests]

const inFolder = (folder: string) => product.filter((source) => source.file.startsWith(`${folder}/`))

/** Each import of one of our files for which `forbidden` says so, as "from → to". */
function crossings(sources: Source[], forbidden: (target: string, source: Source) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap(({ file }) => (file && forbidden(file, source) ? [`${source.file} → ${file}`] : [])),
  )
}

/** Files that import one of these packages for more than its types. */
const importers = (sources: Source[], ...packages: string[]) =>
  sources
    .filter((source) => source.imports.some((entry) => !entry.typeOnly && packages.includes(entry.specifier)))
    .map((source) => source.file)

describe('the walls between the rooms', () => {
  it('keep jobs out of the server, main.ts apart', () => {
    const server = inFolder('server').filter((source) => source.file !== 'server/main.ts')
    expect(crossings(server, (target) => target.startsWith('jobs/'))).toEqual([])
  })

  it('keep the server and the jobs out of the client, types included', () => {
    expect(crossings(inFolder('client'), (target) => /^(server|jobs|test)\//.test(target))).toEqual([])
  })

  it('keep the client and the tests out of the server and the jobs', () => {
    const processes = [...inFolder('server'), ...inFolder('jobs')]
    expect(crossings(processes, (target) => /^(client|test)\//.test(target))).toEqual([])
  })

  it('let server/config.ts alone read the environment', () => {
    const readers = product.filter((source) => source.properties.some((name) => /\bprocess\.env\b/.test(name)))
    const files = readers.map((source) => source.file).filter((file) => !file.endsWith('/vite.config.ts'))
    expect(files).toEqual(['server/config.ts'])
  })

  it('let only deps.ts open the database', () => {
    expect(importers(product, 'postgres', 'pg')).toEqual(['server/db/client.ts', 'server/db/migrate.ts'])
    const openers = product.filter((source) => source.calls.includes('openPool'))
    expect(openers.map((source) => source.file)).toEqual(['server/deps.ts'])
  })

  it('have no circles of imports', () => {
    expect(importCircles(all)).toEqual([])
  })
})

describe('channels', () => {
  const channelNames = ['tiktok', 'respondio', 'loopback']

  /** The contract, and what TikTok allows whoever carries the messages. */
  const shared = ['server/channels/contract.ts', 'server/channels/tiktok-window.ts']

  it('import the kit, the contract and themselves, and neither a database nor a queue', () => {
    const inner = inFolder('server/channels').filter((source) => source.file.split('/').length > 3)
    const files = [...inner, ...tests.filter(({ file }) => file.startsWith('test/channels/loopback/'))]
    const foreign = crossings(files, (target, source) => {
      const own = source.file.split('/').slice(0, 3).join('/')
      const allowed = ['server/kit/', `${own}/`].some((folder) => target.startsWith(folder))
      return !allowed && !shared.includes(target)
    })
    expect(foreign).toEqual([])
    expect(importers(files, 'postgres', 'drizzle-orm', 'bullmq', 'ioredis', 'fastify', 'mercurius')).toEqual([])
  })

  it('are imported through the registry and the contract alone', () => {
    const registry = 'server/channels/registry.ts'
    const outside = product.filter((source) => !source.file.startsWith('server/channels/'))
    const isInner = (target: string) => /^server\/channels\/[^/]+\//.test(target)
    expect(crossings(outside, isInner)).toEqual([])
    expect(product.some((source) => source.file === registry)).toBe(true)
  })

  it('are named nowhere else: a third one is a folder and a line in the registry', () => {
    const mayName = (file: string) => file.startsWith('server/channels/') || file === 'server/config.ts'
    const naming = product.filter(
      ({ file, strings }) => !mayName(file) && strings.some((text) => channelNames.includes(text)),
    )
    expect(naming.map((source) => source.file)).toEqual([])
  })
})

describe('modules', () => {
  /** From the top down: a module imports those after it. */
  const order = [
    'platform',
    'gateway',
    'history',
    'polling',
    'intake',
    'swaps',
    'messages',
    'attachments',
    'conversations',
    'contacts',
    'inboxes',
    'users',
    'api-tokens',
    'accounts',
    'mails',
  ]
  const moduleOf = (file: string) => /^server\/modules\/([^/]+)\//.exec(file)?.[1]

  it('call each other downwards only', () => {
    const upwards = crossings(inFolder('server/modules'), (target, source) => {
      const [from, to] = [moduleOf(source.file), moduleOf(target)]
      return !!from && !!to && from !== to && order.indexOf(to) < order.indexOf(from)
    })
    expect(upwards).toEqual([])
  })

  it('all have their place in that order', () => {
    const modules = new Set(inFolder('server/modules').flatMap((source) => moduleOf(source.file) ?? []))
    expect([...modules].filter((name) => !order.includes(name))).toEqual([])
  })

  it('know nothing of HTTP, resolvers apart', () => {
    const inner = inFolder('server/modules').filter((source) => !source.file.endsWith('.resolvers.ts'))
    expect(crossings(inner, (target) => target.startsWith('server/http/'))).toEqual([])
  })

  it('stand above the kit and the database, which know none of them', () => {
    const below = ['server/kit', 'server/db', 'server/channels', 'server/embedded', 'server/queue'].flatMap(inFolder)
    expect(crossings(below, (target) => target.startsWith('server/modules/'))).toEqual([])
  })
})

describe('the sentences that come with the settings', () => {
  it('are used by no page that comes without them', () => {
    const groups = Object.keys(settings).join('|')
    const isSettings = /^client\/(locales|features\/(accounts|inboxes|onboarding|platform))\//
    const others = inFolder('client').filter(({ file }) => !isSettings.test(file))
    // What they borrow from the settings comes with them; the router only names it.
    const borrowers = others.filter(({ file }) => file !== 'client/router.ts')
    const borrowed = new Set(borrowers.flatMap(({ imports }) => imports.map(({ file }) => file)))
    const isEarly = ({ file }: Source) => !isSettings.test(file) || borrowed.has(file)
    const early = inFolder('client')
      .filter(isEarly)
      .filter(({ text }) => new RegExp(`(['\`]|\\bkeypath="|\\(")(${groups})\\.`).test(text))
    expect(early.map((source) => source.file)).toEqual([])
  })
})

describe('files', () => {
  it('have at most 300 lines', () => {
    const long = all.filter((source) => source.text.trimEnd().split('\n').length > 300)
    expect(long.map((source) => source.file)).toEqual([])
  })

  it('are named in kebab-case, components in PascalCase', () => {
    const odd = all.filter(({ file }) => {
      const name = path.basename(file)
      return name.endsWith('.vue') ? !/^[A-Z][A-Za-z0-9]+\.vue$/.test(name) : !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name)
    })
    expect(odd.map((source) => source.file)).toEqual([])
  })
})

describe('migrations', () => {
  let database: TestDatabase
  let sql: postgres.Sql
  beforeAll(async () => {
    database = await createTestDatabase()
    sql = postgres(database.url, { max: 1 })
  })
  afterAll(async () => {
    await sql.end()
    await database.drop()
  })

  it('have times that only grow, or the migrator would skip one', () => {
    const journal = readFileSync(path.join(packageRoot, 'migrations/meta/_journal.json'), 'utf8')
    const { entries } = JSON.parse(journal) as { entries: { idx: number; when: number; tag: string }[] }
    const sorted = entries.toSorted((a, b) => a.when - b.when)
    expect(entries).toEqual(sorted)
    expect(new Set(entries.map((entry) => entry.when)).size).toBe(entries.length)
    expect(entries.map((entry) => entry.idx)).toEqual(entries.map((_, index) => index))
  })

  it('put every table behind row-level security, for its owner too, with a policy (I10)', async () => {
    const open = await sql`
      select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity
        and exists (select from pg_policy p where p.polrelid = c.oid))`
    expect(open.map((row) => row.relname as string)).toEqual([])
  })

  it('key every tenant table by its account first (I10)', async () => {
    const keys = await sql`
      select c.relname as name, (select a.attname from pg_index i join pg_attribute a
          on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary) as first
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and exists (select from pg_attribute a
        where a.attrelid = c.oid and a.attname = 'account_id' and a.attnotnull and not a.attisdropped)`
    const others = keys.filter((row) => row.first !== 'account_id').map((row) => row.name as string)
    expect(keys.length).toBeGreaterThan(10)
    // The log's rows are numbered before they are known to be committed, and read by that number.
    expect(others.filter((name) => name !== 'account_events')).toEqual([])
  })

  it('let a foreign key from one tenant table to another carry the account (I10)', async () => {
    const loose = await sql`
      select k.conname from pg_constraint k where k.contype = 'f'
        and exists (select from pg_attribute where attrelid = k.conrelid and attname = 'account_id' and attnotnull)
        and exists (select from pg_attribute where attrelid = k.confrelid and attname = 'account_id' and attnotnull)
        and not exists (select from pg_attribute where attrelid = k.conrelid and attname = 'account_id' and attnum = any(k.conkey))`
    expect(loose.map((row) => row.conname as string)).toEqual([])
  })

  it('give no role the power to step around it (I10)', async () => {
    const roles = await sql`
      select rolname from pg_roles where rolname like 'parley\\_%' and (rolsuper or rolbypassrls or rolcreaterole)`
    expect(roles.map((row) => row.rolname as string)).toEqual([])
    const owned = await sql`
      select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname like 'parley\\_%'`
    expect(owned.map((row) => row.relname as string)).toEqual([])
  })
})
