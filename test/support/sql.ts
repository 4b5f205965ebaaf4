import postgres from 'postgres'
import type { World } from './world.ts'

export type Role = 'parley_app' | 'parley_system' | 'parley_intake'

/** A superuser's own look at a world's database, past row-level security; with `role` a look through that role's eyes. */
export function openSql(world: Pick<World, 'config'>, role?: Role): postgres.Sql {
  const connection = role ? { role } : {}
  return postgres(world.config.databaseUrl ?? '', { max: 2, onnotice: () => {}, connection: connection as never })
}

/** Every table of ours, from the catalogue. */
export async function listTables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`
  return rows.map((row) => row.name)
}

/** Those that hold tenants' rows. */
export async function listTenantTables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`
  return rows.map((row) => row.name)
}

/** What goes on by itself: raw deliveries, numbers of the feed, sessions and mails. */
const RESTLESS = [
  'access_changes',
  'account_events',
  'feed_heads',
  'installation',
  'mails',
  'sessions',
  'webhook_events',
]
const TOUCHED = 'last_active_at'

/** table → a digest of its rows: two that are equal say that nothing was changed. */
export async function fingerprint(sql: postgres.Sql, except: readonly string[] = RESTLESS) {
  const tables = (await listTables(sql)).filter((table) => !except.includes(table))
  const entries = tables.map(async (table): Promise<[string, string]> => {
    const [row] = await sql<{ digest: string }[]>`
      select count(*) || ' ' || coalesce(md5(string_agg(line, ',' order by line)), '') as digest
      from (select md5((to_jsonb(t) - ${TOUCHED}::text)::text) as line from ${sql(table)} t) lines`
    return [table, row?.digest ?? '']
  })
  return Object.fromEntries(await Promise.all(entries))
}
