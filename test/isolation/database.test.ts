import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTables, listTenantTables, openSql } from '../support/sql.ts'
import { startWorld, type World } from '../support/world.ts'
import { buildTenant, type Tenant } from './tenants.ts'

/** Tables with an account's id that its role may write to and not read, or may not touch at all. */
const WRITE_ONLY = ['access_changes', 'mails']

let world: World
let owner: postgres.Sql
let app: postgres.Sql
let system: postgres.Sql
let intake: postgres.Sql
let ours: Tenant
let theirs: Tenant
let tenantTables: string[]

beforeAll(async () => {
  world = await startWorld({ loopback: true })
  ours = await buildTenant(world, 'ours')
  theirs = await buildTenant(world, 'theirs')
  owner = openSql(world)
  app = openSql(world, 'parley_app')
  system = openSql(world, 'parley_system')
  intake = openSql(world, 'parley_intake')
  tenantTables = (await listTenantTables(owner)).filter((table) => !WRITE_ONLY.includes(table))
})

afterAll(async () => {
  await Promise.all([owner, app, system, intake].map((sql) => sql.end()))
  await world.close()
})

const DENIED = { code: '42501' }

async function count(sql: postgres.Sql | postgres.TransactionSql, table: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)}`
  return row?.n ?? -1
}

const within = <T>(accountId: string, work: (sql: postgres.TransactionSql) => Promise<T>) =>
  app.begin(async (sql) => {
    await sql`select set_config('app.account_id', ${accountId}, true)`
    return work(sql)
  })

describe('the database itself (I10)', () => {
  it('keeps row-level security on and forced on every table, and no role of ours can bypass it', async () => {
    const open = await owner`
      select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
        and not (relrowsecurity and relforcerowsecurity)`
    expect(open.map((row) => row['relname'])).toEqual([])
    const roles = await owner`
      select rolname from pg_roles where rolname like 'parley\\_%' and (rolsuper or rolbypassrls or rolcanlogin)`
    expect(roles).toEqual([])
  })

  it('shows the tenants’ role nothing without a scope, in any table, although the URL is a superuser’s', async () => {
    const tables = (await listTables(owner)).filter((table) => table !== 'installation')
    const seen: Record<string, number> = {}
    for (const table of tables) {
      // No right to read at all is as good as nothing to see.
      const rows = await count(app, table).catch((error: { code: string }) => (error.code === DENIED.code ? 0 : -1))
      if (rows !== 0) seen[table] = rows
    }
    expect(seen).toEqual({})
  })

  it('keeps the one function that looks past the rules to the account that asks', async () => {
    const guarded = await owner`
      select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`
    expect(guarded.map((row) => row['proname'])).toEqual(['search_contact_ids'])
    expect(await app`select search_contact_ids('%', null, 10)`).toEqual([])
    const found = await within(ours.one.accountId, (sql) => sql`select search_contact_ids('%', null, 100) as id`)
    const own = await owner`select id from contacts where account_id = ${ours.one.accountId}`
    expect(found.map((row) => row['id'] as string).sort()).toEqual(own.map((row) => row['id'] as string).sort())
    await expect(intake`select search_contact_ids('%', null, 10)`).rejects.toMatchObject(DENIED)
  })

  it('has rows of both accounts in what follows, so that it means something', async () => {
    for (const table of ['conversations', 'messages', 'inboxes', 'contacts', 'threads', 'memberships']) {
      const rows = await owner`select distinct account_id from ${owner(table)}`
      expect(rows.length, table).toBe(2)
    }
  })

  it('shows one account’s rows and none of another’s in every table that holds tenants’ rows', async () => {
    for (const table of tenantTables) {
      const [mine] = await owner<{ n: number }[]>`
        select count(*)::int as n from ${owner(table)} where account_id = ${ours.one.accountId}`
      const seen = await within(ours.one.accountId, (sql) => sql`select distinct account_id from ${sql(table)}`)
      expect(
        seen.map((row) => row['account_id']),
        table,
      ).toEqual(mine?.n ? [ours.one.accountId] : [])
    }
  })

  it('shows only colleagues among the users, the own account among the accounts, and no password', async () => {
    const users = await within(ours.one.accountId, (sql) => sql`select id from users`)
    expect(users.map((row) => row['id'])).not.toContain(theirs.admin.userId)
    expect(users.map((row) => row['id'])).toContain(ours.admin.userId)
    expect(await within(ours.one.accountId, (sql) => sql`select id from accounts`)).toEqual([
      { id: ours.one.accountId },
    ])
    const secret = within(ours.one.accountId, (sql) => sql`select password_hash from users`)
    await expect(secret).rejects.toMatchObject(DENIED)
  })

  it('shows only deliveries that are addressed to the account’s own businesses', async () => {
    const rows = await within(ours.one.accountId, (sql) => sql`select distinct account_ref from webhook_events`)
    const own = await owner`select external_id from inboxes where account_id = ${ours.one.accountId}`
    const names = rows.map((row) => row['account_ref'] as string)
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !own.some((row) => row['external_id'] === name))).toEqual([])
  })

  it('changes and deletes nothing of another account, and takes no row in its name', async () => {
    const { accountId, conversationId } = theirs.one
    await within(ours.one.accountId, async (sql) => {
      expect((await sql`update messages set content = 'x' where account_id = ${accountId}`).count).toBe(0)
      expect((await sql`delete from inbox_members where account_id = ${accountId}`).count).toBe(0)
    })
    const moved = within(ours.one.accountId, (sql) => sql`update conversations set account_id = ${accountId}`)
    await expect(moved).rejects.toThrow(/row-level security|foreign key/)
    const written = within(
      ours.one.accountId,
      (sql) => sql`insert into account_events (account_id, type, conversation_id)
        values (${accountId}, 'message.created', ${conversationId})`,
    )
    await expect(written).rejects.toThrow(/row-level security/)
    const reached = within(
      ours.one.accountId,
      (sql) => sql`update conversations set inbox_id = ${theirs.one.inboxId} where id = ${ours.one.conversationId}`,
    )
    await expect(reached).rejects.toMatchObject({ code: '23503' })
  })

  it('sees nothing with a scope that is empty or of nobody', async () => {
    expect(await within('', (sql) => count(sql, 'messages'))).toBe(0)
    expect(await within(randomUUID(), (sql) => count(sql, 'messages'))).toBe(0)
  })
})

describe('the narrow roles', () => {
  it('let the one that takes webhooks in insert them and read nothing at all (I4)', async () => {
    await intake`insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw)
      values ('tiktok', ${randomUUID()}, 'nobody', 'nobody', 'x'::bytea) on conflict do nothing`
    for (const table of await listTables(owner)) {
      await expect(intake`select * from ${intake(table)}`, table).rejects.toMatchObject(DENIED)
    }
    await expect(intake`select raw from webhook_events`).rejects.toMatchObject(DENIED)
    await expect(intake`update webhook_events set state = 1`).rejects.toMatchObject(DENIED)
    await expect(intake`delete from webhook_events`).rejects.toMatchObject(DENIED)
    const done = intake`insert into webhook_events (channel_type, event_key, account_ref, thread_key, raw, state)
      values ('tiktok', 'done', '', '', 'x'::bytea, 1)`
    await expect(done).rejects.toThrow(/row-level security/)
  })

  it('keep credentials, message texts and details from the one that crosses tenants (I14)', async () => {
    const [column] = await system`select count(*)::int as n from messages`
    expect(column?.['n']).toBeGreaterThan(0)
    const forbidden = [
      ['inboxes', ['credentials', 'settings']],
      ['messages', ['content', 'raw', 'details', 'external_id', 'client_message_id']],
      ['oauth_states', ['used_at']],
      ['conversations', ['contact_id']],
      ['contact_identities', ['external_id']],
      ['thread_reads', ['read_count']],
      ['audit_log', ['data']],
      ['api_tokens', ['name', 'created_by']],
    ] as const
    for (const [table, columns] of forbidden) {
      for (const name of columns) {
        await expect(system`select ${system(name)} from ${system(table)}`, `${table}.${name}`).rejects.toMatchObject(
          DENIED,
        )
      }
    }
    for (const table of ['messages', 'conversations', 'inboxes', 'contacts']) {
      await expect(system`delete from ${system(table)}`, table).rejects.toMatchObject(DENIED)
    }
  })

  it('cannot become another role or turn the rules off', async () => {
    for (const sql of [app, system, intake]) {
      await expect(sql`alter table messages disable row level security`).rejects.toMatchObject(DENIED)
      await expect(sql`drop policy tenant on messages`).rejects.toMatchObject(DENIED)
      await expect(sql`create table leak (id int)`).rejects.toMatchObject(DENIED)
    }
  })
})
