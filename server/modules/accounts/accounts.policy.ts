import type { Scope } from '../../db/scope.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { AppError } from '../../kit/errors.ts'

/** Throws FORBIDDEN unless an administrator of the account (or Parley itself) acts. */
export function requireAdministrator(scope: Pick<Scope, 'actor'>): void {
  const { actor } = scope
  const may = actor.kind === 'member' ? actor.role === 'administrator' : actor.kind === 'system'
  if (!may) throw new AppError('FORBIDDEN', 'Only administrators can do this')
}

/** Throws UNAUTHENTICATED or FORBIDDEN unless a platform administrator asks. */
export function requirePlatformAdministrator(signedIn: SignedIn | undefined): asserts signedIn is SignedIn {
  if (!signedIn) throw new AppError('UNAUTHENTICATED', 'Log in first')
  if (!signedIn.platformAdministrator) throw new AppError('FORBIDDEN', 'Only platform administrators can do this')
}
