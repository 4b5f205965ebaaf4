import type { ConversationStatus } from '../../db/schema/index.ts'
import type { ReadTx, Scope } from '../../db/scope.ts'
import { AppError, notFound } from '../../kit/errors.ts'
import { isId, parseId } from '../../kit/ids.ts'
import { CURSOR_ID, CURSOR_TIME, decodeCursor, encodeCursor, pageSize } from '../../kit/pagination.ts'
import { storable } from '../../kit/text.ts'
import { visibleInboxIds } from '../inboxes/inboxes.policy.ts'
import type { ConversationRow } from './conversations.queries.ts'
import { selectOverviews, type ConversationOverview } from './overview.ts'

const STATUSES: readonly ConversationStatus[] = ['open', 'pending', 'snoozed', 'resolved']
const SEARCH_LIMIT = 200
/** Shorter texts match half of all names; they look for nothing but the number. */
const SEARCH_CHARACTERS = 2

export interface ConversationListFilter {
  status?: ConversationStatus
  inboxId?: string
  /** null: nobody's. */
  assigneeId?: string | null
  query?: string
}

export interface ConversationPage {
  rows: ConversationOverview[]
  hasNextPage: boolean
}

export const listCursor = (row: ConversationRow): string => encodeCursor([row.lastActivityAt.getTime(), row.id])

/**
 * A page of the actor's conversations, newest activity first. Every combination of filter and role is a short walk along
 * an index per (inbox, status), merged: an agent with two quiet inboxes pays for those two, not for the account.
 * Errors: INVALID for a page size, a cursor or filters that exclude each other.
 */
export async function listConversations(
  scope: Scope,
  filter: ConversationListFilter,
  page: { first?: number | null; after?: string | null },
): Promise<ConversationPage> {
  const size = pageSize(page.first, 25)
  const after = page.after == null ? undefined : decodeCursor(page.after, [CURSOR_TIME, CURSOR_ID])
  const rows = await scope.read((tx) => selectPage(tx, scope, filter, size + 1, after))
  return { rows: rows.slice(0, size), hasNextPage: rows.length > size }
}

interface PageQuery {
  filter: ConversationListFilter
  inboxIds: 'all' | readonly string[]
  limit: number
  after: string[] | undefined
}

async function selectPage(
  tx: ReadTx,
  scope: Scope,
  filter: ConversationListFilter,
  limit: number,
  after: string[] | undefined,
): Promise<ConversationOverview[]> {
  const inboxIds = listedInboxes(scope, filter)
  if (inboxIds !== 'all' && !inboxIds.length) return []
  const query = { filter, inboxIds, limit, after }
  const userId = scope.actor.kind === 'member' ? scope.actor.userId : null
  return selectOverviews(tx, userId, filter.query?.trim() ? pickBySearch(tx, query) : pickByWalk(tx, query))
}

/** One index walk per (inbox, status), each no longer than the page, merged. */
function pickByWalk(tx: ReadTx, { filter, inboxIds, limit, after }: PageQuery) {
  const { sql } = tx
  // Constants in the text: knowing how little it will read, Postgres keeps the plan. With parameters it planned every
  // page anew, for longer than the page itself takes.
  const statuses = STATUSES.filter((status) => filter.status === undefined || filter.status === status)
  const wanted = sql.unsafe(`array[${statuses.map((status) => `'${status}'`).join(', ')}]::text[]`)
  const most = sql.unsafe(String(limit))
  const byInbox = inboxIds !== 'all' || filter.assigneeId !== undefined
  const inboxes = inboxIds === 'all' ? sql`(select id from inboxes)` : sql`unnest(${[...inboxIds]}::uuid[])`
  return sql`
    select c.* from unnest(${wanted}) wanted(status)
    ${byInbox ? sql`cross join ${inboxes} as seen(inbox_id)` : sql``}
    cross join lateral (
      select * from conversations l
      where l.account_id = ${tx.accountId} and l.status = wanted.status
        ${byInbox ? sql`and l.inbox_id = seen.inbox_id` : sql``} ${restOfPage(tx, filter, after)}
      order by l.last_activity_at desc, l.id desc limit ${most}
    ) c
    order by c.last_activity_at desc, c.id desc limit ${most}`
}

