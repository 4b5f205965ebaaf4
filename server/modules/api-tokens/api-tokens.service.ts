import type { Scope } from '../../db/scope.ts'
import type { Deps } from '../../deps.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { hashToken, newToken, parseId } from '../../kit/ids.ts'
import { parseName } from '../accounts/accounts.input.ts'
import { requireAdministrator } from '../accounts/accounts.policy.ts'
import { insertAccessChanges } from '../accounts/accounts.queries.ts'
import { recordAudit } from '../accounts/accounts.service.ts'
import { lockAdministrators } from '../accounts/members.service.ts'
import {
  deleteApiToken,
  insertApiToken,
  listApiTokenRows,
  unsafeFindTokenHolder,
  unsafeTouchApiToken,
  type ApiTokenRow,
} from './api-tokens.queries.ts'

/** By which people, and programs that look for lost secrets, know one. */
const PREFIX = 'parley_'
const TOKEN = /^parley_[\w-]{43}$/
const MOST = 20
const NOTED_EVERY_MS = 10 * 60_000

/** Newest first; administrators only. */
export async function listApiTokens(scope: Scope): Promise<ApiTokenRow[]> {
  requireAdministrator(scope)
  return scope.read(listApiTokenRows)
}

/**
 * Makes a token of the account, which is the account's and not its maker's: it stays when they leave. Answered this once.
 * Administrators only; CONFLICT when there are too many.
 */
export async function createApiToken(
  scope: Scope,
  input: { name: string },
): Promise<{ apiToken: ApiTokenRow; token: string }> {
  requireAdministrator(scope)
  const { actor } = scope
  if (actor.kind !== 'member') throw new AppError('FORBIDDEN', 'A token is made by a person')
  const name = parseName(input.name, 'name')
  const token = PREFIX + newToken()
  return scope.tx(async (tx) => {
    await lockAdministrators(tx)
    if ((await listApiTokenRows(tx)).length >= MOST)
      throw new AppError('CONFLICT', `A business has at most ${MOST} tokens`, { reason: 'TOKEN_LIMIT', limit: MOST })
    const apiToken = await insertApiToken(tx, { name, tokenHash: hashToken(token), createdBy: actor.userId })
    await recordAudit(tx, 'apiToken.created', { apiTokenId: apiToken.id, name })
    return { apiToken, token }
  })
}

/** Ends a token: whoever came in with it is out within a second (I11). Administrators only. */
export async function revokeApiToken(scope: Scope, input: { apiTokenId: string }): Promise<boolean> {
  requireAdministrator(scope)
  const apiTokenId = parseId(input.apiTokenId, 'Token')
  return scope.tx(async (tx) => {
    if (!(await deleteApiToken(tx, apiTokenId))) throw notFound('Token')
    await recordAudit(tx, 'apiToken.revoked', { apiTokenId })
    await insertAccessChanges(tx.orm, [{ kind: 'account', accountId: tx.accountId }])
    return true
  })
}

export interface TokenAccess {
  scope: Scope
  tokenId: string
}

/**
 * The account that a token opens, in one statement; that it was used is noted every ten minutes. UNAUTHENTICATED for what
 * is no token, or none any more; FORBIDDEN while the account is suspended.
 */
export async function openWithToken(
  deps: Pick<Deps, 'system' | 'scopes' | 'clock'>,
  token: unknown,
): Promise<TokenAccess> {
  const isToken = typeof token === 'string' && TOKEN.test(token)
  const holder = isToken ? await unsafeFindTokenHolder(deps.system, hashToken(token)) : undefined
  if (!holder) throw new AppError('UNAUTHENTICATED', 'Send an API token of the account')
  if (holder.accountStatus === 'suspended')
    throw new AppError('FORBIDDEN', 'This account is suspended', { reason: 'ACCOUNT_SUSPENDED' })
  const now = deps.clock.now()
  if (now.getTime() - (holder.lastUsedAt?.getTime() ?? 0) >= NOTED_EVERY_MS)
    await unsafeTouchApiToken(deps.system, holder, now)
  const { accountId, tokenId } = holder
  return { scope: deps.scopes.of(accountId, { kind: 'token', tokenId }), tokenId }
}
