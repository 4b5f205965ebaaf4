import type { FastifyReply, FastifyRequest } from 'fastify'
import { RequestReads, type Scope } from '../db/scope.ts'
import type { Deps } from '../deps.ts'
import type { Context } from '../graphql/context.ts'
import { AppError, notFound } from '../kit/errors.ts'
import { isId } from '../kit/ids.ts'
import { unsafeFindMember } from '../modules/accounts/accounts.queries.ts'
import { createLoaders, type Loaders } from '../modules/loaders.ts'
import { unsafeFindCaller, type Caller } from '../modules/users/caller.queries.ts'

const unauthenticated = () => new AppError('UNAUTHENTICATED', 'Log in first')

/** Who sends this request: nobody without a valid access token, nobody once its session has ended. */
export async function findCaller(deps: Deps, request: FastifyRequest): Promise<Caller | undefined> {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const claims = token ? request.server.auth.verify(token) : undefined
  return claims && unsafeFindCaller(deps.system, claims, deps)
}

/** The context of one HTTP operation; `close` ends its read transaction. */
export function createHttpContext(
  deps: Deps,
  caller: Caller | undefined,
  http: { request: FastifyRequest; reply: FastifyReply },
): { context: Context; close: () => Promise<void> } {
  const reads = new RequestReads(deps.scopes)
  const scopes = new Map<string, Promise<Scope>>()
  const signedIn = caller?.signedIn
  const requireUser = () => {
    if (!signedIn) throw unauthenticated()
    return signedIn
  }
  const context: Context = {
    deps,
    signedIn,
    http,
    requireUser,
    requirePlatformAdministrator: () => {
      const user = requireUser()
      if (!user.platformAdministrator) throw new AppError('FORBIDDEN', 'For platform administrators only')
      return user
    },
    scope: (accountId) => {
      const key = accountId.toLowerCase()
      const scope = scopes.get(key) ?? openScope(deps, caller, key, reads)
      scopes.set(key, scope)
      return scope
    },
    authorizationUrl: (claims) => http.request.server.authorizationUrl(claims, http.request, http.reply),
    loaders: loadersOf(),
  }
  return { context, close: () => reads.close() }
}

async function openScope(
  deps: Deps,
  caller: Caller | undefined,
  accountId: string,
  reads: RequestReads,
): Promise<Scope> {
  if (!caller) throw unauthenticated()
  const known = caller.memberships.get(accountId)
  // One may have joined the account in this very request.
  const member =
    known ?? (isId(accountId) ? await unsafeFindMember(deps.system, accountId, caller.signedIn.userId) : undefined)
  if (!member) throw notFound('Account')
  if (member.accountStatus === 'suspended') {
    throw new AppError('FORBIDDEN', 'This account is suspended', { reason: 'ACCOUNT_SUSPENDED' })
  }
  return deps.scopes.of(accountId, member.actor, reads)
}

/** One set of loaders a scope, for one operation. */
export function loadersOf(): (scope: Scope) => Loaders {
  const made = new WeakMap<Scope, Loaders>()
  return (scope) => {
    const loaders = made.get(scope) ?? createLoaders(scope)
    made.set(scope, loaders)
    return loaders
  }
}

/** The context below AccountEvent: one account, no viewer. */
export function createFeedContext(deps: Deps, accountId: string): Context {
  const scope = deps.scopes.system(accountId)
  return {
    deps,
    signedIn: undefined,
    http: undefined,
    requireUser: () => {
      throw unauthenticated()
    },
    requirePlatformAdministrator: () => {
      throw unauthenticated()
    },
    authorizationUrl: () => {
      throw unauthenticated()
    },
    scope: async (asked) => {
      if (asked !== accountId) throw notFound('Account')
      return scope
    },
    loaders: loadersOf(),
  }
}
