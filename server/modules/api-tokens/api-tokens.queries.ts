import { and, desc, eq } from 'drizzle-orm'
import type { ReadTx, Tx } from '../../db/scope.ts'
import { apiTokens } from '../../db/schema/index.ts'
import type { System } from '../../deps.ts'
import { newId } from '../../kit/ids.ts'
import type { AccountStatus } from '../accounts/accounts.queries.ts'

type StoredToken = typeof apiTokens.$inferSelect
/** What may be shown: all but the hash. */
export type ApiTokenRow = Omit<StoredToken, 'tokenHash'>

const COLUMNS = {
  accountId: apiTokens.accountId,
  id: apiTokens.id,
  name: apiTokens.name,
  createdBy: apiTokens.createdBy,
  createdAt: apiTokens.createdAt,
  lastUsedAt: apiTokens.lastUsedAt,
}

export const listApiTokenRows = (tx: ReadTx): Promise<ApiTokenRow[]> =>
  tx.orm
    .select(COLUMNS)
    .from(apiTokens)
    .where(eq(apiTokens.accountId, tx.accountId))
    .orderBy(desc(apiTokens.createdAt), desc(apiTokens.id))

export async function insertApiToken(
  tx: Tx,
  token: { name: string; tokenHash: string; createdBy: string },
): Promise<ApiTokenRow> {
  const [row] = await tx.orm
    .insert(apiTokens)
    .values({ accountId: tx.accountId, id: newId(), ...token, createdAt: tx.clock.now() })
    .returning(COLUMNS)
  if (!row) throw new Error('the token was not written')
  return row
}

/** Answers whether there was such a token. */
export async function deleteApiToken(tx: Tx, id: string): Promise<boolean> {
  const deleted = await tx.orm
    .delete(apiTokens)
    .where(and(eq(apiTokens.accountId, tx.accountId), eq(apiTokens.id, id)))
    .returning({ id: apiTokens.id })
  return deleted.length > 0
}

export interface TokenHolder {
  accountId: string
  tokenId: string
  accountStatus: AccountStatus
  /** When it was last noted that the token is used. */
  lastUsedAt: Date | null
}

/** Whose token it is; undefined for one that is none, or none any more. */
export async function unsafeFindTokenHolder(system: System, tokenHash: string): Promise<TokenHolder | undefined> {
  const [row] = await system.sql<TokenHolder[]>`
    select t.account_id as "accountId", t.id as "tokenId", a.status as "accountStatus", t.last_used_at as "lastUsedAt"
    from api_tokens t join accounts a on a.id = t.account_id where t.token_hash = ${tokenHash}`
  return row
}

export async function unsafeTouchApiToken(system: System, { accountId, tokenId }: TokenHolder, now: Date) {
  await system.sql`
    update api_tokens set last_used_at = greatest(last_used_at, ${now})
    where account_id = ${accountId} and id = ${tokenId}`
}

/** The tokens that let somebody in just now: none while the account is suspended. */
export async function unsafeListGoodTokenIds(system: System, accountId: string): Promise<Set<string>> {
  const rows = await system.sql<{ id: string }[]>`
    select t.id from api_tokens t join accounts a on a.id = t.account_id
    where t.account_id = ${accountId} and a.status = 'active'`
  return new Set(rows.map((row) => row.id))
}
