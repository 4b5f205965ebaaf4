import type { Role } from '../../db/schema/index.ts'
import type { Actor } from '../../db/scope.ts'
import type { Deps, System } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import type { AccountStatus } from '../accounts/accounts.queries.ts'
import { isPlatformAdministrator } from './users.queries.ts'

/** What somebody is in one of their accounts. */
export interface CallerMembership {
  actor: Extract<Actor, { kind: 'member' }>
  accountStatus: AccountStatus
}

/** Who sends a request, with their accounts by id. */
export interface Caller {
  signedIn: SignedIn
  memberships: ReadonlyMap<string, CallerMembership>
}

interface StoredCaller {
  name: string
  email: string
  verified: boolean
  memberships: { accountId: string; role: Role; status: AccountStatus; inboxIds: string[] }[]
}

/**
 * Who is behind a valid access token and what they may see in each of their accounts, in one statement: no request waits
 * for more than that before its own work. Nobody once the session was ended or has run out.
 */
export async function unsafeFindCaller(
  system: System,
  session: { sessionId: string; userId: string },
  settings: Pick<Deps, 'config' | 'clock'>,
): Promise<Caller | undefined> {
  const { sessionId, userId } = session
  const [row] = await system.sql<StoredCaller[]>`
    select u.name, u.email, u.email_verified_at is not null as verified, coalesce((
      select jsonb_agg(jsonb_build_object('accountId', m.account_id, 'role', m.role, 'status', a.status, 'inboxIds', array(
        select i.inbox_id from inbox_members i
        where i.account_id = m.account_id and i.user_id = m.user_id and m.role = 'agent')))
      from memberships m join accounts a on a.id = m.account_id
      where m.user_id = u.id and m.removed_at is null), '[]') as memberships
    from sessions s join users u on u.id = s.user_id
    where s.id = ${sessionId} and s.user_id = ${userId} and s.ended_at is null
      and s.expires_at > ${settings.clock.now()}`
  if (!row) return undefined
  const { name } = row
  const platformAdministrator = isPlatformAdministrator(settings, row.email, row.verified)
  return {
    signedIn: { sessionId, userId, name, platformAdministrator },
    memberships: new Map(
      row.memberships.map(({ accountId, role, status, inboxIds }) => [
        accountId,
        { actor: { kind: 'member', userId, name, role, inboxIds }, accountStatus: status },
      ]),
    ),
  }
}
