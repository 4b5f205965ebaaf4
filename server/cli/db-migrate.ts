import { loadConfig } from '../config.ts'
import { migrate } from '../db/migrate.ts'

async function main(): Promise<void> {
  const { databaseUrl } = loadConfig()
  if (!databaseUrl) {
    throw new Error('DATABASE_URL is not set. The private database is migrated whenever Parley starts.')
  }
  await migrate(databaseUrl)
  console.log('The database is up to date.')
}

await main().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exitCode = 1
})
