import type { Actor, Scope } from '../../db/scope.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { seesInbox } from '../../kit/visibility.ts'

/** Whether the actor may see what belongs to an inbox: lists, look-ups, counts and live events all ask here (I11). */
export function canSeeInbox(actor: Actor, inboxId: string): boolean {
  if (actor.kind !== 'member') return true
  return seesInbox({ role: actor.role, inboxIds: new Set(actor.inboxIds) }, inboxId)
}

/** The same rule for SQL: every inbox, or just these. */
export function visibleInboxIds(actor: Actor): 'all' | readonly string[] {
  return actor.kind !== 'member' || actor.role === 'administrator' ? 'all' : actor.inboxIds
}

/** What is not seen is not there: NOT_FOUND and not FORBIDDEN. */
export function requireVisibleInbox(actor: Actor, inboxId: string, what: string): void {
  if (!canSeeInbox(actor, inboxId)) throw notFound(what)
}

export function requireInboxAdministrator(scope: Pick<Scope, 'actor'>): void {
  const { actor } = scope
  const may = actor.kind === 'member' ? actor.role === 'administrator' : actor.kind === 'system'
  if (!may) throw new AppError('FORBIDDEN', 'Only administrators can change inboxes')
}
