import { getTableColumns, type Table } from 'drizzle-orm'

/**
 * The columns of a table for a statement of ours, named as Drizzle names them: `m."thread_id" as "threadId"`, so that a
 * row of it is a row of Drizzle's. `prefix` keeps the tables of a join apart (see `partOf`). bigint columns arrive as text.
 */
export function selectColumns(
  table: Table,
  alias: string,
  options: { prefix?: string; except?: readonly string[] } = {},
): string {
  const { prefix = '', except = [] } = options
  return Object.entries(getTableColumns(table))
    .filter(([key]) => !except.includes(key))
    .map(([key, column]) => `${alias}."${column.name}" as "${prefix}${key}"`)
    .join(', ')
}

/** What a row holds under a prefix, without it. */
export function partOf<Part>(row: object, prefix: string): Part {
  const entries = Object.entries(row).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value as unknown])) as Part
}