/** From the few contacts of the seen inboxes (or the one number) that match to their conversations. */
function pickBySearch(tx: ReadTx, { filter, inboxIds, limit, after }: PageQuery) {
  const { sql } = tx
  const query = filter.query?.trim().toLowerCase() ?? ''
  const pattern = `%${query.replace(/[\\%_]/g, '\\$&')}%`
  const number = /^#?(\d{1,9})$/.exec(query)?.[1]
  const inboxes = inboxIds === 'all' ? null : [...inboxIds]
  const contacts =
    [...query].length < SEARCH_CHARACTERS
      ? sql``
      : sql`select id from conversations where account_id = ${tx.accountId}
          and contact_id = any(array(select search_contact_ids(${pattern}, ${inboxes}::uuid[], ${SEARCH_LIMIT})))
        union all`
  return sql`
    select l.* from conversations l
    where l.account_id = ${tx.accountId} and l.id in (
        ${contacts} select id from conversations where account_id = ${tx.accountId} and display_id = ${number ? Number(number) : -1})
      ${filter.status ? sql`and l.status = ${filter.status}` : sql``}
      ${inboxIds === 'all' ? sql`` : sql`and l.inbox_id = any(${[...inboxIds]}::uuid[])`} ${restOfPage(tx, filter, after)}
    order by l.last_activity_at desc, l.id desc limit ${limit}`
}

function restOfPage({ sql }: ReadTx, { assigneeId }: ConversationListFilter, after: string[] | undefined) {
  const assignee =
    assigneeId === undefined
      ? sql``
      : assigneeId === null
        ? sql`and l.assignee_id is null`
        : sql`and l.assignee_id = ${assigneeId}`
  if (!after) return assignee
  const time = new Date(Number(after[0]))
  return sql`${assignee} and (l.last_activity_at, l.id) < (${time}::timestamptz(3), ${after[1] ?? ''}::uuid)`
}

function listedInboxes(scope: Scope, filter: ConversationListFilter): 'all' | readonly string[] {
  const visible = visibleInboxIds(scope.actor)
  if (filter.inboxId === undefined) return visible
  return visible === 'all' || visible.includes(filter.inboxId) ? [filter.inboxId] : []
}

/** Turns the API's filter into ours. A malformed id matches nothing, like a foreign one. */
export function parseListFilter(input: {
  status?: string | null
  inboxId?: string | null
  assigneeId?: string | null
  unassigned?: boolean | null
  query?: string | null
}): ConversationListFilter {
  if (input.unassigned && input.assigneeId != null) {
    throw new AppError('INVALID', 'Choose an assignee or unassigned, not both', { field: 'unassigned' })
  }
  const nobody = '00000000-0000-0000-0000-000000000000'
  const id = (value: string) => (isId(value) ? value.toLowerCase() : nobody)
  return {
    ...(input.status ? { status: input.status.toLowerCase() as ConversationStatus } : {}),
    ...(input.inboxId == null ? {} : { inboxId: id(input.inboxId) }),
    ...(input.unassigned ? { assigneeId: null } : input.assigneeId == null ? {} : { assigneeId: id(input.assigneeId) }),
    ...(input.query ? { query: storable(input.query.slice(0, 100)) } : {}),
  }
}

export interface ConversationCountsRow {
  all: number
  mine: number
  unassigned: number
  inboxes: { inboxId: string; open: number }[]
}

const COUNT_LIMIT = 1_000

/**
 * Open conversations per folder and inbox, each counted to 1,000 at the most, so that a number never costs a scan. With
 * `inboxId` those of that inbox; NOT_FOUND when the actor does not see it.
 */
export async function countConversations(scope: Scope, inboxId?: string | null): Promise<ConversationCountsRow> {
  const visible = listedInboxes(scope, inboxId == null ? {} : { inboxId: parseId(inboxId, 'Inbox') })
  const userId = scope.actor.kind === 'member' ? scope.actor.userId : null
  const rows = await scope.read(async (tx) => {
    const { sql } = tx
    const some = visible === 'all' ? sql`` : sql`where id = any(${[...visible]}::uuid[])`
    const open = (condition: ReturnType<typeof sql>) => sql`(select count(*)::int from (
      select 1 from conversations l where l.account_id = ${tx.accountId} and l.inbox_id = seen.id
        and l.status = 'open' ${condition} limit ${COUNT_LIMIT}) counted)`
    return sql<{ inboxId: string; open: number; mine: number; unassigned: number }[]>`
      select seen.id as "inboxId", ${open(sql``)} as open, ${open(sql`and l.assignee_id = ${userId}`)} as mine,
        ${open(sql`and l.assignee_id is null`)} as unassigned
      from (select id from inboxes ${some}) seen(id)`
  })
  if (inboxId != null && !rows.length) throw notFound('Inbox')
  const sum = (pick: (row: (typeof rows)[number]) => number) =>
    Math.min(
      rows.reduce((total, row) => total + pick(row), 0),
      COUNT_LIMIT,
    )
  return {
    all: sum((row) => row.open),
    mine: sum((row) => row.mine),
    unassigned: sum((row) => row.unassigned),
    inboxes: rows.map(({ inboxId: id, open }) => ({ inboxId: id, open })),
  }
}
