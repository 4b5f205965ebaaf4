import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Logger } from '../kit/log.ts'
import * as schema from './schema/index.ts'

/** The three roles of migrations/0001: none sees a tenant's row without being told whose. */
export type DatabaseRole = 'parley_app' | 'parley_system' | 'parley_intake'

export type Sql = postgres.Sql
export type TransactionSql = postgres.TransactionSql
/** A piece of SQL with its parameters, to be put into another. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>

/**
 * Opens a pool whose connections start as `role`, also when the URL is a superuser's.
 * `max` connections; statements are cut off after `statementTimeoutMs` (default 15 s).
 */
export function openPool(
  url: string,
  options: { role: DatabaseRole; max: number; log?: Logger; statementTimeoutMs?: number },
): Sql {
  return postgres(url, {
    max: options.max,
    // A dead address is noticed in time for the next attempt to heal what waits within ten seconds.
    connect_timeout: 4,
    idle_timeout: 0,
    max_lifetime: null,
    backoff: (retries) => Math.min(0.1 * 2 ** retries, 2),
    onnotice: () => {},
    connection: {
      role: options.role,
      application_name: options.role,
      statement_timeout: options.statementTimeoutMs ?? 15_000,
    } as Record<string, string | number>,
  })
}

const DATE_TYPES = [1082, 1114, 1184]
const ARRAY_TYPES = [1115, 1182, 1185, 1231]

/**
 * Drizzle on a pool. It switches the client's own reading and writing of dates off for everybody; our statements beside
 * it want them, and Drizzle takes Dates as well, so they are put back.
 */
export function orm(client: Sql) {
  const database = drizzle(client, { schema })
  const { parsers, serializers } = client.options as unknown as Record<'parsers' | 'serializers', Codecs>
  for (const type of DATE_TYPES) {
    parsers[type] = (text) => new Date(text as string)
    serializers[type] = (value) => (value instanceof Date ? value.toISOString() : value)
  }
  // Without one of their own, postgres.js makes these from the element's when it connects.
  for (const type of ARRAY_TYPES) {
    delete parsers[type]
    delete serializers[type]
  }
  return database
}

type Codecs = Record<number, (value: unknown) => unknown>
export type Orm = ReturnType<typeof orm>
/** A query builder on either a pool or a transaction. */
export type OrmTransaction = Parameters<Parameters<Orm['transaction']>[0]>[0]
