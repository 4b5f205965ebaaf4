import type { Sql } from 'postgres'

/** The statements of one role while `work` ran, without begin, settings, commit and what goes by the clock. Tracking must be on. */
export async function countStatements(
  sql: Sql,
  role: 'parley_app' | 'parley_system',
  work: () => Promise<unknown>,
): Promise<number> {
  await sql`select pg_stat_statements_reset()`
  await work()
  // A statement is counted when its portal closes, which the commit behind the answer does.
  await new Promise((done) => setTimeout(done, 150))
  return countedSoFar(sql, role)
}

/** Switches counting on or off; open connections notice within a moment. */
export async function tracking(sql: Sql, on: boolean): Promise<void> {
  await sql`create extension if not exists pg_stat_statements`
  await sql`alter system set pg_stat_statements.track = ${sql.unsafe(on ? "'top'" : "'none'")}`
  await sql`select pg_reload_conf()`
  await new Promise((done) => setTimeout(done, 1_000))
}

export async function countedSoFar(sql: Sql, role: 'parley_app' | 'parley_system'): Promise<number> {
  const [row] = await sql<{ calls: number }[]>`
    select coalesce(sum(s.calls), 0)::int as calls from pg_stat_statements s join pg_roles r on r.oid = s.userid
    where r.rolname = ${role} and s.dbid = (select oid from pg_database where datname = current_database()) and s.query not like '%set_config(%' and s.query !~ 'feed_stamp|access_changes|feed_heads'
      and s.query !~* '^\\s*(begin|commit|rollback|insert)'`
  return row?.calls ?? 0
}
