import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Scope } from '../db/scope.ts'
import type { Deps } from '../deps.ts'
import { AppError, notFound } from '../kit/errors.ts'
import { isId } from '../kit/ids.ts'
import { unsafeFindMember } from '../modules/accounts/accounts.queries.ts'
import { unsafeFindSessionOwner } from '../modules/users/session-owner.queries.ts'
import { refreshCookieName } from './auth.ts'
import { findCaller } from './graphql-context.ts'

/** Who asks, by the access token alone; UNAUTHENTICATED for nobody. */
export async function requireBearer(deps: Deps, request: FastifyRequest): Promise<string> {
  const caller = await findCaller(deps, request)
  if (!caller) throw new AppError('UNAUTHENTICATED', 'Log in first')
  return caller.signedIn.userId
}

/** The same, or by the browser's session: an `<img>` sends no token. For what changes nothing. */
export async function requireReader(deps: Deps, request: FastifyRequest): Promise<string> {
  if (request.headers.authorization) return requireBearer(deps, request)
  const cookie = request.cookies[refreshCookieName(deps.config)]
  const owner = await unsafeFindSessionOwner(deps.system, cookie, deps.clock.now())
  if (!owner) throw new AppError('UNAUTHENTICATED', 'Log in first')
  return owner
}

/** The scope of a member in an account; NOT_FOUND for anybody else, FORBIDDEN while it is suspended. */
export async function memberScope(deps: Deps, accountId: string, userId: string): Promise<Scope> {
  const id = accountId.toLowerCase()
  const member = isId(id) ? await unsafeFindMember(deps.system, id, userId) : undefined
  if (!member) throw notFound('Account')
  if (member.accountStatus === 'suspended')
    throw new AppError('FORBIDDEN', 'This account is suspended', { reason: 'ACCOUNT_SUSPENDED' })
  return deps.scopes.of(id, member.actor)
}
