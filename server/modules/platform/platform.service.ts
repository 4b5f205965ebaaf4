import { and, eq, ne } from 'drizzle-orm'
import { accounts } from '../../db/schema/index.ts'
import type { Deps } from '../../deps.ts'
import type { SignedIn } from '../../graphql/context.ts'
import { notFound } from '../../kit/errors.ts'
import { parseId } from '../../kit/ids.ts'
import { CURSOR_ID, CURSOR_NUMBER, decodeCursor, encodeCursor, pageSize } from '../../kit/pagination.ts'
import { requirePlatformAdministrator } from '../accounts/accounts.policy.ts'
import { insertAccessChanges, insertAudit, type AccountStatus } from '../accounts/accounts.queries.ts'
import { ingestThread } from '../intake/intake.jobs.ts'
import {
  unsafeFindPlatformAccount,
  unsafeListDeadLetters,
  unsafeListPlatformAccounts,
  unsafeReviveDeadLetter,
  type DeadLetterRow,
  type PlatformAccountRow,
} from './platform.queries.ts'

declare module '../../db/domain-events.ts' {
  interface DomainEventMap {
    'account.suspended': { accountId: string }
    'account.reactivated': { accountId: string }
  }
}

export interface Page<Row> {
  nodes: Row[]
  pageInfo: { startCursor: string | null; endCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean }
}

export interface PageArguments {
  first?: number | null
  after?: string | null
}

/** Cuts the row too many that tells whether there are more. */
function toPage<Row>(
  rows: Row[],
  size: number,
  after: PageArguments['after'],
  cursorOf: (row: Row) => string,
): Page<Row> {
  const nodes = rows.slice(0, size)
  const [first] = nodes
  const last = nodes.at(-1)
  return {
    nodes,
    pageInfo: {
      startCursor: first ? cursorOf(first) : null,
      endCursor: last ? cursorOf(last) : null,
      hasNextPage: rows.length > size,
      hasPreviousPage: after != null,
    },
  }
}

const ANY_NAME = /^[^\0]{1,400}$/

/** Every account by name; `query` matches anywhere in it. Platform administrators only, like all of this module. */
export async function listPlatformAccounts(
  deps: Deps,
  admin: SignedIn,
  input: PageArguments & { query?: string | null },
): Promise<Page<PlatformAccountRow>> {
  requirePlatformAdministrator(admin)
  const size = pageSize(input.first, 25)
  const [name = '', id = ''] = input.after == null ? [] : decodeCursor(input.after, [ANY_NAME, CURSOR_ID])
  const rows = await unsafeListPlatformAccounts(deps.system, {
    query: (input.query ?? '').trim().slice(0, 100).replaceAll('\0', ''),
    after: id ? { name, id } : undefined,
    limit: size + 1,
  })
  return toPage(rows, size, input.after, (row) => encodeCursor([row.name, row.id]))
}

/**
 * Suspends or reactivates an account. Suspended, its sockets close within a second, sends stop and events wait. Audited.
 * Asking for the present status does what follows from it again, which heals a change that was cut off half-way.
 */
export async function setAccountStatus(
  deps: Deps,
  admin: SignedIn,
  input: { accountId: string; status: AccountStatus },
): Promise<PlatformAccountRow> {
  requirePlatformAdministrator(admin)
  const accountId = parseId(input.accountId, 'Account')
  await writeStatus(deps, admin, accountId, input.status)
  const account = await unsafeFindPlatformAccount(deps.system, accountId)
  if (!account) throw notFound('Account')
  // The tenants' role may not change a status, so what follows is a transaction of its own.
  await deps.scopes.system(accountId).tx(async (tx) => {
    tx.publish({ type: 'account.updated' })
    await tx.emit(input.status === 'suspended' ? 'account.suspended' : 'account.reactivated', { accountId })
  })
  return account
}

async function writeStatus(deps: Deps, admin: SignedIn, accountId: string, status: AccountStatus): Promise<void> {
  await deps.system.orm.transaction(async (tx) => {
    const changed = await tx
      .update(accounts)
      .set({ status })
      .where(and(eq(accounts.id, accountId), ne(accounts.status, status)))
      .returning({ id: accounts.id })
    if (!changed.length) return
    const action = status === 'suspended' ? 'account.suspended' : 'account.reactivated'
    await insertAudit(tx, { accountId, userId: admin.userId, action, data: {} })
    await insertAccessChanges(tx, [{ kind: 'account', accountId }])
  })
}

/** Events that could not be worked off, newest first, without their content. */
export async function listDeadLetters(deps: Deps, admin: SignedIn, input: PageArguments): Promise<Page<DeadLetterRow>> {
  requirePlatformAdministrator(admin)
  const size = pageSize(input.first, 25)
  const [before] = input.after == null ? [] : decodeCursor(input.after, [CURSOR_NUMBER])
  const rows = await unsafeListDeadLetters(deps.system, { before, limit: size + 1 })
  const page = toPage(rows, size, input.after, (row) => encodeCursor([row.id]))
  return { ...page, nodes: page.nodes.map((row) => ({ ...row, id: encodeCursor(['dead-letter', row.id]) })) }
}

/** Puts a dead event back to work; NOT_FOUND unless it is dead. */
export async function replayDeadLetter(deps: Deps, admin: SignedIn, input: { id: string }): Promise<boolean> {
  requirePlatformAdministrator(admin)
  const eventId = parseDeadLetterId(input.id)
  const revived = await unsafeReviveDeadLetter(deps.system, eventId)
  if (!revived) throw notFound('Dead letter')
  deps.log.info({ eventId, userId: admin.userId }, 'dead letter replayed')
  deps.producer.hint(ingestThread, { ...revived })
  return true
}

function parseDeadLetterId(id: string): string {
  try {
    const [, eventId = ''] = decodeCursor(id, [/^dead-letter$/, CURSOR_NUMBER])
    return eventId
  } catch {
    throw notFound('Dead letter')
  }
}
