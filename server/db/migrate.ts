import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import path from 'node:path'
import postgres from 'postgres'
import { packageRoot } from '../kit/paths.ts'

/** Applies pending migrations, one process at a time: a second one waits for the lock and finds nothing to do. */
export async function migrate(databaseUrl: string): Promise<void> {
  const client = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    await client`select pg_advisory_lock(4711, 2)`
    await applyMigrations(drizzle(client), { migrationsFolder: path.join(packageRoot, 'migrations') })
  } finally {
    await client.end({ timeout: 5 })
  }
}
