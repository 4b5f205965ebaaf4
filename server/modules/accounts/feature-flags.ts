import { and, eq } from 'drizzle-orm'
import type { ReadTx, Scope, Tx } from '../../db/scope.ts'
import { featureFlags } from '../../db/schema/index.ts'
import type { Deps, System } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { AppError, invalid } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { requirePlatformAdministrator } from './accounts.policy.ts'
import { getAccountRow, insertAccessChanges, insertAudit, lockAccountRow, type AccountRow } from './accounts.queries.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    'account.flagsChanged': { accountId: string; key: string; enabled: boolean }
  }
}

interface FlagDefinition {
  key: string
  label: string
  enabledByDefault: boolean
}

/** Every feature flag there is (I12). The database holds only what differs from the defaults. */
export const FEATURE_FLAGS: FlagDefinition[] = [
  { key: 'channel_tiktok', label: 'TikTok', enabledByDefault: true },
  { key: 'channel_respondio', label: 'TikTok through respond.io', enabledByDefault: true },
]

/** A channel that is not in the list brings its flag along, switched on. */
export function declareFlags(manifests: readonly { featureFlag: string; label: string }[]): void {
  for (const { featureFlag: key, label } of manifests) {
    if (!findFlag(key)) FEATURE_FLAGS.push({ key, label, enabledByDefault: true })
  }
}

export interface FeatureFlag {
  key: string
  label: string
  enabled: boolean
}

const findFlag = (key: string): FlagDefinition | undefined => FEATURE_FLAGS.find((flag) => flag.key === key)

/** Every flag with its state, from the account's differences. */
export const featureFlagsOf = (differences: Readonly<Record<string, boolean>>): FeatureFlag[] =>
  FEATURE_FLAGS.map(({ key, label, enabledByDefault }) => ({
    key,
    label,
    enabled: differences[key] ?? enabledByDefault,
  }))

const inTransaction = <T>(reader: Scope | ReadTx, work: (tx: ReadTx) => Promise<T>): Promise<T> =>
  'read' in reader ? reader.read(work) : work(reader)

/** Every flag of the account with its state. */
export async function listFeatureFlags(reader: Scope | ReadTx): Promise<FeatureFlag[]> {
  const rows = await inTransaction(reader, (tx) =>
    tx.orm.select().from(featureFlags).where(eq(featureFlags.accountId, tx.accountId)),
  )
  return featureFlagsOf(Object.fromEntries(rows.map((row) => [row.key, row.enabled])))
}

/** Whether a feature is on for the account; a key that is not in the list never is. */
export async function isEnabled(reader: Scope | ReadTx, key: string): Promise<boolean> {
  const flag = findFlag(key)
  if (!flag) return false
  const [row] = await inTransaction(
    reader,
    (tx) => tx.sql<{ enabled: boolean }[]>`
      select enabled from feature_flags where account_id = ${tx.accountId} and key = ${key}`,
  )
  return row?.enabled ?? flag.enabledByDefault
}

/** Throws FEATURE_DISABLED with the flag's key in its details. */
export async function requireFeature(reader: Scope | ReadTx, key: string): Promise<void> {
  if (await isEnabled(reader, key)) return
  throw new AppError(
    'FEATURE_DISABLED',
    `${findFlag(key)?.label ?? 'This feature'} is switched off for this business`,
    {
      key,
    },
  )
}

/** The same across tenants, for workers that have no scope yet. */
export async function unsafeIsEnabled(system: System, accountId: string, key: string): Promise<boolean> {
  const flag = findFlag(key)
  if (!flag) return false
  const [row] = await system.sql<{ enabled: boolean }[]>`
    select enabled from feature_flags where account_id = ${accountId} and key = ${key}`
  return row?.enabled ?? flag.enabledByDefault
}

export interface SetFeatureFlagInput {
  accountId: string
  key: string
  enabled: boolean
}

/**
 * Switches a feature for any account: platform administrators only. Audited; live at once on screens (feed), sockets
 * (access change) and waiting work (domain event), all with the same commit.
 */
export async function setFeatureFlag(deps: Deps, admin: SignedIn, input: SetFeatureFlagInput): Promise<AccountRow> {
  requirePlatformAdministrator(admin)
  const accountId = parseId(input.accountId, 'Account')
  const flag = findFlag(input.key)
  if (!flag) throw invalid('key', 'There is no such feature')
  return deps.scopes.system(accountId).tx(async (tx) => {
    const before = await lockAccountRow(tx)
    const { enabled } = input
    if ((before.flags[flag.key] ?? flag.enabledByDefault) === enabled) return before
    await writeFlag(tx, flag, enabled)
    await insertAudit(tx.orm, { accountId, userId: admin.userId, action: 'flag.set', data: { key: flag.key, enabled } })
    await insertAccessChanges(tx.orm, [{ kind: 'account', accountId }])
    tx.publish({ type: 'account.updated' })
    await tx.emit('account.flagsChanged', { accountId, key: flag.key, enabled })
    return getAccountRow(tx)
  })
}

async function writeFlag(tx: Tx, flag: FlagDefinition, enabled: boolean): Promise<void> {
  const { accountId } = tx
  if (enabled === flag.enabledByDefault) {
    await tx.orm.delete(featureFlags).where(and(eq(featureFlags.accountId, accountId), eq(featureFlags.key, flag.key)))
    return
  }
  const values = { accountId, key: flag.key, enabled, updatedAt: tx.clock.now() }
  await tx.orm
    .insert(featureFlags)
    .values(values)
    .onConflictDoUpdate({ target: [featureFlags.accountId, featureFlags.key], set: values })
}
