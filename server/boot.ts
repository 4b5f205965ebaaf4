import { ensureDevelopmentSecrets, loadConfig, type Config } from './config.ts'
import { migrate } from './db/migrate.ts'
import type { Deps } from './deps.ts'
import { createLogger } from './kit/log.ts'

const CANARY = 'parley'
const CANARY_PLACE = { accountId: 'installation', table: 'installation', rowId: 'key', column: 'key_canary' }

/** The faults that a start can end with; shown as one line, without a stack. */
class BootError extends Error {
  readonly expected = true
}

/**
 * Reads the environment. Outside production, what it does not name is made: secrets in DATA_DIR, a private Postgres and
 * Redis, migrations.
 */
export async function prepareConfig(): Promise<{ config: Config; stopEmbedded: () => Promise<void> }> {
  const config = ensureDevelopmentSecrets(loadConfig())
  if (config.databaseUrl && config.redisUrl) return { config, stopEmbedded: async () => {} }
  const { startEmbedded } = await import('./embedded/embedded.ts')
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    log: createLogger(config),
    postgres: !config.databaseUrl,
    redis: !config.redisUrl,
    durable: true,
  })
  const databaseUrl = config.databaseUrl ?? embedded.databaseUrl
  const redisUrl = config.redisUrl ?? embedded.redisUrl
  if (!databaseUrl || !redisUrl) throw new BootError('The private Postgres or Redis did not start')
  await migrate(databaseUrl)
  return { config: { ...config, databaseUrl, redisUrl }, stopEmbedded: () => embedded.stop() }
}

/** A wrong or missing key stops the boot instead of breaking every inbox (I14). */
export async function checkEncryptionKey(deps: Deps): Promise<void> {
  const sealed = await keepCanary(deps, deps.vault.seal(CANARY, CANARY_PLACE))
  if (!sealed) throw new BootError('The database is not migrated: run `npm run db:migrate` first')
  try {
    if (deps.vault.open(sealed, CANARY_PLACE) === CANARY) return
  } catch {
    // a key that does not open it is answered below
  }
  throw new BootError('ENCRYPTION_KEYS does not hold the key of this database; no inbox could be read')
}

/** Neither the table nor our roles (22023, as the connection starts) are there before the migrations. */
const NOT_MIGRATED = ['42P01', '22023']

/** The database's canary, which is `mine` the first time; undefined when the database is not migrated. */
async function keepCanary({ system: { sql } }: Deps, mine: string): Promise<string | undefined> {
  try {
    await sql`update installation set key_canary = ${mine} where key_canary is null`
    const [row] = await sql<{ key_canary: string }[]>`select key_canary from installation`
    return row?.key_canary
  } catch (error) {
    if (NOT_MIGRATED.includes((error as { code?: string }).code ?? '')) return undefined
    throw error
  }
}

/** Seals the canary under the first key, once every row is: only then may an older key go (I14). */
export async function renewCanary(deps: Deps): Promise<void> {
  await deps.system.sql`update installation set key_canary = ${deps.vault.seal(CANARY, CANARY_PLACE)}`
}
