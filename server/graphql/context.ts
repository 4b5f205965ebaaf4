import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Scope } from '../db/scope.ts'
import type { Deps } from '../deps.ts'
import type { StateClaims } from '../modules/inboxes/start-connection.ts'
import type { Loaders } from '../modules/loaders.ts'

/** Who is signed in, from the access token and the session's row (a session that was ended is none). */
export interface SignedIn {
  sessionId: string
  userId: string
  name: string
  platformAdministrator: boolean
}

/** What a resolver has at hand. */
export interface Context {
  readonly deps: Deps
  readonly signedIn: SignedIn | undefined
  /** Undefined below AccountEvent: nothing there may depend on who asks. */
  readonly http: { request: FastifyRequest; reply: FastifyReply } | undefined
  /** Throws UNAUTHENTICATED. */
  requireUser(): SignedIn
  /** Throws FORBIDDEN unless a platform administrator asks. */
  requirePlatformAdministrator(): SignedIn
  /** The asking member's scope; a foreign, malformed or unknown account is NOT_FOUND, a suspended one FORBIDDEN. */
  scope(accountId: string): Promise<Scope>
  /** The provider's authorize URL of a prepared connection; sets the cookie that its callback checks (I16). */
  authorizationUrl(claims: StateClaims): Promise<string>
  /** Batched look-ups of one account, cached for this operation. */
  loaders(scope: Scope): Loaders
}
